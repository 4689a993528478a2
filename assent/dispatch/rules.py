"""Decisions of the gate out that need no database: when to try again, what is the same message, which variant."""

import base64
import binascii
import hashlib
from datetime import timedelta

from assent.dispatch.contracts import Outcome, Progress, State
from assent.foundation.crypto import keyed_hash

__all__ = [
    "ATTEMPTS", "BATCH", "LEAVES_WITHIN", "OPEN", "ROWS_AT_ONCE", "batch_size", "mark", "occasion_key", "reference", "settle",
    "token", "token_controller", "token_digest", "wait",
]  # fmt: skip

# States from which a message may still go.
OPEN = (State.DUE, State.HELD, State.HANDING_OVER)

ROWS_AT_ONCE = 1_000  # a short writer's turn on SQLite, sealed variables included

# The last byte leaves in the first nine tenths of a claim: room for the wire and for clocks of two machines that differ.
LEAVES_WITHIN = 0.9

# One claim's worth. At the slowest bar (1,000 a second) it is gone in 0.2 s, so a withdrawal waits no longer than that.
BATCH = 200

# First retry after a minute, doubled up to an hour: 12 attempts are about seven hours. A receiver that refuses longer is
# down for the day, and an offer that comes a day late is worse than none.
FIRST_WAIT, LONGEST_WAIT, ATTEMPTS = timedelta(minutes=1), timedelta(hours=1), 12

MARK_BYTES = 16

CONTROLLER_BYTES, MAC_BYTES = 4, 20  # together 32 letters of base64 without padding; 160 bits can't be guessed


def wait(attempt: int) -> timedelta | None:
    """Return how long to wait after this attempt (counted from 1) failed for a while, or None: give up."""
    if attempt >= ATTEMPTS:
        return None
    doubled: timedelta = FIRST_WAIT * 2 ** (attempt - 1)
    return min(doubled, LONGEST_WAIT)


def settle(outcome: Outcome, attempt: int) -> tuple[State, timedelta]:
    """Return the state a message is in after a hand-over, and for ``due`` how long to wait."""
    match outcome:
        case Outcome.SENT:
            return State.SENT, timedelta(0)
        case Outcome.UNTRIED:
            return State.DUE, timedelta(0)
        case Outcome.TEMPORARY:
            pause = wait(attempt)
            return (State.FAILED, timedelta(0)) if pause is None else (State.DUE, pause)
        case Outcome.PERMANENT:
            return State.FAILED, timedelta(0)
        case Outcome.UNKNOWN:
            return State.UNKNOWN, timedelta(0)


def batch_size(size: int, done: Progress) -> int:
    """Return how many to claim next: half when claims ran out before their message could leave, else more again."""
    return max(1, size // 2) if done.untried else min(BATCH, size * 2)


def occasion_key(occasion: str, idempotency: str = "") -> str:
    """
    Return the name under which a message to a person is the same message.

    A caller's idempotency key is hashed: it may be an order number, and it may be long.
    """
    return f"{occasion}:{hashlib.sha256(idempotency.encode()).hexdigest()[:32]}" if idempotency else occasion


def mark(address: bytes, *, occasion: str, channel: str) -> bytes:
    """
    Return by what it is known again that an address was sent an occasion's message, whoever has the address then.

    Whoever has the mark of one occasion can't tell the address by it, nor find it among the marks of another.

    :param address: its keyed hash; empty for none, which has no mark
    """
    return keyed_hash(address, f"had:{occasion}:{channel}")[:MARK_BYTES] if address else b""


def token(key: bytes, *, controller: int, message: int) -> str:
    """Return a message's opt-out token: which house it belongs to, and a keyed hash nobody can guess or read back."""
    mac = keyed_hash(key, f"unsubscribe:{controller}:{message}")[:MAC_BYTES]
    return base64.urlsafe_b64encode(controller.to_bytes(CONTROLLER_BYTES, "big") + mac).decode()


def token_controller(clear: str) -> int | None:
    """Return the controller a token names, or None when it is no token of ours."""
    if len(clear) != (CONTROLLER_BYTES + MAC_BYTES) * 4 // 3:
        return None
    try:
        raw = base64.b64decode(clear, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(raw[:CONTROLLER_BYTES], "big")


def token_digest(clear: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(clear.encode()).digest()


def reference(key: bytes, *, controller: int, message: int) -> str:
    """Return the name a message bears outside (Message-ID): stable over attempts, and silent about our numbers."""
    return keyed_hash(key, f"reference:{controller}:{message}")[:16].hex()
