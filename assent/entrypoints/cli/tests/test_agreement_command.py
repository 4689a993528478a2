"""``assent agreement`` as an administrator types it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

from .test_policy_command import BUNDLES

pytestmark = pytest.mark.django_db(databases=["default"])
US = Actor.system("test")
NEEDED = ["crm", "website", "loyalty", "location", "ecosystem"]


def agreement(*words):
    out = StringIO()
    call_command("agreement", *words, "--controller", "bloom", stdout=out)
    return out.getvalue()


@pytest.fixture
def bloom(db):
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )
    policy.publish(controller=info.id, bundle=BUNDLES / "bloom", by=US, at=now())
    for name, role in (("vlad", Role.ADMINISTRATOR), ("mara", Role.MARKETER)):
        staff = tenancy.make_staff(email=f"{name}@bloom.example", name=name, password=None, language="en", by=US, at=now())
        tenancy.grant(staff=staff, controller=info.id, role=role, by=US, at=now())
    return info.id


def accept(number, digest, *, by="vlad@bloom.example"):
    return agreement(
        "accept", str(number), "--digest", digest, "--name", "Vlad Rusu", "--position", "Director", "--by", by
    )  # fmt: skip


def drawn_up(solution="crm"):
    number, *_, digest = agreement("generate", solution).split()
    return number, digest


def test_from_the_first_draft_to_the_last_day(bloom):
    number, digest = drawn_up()
    words = agreement("show", number, "--language", "en")
    assert "Bloom Fashion SRL" in words
    assert "Process Lab SRL" in words
    assert "in_force" in accept(number, digest)
    assert tenancy.in_force(controller=bloom, solution="crm", at=now()).acceptance.name == "Vlad Rusu"
    ended = agreement(
        "end", number, "--data", "return", "--due", "2099-01-31", "--reason", "over", "--by", "vlad@bloom.example"
    )  # fmt: skip
    assert "ended" in ended
    assert tenancy.in_force(controller=bloom, solution="crm", at=now()) is None
    assert "settled" in agreement("settle", number, "--by", "vlad@bloom.example")
    assert agreement("list").split()[1:3] == ["crm", "v1"]


def test_all_that_are_needed_are_drawn_up_at_once_and_again_changes_nothing(bloom):
    first = agreement("generate", "all")
    assert [line.split()[1] for line in first.splitlines()] == sorted(NEEDED)
    assert agreement("generate", "all") == first
    assert len({line.split()[-1] for line in first.splitlines()}) == len(NEEDED)


def test_what_can_not_be_done_is_said_in_a_sentence(bloom):
    number, digest = drawn_up()
    for words, said in (
        (("generate", "unheard_of"), "no agreement is needed for 'unheard_of'"),
        (("show", "99"), "no agreement 99"),
        (("show", number, "--language", "fr"), "choose ro or en"),
        (("settle", number, "--by", "vlad@bloom.example"), "has not ended yet"),
        (("settle", number, "--by", "eve@elsewhere.example"), "nobody with that e-mail"),
    ):
        with pytest.raises(CommandError, match=said):
            agreement(*words)
    with pytest.raises(CommandError, match="Only an administrator"):
        accept(number, digest, by="mara@bloom.example")
    with pytest.raises(CommandError, match="text has changed"):
        accept(number, "0" * 64)
