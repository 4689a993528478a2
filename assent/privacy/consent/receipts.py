"""Receipts: a record of consent for the person to keep, signed, with the proof that the book has held it since."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, Forked, NotInTheBook
from assent.foundation import scope
from assent.foundation.canonical import dumps
from assent.foundation.clock import millis
from assent.foundation.crypto import digest
from assent.privacy.consent import leaves, models, rows, ts27560
from assent.privacy.consent.contracts import ANY, Choice, ConsentRecord, NoReceipt, Receipt
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, UnknownVersion
from assent.privacy.subjects import api as subjects
from assent.receipts import Broken, as_file, check

__all__ = ["receipt", "receipted", "receipts"]

log = logging.getLogger(__name__)

HOUSE = Actor.system("receipts")


def receipt(*, controller: int, subject: int, id: UUID, by: Actor, at: datetime) -> Receipt:  # noqa: A002 - what it is
    """
    Return one receipt and write in the book that it was handed over.

    :raises NoReceipt: if the person has no such record, or its proof does not hold
    """
    with scope.controller(controller):
        row = next((row for row in _committed(controller, subject, at) if _number(row) == id), None)
        if row is None:
            message = "this person has no receipt with that number"
            raise NoReceipt(message)
        made = _made(row, controller=controller, at=at)
        audit.write(
            Did.RECEIPT_HANDED_OVER,
            controller=controller,
            by=by,
            at=at,
            about=subject,
            on=str(row.pk),
            purpose=row.purpose,
        )
    return made


def receipts(*, controller: int, subject: int, at: datetime) -> list[Receipt]:
    """
    Return every receipt of a person, oldest first, for whoever writes in the book what it does with them.

    One whose proof does not hold is left out and logged: a copy of one's data is owed all the same.
    """
    found = []
    with scope.controller(controller):
        for row in _committed(controller, subject, at):
            try:
                found.append(_made(row, controller=controller, at=at))
            except NoReceipt:
                log.exception("a receipt could not be made: run `assent audit verify`", extra={"safe": True})
    return found


def receipted(*, controller: int, subject: int, at: datetime) -> list[ConsentRecord]:
    """Return the records that have a receipt, oldest first, each with its number."""
    with scope.controller(controller):
        return [leaves.contract(row, record=row.pk, salt=bytes(row.salt or b"")) for row in _committed(controller, subject, at)]


def _committed(controller: int, subject: int, at: datetime) -> list[models.ConsentRecord]:
    """Return the records that the book commits to, after it does so to those from before it ever did."""
    mine = models.ConsentRecord.objects.filter(subject=subject).order_by("at_ms", "id")
    if mine.filter(line__isnull=True).exists():
        _commit_older(controller, subject, at)
    return list(mine.filter(line__isnull=False, salt__isnull=False))


@transaction.atomic
def _commit_older(controller: int, subject: int, at: datetime) -> None:
    person = subjects.public_ids(controller=controller, subjects=[subject]).get(subject)
    found = models.ConsentRecord.objects.select_for_update().filter(subject=subject, line__isnull=True)
    older = list(found.order_by("id"))
    if person is None or not older:
        return
    salts = leaves.salts(len(older))
    commitments = [
        leaves.commit(salt, leaves.facts_of(row, person=person, written_ms=millis(at)))
        for row, salt in zip(older, salts, strict=True)
    ]
    line = audit.write(
        Did.CONSENT_COMMITTED,
        controller=controller,
        by=HOUSE,
        at=at,
        about=subject,
        detail={"records": len(older), "commitments": audit.tree_head(commitments).hex()},
    )
    rows.keep(line, commitments, controller=controller)
    for place, (row, salt) in enumerate(zip(older, salts, strict=True)):
        models.ConsentRecord.objects.filter(pk=row.pk).update(salt=salt, line=line, place=place)


def _made(row: models.ConsentRecord, *, controller: int, at: datetime) -> Receipt:
    person = subjects.public_ids(controller=controller, subjects=[row.subject])[row.subject]
    salt, line = bytes(row.salt or b""), int(row.line or 0)
    try:
        proof = audit.prove(line=line, at=at)
    except (Forked, NotInTheBook) as error:
        raise NoReceipt(str(error)) from None
    facts = leaves.facts_of(row, person=person, written_ms=millis(proof.at))
    commitments = _commitments(line) or [leaves.commit(salt, facts)]
    place = int(row.place or 0)
    document = ts27560.document(
        _statement(row, controller=controller), facts=facts, number=_number(row), created=proof.checkpoint_at
    )
    held: dict[str, Any] = {
        "form": "assent-receipt-1",
        "key": audit.verifier_key(),
        "salt": salt.hex(),
        "facts": facts,
        "batch": {"index": place, "size": len(commitments), "path": _hex(audit.tree_path(commitments, place))},
        "line": {"index": proof.index, "chain": proof.link.hex(), "path": _hex(proof.path)},
        "checkpoint": proof.checkpoint,
    }
    if proof.before:
        held["before"] = {"checkpoint": proof.before, "path": _hex(proof.growth)}
    document["assent:proof"] = held
    document["assent:proof"] = {**held, "signature": audit.sign(dumps(document)).hex()}
    data = as_file(document)
    try:
        # Nobody is handed a proof that would fail on their table.
        check(data, audit.verifier_key())
    except Broken as error:
        message = f"the receipt of record {row.pk} does not hold: {error}"
        raise NoReceipt(message) from None
    return Receipt(id=_number(row), record=row.pk, data=data)


def _number(row: models.ConsentRecord) -> UUID:
    return leaves.receipt_id(bytes(row.salt or b""))


def _commitments(line: int) -> list[bytes]:
    kept = models.Batch.objects.filter(line=line).values_list("commitments", flat=True).first()
    many = bytes(kept or b"")
    return [many[start : start + leaves.HASH_BYTES] for start in range(0, len(many), leaves.HASH_BYTES)]


def _hex(hashes: Sequence[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


def _statement(row: models.ConsentRecord, *, controller: int) -> ts27560.Statement:
    """Gather what the record stood on: the policy of that day, the wording shown, and what had been chosen before."""
    compiled = policy.at_digest(controller=controller, digest=row.policy_digest)
    published = {version.number: version.published_at for version in policy.versions(controller=controller)}
    earlier = models.ConsentRecord.objects.filter(subject=row.subject, purpose=row.purpose, pk__lt=row.pk)
    if row.channel != ANY:
        earlier = earlier.filter(channel__in=(ANY, row.channel))
    last = earlier.order_by("-pk").values_list("choice", flat=True).first()
    return ts27560.Statement(
        compiled=_with_purpose(compiled, row.purpose, controller=controller),
        published_at=published[compiled.number],
        language=row.language or compiled.policy.controller.languages[0],
        shown=_shown(compiled, row),
        said_yes_before=last == Choice.GIVEN,
    )


def _with_purpose(compiled: Compiled, purpose: str, *, controller: int) -> Compiled:
    """Return the policy, or the last one that had the purpose: a no may be said to one that is there no longer."""
    if purpose in compiled.policy.purposes:
        return compiled
    for version in policy.versions(controller=controller):
        found = policy.at_digest(controller=controller, digest=version.digest)
        if purpose in found.policy.purposes:
            return found
    message = f"no policy of controller {controller} has the purpose {purpose!r}"
    raise UnknownVersion(message)


def _shown(compiled: Compiled, row: models.ConsentRecord) -> ts27560.Shown:
    """Return the words agreed to: a text of the policy, or the banner's own as JSON."""
    if not row.text_digest:
        return ts27560.Shown("", "")
    keys = sorted(
        (key for key, found in compiled.text_digests.items() if found == row.text_digest),
        key=lambda key: (key[1] != row.language, key),
    )
    if keys:
        return ts27560.Shown(compiled.texts[keys[0]], keys[0][1])
    banner = compiled.policy.banner
    text = dumps(banner.model_dump(mode="json")).decode() if banner is not None else ""
    if digest(text.encode()) != row.text_digest:
        message = f"the words of record {row.pk} are not in its policy"
        raise NoReceipt(message)
    return ts27560.Shown(text, "", banner=json.loads(text))
