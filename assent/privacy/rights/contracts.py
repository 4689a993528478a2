"""Nouns of rights that cross to other rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from assent.foundation.personal import Erased

__all__ = [
    "RECEIPT_FILE", "Asked", "BadPackage", "BadRequest", "Clock", "Counts", "ErasureReport", "ErasureState", "Ground",
    "Held", "Identity", "NotNow", "Outcome", "Received", "Refusal", "RequestInfo", "RequestKind", "RequestState",
    "Selection", "Stays", "Step", "StepKind", "Story", "Task", "TaskKind", "Told", "UnknownRequest", "Via",
]  # fmt: skip


RECEIPT_FILE = "consent_receipt"
"""The kind under which a receipt that another controller gave is kept as a file."""


class UnknownRequest(LookupError):
    """The controller has no request with this id or number."""


class BadPackage(ValueError):
    """A portability package that is none, or not safe to read; the message says what is wrong and repeats nothing of it."""


class Said(Exception):
    """A sentence for whoever asked, which a face can say in another language: the sentence and what stands in it, apart."""

    def __init__(self, sentence: str, **given: object) -> None:
        """Keep both; as text it is English."""
        super().__init__(sentence % given if given else sentence)
        self.sentence, self.given = sentence, given


class BadRequest(Said, ValueError):
    """What is asked for is not said completely; the message says what is missing."""


class NotNow(Said, RuntimeError):
    """The request is not at a point where this can be done; the message says where it is and what can be done."""


class ErasureState(StrEnum):
    """How far an erasure is."""

    ERASING = "erasing"
    WAITING = "waiting"
    HELD = "held"
    """what may go is gone; the rest goes by itself as soon as nothing holds it any more (art. 17(3))"""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """
    What an erasure has done so far, store by store.

    :param waits_for: what the last step waits for, in words; empty when done
    """

    id: int
    state: ErasureState
    people: int
    stores: Sequence[Erased]
    requested_at: datetime
    finished_at: datetime | None
    waits_for: str = ""


class RequestKind(StrEnum):
    """What a person may ask for (arts. 7(3), 15 to 18, 20 to 22)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    HUMAN_REVIEW = "human_review"

    @property
    def clause(self) -> str:
        """The article that grants it."""
        return {
            "access": "gdpr:15", "rectification": "gdpr:16", "erasure": "gdpr:17", "restriction": "gdpr:18",
            "portability": "gdpr:20", "objection": "gdpr:21", "withdrawal": "gdpr:7(3)", "human_review": "gdpr:22(3)",
        }[self.value]  # fmt: skip


