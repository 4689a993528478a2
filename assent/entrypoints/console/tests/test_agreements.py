"""The pages of the agreements: what stands in force, who accepts what, and what an end brings."""

import shutil
from datetime import timedelta

import pytest
from django.urls import reverse

from assent.entrypoints.console.forms.agreements import AcceptForm, EndForm
from assent.foundation import clock
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import EndChoice, Role
from tests.agreements import administrator, agree, part

from .conftest import BUNDLES, BY

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])
DAY = timedelta(days=1)


@pytest.fixture
def offered(house):
    """The CRM's agreement, ended and drawn up anew: it waits."""
    part(controller=house.bloom, solution="crm", at=clock.now())
    return documents.offer_agreement(controller=house.bloom, solution="crm", by=BY, at=clock.now())


def page(browser, name, *args):
    answer = browser.get(reverse(f"console:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def accept(browser, info, **said):
    given = {"digest": info.digest, "name": "Vlad Rusu", "position": "Director", "read": "on", **said}
    return browser.post(reverse("console:agreement-accept", args=[info.id]), given)


def end(browser, info, **said):
    given = {"choice": "delete", "due_on": (clock.now() + 30 * DAY).date().isoformat(), "reason": "We part.", **said}
    return browser.post(reverse("console:agreement-end", args=[info.id]), given)


def in_force(house, solution="crm"):
    return tenancy.in_force(controller=house.bloom, solution=solution, at=clock.now())


def test_the_list_says_what_is_in_force_and_what_is_refused_without(house, offered):
    shown = page(house.at_work(Role.MARKETER), "agreements")
    assert "Omnichannel CRM" in shown
    assert "Waiting for acceptance" in shown
    assert "Refused without it:" in shown
    assert "Orders and your account" in shown
    assert shown.count("In force") == 4
    assert "Data are still to be returned or deleted" in shown


def test_it_is_drawn_up_read_and_accepted(house, offered):
    browser = house.at_work(Role.ADMINISTRATOR)
    shown = page(browser, "agreement", offered.id)
    assert "Accept for the brand" in shown
    assert offered.digest in shown
    assert "Process Lab SRL" in shown, "the words themselves"
    answer = accept(browser, offered)
    assert answer.status_code == 302
    held = in_force(house)
    assert (held.id, held.acceptance.name, held.acceptance.position) == (offered.id, "Vlad Rusu", "Director")
    assert held.acceptance.staff == house.staff[Role.ADMINISTRATOR]
    after = page(browser, "agreement", offered.id)
    assert "Vlad Rusu, Director" in after
    assert "Accept for the brand" not in after


def test_a_privacy_officer_accepts_too_and_nobody_else(house, offered):
    for role in (Role.MARKETER, Role.ANALYST):
        browser = house.at_work(role)
        shown = page(browser, "agreement", offered.id)
        assert "<form" not in shown.split('id="content"')[1].split("</main>")[0]
        assert accept(browser, offered).status_code == 403
        assert browser.post(reverse("console:agreement-draw-up", args=["crm"])).status_code == 403
        assert end(browser, offered).status_code == 403
        assert browser.post(reverse("console:agreement-settle", args=[offered.id])).status_code == 403
    assert in_force(house) is None
    accept(house.at_work(Role.PRIVACY_OFFICER), offered)
    assert in_force(house).acceptance.staff == house.staff[Role.PRIVACY_OFFICER]


def test_another_brands_agreement_is_not_there(house):
    theirs = tenancy.agreements(controller=house.harbour)[0]
    browser = house.at_work(Role.ADMINISTRATOR)
    for name in ("agreement", "agreement-pdf"):
        assert browser.get(reverse(f"console:{name}", args=[theirs.id])).status_code == 404
    assert accept(browser, theirs).status_code == 404
    assert end(browser, theirs).status_code == 404


def test_a_text_that_changed_since_it_was_opened_is_not_accepted_and_the_new_one_is_shown(house, offered, tmp_path):
    browser = house.at_work(Role.ADMINISTRATOR)
    page(browser, "agreement", offered.id)
    for slug in ("brand", "bloom"):
        shutil.copytree(BUNDLES / slug, tmp_path / slug)
    file = tmp_path / "bloom" / "policy.yaml"
    file.write_text(file.read_text().replace("Bulevardul Primăverii 12", "Strada Nouă 1"))
    policy.publish(controller=house.bloom, bundle=file.parent, by=BY, at=clock.now())
    answer = accept(browser, offered)
    newest = next(info for info in tenancy.agreements(controller=house.bloom) if info.solution == "crm")
    assert (newest.version, newest.policy_number) == (offered.version + 1, 2)
    assert answer.url == reverse("console:agreement", args=[newest.id])
    assert in_force(house) is None
    shown = page(browser, "agreement", newest.id)
    assert "Strada Nouă 1" in shown
    accept(browser, newest)
    assert in_force(house).id == newest.id


def test_a_digest_of_other_words_is_not_accepted(house, offered):
    accept(house.at_work(Role.ADMINISTRATOR), offered, digest="0" * 64)
    assert in_force(house) is None


@pytest.mark.parametrize("missing", ["name", "position", "read"])
def test_what_is_missing_is_asked_for(house, offered, missing):
    answer = accept(house.at_work(Role.ADMINISTRATOR), offered, **{missing: ""})
    assert answer.status_code == 422
    assert missing in AcceptForm.base_fields
    assert 'class="wrong"' in answer.content.decode()
    assert in_force(house) is None


def test_of_two_who_accept_one_after_the_other_the_second_is_told(house, offered):
    accept(house.at_work(Role.ADMINISTRATOR), offered)
    browser = house.at_work(Role.PRIVACY_OFFICER)
    accept(browser, offered, name="Irina Stan")
    assert "done before" in page(browser, "agreement", offered.id)
    assert in_force(house).acceptance.name == "Vlad Rusu"


def test_an_end_says_what_becomes_of_the_data_and_closes_the_solution(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    held = in_force(house)
    assert "End this agreement" in page(browser, "agreement", held.id)
    end(browser, held, choice="return", reason="<b>We part</b>")
    assert in_force(house) is None
    shown = page(browser, "agreement", held.id)
    assert "returned to the brand" in shown
    assert "&lt;b&gt;We part&lt;/b&gt;" in shown
    browser.post(reverse("console:agreement-settle", args=[held.id]))
    assert "Ended and settled" in page(browser, "agreement", held.id)


def test_an_announced_end_leaves_it_in_force_until_that_day(house):
    browser = house.at_work(Role.ADMINISTRATOR)
    held = in_force(house)
    later = (clock.now() + 10 * DAY).date().isoformat()
    end(browser, held, until=later)
    assert in_force(house).ending.until_at > clock.now()
    shown = page(browser, "agreements")
    assert "until" in shown
    assert shown.count("In force") == 5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"due_on": "2020-01-01"}, "lies before the end"),
        ({"until": "2020-01-01"}, "can’t end in the past"),
    ],
)
def test_days_that_do_not_fit_are_refused_with_the_reason(house, said, words):
    browser = house.at_work(Role.ADMINISTRATOR)
    held = in_force(house)
    end(browser, held, **said)
    assert words.replace("’", "&#x27;") in page(browser, "agreement", held.id)
    assert in_force(house).ending is None
    assert end(browser, held, due_on="tomorrow").status_code == 422
    assert set(said) <= set(EndForm.base_fields)


