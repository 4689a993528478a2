"""
What may stand in a property, and when an event happened. Pure functions: no Django, no clock, no database.

A value the policy does not describe exactly is left out (`NOTHING`), never bent into shape; only money, numbers and codes
are read from the forms in which clients commonly send them.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from assent.privacy.policy.contracts import PropertyRule, PropertyType

__all__ = ["NOTHING", "Reader", "moment", "occurred", "readable_name", "reader"]


class _Nothing:
    """No usable value."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()
Reader = Callable[[Any], Any]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS: Final = 86_400_000
# A phone's clock may be a day ahead, and shops import old orders; beyond that the clock is wrong, and received-at is true.
LATEST_AHEAD_MS: Final = DAY_MS
OLDEST_MS: Final = 5 * 366 * DAY_MS
# Hundredths of any currency: ten thousand times the largest single sale, and sums of a million of them still fit 63 bits.
MOST_MONEY: Final = 10**12
MOST_NUMBER: Final = 2**53  # whole numbers a float (and so JavaScript) holds exactly
LONGEST_NAME: Final = 100
LONGEST_LIST_TEXT: Final = 200

_CODE = re.compile(r"[A-Za-z0-9._:/-]+")
# Something@something.tld anywhere in a text: an address of the person has no place in a plain property.
_ADDRESS = re.compile(r"[^\s@/]+@[^\s@/]+\.[^\s@/]+")
_TELLING_NAME = re.compile(r"@|\d{5,}")


def moment(value: Any) -> int | None:
    """Return a client's time as milliseconds since 1970: ISO 8601 (without a zone: UTC), or seconds or milliseconds."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value)
            since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH
            return since.days * DAY_MS + since.seconds * 1000 + since.microseconds // 1000
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MOST_NUMBER:
        return None
    # 10^11 seconds is the year 5138, 10^11 milliseconds is 1973: no client means either.
    return int(value if value > 10**11 else value * 1000)


def occurred(*, received_ms: int, said_ms: int | None, sent_ms: int | None) -> int:
    """
    Return when an event happened by our clock: received − (sent − said), as the protocol corrects a client's clock.

    What then lies years off, or in the future, is replaced by the time of receipt.
    """
    if said_ms is None:
        return received_ms
    found = received_ms - (sent_ms - said_ms) if sent_ms is not None else said_ms
    return found if received_ms - OLDEST_MS <= found <= received_ms + LATEST_AHEAD_MS else received_ms


def readable_name(name: str) -> str:
    """Return a name that clients made up, fit for a page: bounded, escaped, and hidden if it looks like a person's data."""
    if _TELLING_NAME.search(name):
        return "(not shown)"
    return name[:LONGEST_NAME].encode("unicode_escape").decode("ascii")[:LONGEST_NAME] or "(empty)"


def reader(rule: PropertyRule) -> Reader:
    """Return the function that reads one property's values as the policy declares them."""
    match rule.type:
        case PropertyType.STRING:
            return _texts(rule.max_length)
        case PropertyType.CODE:
            return _codes(rule.max_length)
        case PropertyType.LIST:
            return _lists(rule)
        case plain:
            return _PLAIN[plain]


def _texts(longest: int) -> Reader:
    web = ("http://", "https://")

    def read(value: Any) -> Any:
        if type(value) is not str or len(value) > longest or "\x00" in value or ("@" in value and _ADDRESS.search(value)):
            return NOTHING
        # What follows the path of an address on the web carries tokens, addresses and searches.
        if value.startswith(web):
            return value.partition("?")[0].partition("#")[0]
        return value

    return read


def _codes(longest: int) -> Reader:
    fits = _CODE.fullmatch

    def read(value: Any) -> Any:
        if type(value) is str:
            return value if len(value) <= longest and fits(value) else NOTHING
        return read(str(value)) if type(value) is int and abs(value) <= MOST_NUMBER else NOTHING

    return read


def _lists(rule: PropertyRule) -> Reader:
    if not rule.of:
        one = _texts(LONGEST_LIST_TEXT)
    else:
        parts = {name: reader(part) for name, part in rule.of.items() if not part.identifying}

        def one(value: Any) -> Any:
            return _object(value, parts)

    def read(value: Any) -> Any:
        if type(value) is not list or len(value) > rule.max_length:
            return NOTHING
        return [found for found in map(one, value) if found is not NOTHING]

    return read


def _object(value: Any, parts: Mapping[str, Reader]) -> Any:
    if type(value) is not dict:
        return NOTHING
    found: dict[str, Any] = {}
    for name, read in parts.items():
        held = value.get(name)
        if held is not None and (held := read(held)) is not NOTHING:
            found[name] = held
    return found


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return NOTHING
    # Neither infinity nor what is no number passes the comparison.
    return value if (type(value) is int or type(value) is float) and abs(value) <= MOST_NUMBER else NOTHING


def _integer(value: Any) -> Any:
    found = _number(value)
    if type(found) is int:
        return found
    return int(found) if found is not NOTHING and found == int(found) else NOTHING


def _boolean(value: Any) -> Any:
    return (
        value
        if isinstance(value, bool)
        else {"true": True, "false": False}.get(value, NOTHING)
        if isinstance(value, str)
        else NOTHING
    )


def _money(value: Any) -> Any:
    """Read an amount in whole units, as clients send it; parts beyond hundredths are rounded."""
    if type(value) is str:
        try:
            found = Decimal(value)
        except InvalidOperation:
            return NOTHING
        if not found.is_finite() or abs(found) > MOST_MONEY:
            return NOTHING
        value = float(found)
    if (type(value) is not float and type(value) is not int) or not -MOST_MONEY <= value * 100 <= MOST_MONEY:
        return NOTHING
    hundredths = round(value * 100)
    return hundredths / 100 if hundredths % 100 else hundredths // 100


def _day(value: Any) -> Any:
    if type(value) is not str:
        return NOTHING
    try:
        found = date.fromisoformat(value[:10])
    except ValueError:
        return NOTHING
    return found.isoformat() if value[10:11] in {"", "T", " "} else NOTHING


_PLAIN: Mapping[PropertyType, Reader] = {
    PropertyType.NUMBER: _number,
    PropertyType.INTEGER: _integer,
    PropertyType.BOOLEAN: _boolean,
    PropertyType.MONEY: _money,
    PropertyType.DATE: _day,
}