class RequestState(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    """registered; somebody has to say who asks, or there is nobody it could be about"""
    IDENTITY = "identity"
    """waits for the person to show who they are; the clock stands"""
    CLARIFICATION = "clarification"
    """waits for the person to say more; the clock stands"""
    IN_PROGRESS = "in_progress"
    """identity is settled: the house works on it, or staff decide"""
    ANSWERED = "answered"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    """the person no longer asks for it"""

    @property
    def open(self) -> bool:
        """Whether an answer is still owed."""
        return self not in {RequestState.ANSWERED, RequestState.REFUSED, RequestState.TAKEN_BACK}


class Via(StrEnum):
    """How a request came."""

    PORTAL = "portal"
    EMAIL = "email"
    LETTER = "letter"
    PHONE = "phone"
    IN_PERSON = "in_person"
    API = "api"
    OPENDSR = "opendsr"


class Identity(StrEnum):
    """How it is known who asks; in proportion to what is asked (art. 12(6))."""

    NONE = "none"
    SIGNED_IN = "signed_in"
    """the person showed that a known address is theirs: a link or code sent there"""
    VOUCHED = "vouched"
    """the controller's own system that hands the request on has checked it"""
    CHECKED = "checked"
    """a member of staff compared it with what is known"""


class Ground(StrEnum):
    """Why data are to be kept unused (art. 18(1))."""

    ACCURACY = "accuracy"
    UNLAWFUL = "unlawful"
    CLAIMS = "claims"
    OBJECTION = "objection"


class Refusal(StrEnum):
    """Why a request is refused, whole or in part."""

    IDENTITY_NOT_SHOWN = "identity_not_shown"
    """arts. 11(2), 12(6)"""
    UNFOUNDED = "unfounded"
    """manifestly unfounded: art. 12(5)"""
    EXCESSIVE = "excessive"
    """above all repeated: art. 12(5)"""
    LEGAL_OBLIGATION = "legal_obligation"
    """art. 17(3)(b)"""
    CLAIMS = "claims"
    """art. 17(3)(e)"""
    LEGAL_HOLD = "legal_hold"
    """kept for a claim that is under way: art. 17(3)(e)"""
    OTHERS = "others"
    """rights and freedoms of others: arts. 15(4), 20(4)"""
    COMPELLING = "compelling"
    """compelling legitimate grounds: art. 21(1)"""
    CORRECT = "correct"
    """the data were checked and are right: art. 16"""
    NOT_COVERED = "not_covered"
    """the right does not reach this case"""

    @property
    def clause(self) -> str:
        """The article it rests on."""
        return {
            "identity_not_shown": "gdpr:12(6)", "unfounded": "gdpr:12(5)", "excessive": "gdpr:12(5)",
            "legal_obligation": "gdpr:17(3)(b)", "claims": "gdpr:17(3)(e)", "legal_hold": "gdpr:17(3)(e)",
            "others": "gdpr:15(4)", "compelling": "gdpr:21(1)", "correct": "gdpr:16", "not_covered": "gdpr:12(4)",
        }[self.value]  # fmt: skip


class Outcome(StrEnum):
    """What came of a request."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    NOBODY = "nobody"
    """nothing is held under what the person gave"""
    TAKEN_BACK = "taken_back"


class Clock(StrEnum):
    """How the time for the answer runs."""

    RUNNING = "running"
    STANDING = "standing"
    """the person has to say something first"""
    OVERDUE = "overdue"
    STOPPED = "stopped"
    """answered"""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What exactly a person asks for; which of it is needed depends on the kind.

    :param fields: rectification: new values by field, as `subjects` and the policy's traits name them; an empty value removes
    :param statement: rectification: words that complete what is held
    :param ground: restriction: one of the four of art. 18(1)
    :param purposes: objection, withdrawal, restriction: purposes of the policy; none means all the right reaches
    :param decision: human review: title or key of the decision that was made by a machine
    :param hand_over_to: portability: address of the other controller's service
    :param words: anything else the person said, in their own words
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    statement: str = ""
    ground: Ground | None = None
    purposes: tuple[str, ...] = ()
    decision: str = ""
    hand_over_to: str = ""
    words: str = ""


class StepKind(StrEnum):
    """What happened to a request. Never renamed: recorded steps keep their words."""

    RECEIVED = "received"
    REPEATED = "repeated"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_CONFIRMED = "identity_confirmed"
    CLARIFICATION_ASKED = "clarification_asked"
    CLARIFIED = "clarified"
    EXTENDED = "extended"
    REMINDED = "reminded"
    OVERDUE = "overdue"
    DECIDED = "decided"
    DONE = "done"
    """a task was carried out"""
    FAILED = "failed"
    """a task failed and will be tried again"""
    HELD = "held"
    """a legal hold keeps data that would go"""
    ANSWERED = "answered"
    REFUSED = "refused"
    LETTER_SENT = "letter_sent"
    COPY_HANDED_OVER = "copy_handed_over"
    RELEASED = "released"
    """a restriction ended, the person having been told"""
    TAKEN_BACK = "taken_back"
    CLOSED = "closed"


class TaskKind(StrEnum):
    """One thing the house does for a request, tried until it is done."""

    RECTIFY = "rectify"
    RESTRICT = "restrict"
    RELEASE = "release"
    OBJECT = "object"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    PASS_ON = "pass_on"  # noqa: S105 - opens nothing
    """recipients are told (art. 19)"""
    HAND_OVER = "hand_over"
    """the package goes to another controller (art. 20(2))"""
    TELL = "tell"
    """the answer goes to the person"""
    ACKNOWLEDGED = "acknowledged"
    """recipients have done it, or it is on record that they can't"""


class Told(StrEnum):
    """What became of a message to a person."""

    SENT = "sent"
    WAITING = "waiting"
    """on its way; ask again"""
    NO_WAY = "no_way"
    """there is no address it may go to: print it"""


@dataclass(frozen=True, slots=True)
class Held:
    """
    Why data stay although the person asks to be erased (art. 17(3)).

    :param reason: ``claim``, ``authority``, or ``obligation``: a law says so
    :param until: the last day as far as it is known
    :param purpose: what is kept for it; empty for everything
    """

    reason: str
    until: date | None = None
    purpose: str = ""

    @property
    def refusal(self) -> Refusal:
        """What the answer calls it."""
        return Refusal.LEGAL_OBLIGATION if self.reason == "obligation" else Refusal.LEGAL_HOLD


@dataclass(frozen=True, slots=True)
class Stays:
    """
    What was kept after an erasure, where, and why.

    :param store: the store; while something holds part of an erasure back, the purpose that is kept for
    :param held: what holds it, while part of an erasure waits
    """

    store: str
    because: str
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """
    One thing that happened.

    :param by: as the book writes it: ``staff:7``, ``person``
    :param codes: facts without anything personal
    :param words: what was written with it, opened for the reader; empty once the person is erased
    """

    kind: StepKind
    at: datetime
    by: str
    codes: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """
    How far one task is.

    :param message: of a message to the person, which: ``answer``, ``identity``, ``clarification``, ``extension``, ``release``
    :param waits_for: why it is not done yet, as a code or a word: ``letter`` waits for somebody to print and send it
    :param next_at: when it is tried again; None when done
    """

    kind: TaskKind
    message: str
    done: bool
    attempts: int
    waits_for: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """
    A request as lists show it.

    :param number: what a person quotes, like ``K3M7-9QX2``
    :param subject: who asks; None while it is not known
    :param received_at: the moment the time is counted from
    :param due_at: the last moment for the answer; while the clock stands, as if it went on now
    :param last_day: that moment as a day where the controller is
    :param spent: share of the time that is gone, from 0 to 1
    :param extended: the two further months were taken
    :param waits_for_staff: a member of staff has something to do
    :param policy_digest: the policy in force at receipt, by which it is answered
    """

    id: int
    number: str
    kind: RequestKind
    state: RequestState
    clock: Clock
    via: Via
    identity: Identity
    subject: int | None
    language: str
    received_at: datetime
    due_at: datetime
    last_day: date
    spent: float
    extended: bool
    waits_for_staff: bool
    outcome: Outcome | None
    refusals: tuple[Refusal, ...]
    answered_at: datetime | None
    closed_at: datetime | None
    policy_digest: str


@dataclass(frozen=True, slots=True)
class Received:
    """A request that was registered, or the open one that it joined."""

    request: RequestInfo
    joined: bool


@dataclass(frozen=True, slots=True)
class Story:
    """
    A request with everything about it.

    :param answer: heading and text given to the person; empty before, and once the person is erased
    :param letter: heading and text of a message that somebody has to print and send
    :param candidates: several people it could be from; a member of staff says which
    :param extension_until: the last moment in which more time can be taken
    """

    request: RequestInfo
    asked: Asked
    steps: Sequence[Step]
    tasks: Sequence[Task]
    answer: tuple[str, str]
    letter: tuple[str, str]
    stays: Sequence[Stays]
    candidates: Sequence[int]
    extension_until: datetime


class Selection(StrEnum):
    """Which requests a list shows."""

    OPEN = "open"
    """an answer is owed"""
    DUE_SOON = "due_soon"
    """a reminder has been given"""
    OVERDUE = "overdue"
    WAITING = "waiting"
    """answered, but something is still to be done: a hold, a recipient"""
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests there are of each selection."""

    open: int
    due_soon: int
    overdue: int
    waiting: int
    for_staff: int
