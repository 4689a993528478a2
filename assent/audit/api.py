"""
Audit: the one book. Append only, ids and never names, chained and a tree, with signed checkpoints outside.

A line is written in the transaction of the deed it tells of (so neither stands without the other). One sealer gives
lines their number in the order in which they became visible, within a second. Each minute the head of the chain and of
the tree over it is signed into a file outside the database; without that file, cutting off the end of the book would leave
no trace. Against a signed head, anybody can be shown that one line stands in the book without seeing the others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from assent.audit import book, ended, merkle, models, tree, whom
from assent.audit.contracts import Actor, Did, EndedLog, Entry, Forked, NotInTheBook, Problem, Proof
from assent.audit.journaling import (
    journal,
    journal_copied,
    journal_file,
    journal_fits,
    journal_lines,
    journal_mark,
    send_journal_out,
)
from assent.audit.notes import read_head, verifier_key as verifier_key_of
from assent.audit.rules import GENESIS, Link, Signed, chain_hash, check_book, people_digest
from assent.audit.whom import concerned, watched
from assent.foundation.canonical import dumps
from assent.foundation.clock import from_millis, millis

__all__ = [
    "begin_log", "checkpoint", "concerned", "ended_logs", "entries", "journal", "journal_copied", "journal_file",
    "journal_fits", "journal_lines", "journal_mark", "prove", "public_key", "seal_pending", "send_journal_out",
    "sign", "tree_head", "tree_path", "verifier_key", "verify", "watched", "write", "write_bulk",
]  # fmt: skip

Detail = Mapping[str, str | int | bool]

LONGEST_WORD = 200  # details hold codes, counts and ids; a longer text is somebody's words and belongs elsewhere
SEALED_AT_ONCE = 2_000  # keeps the writer's turn below 50 ms


def write(
    did: Did,
    *,
    controller: int | None,
    by: Actor,
    at: datetime,
    about: int | None = None,
    on: str = "",
    purpose: str = "",
    detail: Detail | None = None,
) -> int:
    """
    Write one line, in the caller's transaction, and return its id.

    :raises ValueError: if a detail is longer than a code or an id can be
    """
    return models.Line.objects.create(
        controller_id=controller,
        did=did,
        by=str(by),
        at_ms=millis(at),
        about=about,
        on=on,
        purpose=purpose,
        detail=_plain(detail),
    ).id


def write_bulk(
    did: Did,
    *,
    controller: int | None,
    by: Actor,
    at: datetime,
    subjects: Sequence[int],
    on: str = "",
    purpose: str = "",
    detail: Detail | None = None,
) -> int:
    """
    Write one line for work on many people: how many, and a digest of who.

    Of a key or a member of staff the ids are kept beside it, so that :func:`concerned` can say whom they touched.
    """
    counted = {**(detail or {}), "people": len(subjects), "digest": people_digest(subjects)}
    with transaction.atomic():
        line = write(did, controller=controller, by=by, at=at, on=on, purpose=purpose, detail=counted)
        whom.keep(line, controller=controller, by=by, subjects=subjects)
    return line


def _plain(detail: Detail | None) -> str:
    for name, value in (detail or {}).items():
        if isinstance(value, str) and len(value) > LONGEST_WORD:
            message = f"audit detail {name!r} has {len(value)} characters: write an id or a code, not a text"
            raise ValueError(message)
    return dumps(dict(detail or {})).decode()


def entries(
    *, controller: int, about: int | None = None, did: str = "", before: int | None = None, limit: int = 50
) -> list[tuple[int, Entry]]:
    """Return a controller's lines, newest first, each with the cursor that the next page starts ``before``."""
    rows = models.Line.objects.filter(controller_id=controller)
    if about is not None:
        rows = rows.filter(about=about)
    if did:
        rows = rows.filter(did__startswith=did)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [(row.id, _entry(row)) for row in rows.order_by("-id")[:limit]]


def _entry(row: models.Line) -> Entry:
    detail = json.loads(row.detail)
    return Entry(row.number, row.did, row.controller_id, row.by, from_millis(row.at_ms), row.about, row.on, row.purpose, detail)


def _content(row: models.Line) -> bytes:
    return dumps(
        {
            "controller": None if row.controller_id is None else str(row.controller_id),
            "did": row.did,
            "by": row.by,
            "at_ms": row.at_ms,
            "about": None if row.about is None else str(row.about),
            "on": row.on,
            "purpose": row.purpose,
            "detail": row.detail,
        }
    )


def seal_pending() -> int:
    """Number and chain the lines that have become visible since the last call, and return how many."""
    sealed = 0
    while True:
        with _sealing():
            waiting = list(models.Line.objects.filter(number__isnull=True).order_by("id")[:SEALED_AT_ONCE])
            if not waiting:
                return sealed
            last = models.Line.objects.filter(number__isnull=False).order_by("-number").only("number", "hash").first()
            number, head = (last.number or 0, bytes(last.hash or b"")) if last else (0, GENESIS)
            for row in waiting:
                number += 1
                head = chain_hash(head, number, _content(row))
                row.number, row.hash = number, head
            models.Line.objects.bulk_update(waiting, ["number", "hash"], batch_size=200)
            tree.grow(number)
        sealed += len(waiting)


@contextmanager
def _sealing() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # One sealer at a time. On SQLite the IMMEDIATE transaction is that lock already.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assent.audit.seal'))")
        yield


def _catch_up() -> None:
    """Store what the tree lacks: a book from before there was one has none of it."""
    more = True
    while more:
        with _sealing():
            more = tree.grow(tree.size())


