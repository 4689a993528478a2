"""Campaigns while an agreement ends under them: none begins, one under way stops and may go on under a new one."""

import pytest

from assent.audit import api as audit
from assent.campaigns import api
from assent.campaigns.contracts import CampaignState
from assent.campaigns.tests.test_campaigns import STAFF, bloom, hand_over, make, segment, template
from assent.foundation.clock import now
from assent.privacy.lawfulness.contracts import NotAgreed
from tests.agreements import agree, part

__all__ = ["bloom", "make", "segment", "template"]
pytestmark = pytest.mark.django_db(databases="__all__")


def test_no_campaign_is_sent_without_an_agreement(bloom, make):
    campaign = make()
    part(controller=bloom, solution="crm", at=now())
    with pytest.raises(NotAgreed, match="data processing agreement"):
        api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    assert api.campaign(controller=bloom, campaign=campaign).state is CampaignState.DRAFT


def test_one_that_was_scheduled_is_paused_with_the_reason_and_resumed_under_a_new_agreement(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    part(controller=bloom, solution="crm", at=now())
    assert api.sweep(at=now()) is False
    assert api.campaign(controller=bloom, campaign=campaign).state is CampaignState.PAUSED
    line = next(line for _, line in audit.entries(controller=bloom) if line.did == "campaigns.campaign.paused")
    assert (line.by, line.detail["why"]) == ("system:campaigns", "no_processing_agreement")
    with pytest.raises(NotAgreed):
        api.resume(controller=bloom, campaign=campaign, by=STAFF, at=now())
    agree(controller=bloom, at=now())
    api.resume(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert set(hand_over(bloom)) == {"ada", "ben", "eva"}


def test_messages_in_the_outbox_do_not_leave_once_it_has_ended(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    part(controller=bloom, solution="crm", at=now())
    assert hand_over(bloom) == {}
    assert api.progress(controller=bloom, campaign=campaign).messages["refused"] == 3
