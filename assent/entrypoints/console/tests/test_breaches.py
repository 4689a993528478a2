"""Breaches at the desk: from an alarm or a suspicion to the draft, the letters and the end, and who may do what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import AlarmState, OrderState, State
from assent.tenancy.contracts import Role

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

WORDS = {
    f"{language}-{name}": text
    for language in ("en", "ro")
    for name, text in (
        ("what", "A key lay open."),
        ("causes", "It was pasted."),
        ("effects", "Strange mail may come."),
        ("measures", "The key was ended."),
        ("advice", "Be wary."),
    )
}
FORMULA = {
    "kind": "simple", "context": "3", "ease": "maximum", "confidentiality": "most", "integrity": "none", "availability": "none",
    "risk": "", "reason": "",
}  # fmt: skip


def stamp(at):
    return timezone.localtime(at, timezone.get_fixed_timezone(120)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def officer(house):
    return house.at_work(Role.PRIVACY_OFFICER)


@pytest.fixture
def leaked(house):
    """Let key 7 read Ada and Ben."""
    for who in (house.ada, house.ben):
        subject = house.subject(who)
        audit.write(Did.IDENTIFIERS_READ, controller=house.bloom, by=Actor.key(7), at=clock.now(), about=subject)


def suspected(house):
    made = breaches.suspect(
        controller=house.bloom,
        title="A key leaked",
        found_at=clock.now() - timedelta(hours=1),
        by=Actor.staff(1),
        at=clock.now(),
    )
    return made.id


def info(house, number):
    return breaches.breach(controller=house.bloom, breach=number)


def test_a_suspicion_is_written_down_and_opens_its_page(house, officer):
    answer = officer.post(
        "/breaches/suspect",
        {"title": "A key leaked", "found_at": stamp(clock.now()), "nature": ["confidentiality"], "note": ""},
    )
    [made] = breaches.breaches(controller=house.bloom)
    assert answer.url == f"/breaches/{made.id}/"
    page = officer.get(answer.url).content.decode()
    assert "A key leaked" in page
    assert "not running yet" in page


def test_a_text_that_names_somebody_is_refused_and_nothing_typed_is_lost(house, officer):
    given = {"title": "ada@people.example wrote", "found_at": stamp(clock.now()), "note": "kept words"}
    answer = officer.post("/breaches/suspect", given)
    assert answer.status_code == 422
    assert b"kept words" in answer.content
    assert breaches.breaches(controller=house.bloom) == []


def test_the_whole_way_to_the_letters(house, officer, leaked):
    number = suspected(house)
    since, until = clock.now() - timedelta(days=1), clock.now() + timedelta(minutes=2)
    page = f"/breaches/{number}/"
    reach = {"by": ["key:7"], "since": stamp(since), "until": stamp(until), "readings": ["identifiers"]}
    breaches.look_over(at=clock.now())
    audit.seal_pending()
    breaches.look_over(at=clock.now())
    assert officer.post(page + "affected", reach).url == page
    assert info(house, number).people == 2
    assert officer.post(page + "confirm", {"aware_at": stamp(clock.now() - timedelta(minutes=2)), "note": ""}).url == page
    assert officer.post(page + "accounts", WORDS).url == page
    described = {
        "title": "A key leaked", "nature": ["confidentiality"], "touched": ["email", "full_name"], "subjects": ["customers"],
        "countries": "bg", "began_at": stamp(since), "ended_at": "", "why_not_told": "",
    }  # fmt: skip
    assert officer.post(page + "describe", described).url == page
    assert officer.post(page + "assess", FORMULA).url == page
    found = info(house, number)
    assert (found.risk, found.countries, found.severity.score) == ("high", ("BG",), 3.5)
    draft = officer.get(page + "draft/authority.page").content.decode()
    assert "2, found one by one" in draft
    assert "Still to be written" not in draft
    assert officer.get(page + "draft/authority.pdf").content.startswith(b"%PDF")
    assert "Strange mail may come" in officer.get(page + "draft/people.md?language=ro").content.decode()
    assert officer.post(page + "tell").url == page
    breaches.sweep_letters(at=clock.now())
    letters = [dispatch.messages(controller=house.bloom, subject=house.subject(who)) for who in (house.ada, house.ben)]
    assert [[one.occasion.rpartition(":")[0] for one in each] for each in letters] == [[f"breach:{number}"]] * 2
    assert "waiting to leave" in officer.get(page).content.decode()
    officer.post(page + "contain", {"note": "The key was ended."})
    officer.post(page + "notified", {"sent_at": stamp(clock.now() - timedelta(minutes=1)), "reference": "17", "why_late": ""})
    officer.post(page + "pass-on")
    assert officer.post(page + "close").url == page
    assert info(house, number).state is State.CLOSED


def test_closing_too_early_says_what_is_missing_in_words(house, officer):
    number = suspected(house)
    officer.post(f"/breaches/{number}/confirm", {"aware_at": stamp(clock.now() - timedelta(minutes=2)), "note": ""})
    officer.post(f"/breaches/{number}/contain", {"note": "Ended."})
    answer = officer.post(f"/breaches/{number}/close")
    assert answer.status_code == 422
    assert "the risk is not assessed" in answer.content.decode()


def test_letters_wait_until_they_are_written_in_every_language(house, officer, leaked):
    number = suspected(house)
    officer.post(f"/breaches/{number}/confirm", {"aware_at": stamp(clock.now() - timedelta(minutes=2)), "note": ""})
    answer = officer.post(f"/breaches/{number}/tell")
    assert answer.status_code == 422
    assert info(house, number).telling_since is None


def test_the_arithmetic_is_drawn_before_it_is_kept(house, officer):
    number = suspected(house)
    answer = officer.post(f"/breaches/{number}/weigh", FORMULA)
    assert b"<b>3.5</b>" in answer.content
    assert info(house, number).assessment is None


def test_an_alarm_is_taken_up_or_dismissed_with_a_reason(house, officer):
    for many in (2_000, 3_000):
        by = Actor.key(many)
        audit.write_bulk(Did.SEGMENT_READ, controller=house.bloom, by=by, at=clock.now(), subjects=list(range(1, many)))
    audit.seal_pending()
    breaches.look_over(at=clock.now())
    page = officer.get("/breaches/").content.decode()
    assert "unusually many people read" in page
    second, first = breaches.alarms(controller=house.bloom)
    officer.post(f"/alarms/{first.id}/dismiss", {"reason": "A planned move."})
    assert b"Unusually many people read: key" in officer.get(f"/breaches/new?alarm={second.id}").content
    given = {"title": "Key 3000 read much", "found_at": stamp(clock.now()), "note": "", "alarm": second.id}
    officer.post("/breaches/suspect", given)
    states = {one.id: one.state for one in breaches.alarms(controller=house.bloom)}
    assert states == {first.id: AlarmState.DISMISSED, second.id: AlarmState.BREACH}


def test_a_demand_is_recorded_answered_and_told(house, officer):
    given = {
        "authority": "Bucharest prosecutor", "reference": "12/P", "ground": "Art. 170", "what": "Orders",
        "people": str(house.ada), "received_at": stamp(clock.now()), "secret": "on", "secret_until": "",
    }  # fmt: skip
    assert officer.post("/demands/record", given).url == "/demands/"
    [made] = breaches.orders(controller=house.bloom)
    assert (made.subjects, made.secret) == ((house.subject(house.ada),), True)
    officer.post(f"/demands/{made.id}/answer", {"handed": "A list of orders."})
    assert "forbidden for now" in officer.get("/demands/").content.decode()
    breaches.sweep_orders(at=clock.now())
    assert dispatch.messages(controller=house.bloom, subject=house.subject(house.ada)) == []
    officer.post(f"/demands/{made.id}/answer", {"lift": "1"})
    breaches.sweep_orders(at=clock.now())
    [letter] = dispatch.messages(controller=house.bloom, subject=house.subject(house.ada))
    assert letter.occasion.startswith(f"order:{made.id}:")
    assert breaches.order(controller=house.bloom, order=made.id).state is OrderState.HANDED_OVER


def test_a_demand_about_nobody_here_is_refused(house, officer):
    given = {
        "authority": "X", "ground": "Art. 170", "what": "Orders", "people": str(house.cleo), "received_at": stamp(clock.now()),
    }  # fmt: skip
    answer = officer.post("/demands/record", given)
    assert answer.status_code == 422
    assert b"the id of nobody here" in answer.content


def test_measures_are_checked_and_shown(house, officer):
    assert b"not checked yet" in officer.get("/measures/").content
    officer.post("/measures/check")
    page = officer.get("/measures/").content.decode()
    assert "The whole book holds together." in page
    assert "lie sealed" in page
    failing = [one.check for one in breaches.measures(controller=house.bloom) if one.holds is False]
    assert failing == ["breach-register", "backups-fresh"]  # nobody watches in a test, and nobody makes copies


def test_an_administrator_sees_and_changes_nothing_and_a_marketer_sees_nothing(house):
    number = suspected(house)
    administrator, marketer = house.at_work(Role.ADMINISTRATOR), house.at_work(Role.MARKETER)
    page = administrator.get(f"/breaches/{number}/")
    assert page.status_code == 200
    assert b'action="/breaches/' not in page.content
    assert administrator.post(f"/breaches/{number}/dismiss", {"note": "x"}).status_code == 403
    assert marketer.get(f"/breaches/{number}/").status_code == 403
    assert marketer.get("/demands/").status_code == 403


def test_another_brands_breach_is_not_there(house, officer):
    made = breaches.suspect(controller=house.harbour, title="Theirs", found_at=clock.now(), by=Actor.staff(1), at=clock.now())
    assert officer.get(f"/breaches/{made.id}/").status_code == 404
    assert officer.post(f"/breaches/{made.id}/dismiss", {"note": "x"}).status_code == 404


@pytest.mark.parametrize("language", ["en", "ro"])
def test_every_page_opens_in_both_languages(house, language):
    number = suspected(house)
    browser = house.at_work(Role.PRIVACY_OFFICER, language=language)
    browser.cookies["django_language"] = language
    for path in ("/breaches/", "/breaches/new", f"/breaches/{number}/", "/demands/", "/measures/"):
        assert browser.get(path).status_code == 200, path


def test_a_failed_log_in_is_written_down_against_the_account_and_a_strangers_address_nowhere(house, client):
    client.post("/account/login/", {"login": "marketer@bloom.example", "password": "wrong"})
    client.post("/account/login/", {"login": "nobody@nowhere.example", "password": "wrong"})
    lines = [line for _, line in audit.entries(controller=house.bloom, did=Did.LOGIN_FAILED)]
    assert [(line.on, line.by) for line in lines] == [(f"staff:{house.staff[Role.MARKETER]}", "system:log-in")]