def test_a_deadline_that_passed_is_shown_until_it_is_settled(house):
    held, long_ago = in_force(house), clock.now() - 90 * DAY
    browser = house.at_work(Role.PRIVACY_OFFICER)
    agree(controller=house.harbour, at=clock.now())
    tenancy.end_agreement(
        controller=house.bloom, agreement=held.id, choice=EndChoice.DELETE, due_on=(long_ago + 30 * DAY).date(), reason="Over",
        by=administrator(controller=house.bloom, at=long_ago), at=long_ago, until_at=long_ago,
    )  # fmt: skip
    assert "The day for returning or deleting data has passed" in page(browser, "agreements")
    assert "Deadline passed" in page(browser, "agreement", held.id)
    browser.post(reverse("console:agreement-settle", args=[held.id]))
    assert "has passed" not in page(browser, "agreements")


def test_the_words_are_handed_over_as_a_pdf_in_either_language(house, offered):
    browser = house.at_work(Role.MARKETER)
    for language in ("ro", "en"):
        answer = browser.get(reverse("console:agreement-pdf", args=[offered.id]), {"language": language})
        assert answer.content.startswith(b"%PDF-")
        assert f"bloom-crm-v{offered.version}-{language}.pdf" in answer.headers["Content-Disposition"]
    assert 'lang="ro"' in browser.get(reverse("console:agreement", args=[offered.id]), {"language": "ro"}).content.decode()


def test_words_another_version_of_the_software_wrote_are_shown_as_they_are(house):
    shown = page(house.at_work(Role.ANALYST), "agreement", in_force(house).id)
    assert "<pre>About crm.</pre>" in shown
    assert house.at_work(Role.ANALYST).get(reverse("console:agreement-pdf", args=[in_force(house).id])).status_code == 404


def test_an_unknown_solution_is_not_drawn_up(house):
    browser = house.at_work(Role.ADMINISTRATOR)
    assert browser.post(reverse("console:agreement-draw-up", args=["unheard_of"])).status_code == 404


def test_a_segment_that_may_not_be_counted_says_why_and_where_to_go(house):
    part(controller=house.bloom, solution="crm", at=clock.now())
    answer = house.at_work(Role.MARKETER).get(reverse("console:segment-new"))
    assert "No data processing agreement is in force" in answer.content.decode()
    assert reverse("console:agreements") in answer.content.decode()
