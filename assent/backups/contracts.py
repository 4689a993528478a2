"""What crosses the wall of this room: copies, what a restore and a drill found, and until when anything can come back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

__all__ = [
    "Backup", "Damaged", "Drill", "Freshness", "Horizon", "Kind", "Periods", "Refused", "Replayed", "Restored", "Status",
]  # fmt: skip


class Kind(StrEnum):
    """What a copy holds."""

    DATA = "data"
    """databases, events, files, the arrival log: everything but what opens it"""
    KEYS = "keys"
    """the wrapped keys of people and of the arrival log's hours, in an archive and a rotation of their own"""


class Refused(RuntimeError):
    """A copy can't be made, or can't be put back. The text says why and what to do; nothing was touched."""


class Damaged(Refused):
    """An archive is not what was made: cut short, changed, or another one."""


@dataclass(frozen=True, slots=True)
class Periods:
    """
    How long copies are kept, as ISO 8601 durations: the strictest of all controllers.

    :param data: of the data; empty if no policy is in force
    :param keys: of the keys
    """

    data: str = ""
    keys: str = ""

    def of(self, kind: Kind) -> str:
        """Return the period of a kind."""
        return self.data if kind is Kind.DATA else self.keys


@dataclass(frozen=True, slots=True)
class Backup:
    """
    One archive on the shelf, as the note beside it says. Only a restore, which has the private key, knows what it holds.

    :param size: in bytes
    :param digest: SHA-256 of the encrypted file
    """

    id: str
    kind: Kind
    made_at: datetime
    size: int
    digest: str
    file: str


@dataclass(frozen=True, slots=True)
class Horizon:
    """
    The erasure horizon: from when on nothing that is erased now can come back from any copy.

    :param promised: by the policy alone, for whatever is erased at this moment: what the notice says; None without a policy
    :param at: given the copies there really are; None if it can't be told
    :param data: when the last copy of the data that there is now ends; None if there is none
    :param keys: the same of the keys
    :param overdue: copies whose time is over and that are still there
    """

    promised: datetime | None
    at: datetime | None
    data: datetime | None
    keys: datetime | None
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Replayed:
    """What of the journal was done again: how many of each, and how many lines were read."""

    lines: int = 0
    erasures: int = 0
    withdrawals: int = 0
    stops: int = 0
    lifted: int = 0
    handed_over: int = 0
    merges: int = 0
    ended: int = 0
    events: int = 0
    unread: int = 0
    """lines that could not be understood; they are named in the log and nothing is guessed"""


@dataclass(frozen=True, slots=True)
class Restored:
    """
    How a restore ended.

    :param backup: the archive's id
    :param cut_at: the moment the copy shows
    :param lost_lines: lines of the book that had been signed and are not in the copy
    :param keyless: people of the copy whose key is not there, so that who they are can't be read
    :param differences: what the copy's own counts and the restored tables disagree about, before the replay; empty is well
    :param tables: how many tables were compared
    :param rows: and rows
    :param people: how many people the copy had
    """

    backup: str
    cut_at: datetime
    replayed: Replayed
    lost_lines: int
    keyless: int
    differences: tuple[str, ...]
    tables: int
    rows: int
    people: int


@dataclass(frozen=True, slots=True)
class Drill:
    """
    The result of putting the latest copy back in a scratch place.

    :param differences: what the copy's own counts and the restored house disagree about; empty means it is whole
    :param rows: how many rows were compared
    """

    at: datetime
    backup: str
    made_at: datetime | None
    passed: bool
    seconds: float
    tables: int = 0
    rows: int = 0
    people: int = 0
    replayed: Mapping[str, int] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """
    Whether the house could be put back as it was lately.

    :param late: kinds whose newest copy is too old, or of which there is none
    :param untried: no drill went well on a copy that a policy would still let stand
    :param copied_at: moment the newest copy of the data shows, None without one
    :param tried_at: when the last drill was that went well; None if the last did not
    """

    late: tuple[Kind, ...]
    untried: bool
    copied_at: datetime | None
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """
    How the house stands with its copies.

    :param every: the time between two copies
    :param backups: newest first
    :param journal: bytes of the journal in its second place, and bytes there are; None without a second place
    :param trouble: what went wrong at the last try, and when; empty if nothing did
    """

    configured: bool
    every: timedelta
    backups: tuple[Backup, ...]
    periods: Periods
    horizon: Horizon
    drill: Drill | None
    journal: tuple[int, int] | None
    trouble: str = ""
    trouble_at: datetime | None = None
