"""How long a code and a session live, and how often one may try. Pure."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

__all__ = [
    "ASKS", "CODE_LIVES", "FORGOTTEN_AFTER", "GUESSES", "IDLE", "LONGEST", "TRIES", "Limit", "code", "code_digest", "fits",
    "handle_digest", "session_over",
]  # fmt: skip

# Long enough to change to the mail program and wait for a slow server; short enough to be worthless in an old inbox.
CODE_LIVES = timedelta(minutes=15)
# Of one code: five tries of a million codes, and whoever mistypes twice does not have to begin anew.
TRIES = 5
# A borrowed phone is put down within minutes; nobody reads their own data for longer than two hours.
IDLE, LONGEST = timedelta(minutes=20), timedelta(hours=2)
FORGOTTEN_AFTER = timedelta(hours=1)

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so often within so many seconds; ``per`` is what is counted."""

    name: str
    per: str
    most: int
    seconds: int


# With five tries each, six askings an hour leave a guesser thirty in a million an hour, and twenty a day stop that too. A
# person who mistypes, waits and asks again is below all of them. A network may be a whole company.
ASKS = (
    Limit("ask", "address", 6, 3_600),
    Limit("ask", "network", 60, 3_600),
    Limit("ask", "controller", 6_000, 3_600),
)
GUESSES = (
    Limit("guess", "address", 20, 86_400),
    Limit("guess", "network", 100, 3_600),
    Limit("guess", "controller", 6_000, 3_600),
)


def code() -> str:
    """Return six random digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def code_digest(key: bytes, *, knock: int, code: str) -> bytes:
    """Return what is kept of a code: keyed, since a plain hash of six digits is no secret, and bound to who asked."""
    return hmac.digest(key, f"{knock}:{code}".encode(), "sha256")


def handle_digest(clear: str) -> bytes:
    """Return what is kept of a handle, a link or a cookie: 256 random bits need no key."""
    return hashlib.sha256(clear.encode()).digest()


def fits(kept: bytes, given: bytes) -> bool:
    """Compare in constant time; nothing kept (nobody is known by that address) fits nothing, and takes as long."""
    same = hmac.compare_digest(kept or bytes(len(given)), given)
    return bool(kept) and same


def session_over(*, began_ms: int, seen_ms: int, at_ms: int) -> bool:
    """Say whether a session has ended: left alone too long, or simply too old."""
    return at_ms - seen_ms > IDLE.total_seconds() * 1000 or at_ms - began_ms > LONGEST.total_seconds() * 1000
