"""
Every way to cheat with a receipt that we could think of, by outsiders and by the company itself, which has the key.

Each test counts what it tried and what was caught, so that a loop over nothing can't pass.
"""

import base64
import json
from copy import deepcopy
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.audit import api as audit
from assent.foundation.clock import millis
from assent.receipts import Broken, as_file, canonical, check, key_id, leaf_hash

pytestmark = pytest.mark.django_db(databases="__all__")
PROOF = "assent:proof"


class Tried:
    """Counts attempts; each must be caught."""

    def __init__(self, key):
        self.key, self.count, self.passed = key, 0, []

    def __call__(self, what, data, key=None):
        self.count += 1
        try:
            check(data, self.key if key is None else key)
        except Broken:
            return
        self.passed.append(what)


@pytest.fixture
def tried():
    return Tried(audit.verifier_key())


@pytest.fixture
def handed_out(people):
    """Return a receipt in the middle of things: one of a batch, with a checkpoint before it and more after it."""
    people.meet("dan", "eva").says_yes("ben")
    people.seal()
    people.import_all(["ada", "ben", "dan", "eva"])
    people.says_no("ada")
    people.seal()
    people.says_yes("ada")
    people.seal()
    return people.receipts("ada")


def signed(document):
    """Sign as the company can."""
    document[PROOF].pop("signature", None)
    document[PROOF]["signature"] = audit.sign(canonical(document)).hex()
    return as_file(document)