def checkpoint(*, at: datetime) -> bool:
    """
    Sign the head of the chain and of the tree into the file outside the database; False if nothing was added since the last.

    :raises Forked: if the book does not continue what was signed before
    """
    _catch_up()
    head = models.Line.objects.filter(number__isnull=False).order_by("-number").only("number", "hash").first()
    if head is None or head.number is None:
        return False
    last, node = book.last_checkpoint(), tree.reader()
    if last is not None:
        size, root = read_head(str(last["note"]))
        if size > head.number or merkle.head(size, node) != root:
            message = (
                f"the book does not continue what was signed up to line {size}: run `assent audit verify`; after a restore "
                "by other means than `assent restore`, move audit/checkpoints.jsonl and keys/audit.key aside"
            )
            raise Forked(message)
        if size == head.number:
            return False
    note = book.sign_note(head.number, merkle.head(head.number, node), at_s=millis(at) // 1000)
    body: dict[str, object] = {
        "number": head.number,
        "hash": bytes(head.hash or b"").hex(),
        "at_ms": millis(at),
        "note": note,
    }
    book.append(book.checkpoint_file(), {**body, "signature": book.sign(body)})
    return True


def prove(*, line: int, at: datetime) -> Proof:
    """
    Return the proof that a line stands in the book, signing a checkpoint now if none has it yet.

    The first checkpoint that has the line is the one proved against, so that the proof of a line is always the same.

    :param line: the id that :func:`write` returned
    :raises NotInTheBook: if there is no such line (or not yet: its transaction is open)
    :raises Forked: as :func:`checkpoint`
    """
    row = models.Line.objects.filter(id=line).first()
    if row is not None and row.number is None:
        seal_pending()
        row.refresh_from_db()
    if row is None or row.number is None:
        message = f"the book has no line with the id {line}"
        raise NotInTheBook(message)
    before, first = book.around(row.number)
    if first is None:
        checkpoint(at=at)
        before, first = book.around(row.number)
    if first is None:
        message = f"no checkpoint has line {row.number}: look at the file audit/checkpoints.jsonl"
        raise NotInTheBook(message)
    _catch_up()
    node, note, older = tree.reader(), str(first["note"]), str(before["note"]) if before else ""
    size, _ = read_head(note)
    return Proof(
        index=row.number - 1,
        link=bytes(row.hash or b""),
        path=merkle.inclusion(row.number - 1, size, node),
        checkpoint=note,
        checkpoint_at=from_millis(int(str(first["at_ms"]))),
        before=older,
        growth=merkle.consistency(read_head(older)[0], size, node) if older else [],
        at=from_millis(row.at_ms),
    )


def tree_head(commitments: Sequence[bytes]) -> bytes:
    """Return the tree head over commitments, to be the ``commitments`` (in hexadecimal) of the line that tells of them."""
    return merkle.head(len(commitments), merkle.of_leaves([merkle.leaf_hash(one) for one in commitments]))


def tree_path(commitments: Sequence[bytes], index: int) -> list[bytes]:
    """Return the way from one of several commitments to their tree head."""
    return merkle.inclusion(index, len(commitments), merkle.of_leaves([merkle.leaf_hash(one) for one in commitments]))


def verifier_key() -> str:
    """Return the log's name and public key in the form that note tools take: ``name+id+key``. To be published."""
    return verifier_key_of(book.public_key())


def sign(text: bytes) -> bytes:
    """Return the log's Ed25519 signature over a canonical JSON object."""
    return book.sign_text(text)


def begin_log(*, name: str, key: bytes, at: datetime) -> EndedLog | None:
    """
    Begin a log of checkpoints anew after a restore, and return the one that ended; None if nothing was signed before.

    The old log's checkpoints are kept beside, and verified as far as the restored book goes.

    :param name: by which doing it twice is known
    :param key: the public key of the log that ends
    """
    _catch_up()
    return ended.end_log(name=name, key=key, kept=tree.size(), at=at)


def ended_logs() -> list[EndedLog]:
    """Return the logs that restores ended, oldest first: what was signed of a book that is no more."""
    return ended.ended()


def public_key() -> bytes:
    """Return the log's public key."""
    return book.public_key()


def verify() -> list[Problem]:
    """Read the whole book, its tree and its checkpoints and say where they do not hold together; nothing means all is well."""
    _catch_up()
    problems: list[Problem] = []
    checkpoints: dict[int, Signed] = {}
    signed = [(entry, bytes.fromhex(log.key)) for log in ended.ended() for entry in ended.still_held(log)]
    for entry, key in [*signed, *((entry, b"") for entry in book.lines(book.checkpoint_file()))]:
        number = int(str(entry["number"]))
        if not book.signed_by_us(entry, key):
            problems.append(Problem(number, "the checkpoint's signature is not ours"))
            continue
        size, root = read_head(str(entry["note"])) if "note" in entry else (number, b"")
        if size != number:
            problems.append(Problem(number, f"the checkpoint's note is about {size} lines"))
        checkpoints[number] = Signed(bytes.fromhex(str(entry["hash"])), root)
    rows = models.Line.objects.filter(number__isnull=False).order_by("number").iterator(chunk_size=SEALED_AT_ONCE)
    links = (Link(row.number or 0, _content(row), bytes(row.hash or b""), tree.committed(row.detail)) for row in rows)
    return problems + list(check_book(links, checkpoints, tree.stored_in_order()))
