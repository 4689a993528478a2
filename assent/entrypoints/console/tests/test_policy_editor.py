"""Writing the policy in the console: by whom, in forms and in YAML, two at once, and without losing a word."""

from difflib import ndiff

import pytest

from assent.entrypoints.console.policy_words import SECTIONS
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

from .conftest import BY, PASSWORD
from .forms import fields

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

NEWS = "/policy/draft/purposes/direct_marketing/"
FIELD = "purposes.direct_marketing."


def text_of(answer):
    return answer.content.decode()


@pytest.fixture
def irina(house):
    """A privacy officer with a draft open."""
    browser = house.at_work(Role.PRIVACY_OFFICER)
    assert browser.post("/policy/draft/start").status_code == 302
    return browser


def second_officer(house):
    staff = tenancy.make_staff(
        email="petru@bloom.example", name="Petru", password=PASSWORD, language="en", by=BY, at=clock.now()
    )
    tenancy.grant(staff=staff, controller=house.bloom, role=Role.PRIVACY_OFFICER, by=BY, at=clock.now())
    from django.test import Client

    browser = Client(headers={"accept-language": "en"})
    assert browser.login(email="petru@bloom.example", password=PASSWORD)
    return browser


def save(browser, path, sent, **more):
    return browser.post(path, {**sent, "do": "save", **more})


def draft(house):
    return policy.draft_of(controller=house.bloom)


def data(house):
    return policy.read_yaml(draft(house).files["policy.yaml"], "policy.yaml").data


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST, Role.ADMINISTRATOR])
def test_others_read_versions_and_change_nothing(house, irina, role):
    browser = house.at_work(role)
    for path in ("/policy/", "/policy/findings", "/policy/versions/1/", "/policy/compare"):
        assert browser.get(path).status_code == 200, path
    for path in ("/policy/draft/", "/policy/draft/file", NEWS, "/policy/draft/publish", "/policy/versions/1/rollback"):
        assert browser.get(path).status_code == 403, path
    for path in ("start", "discard", "take-up", "publish", "review/submit", "purposes/", "purposes/service/"):
        assert browser.post(f"/policy/draft/{path}").status_code == 403, path
    assert draft(house).revision == 1
    assert "Start a draft" not in text_of(browser.get("/policy/"))


def test_only_an_administrator_switches_four_eyes(house, irina):
    assert irina.post("/settings/four-eyes", {"on": "1"}).status_code == 403
    assert house.at_work(Role.ADMINISTRATOR).post("/settings/four-eyes", {"on": "1"}).status_code == 302
    assert policy.four_eyes(controller=house.bloom)


def test_every_part_opens_and_saving_it_untouched_changes_nothing(house, irina):
    before = draft(house)
    whole = data(house)
    pages = [f"/policy/draft/{section}/" for section in SECTIONS]
    pages += [
        f"/policy/draft/{section}/{next(iter(whole[section]))}/"
        for section in ("purposes", "data", "recipients", "events", "cookies", "texts", "traits", "solutions", "measures")
    ]
    for path in pages:
        answer = irina.get(path)
        assert answer.status_code == 200, path
        sent = fields(answer)
        if "view" in sent:
            assert save(irina, path, sent).status_code == 302, path
            assert draft(house).files == before.files, path


@pytest.mark.parametrize("key", ["direct_marketing", "similar_products", "service", "advertising"])
def test_a_purpose_saved_untouched_is_the_same_line_by_line(house, irina, key):
    before = draft(house).files
    assert save(irina, f"/policy/draft/purposes/{key}/", fields(irina.get(f"/policy/draft/purposes/{key}/"))).status_code == 302
    assert draft(house).files == before


