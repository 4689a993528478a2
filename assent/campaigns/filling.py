"""From a segment to the outbox, in bounded batches that a crash may interrupt anywhere: a person's message is unique."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

import numpy as np
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.campaigns import models, rules
from assent.campaigns.contracts import CampaignState, UnknownCampaign
from assent.dispatch import api as dispatch
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.lawfulness.contracts import NotAgreed
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field
from assent.records.profiles import api as profiles
from assent.segments import api as segments
from assent.tenancy import api as tenancy

__all__ = ["available", "available_under", "found", "occasions", "sweep", "variables"]

CAMPAIGNS = Actor.system("campaigns")
PEOPLE_AT_ONCE = 1_000
SECONDS_AT_ONCE = 5.0  # one sweep's turn: a worker comes round to its other work, and a pause is felt
LEASE = timedelta(minutes=1)  # renewed with each batch; a killed worker's run goes on after it

# Identifiers that may stand in a greeting. All others name the person without being of use in a text.
NAMES = {"first_name": Field.FIRST_NAME, "last_name": Field.LAST_NAME, "name": Field.NAME}


def found(campaign: int) -> models.Campaign:
    """
    Return a campaign of the controller in scope.

    :raises UnknownCampaign: if there is none
    """
    row = models.Campaign.objects.filter(pk=campaign).first()
    if row is None:
        message = f"this controller has no campaign {campaign}"
        raise UnknownCampaign(message)
    return row


def occasions(controller: int, campaign: int) -> list[str]:
    """Return what dispatch calls the runs of a campaign."""
    with scope.controller(controller):
        return [run.occasion for run in models.Occurrence.objects.filter(campaign_id=found(campaign).pk)]


def available(*, controller: int, purpose: str) -> frozenset[str]:
    """Return which names and attributes the policy lets a purpose use."""
    return available_under(policy.current(controller=controller).policy, purpose)


def available_under(declared: Policy, purpose: str) -> frozenset[str]:
    """Return which names and attributes a policy lets a purpose use, in force or not."""
    wanted = declared.purposes.get(purpose)
    if wanted is None:
        return frozenset()
    names = {name for name in NAMES if name in declared.traits and declared.traits[name].data in wanted.data}
    attributes = {one.name for one in profiles.declared(declared) if purpose in one.purposes}
    return frozenset(names | attributes)


def variables(
    people: Sequence[int], asked: frozenset[str], *, controller: int, purpose: str, by: Actor, at: datetime, why: str
) -> dict[int, dict[str, object]]:
    """Return for each person what a template asks for and the purpose may use, and the language to write in."""
    may = available(controller=controller, purpose=purpose)
    names = [NAMES[name] for name in sorted(asked & may & set(NAMES))]
    attributes = (asked | {"language"}) & may
    revealed: Mapping[int, Mapping[str, str]] = (
        subjects.reveal(controller=controller, subjects=people, fields=names, by=by, at=at, why=why) if names else {}
    )
    kept = profiles.get(controller=controller, subjects=people) if attributes else {}
    fallback = tenancy.controller_by_id(id=controller).language
    filled = {}
    for person in people:
        mine: dict[str, object] = {name: value for name, value in kept.get(person, {}).items() if name in attributes}
        mine.update(revealed.get(person, {}))
        mine["language"] = str(mine.get("language") or fallback).replace("_", "-").split("-")[0].lower()
        filled[person] = mine
    return filled


def sweep(*, at: datetime) -> bool:
    """Start, fill and close what there is to; return whether an outbox is still to be filled."""
    began = monotonic()
    more = False
    for controller in tenancy.controllers():
        with scope.controller(controller.id):
            due = models.Campaign.objects.filter(state=CampaignState.SCHEDULED, scheduled_at__lte=at)
            for row in due:
                _start(row, at=at)
            for run in models.Occurrence.objects.filter(campaign__state=CampaignState.SENDING).select_related("campaign"):
                if run.filled_at is None:
                    more = _fill(run, began=began, at=at) or more
                else:
                    _close(run)
    return more


@transaction.atomic
def _start(row: models.Campaign, *, at: datetime) -> None:
    if models.Campaign.objects.filter(pk=row.pk, state=CampaignState.SCHEDULED).update(state=CampaignState.SENDING):
        models.Occurrence.objects.get_or_create(
            controller_id=row.controller_id, campaign=row, number=1, defaults={"started_at": at}
        )


def _close(run: models.Occurrence) -> None:
    counted = dispatch.progress(controller=run.controller_id, occasion=run.occasion)
    if not any(counted[state] for state in dispatch.OPEN):
        sending = models.Campaign.objects.filter(pk=run.campaign_id, state=CampaignState.SENDING)
        sending.update(state=CampaignState.SENT)


def _fill(run: models.Occurrence, *, began: float, at: datetime) -> bool:
    """Fill until done, or until the turn is over; return whether there is more to do."""
    now_ms = millis(at + timedelta(seconds=monotonic() - began))
    free = models.Occurrence.objects.filter(pk=run.pk, filled_at=None, lease_until_ms__lt=now_ms)
    if not free.update(lease_until_ms=now_ms + millis_of(LEASE)):
        return False
    run.refresh_from_db()
    campaign = run.campaign
    try:
        audience = segments.members(controller=run.controller_id, segment=campaign.segment, channel=campaign.channel, at=at)
    except NotAgreed as refused:
        _pause(run, refused, at=at)
        return False
    everybody = np.sort(np.asarray(audience.subjects, dtype=np.int64))
    rest = everybody[np.searchsorted(everybody, run.cursor, side="right") :]
    run.matched, run.lost = int(audience.matched), {str(why): int(count) for why, count in audience.lost.items()}
    run.save(update_fields=["matched", "lost"])
    for start in range(0, len(rest), PEOPLE_AT_ONCE):
        if not models.Campaign.objects.filter(pk=campaign.pk, state=CampaignState.SENDING).exists():
            break
        part = [int(person) for person in rest[start : start + PEOPLE_AT_ONCE]]
        _enqueue(run, campaign, part, at=at)
        spent = monotonic() - began
        run.cursor = part[-1]
        run.lease_until_ms = millis(at + timedelta(seconds=spent) + LEASE)
        run.save(update_fields=["cursor", "lease_until_ms"])
        if spent > SECONDS_AT_ONCE:
            break
    last = int(rest[-1]) if len(rest) else run.cursor
    done = run.cursor >= last and models.Campaign.objects.filter(pk=campaign.pk, state=CampaignState.SENDING).exists()
    run.filled_at, run.lease_until_ms = at if done else None, 0
    run.save(update_fields=["filled_at", "lease_until_ms"])
    _follow(run, at=at)
    return not done


@transaction.atomic
def _pause(run: models.Occurrence, refused: NotAgreed, *, at: datetime) -> None:
    """Stop where it is: the agreement ended while the campaign was under way. Whoever accepts a new one may resume it."""
    models.Occurrence.objects.filter(pk=run.pk).update(lease_until_ms=0)
    sending = models.Campaign.objects.filter(pk=run.campaign_id, state=CampaignState.SENDING)
    if sending.update(state=CampaignState.PAUSED):
        audit.write(
            Did.CAMPAIGN_PAUSED, controller=run.controller_id, by=CAMPAIGNS, at=at, on=f"campaign:{run.campaign_id}",
            purpose=refused.purpose, detail={"why": refused.why.value},
        )  # fmt: skip
    _follow(run, at=at)


def millis_of(span: timedelta) -> int:
    """Return a span in milliseconds."""
    return span // timedelta(milliseconds=1)


def _enqueue(run: models.Occurrence, campaign: models.Campaign, people: list[int], *, at: datetime) -> None:
    controller = run.controller_id
    editions = models.Edition.objects.select_related("version").in_bulk([number for number, _ in campaign.editions])
    asked = frozenset(name for row in editions.values() for name in row.version.variables)
    filled = variables(
        people, asked, controller=controller, purpose=campaign.purpose, by=CAMPAIGNS, at=at, why=f"campaign:{campaign.pk}"
    )
    shares = [share for _, share in campaign.editions]
    groups: dict[int, list[tuple[int, Mapping[str, object]]]] = {}
    for person in people:
        drawn = rules.variant(occasion=run.occasion, subject=person, channel=campaign.channel, shares=shares)
        groups.setdefault(campaign.editions[drawn][0], []).append((person, filled[person]))
    for number, group in groups.items():
        dispatch.enqueue(
            controller=controller,
            occasion=run.occasion,
            purpose=campaign.purpose,
            channel=campaign.channel,
            template=number,
            people=group,
            not_before=at,
            by=CAMPAIGNS,
            at=at,
        )


def _follow(run: models.Occurrence, *, at: datetime) -> None:
    """Let messages that went in while somebody paused or cancelled share their campaign's fate."""
    state = models.Campaign.objects.values_list("state", flat=True).get(pk=run.campaign_id)
    if state == CampaignState.PAUSED:
        dispatch.hold(controller=run.controller_id, occasion=run.occasion, by=CAMPAIGNS, at=at)
    elif state == CampaignState.CANCELLED:
        dispatch.cancel(controller=run.controller_id, occasion=run.occasion, by=CAMPAIGNS, at=at)
