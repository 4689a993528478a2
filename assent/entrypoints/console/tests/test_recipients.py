"""Recipients in the console: who got what, how each is told, and notices settled by hand."""

from datetime import timedelta

import pytest

from assent.foundation import clock
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Because, NoticeState, Way
from assent.tenancy.contracts import Role

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


@pytest.fixture
def told(house):
    """Let Meta have got Ada's address, and Ada have asked to be erased."""
    from assent.entrypoints.console.tests.conftest import BY

    ada = house.subject(house.ada)
    where = {"controller": house.bloom, "by": BY, "at": clock.now() - timedelta(hours=1)}
    disclosures.record(subjects=[ada], recipient="meta", way=Way.CONNECTOR, purpose="advertising", items=["email"], **where)
    disclosures.record(subjects=[ada], named="Petal <b>", way=Way.HAND_OVER, purpose="", items=["email"], **where)
    disclosures.pass_on(subjects=[ada], what="erasure", request="request:K3M7-9QX2", **where)
    disclosures.tell_recipients(at=clock.now())
    return house


def notice(house, **which):
    (found,) = disclosures.notices(controller=house.bloom, **which)
    return found


def test_the_list_shows_who_got_what_and_who_waits(told):
    page = told.at_work(Role.PRIVACY_OFFICER).get("/recipients/").content.decode()
    assert "Meta Platforms Ireland Limited" in page
    assert "Petal &lt;b&gt;" in page
    assert "2 notices have no way to their recipient" in page
    assert "people.example" not in page


@pytest.mark.parametrize("language", ["en", "ro"])
def test_a_recipients_page_says_what_it_is_told(told, language):
    page = told.at_work(Role.PRIVACY_OFFICER, language=language).get("/recipients/one?key=meta").content.decode()
    assert "K3M7-9QX2" in page
    assert {"en": "No way to tell it is set.", "ro": "Nu este stabilită nicio cale"}[language] in page


def test_an_officer_sets_the_way_and_a_wrong_address_is_told_with_the_cure(told):
    officer = told.at_work(Role.PRIVACY_OFFICER)
    refused = officer.post("/recipients/way?key=meta", {"way": "email", "address": "nowhere", "form": "raw"})
    assert refused.status_code == 422
    assert "privacy@agency.example" in refused.content.decode()
    done = officer.post("/recipients/way?key=meta", {"way": "email", "address": "privacy@meta.example", "form": "sha256"})
    assert done.status_code == 302
    (way,) = disclosures.ways(controller=told.bloom)
    assert (way.recipient, way.way, way.address, way.form) == ("meta", "email", "privacy@meta.example", "sha256")


def test_an_officer_settles_a_notice_by_hand(told):
    officer = told.at_work(Role.PRIVACY_OFFICER)
    meta, petal = notice(told, recipient="meta"), notice(told, recipient="", named="Petal <b>")
    assert officer.post(f"/recipients/notices/{meta.id}?key=meta", {"deed": "acknowledge"}).status_code == 302
    assert officer.post(f"/recipients/notices/{petal.id}?name=Petal <b>", {"because": "whatever"}).status_code == 302
    assert notice(told, recipient="", named="Petal <b>").state is NoticeState.PENDING
    officer.post(f"/recipients/notices/{petal.id}?name=Petal <b>", {"because": "gone"})
    assert notice(told, recipient="meta").state is NoticeState.ACKNOWLEDGED
    assert notice(told, recipient="", named="Petal <b>").because is Because.GONE
    assert disclosures.open_notifications(controller=told.bloom, request="request:K3M7-9QX2") == 0


def test_others_may_look_or_not_even_that(told):
    meta = notice(told, recipient="meta")
    for role in (Role.MARKETER, Role.ANALYST):
        browser = told.at_work(role)
        assert browser.post("/recipients/way?key=meta", {"way": "email", "address": "a@b.example"}).status_code == 403
        assert browser.post(f"/recipients/notices/{meta.id}?key=meta", {"deed": "acknowledge"}).status_code == 403
    assert notice(told, recipient="meta").state is NoticeState.PENDING
    assert disclosures.ways(controller=told.bloom) == []


def test_a_recipient_nobody_knows_is_not_there(told):
    officer = told.at_work(Role.PRIVACY_OFFICER)
    assert officer.get("/recipients/one?key=nobody").status_code == 404
    assert officer.get("/recipients/one").status_code == 404
    assert officer.post("/recipients/notices/999?key=meta", {"deed": "acknowledge"}).status_code == 404