def test_a_form_changes_the_lines_it_is_about_and_no_others(house, irina):
    before = draft(house).files["policy.yaml"].splitlines()
    sent = fields(irina.get(NEWS))
    sent[FIELD + "title.en"] = ["News"]
    sent[FIELD + "recipients"] = ["platform", "meta"]
    sent[FIELD + "per_channel_choice"] = []
    save(irina, NEWS, sent)
    after = draft(house).files["policy.yaml"].splitlines()
    changed = [line for line in ndiff(before, after) if line[0] in "-+"]
    assert [line.split(":")[0] for line in changed if line[0] == "-"] == [
        "-     title", "-     recipients", "-     per_channel_choice",
    ]  # fmt: skip
    assert [line for line in changed if line[0] == "+"] == [
        "+     title: {en: News, ro: Noutăți și oferte}", "+     recipients: [platform, meta]",
    ]  # fmt: skip
    assert data(house)["purposes"]["direct_marketing"]["data"] == list(
        policy.current(controller=house.bloom).policy.purposes["direct_marketing"].data
    )


def test_what_a_form_does_not_know_stays_in_the_yaml(house, irina):
    yaml = (
        draft(house).files["policy.yaml"].replace("    basis: consent\n", "    basis: consent\n    mood: merry # why not\n", 1)
    )
    irina.post("/policy/draft/file", {"view": "yaml", "yaml": yaml, "revision": "1", "do": "save"})
    key = next(key for key, one in data(house)["purposes"].items() if "mood" in one)
    path = f"/policy/draft/purposes/{key}/"
    sent = fields(irina.get(path))
    sent[f"purposes.{key}.title.en"] = ["Anything"]
    save(irina, path, sent)
    assert "mood: merry # why not" in draft(house).files["policy.yaml"]


def test_the_yaml_beside_a_form_edits_the_same_part(house, irina):
    first, last = policy.lines_of(
        policy.read_yaml(draft(house).files["policy.yaml"], ""), draft(house).files["policy.yaml"], ("purposes", "service")
    )
    lines = draft(house).files["policy.yaml"].splitlines()
    part = "\n".join(lines[first - 1 : last]).replace("Orders and your account", "Orders")
    irina.post("/policy/draft/purposes/service/", {"view": "yaml", "yaml": part, "revision": "1", "do": "save"})
    assert data(house)["purposes"]["service"]["title"]["en"] == "Orders"
    assert len(draft(house).files["policy.yaml"].splitlines()) == len(lines)


def test_a_finding_stands_at_its_field_and_at_its_line(house, irina):
    sent = fields(irina.get(NEWS))
    sent[FIELD + "retention.duration"] = ["forever"]
    page = text_of(irina.post(NEWS, {**sent, "do": "check"}, headers={"hx-request": "true"}))
    assert 'data-place="purposes.direct_marketing.retention.duration"' in page
    assert "nothing is kept without an end" in page
    assert 'class="flawed"' in page, "the line beside"
    assert draft(house).revision == 1, "it was only checked"

    save(irina, NEWS, sent)
    page = text_of(irina.get(NEWS))
    assert 'id="f-purposes.direct_marketing.retention.duration_wrong"><p>' in page
    assert 'aria-invalid="true"' in page


def test_yaml_that_cannot_be_read_is_kept_and_told(house, irina):
    irina.post("/policy/draft/file", {"view": "yaml", "yaml": "controller: [\n", "revision": "1", "do": "save"})
    assert draft(house).files["policy.yaml"] == "controller: [\n"
    page = text_of(irina.get("/policy/draft/file"))
    assert "controller: [" in page
    assert "error" in page
    assert irina.get(NEWS).url == "/policy/draft/file"
    assert irina.get("/policy/draft/").status_code == 200


def test_two_editors_are_told_and_lose_nothing(house, irina):
    petru = second_officer(house)
    mine, theirs = fields(irina.get(NEWS)), fields(petru.get(NEWS))
    theirs[FIELD + "title.en"] = ["News by Petru"]
    assert save(petru, NEWS, theirs).status_code == 302
    mine[FIELD + "title.en"] = ["News by Irina"]
    answer = save(irina, NEWS, mine)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Petru saved this draft while you were writing." in page
    assert 'value="News by Irina"' in page
    assert "News by Petru" in page
    assert data(house)["purposes"]["direct_marketing"]["title"]["en"] == "News by Petru"

    again = fields(answer)
    assert again["revision"] == ["2"]
    assert save(irina, NEWS, again).status_code == 302
    assert data(house)["purposes"]["direct_marketing"]["title"]["en"] == "News by Irina"


