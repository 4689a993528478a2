"""Rows of this room as nouns, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.privacy.breaches import models, weighing
from assent.privacy.breaches.contracts import (
    Account,
    AlarmInfo,
    AlarmState,
    Assessment,
    BreachInfo,
    Circumstance,
    DataContext,
    Deed,
    Ease,
    Nature,
    Notified,
    OrderInfo,
    OrderState,
    Reach,
    Reading,
    Risk,
    Rule,
    State,
    StepInfo,
    UnknownBreach,
    Words,
)

__all__ = [
    "alarm_info", "find", "info", "order_info", "packed_reach", "packed_words", "step", "words_of",
]  # fmt: skip

WORDS_OF: Mapping[Deed, Did] = {
    Deed.SUSPECTED: Did.BREACH_SUSPECTED,
    Deed.DESCRIBED: Did.BREACH_TOLD,
    Deed.SCOPED: Did.BREACH_SCOPED,
    Deed.ASSESSED: Did.BREACH_ASSESSED,
    Deed.CONFIRMED: Did.BREACH_CONFIRMED,
    Deed.CONTAINED: Did.BREACH_CONTAINED,
    Deed.NOTIFIED: Did.BREACH_NOTIFIED,
    Deed.PASSED_ON: Did.BREACH_PASSED_ON,
    Deed.PEOPLE_TOLD: Did.BREACH_PEOPLE_TOLD,
    Deed.CLOSED: Did.BREACH_CLOSED,
    Deed.DISMISSED: Did.BREACH_DISMISSED,
}


def find(controller: int, breach: int, *, lock: bool = False) -> models.Breach:
    """
    Return a row; with ``lock`` until the transaction ends. The controller is in scope.

    :raises UnknownBreach: if the controller has none with this number
    """
    rows = models.Breach.objects.select_for_update() if lock else models.Breach.objects
    row: models.Breach | None = rows.filter(pk=breach).first()
    if row is None:
        message = f"controller {controller} has no breach {breach}"
        raise UnknownBreach(message)
    return row


def step(row: models.Breach, deed: Deed, *, by: Actor, at: datetime, note: str = "", people: int | None = None) -> None:
    """Write a step, and its line in the book, in the caller's transaction."""
    models.Step.objects.create(
        controller_id=row.controller_id, breach=row, deed=deed.value, by=str(by), at=at, note=note.strip()
    )
    detail: dict[str, str | int | bool] = {"state": str(row.state)} | ({} if people is None else {"people": people})
    audit.write(WORDS_OF[deed], controller=row.controller_id, by=by, at=at, on=f"breach:{row.pk}", detail=detail)


def assessment_of(stored: Mapping[str, object] | None) -> Assessment | None:
    """Read an assessment."""
    if stored is None:
        return None
    return Assessment(
        data=DataContext(str(stored["data"])),
        context=int(str(stored["context"])),
        ease=Ease(str(stored["ease"])),
        confidentiality=Circumstance(str(stored["confidentiality"])),
        integrity=Circumstance(str(stored["integrity"])),
        availability=Circumstance(str(stored["availability"])),
        malicious=bool(stored["malicious"]),
    )


def reach_of(stored: Mapping[str, object] | None) -> Reach | None:
    """Read which reads belong to a breach."""
    if stored is None:
        return None
    since, until = (datetime.fromisoformat(str(stored[name])) for name in ("since", "until"))
    readings = tuple(Reading(one) for one in stored["readings"])  # type: ignore[attr-defined]
    return Reach(tuple(stored["by"]), since, until, readings)  # type: ignore[arg-type]


def packed_reach(reach: Reach) -> dict[str, object]:
    """Write it down."""
    return {**asdict(reach), "since": reach.since.isoformat(), "until": reach.until.isoformat()}


def info(row: models.Breach, *, whole: bool = True) -> BreachInfo:
    """Return a breach; without its history if a list is enough."""
    assessment = assessment_of(row.assessment)
    weighed = None
    if assessment is not None:
        weighed = weighing.severity(assessment, people=row.people, unintelligible=row.unintelligible)
    known = {one.name for one in fields(Account)}
    accounts = {
        language: Account(**{name: text for name, text in said.items() if name in known})
        for language, said in row.accounts.items()
    }
    notified = row.notifications.order_by("phase")
    return BreachInfo(
        id=int(row.pk),
        title=row.title,
        state=State(row.state),
        nature=tuple(Nature(one) for one in row.nature),
        found_at=row.found_at,
        began_at=row.began_at,
        ended_at=row.ended_at,
        aware_at=row.aware_at,
        due_at=row.due_at,
        pass_on_at=row.pass_on_at,
        accounts=accounts,
        data=tuple(row.data),
        subjects=tuple(row.kinds),
        countries=tuple(row.countries),
        unintelligible=row.unintelligible,
        reach=reach_of(row.reach),
        people=row.people,
        records=row.records,
        stated=row.stated,
        unnamed=row.unnamed,
        altered=row.altered,
        readings={name: (counts[0], counts[1]) for name, counts in row.readings.items()},
        assessment=assessment,
        severity=weighed,
        risk=Risk(row.risk) if row.risk else None,
        risk_reason=row.risk_reason,
        steps=tuple(_steps(row)) if whole else (),
        notified=tuple(Notified(one.phase, one.at, one.reference, one.why_late) for one in notified),
        passed_on_at=row.passed_on_at,
        telling_since=row.telling_since,
        why_not_told=row.why_not_told,
    )


def _steps(row: models.Breach) -> list[StepInfo]:
    return [StepInfo(Deed(one.deed), one.by, one.at, one.note) for one in row.steps.order_by("id")]


def alarm_info(row: models.Alarm) -> AlarmInfo:
    """Return an alarm."""
    return AlarmInfo(
        int(row.pk), Rule(row.rule), row.doer, row.since, row.seen, row.limit, row.busiest, row.raised_at,
        AlarmState(row.state), row.reason, row.breach_id,
    )  # fmt: skip


def order_info(row: models.Order) -> OrderInfo:
    """Return a demand."""
    return OrderInfo(
        id=int(row.pk),
        authority=row.authority,
        reference=row.reference,
        ground=row.ground,
        what=row.what,
        subjects=tuple(int(one) for one in row.subjects),
        received_at=row.received_at,
        secret=row.secret,
        secret_until=row.secret_until,
        state=OrderState(row.state),
        handed=row.handed,
        answered_at=row.answered_at,
        told_at=row.told_at,
        words=words_of(row.letter),
    )


def words_of(stored: Mapping[str, Mapping[str, object]]) -> dict[str, Words]:
    """Read letters by language."""
    return {
        language: Words(str(one["subject"]), tuple(one["lines"]))  # type: ignore[arg-type]
        for language, one in stored.items()
    }


def packed_words(words: Mapping[str, Words]) -> dict[str, dict[str, str | Sequence[str]]]:
    """Write letters down."""
    return {language: {"subject": one.subject, "lines": list(one.lines)} for language, one in words.items()}
