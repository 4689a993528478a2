"""Stops as the journal outside the databases keeps them: written, and read again on a restored copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from assent.audit import api as audit
from assent.audit.contracts import JournalKind
from assent.privacy.policy.contracts import CHANNEL_CODES
from assent.privacy.suppression import models, rules
from assent.privacy.suppression.contracts import ALL, Kind

__all__ = ["Said", "read", "write"]

CHANNELS = {code: channel for channel, code in CHANNEL_CODES.items()}


@dataclass(frozen=True, slots=True)
class Said:
    """What a line says: a stop was made, or lifted, for a person or an address."""

    kind: Kind
    subject: int | None
    address: tuple[str, bytes] | None
    purpose: str
    channel: str
    lifted: bool
    addresses: tuple[tuple[str, bytes], ...] = ()
    """of the person then, hashed: a copy that does not know the person keeps the no for these"""


def write(
    row: models.Suppression,
    *,
    controller: int,
    at: datetime,
    codes: Mapping[str, int],
    lifted: bool,
    addresses: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """
    Write a line about a stop. A bounce needs none: that an address is gone shows again at the next message.

    :param addresses: the person's, as keyed hashes by field
    """
    if row.kind == Kind.BOUNCE:
        return
    purpose = rules.ALL_CODE if row.purpose == ALL else codes[row.purpose]
    detail: dict[str, str | int | bool] = {
        "stop": row.kind,
        "what": f"{purpose}:{CHANNEL_CODES[row.channel]}",
        "lifted": lifted,
    }
    if row.token is not None:
        detail |= {"field": row.field, "token": bytes(row.token).hex()}
    if addresses:
        detail["addresses"] = ",".join(f"{field}:{token.hex()}" for field, token in addresses.items())
    kind = JournalKind.RESTRICTION if row.kind in {Kind.RESTRICTION, Kind.LEGAL_STOP} else JournalKind.WITHDRAWAL
    audit.journal(kind, controller=controller, subjects=[row.subject or 0], at=at, detail=detail)


def read(subject: int, detail: Mapping[str, object], *, purposes: Mapping[int, str]) -> Said | None:
    """
    Return what a line says; None if it is about a purpose the copy doesn't know yet.

    :param purposes: by code
    :raises ValueError: if the line is not one of ours
    """
    code, channel = (int(part) for part in str(detail["what"]).split(":"))
    purpose = ALL if code == rules.ALL_CODE else purposes.get(code)
    if purpose is None or channel not in CHANNELS:
        return None
    address = (str(detail["field"]), bytes.fromhex(str(detail["token"]))) if "token" in detail else None
    pairs = [one.split(":") for one in str(detail.get("addresses", "")).split(",") if one]
    addresses = tuple((field, bytes.fromhex(token)) for field, token in pairs)
    lifted = bool(detail.get("lifted"))
    return Said(Kind(str(detail["stop"])), subject or None, address, purpose, CHANNELS[channel], lifted, addresses)