def test_an_entry_is_added_filled_in_and_removed(house, irina):
    answer = irina.post("/policy/draft/data/", {"key": "shoe_size", "revision": "1"})
    assert answer.url == "/policy/draft/data/shoe_size/"
    sent = fields(irina.get(answer.url))
    sent |= {
        "data.shoe_size.title.en": ["Shoe size"], "data.shoe_size.title.ro": ["Număr la pantofi"],
        "data.shoe_size.category": ["user.behavior"], "data.shoe_size.kind": ["digital"], "data.shoe_size.storage": ["plain"],
    }  # fmt: skip
    save(irina, answer.url, sent)
    assert data(house)["data"]["shoe_size"] == {
        "title": {"en": "Shoe size", "ro": "Număr la pantofi"},
        "category": "user.behavior",
        "kind": "digital",
        "storage": "plain",
    }
    irina.post(answer.url, {"do": "remove", "revision": str(draft(house).revision), "view": "form"})
    assert "shoe_size" not in data(house)["data"]


@pytest.mark.parametrize("key", ["", "Shoe size", "../x", "email", "a" * 64])
def test_a_key_that_is_none_is_refused(house, irina, key):
    assert irina.post("/policy/draft/data/", {"key": key, "revision": "1"}).url == "/policy/draft/data/"
    assert draft(house).revision == 1


def test_a_text_is_written_in_each_language(house, irina):
    path = "/policy/draft/texts/opt_out/"
    sent = fields(irina.get(path))
    assert sent["content.en"][0].strip()
    sent["content.en"] = ["One click.\r\n\r\nThat is all.  "]
    save(irina, path, sent)
    assert draft(house).files["texts/en/opt_out.md"] == "One click.\n\nThat is all.\n"
    assert draft(house).files["texts/ro/opt_out.md"] == policy.current(controller=house.bloom).texts["opt_out", "ro"] + "\n"


def test_what_is_hostile_is_shown_and_not_obeyed(house, irina):
    sent = fields(irina.get(NEWS))
    sent[FIELD + "title.en"] = ['"><script>alert(1)</script>']
    save(irina, NEWS, sent)
    for path in (
        "/policy/draft/",
        NEWS,
        "/policy/draft/purposes/",
        "/policy/compare",
        "/policy/draft/file",
        "/policy/draft/publish?effects=1",
    ):
        assert "<script>alert" not in text_of(irina.get(path)), path


def test_a_draft_is_discarded_only_by_who_has_it_before_them(house, irina):
    save(irina, NEWS, {**fields(irina.get(NEWS)), FIELD + "title.en": ["News"]})
    irina.post("/policy/draft/discard", {"revision": "1"})
    assert draft(house) is not None
    irina.post("/policy/draft/discard", {"revision": "2"})
    assert draft(house) is None
    assert irina.get("/policy/draft/").url == "/policy/"


def test_a_brand_without_a_policy_starts_from_the_template(house):
    made = tenancy.make_controller(
        slug="kiosk", name="Kiosk", country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=clock.now()
    )
    tenancy.grant(staff=house.staff[Role.PRIVACY_OFFICER], controller=made.id, role=Role.PRIVACY_OFFICER, by=BY, at=clock.now())
    browser = house.at_work(Role.PRIVACY_OFFICER)
    browser.post("/enter", {"controller": made.id})
    assert "Start from the template" in text_of(browser.get("/policy/"))
    browser.post("/policy/draft/start")
    assert policy.draft_of(controller=made.id).based_on == 0
    sent = fields(browser.get("/policy/draft/controller/"))
    sent["controller.slug"] = ["kiosk"]
    save(browser, "/policy/draft/controller/", sent)
    browser.post("/policy/draft/publish", {"revision": "2"})
    assert policy.current(controller=made.id).number == 1


def test_the_editor_speaks_romanian(house):
    browser = house.at_work(Role.PRIVACY_OFFICER, language="ro")
    browser.post("/policy/draft/start")
    page = text_of(browser.get(NEWS))
    assert "De ce este legal" in page
    assert "Salvați formularul" in page
