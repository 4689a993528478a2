"""``assent breach`` and ``assent measures`` as an officer types them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation.clock import now
from assent.privacy.breaches import api as breaches
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role
from tests.agreements import agree

from .test_policy_command import BUNDLES

pytestmark = pytest.mark.django_db(databases="__all__")
US = Actor.system("test")
BY = ("--by", "irina@bloom.example")


def run(command, *words):
    out = StringIO()
    call_command(command, *words, "--controller", "bloom", stdout=out)
    return out.getvalue()


@pytest.fixture
def bloom(db):
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )
    policy.publish(controller=info.id, bundle=BUNDLES / "bloom", by=US, at=now())
    agree(controller=info.id, at=now())
    staff = tenancy.make_staff(email="irina@bloom.example", name="Irina", password=None, language="en", by=US, at=now())
    tenancy.grant(staff=staff, controller=info.id, role=Role.PRIVACY_OFFICER, by=US, at=now())
    return info.id


def test_from_the_alarm_to_the_draft(bloom):
    by = Actor.key(7)
    audit.write_bulk(Did.SEGMENT_READ, controller=bloom, by=by, at=now(), subjects=list(range(1, 1_500)))
    audit.seal_pending()
    breaches.look_over(at=now())
    assert "key:7" in run("breach", "alarms")
    alarm = breaches.alarms(controller=bloom)[0].id
    said = run("breach", "suspect", "Key 7 leaked", "--nature", "confidentiality", "--alarm", str(alarm), *BY)
    assert "suspected" in said
    number = str(breaches.breaches(controller=bloom)[0].id)
    found = run("breach", "affected", number, "--doer", "key:7", "--since", "2026-01-01T00:00", *BY)
    assert "1,499 people  Key 7 leaked" in found
    assert "clock running +72 h" in run("breach", "confirm", number, *BY)
    draft = run("breach", "draft", number, "--language", "en")
    assert "1,499, found one by one" in draft
    assert "Still to be written" in draft
    assert "contained" in run("breach", "contain", number, "--note", "The key was ended.", *BY)
    assert "Key 7 leaked" in run("breach", "list")


def test_what_cannot_be_done_is_said_in_a_sentence(bloom):
    with pytest.raises(CommandError, match="has no breach 999999"):
        run("breach", "confirm", "999999", *BY)
    with pytest.raises(CommandError, match="nobody with that e-mail"):
        run("breach", "suspect", "x", "--by", "nobody@nowhere.example")
    run("breach", "suspect", "x", *BY)
    number = str(breaches.breaches(controller=bloom)[0].id)
    with pytest.raises(CommandError, match="measures, assessment"):
        run("breach", "close", number, *BY)


def test_an_alarm_is_dismissed(bloom):
    audit.write_bulk(Did.SEGMENT_READ, controller=bloom, by=Actor.key(7), at=now(), subjects=list(range(1, 1_500)))
    audit.seal_pending()
    breaches.look_over(at=now())
    alarm = str(breaches.alarms(controller=bloom)[0].id)
    assert "dismissed" in run("breach", "dismiss-alarm", alarm, "--note", "A planned move.", *BY)
    assert run("breach", "alarms") == ""


def test_each_security_measure_is_shown_by_its_check(bloom):
    breaches.look_over(at=now())
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 7 measures do not hold"):  # nobody makes copies in a test
        call_command("measures", "--controller", "bloom", stdout=out)
    shown = out.getvalue()
    checks = [measure.check for measure in policy.current(controller=bloom).policy.measures.values()]
    assert [line.split()[0] for line in shown.splitlines()] == checks
    assert shown.count(" holds ") == len(checks) - 1


def test_a_measure_that_does_not_hold_ends_with_an_error_and_an_alarm(bloom):
    with pytest.raises(CommandError, match="2 of 7 measures do not hold"):
        run("measures")
    assert [(one.rule, one.doer) for one in breaches.alarms(controller=bloom)] == [
        ("measure", "backups-fresh"), ("measure", "breach-register"),
    ]  # fmt: skip
