"""
Check a receipt offline: ``python receipts.py FILE [--key KEY]``. Needs Python 3.11 and `cryptography`, nothing else.

It says in plain words what held and what a file can't show; the exit status is 0 only if all held. See docs/receipts.md.
"""

import base64
import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LAG = 3600  # seconds a choice may take into the log: it is written in the transaction of its deed, and transactions end
NOT_SHOWN = """This file can't show:
- who the person behind the number is, or that it was really they who chose;
- that the key is the company's: compare it with the one that the company publishes;
- that everybody is shown the same log: compare the checkpoint with one that somebody else was given;
- that the company's clock is right: between two checkpoints, times are its own word."""


class Broken(Exception):
    """The receipt does not hold; the message says where."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962, 2.1)."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees (RFC 6962, 2.1)."""
    return sha256(b"\1" + left + right).digest()


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 form of texts, whole numbers, lists and objects, which is all that a receipt holds."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def as_file(receipt: Any) -> bytes:
    """Return a receipt as it is handed out: in one form only, so that no byte can change unseen."""
    return (json.dumps(receipt, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def _climb(at: int, last: int, first: bytes, second: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """Climb from a node to the root (RFC 9162, 2.1.3.2 and 2.1.4.2) and return the roots of the older and the whole tree."""
    if not 0 <= at <= last or any(len(part) != 32 for part in (first, *path)):
        raise Broken("a proof is malformed")
    for part in path:
        if at & 1 or at == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, part)
        at, last = at >> 1, last >> 1
    if last:
        raise Broken("a proof is cut short")
    return first, second


def root_from_path(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """Return the tree head that an inclusion proof leads to."""
    return _climb(index, size - 1, leaf, leaf, path)[1]


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> None:
    """Check that the tree of ``new`` leaves begins with the one of ``old`` leaves."""
    if old in {0, new}:
        holds = not path and (old != new or old_root == new_root)
    else:
        parts = [old_root, *path] if path and old & (old - 1) == 0 else list(path)
        at, last = old - 1, new - 1
        while at & 1:
            at, last = at >> 1, last >> 1
        holds = bool(parts) and _climb(at, last, parts[0], parts[0], parts[1:]) == (old_root, new_root)
    if not holds or old > new:
        raise Broken("the log was changed between two checkpoints")


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the four bytes by which a signature names its key (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def read_key(text: str) -> tuple[str, bytes]:
    """Return name and public key of a verifier key, ``name+id+key``."""
    name, short, rest = text.strip().split("+", 2)
    raw = base64.b64decode(rest, validate=True)
    if len(raw) != 33 or raw[0] != 1 or key_id(name, 1, raw[1:]).hex() != short:
        raise Broken("the key is no Ed25519 verifier key (name+id+key)")
    return name, raw[1:]


def read_checkpoint(note: str, name: str, public: bytes) -> tuple[int, bytes, int]:
    """Return size, tree head and time of a checkpoint that its log signed (C2SP tlog-checkpoint, tlog-cosignature)."""
    text, _, lines = note.rpartition("\n\n")
    ours = [line.split(" ")[2] for line in lines.splitlines() if line.startswith(f"— {name} ")]
    body, blobs = (text + "\n").encode(), [base64.b64decode(blob, validate=True) for blob in ours]
    plain, timed = ({blob[:4]: blob[4:] for blob in blobs}.get(key_id(name, kind, public), b"") for kind in (1, 4))
    moment = int.from_bytes(timed[:8], "big")
    verifier = Ed25519PublicKey.from_public_bytes(public)
    verifier.verify(plain, body)
    verifier.verify(timed[8:], f"cosignature/v1\ntime {moment}\n".encode() + body)
    origin, size, root = text.split("\n")
    if origin != name or str(int(size)) != size:
        raise Broken("a checkpoint is of another log")
    return int(size), base64.b64decode(root, validate=True), moment


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _check_words(record: Any, facts: Any, salt: bytes) -> None:
    """Check that the words for people say what the facts in the log say."""
    event, notice, process = record["dpv:hasConsentStatus"][0], record["dpv:hasNotice"], record["dpv:hasProcess"][0]
    for what, said, held in (
        ("its number", record["dct:identifier"], str(UUID(bytes=sha256(salt).digest()[:16], version=4))),
        ("the person", record["dpv:hasDataSubject"]["dct:identifier"], facts["subject"]),
        ("the purpose", process["dpv:hasPurpose"]["dct:identifier"], facts["purpose"]),
        ("the choice", "given" if event["@type"][0].endswith("Given") else "withdrawn", facts["choice"]),
        ("the channel", event["assent:channel"], facts["channel"]),
        ("the time", datetime.fromisoformat(event["dpv:isIndicatedAtTime"]).timestamp(), facts["at"] / 1000),
        ("the policy", notice["dct:identifier"], facts["policy"]),
        ("the wording", facts["text"] and sha256(notice["assent:shown"].encode()).hexdigest(), facts["text"]),
    ):
        if said != held:
            raise Broken(f"what it says of {what} is not what the log holds")


def check(data: bytes, key: str = "") -> list[str]:
    """Return what holds, as sentences; ``key`` is the log's, else the one in the file is believed. Raises `Broken`."""
    try:
        return _check(data, key)
    except InvalidSignature:
        raise Broken("something was changed, or signed with another key: a signature does not fit") from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Broken("this is no receipt, or not the whole of one: download it again") from error


def _check(data: bytes, key: str) -> list[str]:
    receipt = json.loads(data)
    if as_file(receipt) != data:
        raise Broken("the file is not byte for byte as it was handed out")
    proof, record = receipt["assent:proof"], receipt["dpv:hasRecordOfActivity"][0]
    (name, public), signature = read_key(key or proof["key"]), proof.pop("signature")
    if bytes.fromhex(signature).hex() != signature or len(bytes.fromhex(proof["salt"])) != 16:
        raise Broken("signature or salt is not written as it was")
    Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), canonical(receipt))
    facts, salt, batch, line = proof["facts"], bytes.fromhex(proof["salt"]), proof["batch"], proof["line"]
    _check_words(record, facts, salt)
    size, root, until = read_checkpoint(proof["checkpoint"], name, public)
    leaf, path = leaf_hash(sha256(salt + canonical(facts)).digest()), [bytes.fromhex(part) for part in batch["path"]]
    together, path = root_from_path(batch["index"], batch["size"], leaf, path), [bytes.fromhex(part) for part in line["path"]]
    if root_from_path(line["index"], size, leaf_hash(bytes.fromhex(line["chain"]) + together), path) != root:
        raise Broken("its facts are not in the log that the checkpoint signs")
    said = [
        f"The file is byte for byte as the log {name} signed it.",
        f"Its facts are line {line['index'] + 1} of that log, among {size} in the checkpoint of {_when(until)}.",
    ]
    written = facts["written"] / 1000
    if written > until + LAG:
        raise Broken(f"it claims to be written on {_when(written)}, yet the log had it by {_when(until)}")
    if before := proof.get("before"):
        older, older_root, since = read_checkpoint(before["checkpoint"], name, public)
        check_consistency(older, size, older_root, root, [bytes.fromhex(part) for part in before["path"]])
        if older > line["index"] or since > until or written < since - LAG:
            raise Broken(f"back-dated: it claims {_when(written)}, yet on {_when(since)} the log did not have it")
        said.append(f"On {_when(since)} the log did not have it yet; nothing it held then was changed.")
    else:
        said.append("No checkpoint is older: how early the log had it can't be told.")
    choice = f"{facts['choice']} for {facts['purpose']}, {facts['channel']}: {_when(facts['at'] / 1000)}"
    return [*said, f"The choice: {choice}, written down {_when(written)}."]


def main(words: list[str]) -> int:
    """Check a file and say so; return 0 if all held, 1 if not, 2 if asked wrongly."""
    if len(words) not in {1, 3} or (len(words) == 3 and words[1] != "--key"):
        print("usage: FILE [--key KEY]   KEY is the log's verifier key, or a file that holds it")
        return 2
    try:
        data, key = Path(words[0]).read_bytes(), words[2] if words[2:] else ""
        said = check(data, key if not key or "+" in key else Path(key).read_text(encoding="utf-8"))
    except (Broken, OSError, UnicodeError) as error:
        print(f"NOT VERIFIED: {error}")
        return 1
    trust = f"Key {'given' if key else 'believed as the file gives it'}: {json.loads(data)['assent:proof']['key']}"
    print("VERIFIED", *said, f"{trust}\n{NOT_SHOWN}", sep="\n- ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
