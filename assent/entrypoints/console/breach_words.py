"""What the words of breaches mean to people."""

from collections.abc import Mapping
from typing import Any

from django.utils import formats
from django.utils.translation import gettext, gettext_lazy as _

from assent.privacy.breaches.contracts import (
    AlarmState,
    Circumstance,
    DataContext,
    Deed,
    Ease,
    Level,
    Nature,
    OrderState,
    Reading,
    Risk,
    Rule,
    Severity,
    State,
)
from assent.privacy.policy.contracts import CHECKS

__all__ = [
    "ALARM_STATES", "CLOCKS", "CONTEXTS", "DEEDS", "EASES", "GAPS", "LACKING", "LETTERS", "LEVELS", "MEASURES", "NATURES",
    "ORDER_STATES", "PRESENCE", "READINGS", "RISKS", "RULES", "SECRECY", "STATES", "WHOLENESS", "measure", "sums", "told",
]  # fmt: skip

STATES: Mapping[str, tuple[Any, str]] = {
    State.SUSPECTED: (_("suspected"), "waiting"),
    State.CONFIRMED: (_("confirmed"), "refused"),
    State.CONTAINED: (_("contained"), "active"),
    State.CLOSED: (_("closed"), "plain"),
    State.DISMISSED: (_("no breach"), "plain"),
}
CLOCKS: Mapping[str, tuple[Any, str]] = {
    "waiting": (_("not running yet"), "plain"),
    "running": (_("running"), "waiting"),
    "late": (_("late"), "refused"),
    "met": (_("told in time"), "permitted"),
    "met_late": (_("told late"), "refused"),
    "no_duty": (_("nobody to tell"), "plain"),
}
NATURES: Mapping[str, Any] = {
    Nature.CONFIDENTIALITY: _("confidentiality: somebody learnt what they should not"),
    Nature.INTEGRITY: _("integrity: data were changed"),
    Nature.AVAILABILITY: _("availability: data were lost or out of reach"),
}
READINGS: Mapping[str, Any] = {
    Reading.IDENTIFIERS: _("names and addresses"),
    Reading.LISTS: _("lists and searches"),
    Reading.TIMELINES: _("timelines"),
    Reading.CHOICES: _("choices"),
    Reading.MESSAGES: _("messages"),
    Reading.FILES: _("files"),
    Reading.SEGMENTS: _("members of segments"),
    Reading.EXPORTS: _("whole copies"),
    Reading.CHANGES: _("changes made"),
}
CONTEXTS: Mapping[str, Any] = {
    DataContext.SIMPLE: _("simple: contact, education, family"),
    DataContext.BEHAVIOURAL: _("behavioural: where people go, what they do and like"),
    DataContext.FINANCIAL: _("financial: income, cards, invoices"),
    DataContext.SENSITIVE: _("sensitive: health, beliefs, biometrics"),
}
EASES: Mapping[str, Any] = {
    Ease.NEGLIGIBLE: _("hardly: 0.25"),
    Ease.LIMITED: _("with effort: 0.5"),
    Ease.SIGNIFICANT: _("probably: 0.75"),
    Ease.MAXIMUM: _("certainly: 1"),
}
SECRECY: Mapping[str, Any] = {
    Circumstance.NONE: _("nobody is known to have looked: 0"),
    Circumstance.SOME: _("a few known people saw it: 0.25"),
    Circumstance.MOST: _("an unknown number of people: 0.5"),
}
WHOLENESS: Mapping[str, Any] = {
    Circumstance.NONE: _("nothing was changed, or nobody used it: 0"),
    Circumstance.SOME: _("changed, and it can be mended: 0.25"),
    Circumstance.MOST: _("changed, and it can’t be mended: 0.5"),
}
PRESENCE: Mapping[str, Any] = {
    Circumstance.NONE: _("it was there again at once: 0"),
    Circumstance.SOME: _("out of reach for a time: 0.25"),
    Circumstance.MOST: _("gone for good: 0.5"),
}
LEVELS: Mapping[str, tuple[Any, str]] = {
    Level.LOW: (_("low"), "permitted"),
    Level.MEDIUM: (_("medium"), "waiting"),
    Level.HIGH: (_("high"), "refused"),
    Level.VERY_HIGH: (_("very high"), "refused"),
}
RISKS: Mapping[str, Any] = {
    Risk.UNLIKELY: _("unlikely: written in the register only"),
    Risk.RISK: _("a risk: the authority is told"),
    Risk.HIGH: _("a high risk: the people are told, too"),
}
DEEDS: Mapping[str, Any] = {
    Deed.SUSPECTED: _("Suspected"),
    Deed.DESCRIBED: _("Described"),
    Deed.SCOPED: _("Looked for whom it affects"),
    Deed.ASSESSED: _("Assessed"),
    Deed.CONFIRMED: _("Confirmed"),
    Deed.CONTAINED: _("Contained"),
    Deed.NOTIFIED: _("The authority was told"),
    Deed.PASSED_ON: _("The brand was told"),
    Deed.PEOPLE_TOLD: _("Telling the people began"),
    Deed.CLOSED: _("Closed"),
    Deed.DISMISSED: _("Found to be no breach"),
}
GAPS: Mapping[str, Any] = {
    "what": _("what happened"),
    "causes": _("the causes"),
    "effects": _("what it may mean for people"),
    "measures": _("what has been done"),
    "nature": _("what was lost"),
    "people": _("whom it affects"),
    "data": _("which data"),
    "assessment": _("the risk"),
    "late": _("why it is late"),
}
LACKING: Mapping[str, Any] = {
    "measures": _("what has been done is not written"),
    "assessment": _("the risk is not assessed"),
    "authority": _("the authority is not told"),
    "people": _("the people are not told, nor is it said why not"),
    "controller": _("the brand is not told"),
}
RULES: Mapping[str, Any] = {
    Rule.READS: _("unusually many people read"),
    Rule.EXPORTS: _("unusually many whole copies taken"),
    Rule.LOG_INS: _("many failed log-ins"),
    Rule.BOOK: _("the book does not hold together"),
    Rule.MEASURE: _("a security measure does not hold"),
}
ALARM_STATES: Mapping[str, tuple[Any, str]] = {
    AlarmState.OPEN: (_("open"), "refused"),
    AlarmState.DISMISSED: (_("dismissed"), "plain"),
    AlarmState.BREACH: (_("taken up"), "active"),
}
ORDER_STATES: Mapping[str, tuple[Any, str]] = {
    OrderState.RECEIVED: (_("to be answered"), "waiting"),
    OrderState.HANDED_OVER: (_("handed over"), "active"),
    OrderState.REFUSED: (_("refused"), "plain"),
}
LETTERS: Mapping[str, Any] = {
    "due": _("waiting to leave"),
    "held": _("held back"),
    "handing_over": _("leaving now"),
    "sent": _("handed over"),
    "failed": _("could not be delivered"),
    "unknown": _("left, fate unknown"),
    "refused": _("can’t be written to"),
    "cancelled": _("cancelled"),
}
# What each check found, where it holds and where it doesn't. Figures stand in the sentence.
MEASURES: Mapping[str, tuple[Any, Any]] = {
    "audit-chain": (_("The whole book holds together."), _("The book breaks at line %(line)s: see the audit page.")),
    "backups-fresh": (
        _("The last copy is %(hours)s hours old; the way back was tried %(days)s days ago."),
        _("The last copies are too old, or the way back was not tried: see the page Backups."),
    ),
    "breach-register": (
        _("The book is being watched. Open breaches: %(open)s, none is late."),
        _("Nobody watches the book, or a breach is late (%(overdue)s). See that the worker runs."),
    ),
    "erasure-complete": (
        _("Nothing is left of the last %(people)s people erased."),
        _("Something is left of %(left)s people, or an erasure is stuck (%(stuck)s)."),
    ),
    "https": (_("Pages are served over https alone."), _("Pages are not served over https: set ASSENT_PUBLIC_URL.")),
    "key-file": (
        _("Nobody but its owner can read the master key."),
        _("Others can read the master key: take their rights from the file."),
    ),
    "pseudonymous-events": (
        _("No address or number in %(events)s events of %(people)s people."),
        _("An address or number stands in the events of %(found)s people."),
    ),
    "roles-enforced": (
        _("All %(pages)s pages and calls ask for a permission."),
        _("%(open)s pages or calls ask for no permission."),
    ),
    "row-security": (
        _("The database keeps brands apart in all %(tables)s tables."),
        _("%(unforced)s tables are not kept apart by the database."),
    ),
    "sealed-identifiers": (
        _("%(values)s values of %(people)s people lie sealed."),
        _("%(clear)s values stand in clear, of %(unopened)s people nothing opens."),
    ),
}
NOT_HERE = _("Does not apply here.")
UNKNOWN = _("No check of that name exists.")
BROKE = _("The check itself failed, so it shows nothing: see the log of the worker.")


def told(problem: Exception) -> str:
    """Say why something was refused, in the reader's language where the catalogue has the sentence."""
    said = gettext(str(problem))
    return f"{said[:1].upper()}{said[1:]}."


def sums(weighed: Severity) -> dict[str, str]:
    """Write the numbers of the formula as the reader does, without zeros that say nothing."""
    names = ("context", "ease", "confidentiality", "integrity", "availability", "malicious", "circumstances", "score")
    point = str(formats.get_format("DECIMAL_SEPARATOR"))
    return {name: f"{getattr(weighed, name):g}".replace(".", point) for name in names}


def measure(check: str, *, holds: bool | None, figures: Mapping[str, object]) -> str:
    """Say what a check found."""
    if "unknown" in figures or check not in CHECKS:
        return str(UNKNOWN)
    if "broke" in figures:
        return str(BROKE)
    if holds is None:
        return str(NOT_HERE)
    return str(MEASURES[check][not holds]) % figures
