"""Which campaigns that are on their way could not go out under another policy."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from assent.campaigns import filling, models, rules
from assent.campaigns.contracts import CampaignState, Unfit
from assent.foundation import scope
from assent.privacy.policy.contracts import Policy
from assent.segments import api as segments

__all__ = ["unfit"]

ON_THEIR_WAY = (CampaignState.SCHEDULED, CampaignState.SENDING, CampaignState.PAUSED)


def unfit(*, controller: int, policy: Policy, at: datetime) -> list[tuple[int, str, Unfit]]:
    """
    Return campaigns that are scheduled, sending or paused and could not go out under a policy: number, name, and why not.

    :raises NoPolicy: if the controller has published none
    """
    lost = {loss.segment.id for loss in segments.losses(controller=controller, policy=policy)}
    zone = ZoneInfo(policy.controller.time_zone)
    found = []
    with scope.controller(controller):
        for row in models.Campaign.objects.filter(state__in=ON_THEIR_WAY).order_by("scheduled_at", "pk"):
            goes_out = max(row.scheduled_at or at, at).astimezone(zone).date()
            if why := _why(row, policy, goes_out=goes_out, lost=lost):
                found.append((int(row.pk), row.name, why))
    return found


def _why(row: models.Campaign, policy: Policy, *, goes_out: date, lost: set[int]) -> Unfit | None:
    purpose = policy.purposes.get(row.purpose)
    if purpose is None:
        return Unfit.PURPOSE
    if row.channel not in {str(channel) for channel in purpose.channels}:
        return Unfit.CHANNEL
    if purpose.starts_on and goes_out < purpose.starts_on:
        return Unfit.NOT_YET
    if row.segment in lost:
        return Unfit.SEGMENT
    editions = models.Edition.objects.select_related("version").in_bulk([number for number, _ in row.editions])
    asked = {name for edition in editions.values() for name in edition.version.variables}
    may = filling.available_under(policy, row.purpose) | rules.GIVEN
    return Unfit.WORDS if asked - may else None
