"""What follows from where a breach stands, and who is owed a word. No Django, no clock, no database."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from assent.audit.contracts import Did
from assent.privacy.breaches.contracts import BreachInfo, Deed, NamesSomebody, Notified, NotNow, Reading, Risk, State

__all__ = ["OPEN", "READS", "after", "clock", "lacking", "names_nobody", "notifiable"]

READS: Mapping[Reading, tuple[Did, ...]] = {
    Reading.IDENTIFIERS: (Did.IDENTIFIERS_READ,),
    Reading.LISTS: (Did.SUBJECTS_LISTED,),
    Reading.TIMELINES: (Did.TIMELINE_READ,),
    Reading.CHOICES: (Did.CHOICES_READ, Did.RECEIPT_HANDED_OVER),
    Reading.MESSAGES: (Did.MESSAGES_READ,),
    Reading.FILES: (Did.FILE_READ,),
    Reading.SEGMENTS: (Did.SEGMENT_READ,),
    Reading.EXPORTS: (Did.PERSON_EXPORTED,),
    Reading.CHANGES: (
        Did.SUBJECTS_MADE, Did.SUBJECTS_CHANGED, Did.SUBJECTS_LINKED, Did.SUBJECTS_MERGED, Did.ERASURE_BEGUN, Did.CONSENT_GIVEN,
        Did.CONSENT_WITHDRAWN, Did.SUPPRESSED, Did.SUPPRESSION_LIFTED, Did.MESSAGES_QUEUED,
    ),
}  # fmt: skip
"""The words of the book behind each reading."""

OPEN = (State.SUSPECTED, State.CONFIRMED, State.CONTAINED)
# From which states a deed may be done, and to which it leads; None leaves the state as it is.
DEEDS: Mapping[Deed, tuple[tuple[State, ...], State | None]] = {
    Deed.DESCRIBED: (OPEN, None),
    Deed.SCOPED: (OPEN, None),
    Deed.ASSESSED: (OPEN, None),
    Deed.CONFIRMED: ((State.SUSPECTED,), State.CONFIRMED),
    Deed.DISMISSED: ((State.SUSPECTED,), State.DISMISSED),
    Deed.CONTAINED: ((State.CONFIRMED,), State.CONTAINED),
    Deed.NOTIFIED: ((State.CONFIRMED, State.CONTAINED, State.CLOSED), None),
    Deed.PASSED_ON: ((State.CONFIRMED, State.CONTAINED), None),
    Deed.PEOPLE_TOLD: ((State.CONFIRMED, State.CONTAINED), None),
    Deed.CLOSED: ((State.CONTAINED,), State.CLOSED),
}
FIRST: Mapping[State, str] = {
    State.SUSPECTED: "it is only suspected: confirm it first, or dismiss it",
    State.CONFIRMED: "it is confirmed: contain it first",
    State.CONTAINED: "it is confirmed and contained already",
    State.CLOSED: "it is closed; what comes to light later is a breach of its own",
    State.DISMISSED: "it was dismissed; if there is more to it, write a new one down",
}

MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Nine digits or more in a row, with what people put between them: a phone number or a national id, not a date.
NUMBER = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){8,}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]?(\d{2}:?\d{2}(:?\d{2})?)?|\d{1,2}\.\d{1,2}\.\d{4}")


def after(state: State, deed: Deed) -> State:
    """
    Return the state a deed leads to.

    :raises NotNow: if it does not follow from this one
    """
    allowed, then = DEEDS[deed]
    if state not in allowed:
        raise NotNow(FIRST[state])
    return then or state


def names_nobody(*texts: str) -> None:
    """
    Let texts pass that hold no address and no number of a person: the register outlives them.

    :raises NamesSomebody: with what to do instead
    """
    for text in texts:
        if MAIL.search(text) or NUMBER.search(MOMENT.sub("", text)):
            message = (
                "the text holds an e-mail address or a long number: leave it out; who is affected is found from the book "
                "and kept apart"
            )
            raise NamesSomebody(message)


def clock(breach: BreachInfo, *, at: datetime) -> tuple[str, timedelta | None]:
    """
    Return how the clock of art. 33(1) stands, and how much time is left (negative: how late it is).

    ``waiting``: nobody is certain yet; ``running``; ``late``; ``met`` and ``met_late``: the authority was told;
    ``no_duty``: a risk is unlikely, so nobody need be told.
    """
    if breach.due_at is None:
        return ("no_duty" if breach.state is State.DISMISSED else "waiting"), None
    if breach.notified:
        left = breach.due_at - breach.notified[0].at
        return ("met" if left >= timedelta(0) else "met_late"), left
    if breach.risk is Risk.UNLIKELY:
        return "no_duty", None
    left = breach.due_at - at
    return ("running" if left >= timedelta(0) else "late"), left


def notifiable(due_at: datetime | None, before: tuple[Notified, ...], *, at: datetime, why_late: str) -> None:
    """
    Let a notification pass: the first one that is late needs its reasons (art. 33(1), second sentence).

    :raises NotNow: if they are missing
    """
    if due_at is not None and not before and at > due_at and not why_late.strip():
        message = "the period is over: write down why it is late; the reasons go to the authority (art. 33(1))"
        raise NotNow(message)


def lacking(breach: BreachInfo) -> list[str]:
    """Return what must be done before the breach can be closed, as codes."""
    missing = []
    if not any(account.measures.strip() for account in breach.accounts.values()):
        missing.append("measures")
    if breach.risk is None:
        missing.append("assessment")
    if breach.risk in {Risk.RISK, Risk.HIGH} and not breach.notified:
        missing.append("authority")
    if breach.risk is Risk.HIGH and breach.telling_since is None and not breach.why_not_told.strip():
        missing.append("people")
    if breach.pass_on_at is not None and breach.passed_on_at is None:
        missing.append("controller")
    return missing
