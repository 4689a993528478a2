"""A recipient told by mail confirms with one press; opening the link changes nothing."""

import pytest
from django.test import Client

from assent.privacy.disclosures import api as disclosures, ports
from assent.privacy.disclosures.contracts import NoticeState, Told, ToldHow

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


class Hearing:
    way, most = "email", 10

    def __init__(self):
        from datetime import timedelta

        self.first_question = timedelta(days=3)
        self.heard = []

    def check(self, address):
        return address

    def tell(self, notice):
        self.heard.append(notice)
        return Told(ToldHow.SENT)

    ask = tell


@pytest.fixture
def link(bloom):
    hearing = Hearing()
    ports.wire([hearing])
    bloom.disclosed(bloom.ada)
    bloom.way("privacy@agency.example", way="email")
    bloom.pass_on(bloom.ada)
    bloom.sweep()
    return f"/n/{hearing.heard[0].token}"


def test_opening_the_link_changes_nothing_and_pressing_confirms(bloom, link):
    page = Client().get(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert b"people.example" not in page.content
    assert bloom.notice().state is NoticeState.SENT
    assert Client().post(link).status_code == 200
    assert bloom.notice().state is NoticeState.ACKNOWLEDGED
    assert disclosures.open_notifications(controller=bloom.id, request="request:1") == 0


@pytest.mark.parametrize("language", ["en", "ro"])
def test_it_speaks_both_languages(link, language):
    page = Client().get(f"{link}?language={language}").content.decode()
    assert {"en": "It is done", "ro": "S-a făcut"}[language] in page


@pytest.mark.parametrize("token", ["x", "1.x", "0.", "999999999999.x", "1." + "a" * 500, "%00"])
def test_a_link_that_is_none_leads_nowhere(bloom, token):
    assert Client().post(f"/n/{token}").status_code == 404