def leaves_of(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves_of(inner, (*path, key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves_of(inner, (*path, place))
    else:
        yield path


def at(value, path):
    for step in path:
        value = value[step]
    return value


def other(value):
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value[:-1] + ("0" if value[-1:] != "0" else "1")
        case list():
            return ["00" * 32]
    return {}


def test_no_byte_of_the_file_can_change(handed_out, tried):
    data = handed_out[0].data
    check(data, tried.key)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << (place % 8)
        tried(("flipped", place), bytes(flipped))
    for place in range(0, len(data), 31):
        tried(("cut", place), data[:place])
        tried(("lost", place), data[:place] + data[place + 1 :])
        tried(("doubled", place), data[: place + 1] + data[place:])
    tried("more", data + b"\n")
    assert tried.passed == []
    assert tried.count > len(data) > 10_000


def test_no_member_can_change_go_or_come(handed_out, tried):
    document = json.loads(handed_out[0].data)
    for path in list(leaves_of(document)):
        changed = deepcopy(document)
        at(changed, path[:-1])[path[-1]] = other(at(changed, path))
        tried(("changed", path), as_file(changed))
        gone = deepcopy(document)
        del at(gone, path[:-1])[path[-1]]
        tried(("gone", path), as_file(gone))
    for key in document:
        tried(("whole", key), as_file({name: value for name, value in document.items() if name != key}))
        tried(("null", key), as_file({**document, key: None}))
    tried("new", as_file({**document, "dpv:extra": 1}))
    assert tried.passed == []
    assert tried.count > 300


def test_the_company_itself_can_change_no_fact_and_no_proof(handed_out, tried):
    document = json.loads(handed_out[0].data)
    check(signed(deepcopy(document)), tried.key)
    for path in leaves_of(document[PROOF]):
        if path[0] not in {"key", "signature", "form"}:
            changed = deepcopy(document)
            at(changed, (PROOF, *path[:-1]))[path[-1]] = other(at(changed, (PROOF, *path)))
            tried(("changed", path), signed(changed))
            gone = deepcopy(document)
            del at(gone, (PROOF, *path[:-1]))[path[-1]]
            tried(("gone", path), signed(gone))
    for path in (("batch", "path"), ("line", "path"), ("before", "path")):
        for cheat in (lambda p: p[:-1], lambda p: p[1:], lambda p: [*p, p[-1]], lambda p: p[::-1], lambda p: []):
            changed = deepcopy(document)
            hashes = at(changed, (PROOF, *path))
            if cheat(hashes) != hashes:
                at(changed, (PROOF, path[0]))["path"] = cheat(hashes)
                tried(("path", path), signed(changed))
    assert tried.passed == []
    assert tried.count > 60


def test_the_company_itself_can_tell_the_person_nothing_but_what_the_log_holds(handed_out, tried):
    document = json.loads(handed_out[0].data)
    record = ("dpv:hasRecordOfActivity", 0)
    lies = {
        (*record, "dct:identifier"): str(uuid4()),
        (*record, "dpv:hasDataSubject", "dct:identifier"): str(uuid4()),
        (*record, "dpv:hasProcess", 0, "dpv:hasPurpose", "dct:identifier"): "advertising",
        (*record, "dpv:hasConsentStatus", 0, "@type"): ["dpv:ConsentWithdrawn"],
        (*record, "dpv:hasConsentStatus", 0, "assent:channel"): "sms",
        (*record, "dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"): "2020-01-01T00:00:00.000+00:00",
        (*record, "dpv:hasNotice", "dct:identifier"): "0" * 64,
        (*record, "dpv:hasNotice", "assent:shown"): "I agree to everything.",
    }
    for path, lie in lies.items():
        told = deepcopy(document)
        at(told, path[:-1])[path[-1]] = lie
        tried(path, signed(told))
        if path[-1] == "@type":
            continue
        # ... nor if the facts beside it are changed to fit.
        facts = told[PROOF]["facts"]
        facts |= {
            "subject": at(told, (*record, "dpv:hasDataSubject", "dct:identifier")),
            "purpose": at(told, (*record, "dpv:hasProcess", 0, "dpv:hasPurpose", "dct:identifier")),
            "channel": at(told, (*record, "dpv:hasConsentStatus", 0, "assent:channel")),
            "policy": at(told, (*record, "dpv:hasNotice", "dct:identifier")),
            "text": sha256(at(told, (*record, "dpv:hasNotice", "assent:shown")).encode()).hexdigest(),
        }
        tried((path, "with facts"), signed(told))
    assert tried.passed == []
    assert tried.count == 15


def test_proofs_of_one_receipt_prove_no_other(people, handed_out, tried):
    documents = [json.loads(one.data) for one in (*handed_out, *people.receipts("ben"), *people.receipts("dan"))]
    for mine in documents:
        for others in documents:
            if mine is others:
                continue
            for part in ("salt", "facts", "batch", "line", "checkpoint", "before"):
                if (
                    others[PROOF].get(part) not in {None, mine[PROOF].get(part)}
                    if isinstance(others[PROOF].get(part), str)
                    else others[PROOF].get(part) and others[PROOF][part] != mine[PROOF].get(part)
                ):
                    swapped = deepcopy(mine)
                    swapped[PROOF][part] = others[PROOF][part]
                    tried(part, signed(swapped))
            tried("everything", signed({**mine, PROOF: deepcopy(others[PROOF])}))
    assert tried.passed == []
    assert tried.count > 100


def forged(document, facts, *, salt, chain, written, key):
    """Make a log of one's own with one line in it, and a receipt for any facts at all, signed with any key."""
    public = key.public_key().public_bytes_raw()
    name = f"assent/{sha256(public).hexdigest()[:16]}"
    root = leaf_hash(chain + leaf_hash(sha256(salt + canonical(facts)).digest()))
    text = f"{name}\n1\n{base64.b64encode(root).decode()}\n"
    plain = key_id(name, 1, public) + key.sign(text.encode())
    timed = key_id(name, 4, public) + written.to_bytes(8, "big")
    timed += key.sign(f"cosignature/v1\ntime {written}\n{text}".encode())
    note = text + "\n" + "".join(f"— {name} {base64.b64encode(one).decode()}\n" for one in (plain, timed))
    proof = {
        "form": "assent-receipt-1", "salt": salt.hex(), "facts": facts, "checkpoint": note,
        "key": f"{name}+{key_id(name, 1, public).hex()}+{base64.b64encode(bytes([1]) + public).decode()}",
        "batch": {"index": 0, "size": 1, "path": []}, "line": {"index": 0, "chain": chain.hex(), "path": []},
    }  # fmt: skip
    made = {**deepcopy(document), PROOF: proof}
    made["dpv:hasRecordOfActivity"][0]["dct:identifier"] = str(UUID(bytes=sha256(salt).digest()[:16], version=4))
    made[PROOF]["signature"] = key.sign(canonical(made)).hex()
    return as_file(made)


def test_another_logs_receipt_is_refused_by_whoever_knows_the_key(handed_out, tried):
    document = json.loads(handed_out[0].data)
    facts, key = document[PROOF]["facts"], Ed25519PrivateKey.generate()
    fake = forged(document, facts, salt=b"s" * 16, chain=b"c" * 32, written=facts["written"] // 1000, key=key)
    said = check(fake)
    assert audit.verifier_key().split("+")[0] not in said[0], "believing the file's own key, one sees only another log's name"
    tried("another log", fake)
    for part in ("checkpoint", "line", "before"):
        mixed = deepcopy(document)
        mixed[PROOF][part] = json.loads(fake)[PROOF].get(
            part, {"checkpoint": json.loads(fake)[PROOF]["checkpoint"], "path": []}
        )
        tried(part, signed(mixed))
    tried("its key", handed_out[0].data, key=json.loads(fake)[PROOF]["key"])
    for wrong in (
        "x",
        "a+b+c",
        "a+00000000+AAAA",
        audit.verifier_key()[:-4],
        audit.verifier_key().replace("assent/", "asSent/"),
    ):
        tried(wrong, handed_out[0].data, key=wrong)
    assert tried.passed == []
    assert tried.count == 10


def rewritten(document, key, **changes):
    """Write the log anew, so that it holds other facts, and sign a checkpoint of it: what only the company can do."""
    facts = {**document[PROOF]["facts"], **changes}
    return json.loads(
        forged(
            document, facts, salt=bytes.fromhex(document[PROOF]["salt"]), chain=b"c" * 32,
            written=facts.pop("signed", facts["written"] // 1000), key=key,
        )
    )  # fmt: skip


def test_a_back_dated_entry_is_told_by_the_checkpoints_around_it(handed_out, tried, monkeypatch):
    document = json.loads(handed_out[0].data)
    key = house_key()
    honest = rewritten(document, key)
    check(as_file(resigned(honest, key)), tried.key)
    written = document[PROOF]["facts"]["written"]
    day = 86_400_000
    # Post-dated: the log had it before the day it names.
    late = rewritten(document, key, written=written + day, signed=written // 1000)
    tried("post-dated", as_file(resigned(late, key)))
    # Back-dated: the checkpoint before shows that the log did not have it then. The honest proof carries that checkpoint.
    early = rewritten(document, key, written=written - day)
    early[PROOF]["before"] = {"checkpoint": document[PROOF]["before"]["checkpoint"], "path": []}
    tried("back-dated, old checkpoint kept", as_file(resigned(early, key)))
    for older in ("checkpoint", "before"):
        swapped = deepcopy(document)
        note = swapped[PROOF]["checkpoint"] if older == "checkpoint" else swapped[PROOF]["before"]["checkpoint"]
        swapped[PROOF]["checkpoint"] = swapped[PROOF]["before"]["checkpoint"] = note
        tried(("same twice", older), signed(swapped))
    turned = deepcopy(document)
    turned[PROOF]["checkpoint"], turned[PROOF]["before"]["checkpoint"] = (
        turned[PROOF]["before"]["checkpoint"],
        turned[PROOF]["checkpoint"],
    )
    tried("in the wrong order", signed(turned))
    assert tried.passed == []
    assert tried.count == 5


def house_key():
    """Return the log's own private key: the worst case."""
    from importlib import import_module

    return import_module("assent.audit.book")._signing_key()


def resigned(document, key):
    document[PROOF].pop("signature", None)
    document[PROOF]["signature"] = key.sign(canonical(document)).hex()
    return document


def test_what_is_no_receipt_is_refused_in_words(tried):
    deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
    for data in (
        b"", b"\xff\xfe", b"null", b"[]", b"{}", b'{"a": 1', b"1e999", deep, b"[" * 100_000, as_file({PROOF: []}),
        as_file({PROOF: {"key": "x"}, "dpv:hasRecordOfActivity": [{}]}), b'{"a": NaN}\n', b'{"a": "\\ud800"}',
    ):  # fmt: skip
        tried(data[:20], data)
    assert tried.passed == []
    assert tried.count == 13


def test_written_down_late_is_said_and_not_hidden(people, tried):
    from assent.privacy.consent import api
    from assent.privacy.consent.contracts import Choice, ChoiceInput, Method

    long_ago = people.at.replace(year=2020)
    choice = ChoiceInput(
        people.subject("ada"), "direct_marketing", Choice.GIVEN, Method.PAPER, "till", channel="email",
        wording="marketing_email", language="ro", at=long_ago,
    )  # fmt: skip
    api.apply_many(controller=people.bloom, choices=[choice], by=people.by, at=people.tick())
    [receipt] = people.receipts("ada")
    assert "2020-11-23 12:00:00 UTC, written down 2026-11-23" in check(receipt.data, tried.key)[-1]
    assert json.loads(receipt.data)[PROOF]["facts"]["at"] == millis(long_ago)
