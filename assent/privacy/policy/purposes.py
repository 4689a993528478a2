"""Why data are processed: the basis, the channels, the end."""

# ruff: noqa: RUF012 - pydantic copies a default before it hands it out

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from assent.privacy.policy.parts import Duration, Key, Local, Model, Once, Words
from assent.privacy.policy.spans import Span

__all__ = [
    "CHANNEL_CODES", "Basis", "BasisChange", "Channel", "Counted", "Operation", "Override", "Purpose", "Retention",
    "SoftOptIn", "SpecialCondition", "Then",
]  # fmt: skip


class Basis(StrEnum):
    """Why processing is lawful: the six of GDPR art. 6(1), and the soft opt-in of ePrivacy art. 13(2)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"
    SOFT_OPT_IN = "soft_opt_in"

    @property
    def clause(self) -> str:
        """The article that names this basis."""
        return "eprivacy:13(2)" if self is Basis.SOFT_OPT_IN else f"gdpr:6(1)({'abcdef'[list(Basis).index(self)]})"


class SpecialCondition(StrEnum):
    """The letter of art. 9(2) that permits special categories of data."""

    EXPLICIT_CONSENT = "a"
    EMPLOYMENT_LAW = "b"
    VITAL_INTERESTS = "c"
    NOT_FOR_PROFIT = "d"
    MADE_PUBLIC = "e"
    LEGAL_CLAIMS = "f"
    PUBLIC_INTEREST = "g"
    HEALTH_CARE = "h"
    PUBLIC_HEALTH = "i"
    ARCHIVES = "j"


class Channel(StrEnum):
    """The way a person is addressed."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    ONSITE = "onsite"
    PHONE = "phone"
    POST = "post"


# How a channel is written in columns; 0 is a choice that holds for any of them. Never renumbered: stored rows keep their codes.
CHANNEL_CODES = {"any": 0, "email": 1, "sms": 2, "push": 3, "onsite": 4, "phone": 5, "post": 6}


class Operation(StrEnum):
    """What is done with data."""

    STORE = "store"
    USE = "use"
    DISCLOSE = "disclose"
    TRANSFER = "transfer"


class Counted(StrEnum):
    """The moment a retention period starts."""

    COLLECTED = "collected"
    LAST_INTERACTION = "last_interaction"
    CONSENT_GIVEN = "consent_given"
    APPLIED = "applied"
    HIRED = "hired"
    CONTRACT_ENDED = "contract_ended"
    YEAR_ENDED = "year_ended"
    """31 December of the year the record was made in, as bookkeeping laws count"""


class Then(StrEnum):
    """What happens when the period is over."""

    ERASE = "erase"
    ASK_AGAIN = "ask_again"
    HOLD = "hold"


class Override(Model):
    """An exception to a retention rule, with the circumstance that calls for it."""

    when: Local
    duration: Duration
    counted_from: Counted
    then: Then = Then.ERASE


class Retention(Model):
    """How long data are kept for a purpose, counted from what, and what happens then (arts. 5(1)(e), 13(2)(a))."""

    duration: Duration
    counted_from: Counted
    then: Then
    overrides: dict[Key, Override] = {}

    @property
    def span(self) -> Span:
        """The duration as something to count with."""
        return Span.read(self.duration)

    def ends(self, moments: Mapping[Counted, datetime], *, circumstance: str = "") -> tuple[datetime, Then] | None:
        """
        Return when keeping ends and what happens then; None while the moment it is counted from has not come.

        :param moments: what happened so far, by what may be counted from
        :param circumstance: the key of an override that has come about; an unknown one changes nothing
        """
        rule = self.overrides.get(circumstance, self)
        start = moments.get(rule.counted_from)
        return None if start is None else (Span.read(rule.duration).after(start), rule.then)


class SoftOptIn(Model):
    """What ePrivacy art. 13(2) asks for: a sale, own similar products, a way out at collection and in each message."""

    sale: Annotated[Once[Key], Field(min_length=1)]
    """events that are the sale in which the contact was given"""
    similar: Local
    """which own products or services count as similar"""
    opt_out_at_collection: Key
    """text shown where the contact is collected"""


class BasisChange(Model):
    """A basis is not swapped without a reason on record."""

    was: Basis
    on: date
    reason: Local


class Purpose(Model):
    """One reason to process data, complete enough to be told to people (arts. 13, 14) and to decide by."""

    title: Local
    description: Local
    basis: Basis
    special_condition: SpecialCondition | None = None
    interest: Local | None = None
    """the interest pursued, when the basis is legitimate interests (art. 13(1)(d))"""
    balancing: Local | None = None
    """why that interest is not overridden by the person's"""
    law: Local | None = None
    """the statute, when the basis is a legal obligation or a public task"""
    soft_opt_in: SoftOptIn | None = None
    obligatory: Local | None = None
    """whether the data must be given, and what happens otherwise (art. 13(2)(e))"""
    basis_changed: BasisChange | None = None
    starts_on: date | None = None
    """the day from which data already held may serve this purpose, people having been told before"""
    told_at_collection: Local | None = None
    """why a purpose that is new may start at once: nobody's data serve it before that person was told (art. 13(3))"""
    subjects: Annotated[Once[Key], Field(min_length=1)]
    data: Annotated[Once[Key], Field(min_length=1)]
    sources: Annotated[Once[Key], Field(min_length=1)]
    operations: Annotated[Once[Operation], Field(min_length=1)] = (Operation.STORE, Operation.USE)
    recipients: Once[Key] = ()
    retention: Retention
    channels: Once[Channel] = ()
    per_channel_choice: bool = False
    direct_marketing: bool = False
    consent_category: Key | None = None
    consent_expires: Duration | None = None
    double_opt_in: bool = False
    wording: dict[Channel, Key] = {}
    """text a person agrees to, per channel"""
    confirmation: Key | None = None
    """text of the message that confirms a double opt-in"""
    source_line: Key | None = None
    """text in every message: where the address came from, and whom to contact"""
    opt_out: Key | None = None
    """text in every message: how to stop them"""
    ask_again: Key | None = None
    """text of the message that asks again when the period is over"""
    dpv: Once[Words] = ()
    fideslang: Once[Words] = ()

    @property
    def answers_people(self) -> bool:
        """
        Whether people are written to under it about their rights: a legal duty, and ``RightsFulfilment`` in the DPV's words.

        A basis that a person can end by a word is none for an answer that is owed.
        """
        return self.basis is Basis.LEGAL_OBLIGATION and "RightsFulfilment" in self.dpv

    @property
    def texts(self) -> tuple[str, ...]:
        """The keys of all texts this purpose stands on, sorted."""
        lines = (self.confirmation, self.source_line, self.opt_out, self.ask_again)
        at_collection = (self.soft_opt_in.opt_out_at_collection,) if self.soft_opt_in else ()
        return tuple(sorted({key for key in (*self.wording.values(), *lines, *at_collection) if key}))
