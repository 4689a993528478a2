"""
What the book commits to of each choice: its facts, hashed under a salt that only the person's own record holds. Pure.

One line of the book may tell of thousands of choices, so it carries the head of a tree over their commitments. Whoever has a
receipt can climb from the facts to that head, and from the line to a signed checkpoint; to anybody else, and to everybody
once the salt is gone, a commitment is noise. The format stands in ``docs/receipts.md``.
"""

import json
import os
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from assent.foundation.clock import from_millis
from assent.privacy.consent.contracts import Choice, ConsentRecord, Method
from assent.privacy.consent.rules import NEVER_MS, Facts

__all__ = ["HASH_BYTES", "SALT_BYTES", "Row", "commit", "contract", "facts_of", "moment", "receipt_id", "row_of", "salts"]

SALT_BYTES = 16  # nobody tries out 2^128 of them to learn a choice
HASH_BYTES = 32
FORM = "assent-choice-1"  # named inside, so that a later shape can be told from this one

# RFC 8785 for texts, whole numbers and truth values, at a fraction of what a general encoder takes for thousands.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


class Row(NamedTuple):
    """A record as its columns, in the order in which they are written; models have the same names."""

    controller_id: int
    subject: int
    purpose: str
    channel: str
    choice: int
    explicit: bool
    method: str
    source: str
    property: int | None
    language: str
    policy_digest: str
    purpose_digest: str
    text_digest: str
    notice_digest: str
    at_ms: int
    expires_ms: int
    by: str
    copied_from: int | None = None


def row_of(one: Facts, *, controller: int, by: str) -> Row:
    """Return a choice as a record."""
    choice = one.choice
    return Row(
        controller,
        choice.subject,
        choice.purpose,
        choice.channel,
        int(choice.choice),
        one.explicit,
        choice.method.value,
        one.source,
        choice.property,
        choice.language,
        one.policy_digest,
        one.purpose_digest,
        one.text_digest,
        one.notice_digest,
        one.at_ms,
        one.expires_ms,
        by,
    )


def contract(row: Any, *, record: int, salt: bytes | None) -> ConsentRecord:
    """Return a record as other rooms see it."""
    return ConsentRecord(
        id=record,
        subject=row.subject,
        purpose=row.purpose,
        channel=row.channel,
        choice=Choice(row.choice),
        explicit=row.explicit,
        method=Method(row.method),
        source=row.source,
        property=row.property,
        language=row.language,
        policy_digest=row.policy_digest,
        purpose_digest=row.purpose_digest,
        text_digest=row.text_digest,
        notice_digest=row.notice_digest,
        at=from_millis(row.at_ms),
        expires_at=moment(row.expires_ms),
        by=row.by,
        copied_from=row.copied_from,
        receipt=receipt_id(salt) if salt else None,
    )


def moment(ms: int) -> datetime | None:
    """Return a stored end as a moment, or None for no end."""
    return None if ms == NEVER_MS else from_millis(ms)


def facts_of(row: Any, *, person: UUID, written_ms: int) -> dict[str, Any]:
    """
    Return what is committed to of a record: texts, whole numbers and truth values.

    It names the person by the id they have outside, and of who wrote it down only the kind.
    """
    return {
        "form": FORM,
        "subject": str(person),
        "purpose": row.purpose,
        "channel": row.channel,
        "choice": "given" if row.choice == Choice.GIVEN else "withdrawn",
        "explicit": bool(row.explicit),
        "method": row.method,
        "source": row.source,
        "language": row.language,
        "policy": row.policy_digest,
        "purpose_digest": row.purpose_digest,
        "text": row.text_digest,
        "notice": row.notice_digest,
        "at": row.at_ms,
        "expires": row.expires_ms,
        "by": row.by.partition(":")[0],
        "copied": row.copied_from is not None,
        "written": written_ms,
    }


def commit(salt: bytes, facts: dict[str, Any]) -> bytes:
    """Return SHA-256 over the salt and the canonical form of the facts."""
    return sha256(salt + _canonical(facts).encode()).digest()


def salts(count: int) -> list[bytes]:
    """Return random salts."""
    many = os.urandom(SALT_BYTES * count)
    return [many[start : start + SALT_BYTES] for start in range(0, len(many), SALT_BYTES)]


def receipt_id(salt: bytes) -> UUID:
    """Return the number of a record's receipt: made of its salt, so that it goes with it."""
    return UUID(bytes=sha256(salt).digest()[:16], version=4)
