"""The parts of a policy people read: cookies and their banner, rights, security, texts."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from assent.privacy.policy.parts import Contact, Duration, Key, Lifetime, Link, Local, Model, Shape, Words
from assent.privacy.policy.spans import Span

__all__ = [
    "AutomatedDecision", "AutomatedDecisions", "Backups", "Banner", "ConsentCategory", "Cookie", "CookieKind", "Deadlines",
    "Measure", "Right", "Rights", "Text", "TextUse",
]  # fmt: skip


class ConsentCategory(Model):
    """One switch of the consent banner."""

    title: Local
    description: Local
    necessary: bool = False
    """without this the service asked for does not work; it has no switch (ePrivacy art. 5(3))"""


class CookieKind(StrEnum):
    """Where on the device something is kept."""

    COOKIE = "cookie"
    LOCAL_STORAGE = "local_storage"
    SESSION_STORAGE = "session_storage"
    PIXEL = "pixel"


COOKIE_NAME = Shape(r"[A-Za-z0-9_.*%-]{1,120}", "the cookie's name, * for any characters", ("stand-in-1", "stand-in-2"))


class Cookie(Model):
    """One line of the cookie registry."""

    name: Annotated[str, COOKIE_NAME]
    """the name on the device; ``*`` stands for any characters"""
    supplier: Key
    """a recipient, or ``controller``"""
    category: Key
    purpose: Key
    description: Local
    lifetime: Lifetime
    """``session``, or an ISO 8601 duration"""
    kind: CookieKind = CookieKind.COOKIE
    domain: Words | None = None
    """set when a third party's domain keeps it"""
    policy: Link | None = None


class Right(StrEnum):
    """The rights of a person (arts. 7(3), 15 to 18, 20 to 22, 77)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    COMPLAINT = "complaint"


class Deadlines(Model):
    """Legal clocks as data; the law is in motion."""

    answer: Duration
    """art. 12(3): from the receipt of a request"""
    extension: Duration
    """art. 12(3): at most this much more, told within ``answer``"""
    tell_source: Duration
    """art. 14(3): when data came from elsewhere"""
    breach: Duration
    """art. 33(1): to the authority, from awareness"""
    notice_before_change: Duration = "P30D"
    """arts. 13(3), 14(4): how long people are told before data already held serve a new purpose"""


class Rights(Model):
    """How each right is exercised, in plain words, and by when it is answered."""

    contact: Contact
    deadlines: Deadlines
    explained: dict[Right, Local]
    fee: Local
    identity: Local


class AutomatedDecision(Model):
    """One decision with legal or similar effect made without a human (art. 22)."""

    title: Local
    logic: Local
    consequences: Local
    safeguards: Local


class AutomatedDecisions(Model):
    """What is decided by machines alone; the statement says so when nothing is."""

    statement: Local
    decisions: tuple[AutomatedDecision, ...] = ()


CHECK_NAME = Shape(r"[a-z][a-z0-9-]{1,63}", "the name of a check in small letters, as audit-chain", ("audit-chain",))


class Measure(Model):
    """One line of security (art. 32) with the named check that shows it."""

    title: Local
    check: Annotated[str, CHECK_NAME]


_A_LONG_MONTH = datetime(2000, 1, 1, tzinfo=UTC)


class Backups(Model):
    """How long copies live after an erasure: the erasure horizon is the later of the two."""

    data_kept: Duration
    keys_kept: Duration

    @property
    def horizon(self) -> str:
        """The longer of the two, a month counted as its longest: after it nothing erased can come back from any copy."""
        return max((self.data_kept, self.keys_kept), key=lambda text: Span.read(text).after(_A_LONG_MONTH))


class Banner(Model):
    """The words of the consent banner; refusing is worded as plainly as accepting."""

    title: Local
    intro: Local
    accept: Local
    reject: Local
    choose: Local
    save: Local
    reopen: Local
    ask_again_after: Duration


class TextUse(StrEnum):
    """What a text file is for."""

    CONSENT = "consent"
    CONFIRMATION = "confirmation"
    NOTICE_SUMMARY = "notice_summary"
    SOURCE_LINE = "source_line"
    OPT_OUT = "opt_out"
    ASK_AGAIN = "ask_again"


class Text(Model):
    """A text kept in ``texts/<language>/<key>.md``."""

    use: TextUse
    title: Local
