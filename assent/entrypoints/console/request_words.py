"""What requests are called on pages: kinds, states, ways, steps, and how much of the time is gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, ngettext

from assent.privacy.rights.contracts import (
    Clock,
    Ground,
    Identity,
    Refusal,
    RequestInfo,
    RequestKind,
    RequestState,
    Said,
    Selection,
    StepKind,
    TaskKind,
    Via,
)

__all__ = [
    "ASKS",
    "GROUNDS",
    "IDENTITIES",
    "KINDS",
    "REFUSALS",
    "SELECTIONS",
    "STATES",
    "STEPS",
    "TASKS",
    "VIAS",
    "Left",
    "left",
    "told",
]

KINDS: Mapping[RequestKind, Any] = {
    RequestKind.ACCESS: gettext_lazy("Access"),
    RequestKind.RECTIFICATION: gettext_lazy("Correction"),
    RequestKind.ERASURE: gettext_lazy("Erasure"),
    RequestKind.RESTRICTION: gettext_lazy("Restriction"),
    RequestKind.PORTABILITY: gettext_lazy("Taking data along"),
    RequestKind.OBJECTION: gettext_lazy("Objection"),
    RequestKind.WITHDRAWAL: gettext_lazy("Withdrawal"),
    RequestKind.HUMAN_REVIEW: gettext_lazy("Review by a person"),
}
ASKS: Mapping[RequestKind, Any] = {
    RequestKind.ACCESS: gettext_lazy("They want to know what is held about them, and a copy."),
    RequestKind.RECTIFICATION: gettext_lazy("Something is wrong or incomplete."),
    RequestKind.ERASURE: gettext_lazy("They want everything erased."),
    RequestKind.RESTRICTION: gettext_lazy("Their data are to be kept, and not used."),
    RequestKind.PORTABILITY: gettext_lazy("They want their data in a form that machines read."),
    RequestKind.OBJECTION: gettext_lazy("They say no to advertising, or to a use in our interest."),
    RequestKind.WITHDRAWAL: gettext_lazy("They take back what they agreed to."),
    RequestKind.HUMAN_REVIEW: gettext_lazy("A machine decided, and a person is to look again."),
}
STATES: Mapping[RequestState, tuple[Any, str]] = {
    RequestState.RECEIVED: (gettext_lazy("received"), "waiting"),
    RequestState.IDENTITY: (gettext_lazy("identity asked"), "held"),
    RequestState.CLARIFICATION: (gettext_lazy("question asked"), "held"),
    RequestState.IN_PROGRESS: (gettext_lazy("in progress"), "active"),
    RequestState.ANSWERED: (gettext_lazy("answered"), "permitted"),
    RequestState.REFUSED: (gettext_lazy("refused"), "refused"),
    RequestState.TAKEN_BACK: (gettext_lazy("taken back"), "plain"),
}
SELECTIONS: Mapping[Selection, Any] = {
    Selection.OPEN: gettext_lazy("Open"),
    Selection.DUE_SOON: gettext_lazy("Due soon"),
    Selection.OVERDUE: gettext_lazy("Overdue"),
    Selection.WAITING: gettext_lazy("Answered, not closed"),
    Selection.CLOSED: gettext_lazy("Closed"),
}
VIAS: Mapping[Via, Any] = {
    Via.PORTAL: gettext_lazy("own pages"),
    Via.EMAIL: gettext_lazy("e-mail"),
    Via.LETTER: gettext_lazy("letter"),
    Via.PHONE: gettext_lazy("phone"),
    Via.IN_PERSON: gettext_lazy("in person"),
    Via.API: gettext_lazy("the API"),
    Via.OPENDSR: gettext_lazy("OpenDSR"),
}
IDENTITIES: Mapping[Identity, Any] = {
    Identity.NONE: gettext_lazy("not shown yet"),
    Identity.SIGNED_IN: gettext_lazy("signed in with a known address"),
    Identity.VOUCHED: gettext_lazy("checked by the system that sent it"),
    Identity.CHECKED: gettext_lazy("checked by a colleague"),
}
GROUNDS: Mapping[Ground, Any] = {
    Ground.ACCURACY: gettext_lazy("They contest that the data are right"),
    Ground.UNLAWFUL: gettext_lazy("The use is unlawful, and they don’t want erasure"),
    Ground.CLAIMS: gettext_lazy("They need the data for a legal claim"),
    Ground.OBJECTION: gettext_lazy("They objected, and it is being weighed"),
}
REFUSALS: Mapping[Refusal, Any] = {
    Refusal.IDENTITY_NOT_SHOWN: gettext_lazy("It could not be made sure who asks"),
    Refusal.UNFOUNDED: gettext_lazy("Manifestly unfounded"),
    Refusal.EXCESSIVE: gettext_lazy("Excessive, above all repeated"),
    Refusal.LEGAL_OBLIGATION: gettext_lazy("A law obliges us to keep the data"),
    Refusal.CLAIMS: gettext_lazy("Needed for a legal claim"),
    Refusal.LEGAL_HOLD: gettext_lazy("Held for a claim that is under way"),
    Refusal.OTHERS: gettext_lazy("It would harm the rights of others"),
    Refusal.COMPELLING: gettext_lazy("Our grounds weigh more"),
    Refusal.CORRECT: gettext_lazy("The data were checked and are right"),
    Refusal.NOT_COVERED: gettext_lazy("The right does not reach this case"),
}
STEPS: Mapping[StepKind, tuple[Any, str]] = {
    StepKind.RECEIVED: (gettext_lazy("Received"), "active"),
    StepKind.REPEATED: (gettext_lazy("Asked again"), "plain"),
    StepKind.IDENTITY_ASKED: (gettext_lazy("Asked to show who they are; the clock stands"), "held"),
    StepKind.IDENTITY_CONFIRMED: (gettext_lazy("It is known who asks"), "permitted"),
    StepKind.CLARIFICATION_ASKED: (gettext_lazy("Asked what they mean; the clock stands"), "held"),
    StepKind.CLARIFIED: (gettext_lazy("They said what they mean"), "permitted"),
    StepKind.EXTENDED: (gettext_lazy("More time was taken"), "waiting"),
    StepKind.REMINDED: (gettext_lazy("Reminder"), "waiting"),
    StepKind.OVERDUE: (gettext_lazy("The time is over"), "refused"),
    StepKind.DECIDED: (gettext_lazy("Decided"), "active"),
    StepKind.DONE: (gettext_lazy("Done"), "permitted"),
    StepKind.FAILED: (gettext_lazy("Failed; tried again by itself"), "refused"),
    StepKind.HELD: (gettext_lazy("A legal hold keeps the data"), "held"),
    StepKind.ANSWERED: (gettext_lazy("Answered"), "permitted"),
    StepKind.REFUSED: (gettext_lazy("Refused"), "refused"),
    StepKind.LETTER_SENT: (gettext_lazy("Letter sent"), "permitted"),
    StepKind.COPY_HANDED_OVER: (gettext_lazy("Copy handed over"), "permitted"),
    StepKind.RELEASED: (gettext_lazy("The restriction ends"), "waiting"),
    StepKind.TAKEN_BACK: (gettext_lazy("Taken back"), "plain"),
    StepKind.CLOSED: (gettext_lazy("Closed"), "plain"),
}
TASKS: Mapping[TaskKind, Any] = {
    TaskKind.RECTIFY: gettext_lazy("Correct the data in every store"),
    TaskKind.RESTRICT: gettext_lazy("Stop every use"),
    TaskKind.RELEASE: gettext_lazy("End the restriction"),
    TaskKind.OBJECT: gettext_lazy("Write down the no"),
    TaskKind.WITHDRAW: gettext_lazy("Take the consents back"),
    TaskKind.ERASE: gettext_lazy("Erase from every store"),
    TaskKind.PASS_ON: gettext_lazy("Let recipients be told"),
    TaskKind.HAND_OVER: gettext_lazy("Hand the data over"),
    TaskKind.TELL: gettext_lazy("Tell the person"),
    TaskKind.ACKNOWLEDGED: gettext_lazy("Wait until recipients have confirmed"),
}
SOON = 0.75  # the share of the time from which it is called short; a reminder comes then, too


@dataclass(frozen=True, slots=True)
class Left:
    """How much time is left: words, their meaning, and a bar's length in hundredths, full and red once it is late."""

    words: str
    meaning: str
    length: int


def left(info: RequestInfo, *, at: datetime) -> Left:
    """Say how much time is left for an answer."""
    rest = 100 - round(100 * info.spent)
    days = (info.due_at - at).days
    if info.clock is Clock.STOPPED:
        return Left("", "plain", rest)
    if info.clock is Clock.STANDING:
        return Left(_("the clock stands"), "held", rest)
    if info.clock is Clock.OVERDUE:
        late = max((at - info.due_at).days, 0) + 1
        return Left(ngettext("%d day late", "%d days late", late) % late, "refused", 100)
    meaning = "waiting" if info.spent >= SOON else "permitted"
    return Left(_("today") if not days else ngettext("%d day left", "%d days left", days) % days, meaning, rest)


def told(problem: Exception) -> str:
    """Say why something can't be done, in the reader's language where the catalogue has the sentence."""
    if isinstance(problem, Said):
        state = problem.given.get("state")
        given = {**problem.given, "state": STATES[RequestState(str(state).replace(" ", "_"))][0]} if state else problem.given
        said = _(problem.sentence) % given if given else _(problem.sentence)
    else:
        said = _(str(problem))
    return f"{said[:1].upper()}{said[1:]}."
