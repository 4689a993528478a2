"""Which stops bear on a question, and which forms a stop may have. Pure."""

import re

import numpy as np
import numpy.typing as npt

from assent.privacy.policy.contracts import CHANNEL_CODES
from assent.privacy.suppression.contracts import ALL, BITS, Kind

__all__ = ["ALL_CODE", "ANY", "CHANNEL_OF_FIELD", "Rows", "apply", "clean_reason", "fault", "merge"]

ANY = "any"
ALL_CODE = -1
"""How "all purposes" is written in columns."""

# What is sent to such an address; a bounce of a phone number says nothing about e-mail.
CHANNEL_OF_FIELD = {"email": {"email"}, "phone": {"sms", "phone"}}
REASON = re.compile(r"[A-Za-z0-9 ._:/()-]{0,120}")

Rows = dict[str, npt.NDArray[np.int64]]


def fault(*, kind: Kind, about_person: bool, field: str, purpose: str, channel: str, purposes: set[str]) -> str:
    """Say why a stop can't be made and how to mend it; empty if it can."""
    if about_person == bool(field):
        return "say whom it is about: either a subject or an address (field and token)"
    if field and field not in CHANNEL_OF_FIELD:
        return f"field {field[:20]!r} is no address: use email or phone"
    if channel not in CHANNEL_CODES:
        return f"channel {channel[:20]!r} is unknown: use one of {', '.join(CHANNEL_CODES)}"
    if purpose != ALL and purpose not in purposes:
        return f"purpose {purpose[:63]!r} is not in the policy: use none for all, or one of {', '.join(sorted(purposes))}"
    if kind is Kind.LEGAL_STOP and (purpose, channel) != (ALL, ANY):
        return "a legal stop holds for every purpose and channel: leave both out"
    return _fault_of_channel(kind, field, channel)


def _fault_of_channel(kind: Kind, field: str, channel: str) -> str:
    if kind in {Kind.BOUNCE, Kind.COMPLAINT} and channel == ANY:
        return f"a {kind.value} comes from a channel: name it"
    if field and channel not in {ANY, *CHANNEL_OF_FIELD[field]}:
        return f"nothing goes to a {field} over {channel}: use one of any, {', '.join(sorted(CHANNEL_OF_FIELD[field]))}"
    return ""


def clean_reason(text: str) -> str:
    """Keep a reason that is a code; anything else may be a person's words, so only its being there is kept."""
    return text if REASON.fullmatch(text) else "unnamed"


def apply(rows: Rows, *, purpose: int, channel: int) -> Rows:
    """Keep the stops that bear on a purpose and channel: those for it, and those for all."""
    which = (rows["purpose"] == purpose) | (rows["purpose"] == ALL_CODE)
    which &= (rows["channel"] == channel) | (rows["channel"] == CHANNEL_CODES[ANY])
    return rows if which.all() else {name: column[which] for name, column in rows.items()}


def merge(rows: Rows) -> Rows:
    """
    Return one row per subject, sorted: all its ``bits``, and since when the person last said no.

    A later consent may overtake their own word, hence its moment: ``objected_ms``, and ``unsubscribed_ms`` (complaints
    count there); 0 where there is none. So it may a restriction, in ``restricted_ms`` (art. 18(2)).
    """
    if not len(rows["subject"]):
        return dict.fromkeys(("subject", "bits", "objected_ms", "restricted_ms", "unsubscribed_ms"), rows["subject"])
    subjects, place = np.unique(rows["subject"], return_inverse=True)
    bits = np.zeros(len(subjects), np.int64)
    np.bitwise_or.at(bits, place, rows["bit"])
    found = {"subject": subjects, "bits": bits}
    for name, kinds in (
        ("objected_ms", BITS[Kind.OBJECTION]),
        ("restricted_ms", BITS[Kind.RESTRICTION]),
        ("unsubscribed_ms", BITS[Kind.UNSUBSCRIBE] | BITS[Kind.COMPLAINT]),
    ):
        since = np.zeros(len(subjects), np.int64)
        spoken = (rows["bit"] & kinds) != 0
        np.maximum.at(since, place[spoken], rows["at_ms"][spoken])
        found[name] = since
    return found
