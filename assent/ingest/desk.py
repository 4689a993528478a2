"""What lies on the table while one stretch of the log is worked on: its messages, and what was noted of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from assent.ingest.arrival import LogEntry
from assent.ingest.contracts import ChoiceEvent, GapKind, Refusal
from assent.ingest.plans import Kept, Plan, Plans
from assent.ingest.wire import Message

__all__ = ["Aside", "Desk", "Item", "Notes", "Refused", "Step", "sift"]

Claim = tuple[str, str]
MOST_GAPS = 200  # names noted in one stretch; a flood of invented ones tells staff nothing more


class Item(msgspec.Struct, eq=False, gc=False):
    """
    One message on its way through the gate.

    :ivar entry: the request it came with
    :ivar place: its place in that request
    :ivar moment: when it arrived, in milliseconds; in the order in which one person's messages of a stretch count
    :ivar claim: by what it names its person: kind of id and value; ``("", "")`` for nobody
    :ivar proved: whether the sender may speak for the person named: a server, or a page with the server's hash
    :ivar subject: the person's pseudonymous id; 0 while unknown
    :ivar mask: purposes it is admitted for, as bits of their codes
    :ivar kept: what the policy lets those purposes keep
    :ivar properties: the properties that stay, read
    """

    entry: LogEntry
    place: int
    raw: bytes | msgspec.Raw
    message: Message
    moment: int
    key: bytes = b""
    digest: bytes = b""
    said_ms: int | None = None
    sent_ms: int | None = None
    kind: str = ""
    name: str = ""
    plan: Plan | None = None
    choice: ChoiceEvent | None = None
    wishes: list[Any] = []
    claim: Claim = ("", "")
    proved: bool = False
    subject: int = 0
    mask: int = 0
    kept: Kept | None = None
    properties: dict[str, Any] = {}
    occurred_ms: int = 0
    value: int | None = None
    currency: str | None = None

    @property
    def label(self) -> str:
        """What it is counted under: names the policy knows, never one that a client made up."""
        if self.plan is not None:
            return self.plan.key
        return self.choice.value if self.choice is not None else self.kind or "message"


Refused = list[tuple[Item, str]]
Step = Callable[[list[Item], "Desk"], tuple[list[Item], Refused]]


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that could not be processed, and why."""

    item: Item
    reason: str


@dataclass(slots=True)
class Notes:
    """What is noted of one controller's share of a stretch."""

    controller: int
    at: datetime
    tally: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    gaps: Counter[tuple[GapKind, str, str]] = field(default_factory=Counter)
    asides: list[Aside] = field(default_factory=list)

    def count(self, items: Sequence[Item], reason: str = "") -> None:
        """Count messages under one fate; an empty reason is admission."""
        self.tally.update((item.entry.received_ms // 3_600_000, item.label, reason) for item in items)

    def refuse(self, refused: Refused) -> None:
        """Count refusals. What they held is dropped."""
        for item, reason in refused:
            self.tally[item.entry.received_ms // 3_600_000, item.label, reason] += 1

    def gap(self, kind: GapKind, event: str, name: str, count: int = 1) -> None:
        """Note a name that the policy has no word for, as sent; it is made fit to be kept when it is written down."""
        found = (kind, event, name)
        if found in self.gaps or len(self.gaps) < MOST_GAPS:
            self.gaps[found] += count

    def set_aside(self, item: Item, error: Exception) -> None:
        """Note a message that broke a step; the reason is the error's name, since its text may hold what was sent."""
        self.asides.append(Aside(item, type(error).__name__[:100]))


@dataclass(slots=True)
class Desk(Notes):
    """
    One controller's share of a stretch.

    :ivar plans: the policy in force
    """

    plans: Plans = field(kw_only=True)


def sift(
    step: Step, items: list[Item], desk: Desk, *, transient: tuple[type[BaseException], ...]
) -> tuple[list[Item], Refused]:
    """
    Take a step with a batch; if it breaks, halve the batch until the message is found that breaks it, and go on without it.

    :param transient: errors that no message is to blame for (a full disk, a locked table); they are passed on
    """
    if not items:
        return [], []
    try:
        return step(items, desk)
    except transient:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a message breaks, the next one goes on
        if len(items) == 1:
            desk.set_aside(items[0], error)
            return [], [(items[0], Refusal.SET_ASIDE)]
        middle = len(items) // 2
        kept, refused = sift(step, items[:middle], desk, transient=transient)
        more, also = sift(step, items[middle:], desk, transient=transient)
        return kept + more, refused + also
