"""Consent: write down what people choose, with what they were shown, and say what stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.consent import journaled, leaves, models, rows, rules
from assent.privacy.consent.contracts import ANY, BadChoice, Choice, ChoiceInput, ConsentRecord, Method, Standing
from assent.privacy.consent.reading import columns, columns_for, gave, outgrown, ran_out, rows_for, withdrawn_since
from assent.privacy.consent.receipts import receipt, receipted, receipts
from assent.privacy.consent.rules import Facts, effective, expire, outdate
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled
from assent.privacy.subjects import api as people

__all__ = [
    "apply_many",
    "columns",
    "columns_for",
    "effective",
    "expire",
    "faults",
    "gave",
    "give",
    "on_merge",
    "outdate",
    "outgrown",
    "ran_out",
    "receipt",
    "receipted",
    "receipts",
    "records",
    "rows_for",
    "standing",
    "take_back_again",
    "withdraw",
    "withdrawn_since",
]

# Each choice is two rows; with more of them other writers on SQLite would wait longer than 50 ms.
MOST_PER_TRANSACTION = 1_000
CHANNELS = journaled.CHANNELS


def give(
    *,
    controller: int,
    subject: int,
    purpose: str,
    wording: str,
    method: Method,
    source: str,
    by: Actor,
    at: datetime,
    channel: str = ANY,
    notice: str = "",
    property: int | None = None,  # noqa: A002 - the house's word for a website, app or server
    language: str = "",
    explicit: bool = False,
) -> ConsentRecord:
    """
    Write down that a person agrees, with the policy, the purpose and the words they agreed to.

    An explicit consent also overtakes the person's own earlier objection to this purpose.

    :raises BadChoice: if the policy does not ask for it, or has no such wording
    :raises NoPolicy: if the controller has published none
    """
    choice = ChoiceInput(
        subject, purpose, Choice.GIVEN, method, source, channel, wording, notice, language, property, explicit=explicit
    )
    return _apply_one(choice, controller=controller, by=by, at=at)


def withdraw(
    *,
    controller: int,
    subject: int,
    purpose: str,
    method: Method,
    source: str,
    by: Actor,
    at: datetime,
    channel: str = ANY,
    property: int | None = None,  # noqa: A002 - the house's word for a website, app or server
) -> ConsentRecord:
    """
    Take a consent back, or refuse it. What was done before stays lawful; nothing more may follow (art. 7(3)).

    It asks for nothing that giving did not ask for, and holds on every channel unless one is named. It is committed when
    this returns outside a transaction; `suppression.api.acknowledge` then says when nothing is on its way any more.

    :raises BadChoice: if the controller never had such a purpose
    :raises NoPolicy: if the controller has published none
    """
    choice = ChoiceInput(subject, purpose, Choice.WITHDRAWN, method, source, channel, property=property)
    return _apply_one(choice, controller=controller, by=by, at=at)


def faults(*, controller: int, choices: Sequence[ChoiceInput], at: datetime) -> list[str]:
    """Say of each choice why it can't be written down and how to mend it; empty where it can."""
    found = policy.current(controller=controller)
    return [_prepared(choice, found, at)[1] for choice in choices]


def apply_many(*, controller: int, choices: Sequence[ChoiceInput], by: Actor, at: datetime) -> int:
    """
    Write down many choices in their order and return how many; those with a fault (see :func:`faults`) are left out.

    A yes that is left out counts as not given. Committed in parts unless the caller holds a transaction.

    :raises NoPolicy: if the controller has published none
    """
    found = policy.current(controller=controller)
    good = [facts for facts, _ in (_prepared(choice, found, at) for choice in choices) if facts is not None]
    codes = rows.Codes(found.purpose_codes, {found.digest: found.number})
    for start in range(0, len(good), MOST_PER_TRANSACTION):
        with transaction.atomic(), scope.controller(controller):
            part = good[start : start + MOST_PER_TRANSACTION]
            _put_many(part, controller=controller, codes=codes, by=by, at=at)
    return len(good)


def take_back_again(*, controller: int, subjects: Sequence[int], detail: Mapping[str, object], by: Actor, at: datetime) -> int:
    """
    Take back on a restored copy what a line of the journal says was taken back, and return how much was new to it.

    A later choice stands, so doing it twice changes nothing. People the copy does not know are left out.

    :param at: when they withdrew
    :raises ValueError: if the line can't be understood
    """
    purposes = {code: purpose for purpose, code in policy.purpose_codes(controller=controller).items()}
    said = journaled.choices(subjects, detail, purposes=purposes)
    here = people.public_ids(controller=controller, subjects=sorted({one.subject for one in said}))
    found = rows_for(controller=controller, subjects=sorted(here))
    names = ("subject", "purpose", "channel", "at_ms")
    settled = {
        (int(subject), purposes.get(int(purpose)), CHANNELS.get(int(channel)))
        for subject, purpose, channel, at_ms in zip(*(found[name] for name in names), strict=True)
        if at_ms >= millis(at)
    }
    new = [one for one in said if one.subject in here and (one.subject, one.purpose, one.channel) not in settled]
    return apply_many(controller=controller, choices=new, by=by, at=at) if new else 0


