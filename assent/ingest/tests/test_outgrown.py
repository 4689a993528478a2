"""A yes that the policy has outgrown while events waited."""

import shutil
from pathlib import Path

import pytest

from assent.ingest.tests.cast import BY, HOME, order
from assent.privacy.consent.contracts import Choice
from assent.privacy.policy import api as policies

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

KEPT = "recipients: [platform]\n    retention: {duration: P3Y"


def test_an_outgrown_yes_does_not_cover_what_arrived_before_people_were_asked_again(house, tmp_path):
    ada = house.ada_says_yes()
    bundles = Path(shutil.copytree(HOME / "policies", tmp_path / "policies"))
    path = bundles / "brand" / "policy.yaml"
    path.write_text(path.read_text().replace(KEPT, KEPT.replace("platform", "platform, meta")))
    house.later(minutes=1)
    policies.publish(controller=house.controller, bundle=bundles / "bloom", by=BY, at=house.now)
    house.later(minutes=1)
    house.send(order("ada", total=7))
    house.later(minutes=1)
    house.say(ada, "direct_marketing", Choice.GIVEN, channel="email", wording="marketing_email")
    house.later(minutes=1)
    house.send(order("ada", total=8))
    house.run()

    before, after = house.rows()[-2:]
    assert "direct_marketing" not in house.purposes(before), "nothing covered it when it arrived"
    assert "direct_marketing" in house.purposes(after)