def standing(*, controller: int, subject: int) -> list[Standing]:
    """Return what stands of a person's choices, as stored: an end that has passed shows in ``expires_at``."""
    purposes = {code: purpose for purpose, code in policy.purpose_codes(controller=controller).items()}
    with scope.controller(controller):
        rows = models.Standing.objects.filter(subject=subject).order_by("purpose", "channel")
        return [
            Standing(
                purpose=purposes[row.purpose],
                channel=CHANNELS[row.channel],
                choice=Choice(row.choice),
                explicit=bool(row.explicit),
                at=from_millis(row.at_ms),
                expires_at=leaves.moment(row.expires_ms),
                record=row.record,
            )
            for row in rows
        ]


def records(*, controller: int, subject: int) -> list[ConsentRecord]:
    """Return the proofs of a person's choices, oldest first."""
    with scope.controller(controller):
        found = models.ConsentRecord.objects.filter(subject=subject).order_by("at_ms", "id")
        return [leaves.contract(row, record=row.pk, salt=row.salt) for row in found]


@transaction.atomic
def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """
    Let the choices of ``other`` hold for ``into``: of two the later, at a tie the no. A second call finds nothing to do.

    Proofs are copied with the moment they were made at; the originals stay, since a proof is never changed.
    """
    with scope.controller(controller):
        found = models.ConsentRecord.objects
        copied = set(found.filter(subject=into, copied_from__isnull=False).values_list("copied_from", flat=True))
        new = [row for row in found.filter(subject=other).order_by("id") if row.pk not in copied]
        copies = [
            leaves.Row(**{name: getattr(row, name) for name in leaves.Row._fields})._replace(subject=into, copied_from=row.pk)
            for row in new
        ]
        if copies:
            # Versions with one digest are one policy, so any of their numbers says whose terms were agreed to.
            numbers = {version.digest: version.number for version in policy.versions(controller=controller)}
            codes = rows.Codes(policy.purpose_codes(controller=controller), numbers)
            writing = rows.Writing(copies, controller=controller, codes=codes, written_ms=millis(at))
            line = audit.write(
                Did.CONSENT_COPIED,
                controller=controller,
                by=by,
                at=at,
                about=into,
                detail={"records": len(copies), **writing.committed()},
            )
            writing.put(line)
        models.Standing.objects.filter(subject=other).delete()


def _prepared(choice: ChoiceInput, found: Compiled, at: datetime) -> tuple[Facts | None, str]:
    try:
        return rules.prepare(choice, at=choice.at or at, policy=found), ""
    except BadChoice as error:
        return None, str(error)


def _apply_one(choice: ChoiceInput, *, controller: int, by: Actor, at: datetime) -> ConsentRecord:
    found = policy.current(controller=controller)
    facts = rules.prepare(choice, at=at, policy=found)
    row = leaves.row_of(facts, controller=controller, by=str(by))
    with transaction.atomic(), scope.controller(controller):
        codes = rows.Codes(found.purpose_codes, {found.digest: found.number})
        writing = rows.Writing([row], controller=controller, codes=codes, written_ms=millis(at))
        [record] = writing.put()
        given = choice.choice is Choice.GIVEN
        line = audit.write(
            Did.CONSENT_GIVEN if given else Did.CONSENT_WITHDRAWN,
            controller=controller,
            by=by,
            at=at,
            about=choice.subject,
            on=str(record.id),
            purpose=choice.purpose,
            detail={
                "channel": choice.channel,
                "method": choice.method.value,
                "policy": facts.policy_digest,
                **writing.committed(),
            },
        )
        writing.told_in(line, record.id)
        if not given:
            journaled.write([facts], controller=controller, at=at)
    return record


def _put_many(facts: Sequence[Facts], *, controller: int, codes: rows.Codes, by: Actor, at: datetime) -> None:
    """Write choices and the lines that tell of them: one of those given, one of those taken back."""
    detail = {"policy": facts[0].policy_digest}
    made = [leaves.row_of(one, controller=controller, by=str(by)) for one in facts]
    for did, choice in ((Did.CONSENT_GIVEN, Choice.GIVEN), (Did.CONSENT_WITHDRAWN, Choice.WITHDRAWN)):
        alike = [row for row in made if row.choice == choice]
        if alike:
            writing = rows.Writing(alike, controller=controller, codes=codes, written_ms=millis(at))
            people = [row.subject for row in alike]
            line = audit.write_bulk(
                did, controller=controller, by=by, at=at, subjects=people, detail={**detail, **writing.committed()}
            )
            writing.put(line)
    taken_back = [one for one in facts if one.choice.choice is Choice.WITHDRAWN]
    if taken_back:
        journaled.write(taken_back, controller=controller, at=at)
