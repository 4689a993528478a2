from datetime import timedelta

import pytest
from django.conf import settings

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.campaigns import api, filling
from assent.campaigns.contracts import BadTemplate, CampaignState, NotNow, UnknownCampaign, UnknownTemplate
from assent.dispatch import api as dispatch, ports
from assent.dispatch.contracts import Handover, Outcome
from assent.foundation.clock import now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.records.profiles import api as profiles
from assent.segments import api as segments
from assent.tenancy import api as tenancy
from tests.agreements import agree

pytestmark = pytest.mark.django_db(databases="__all__")

STAFF = Actor.staff(1)
CAST = {"ada": "ro", "ben": "en", "dan": "ro", "eva": "ro"}


class Remembering:
    channel, recipient = "email", "self"

    def __init__(self):
        self.sent = []

    def hand_over(self, messages):
        self.sent += messages
        return [Handover(message.id, Outcome.SENT) for message in messages]


@pytest.fixture
def bloom():
    """Ada, Ben and Eva of Cluj said yes; Dan of Cluj never chose. Ben reads English."""
    at = now()
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=at
    )
    policy.publish(controller=info.id, bundle=settings.HOME / "policies" / "bloom", by=STAFF, at=at)
    agree(controller=info.id, at=at)
    people = [PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name.title()}) for name in CAST]
    made = subjects.upsert_many(controller=info.id, people=people, by=STAFF, at=at)
    who = {name: one.subject for name, one in zip(CAST, made, strict=True)}
    yes = [
        ChoiceInput(who[name], "direct_marketing", Choice.GIVEN, Method.WEB_FORM, "test", "email", "marketing_email")
        for name in ("ada", "ben", "eva")
    ]
    consent.apply_many(controller=info.id, choices=yes, by=STAFF, at=at)
    rows = [(who[name], {"city": "Cluj", "language": language}) for name, language in CAST.items()]
    profiles.set_attributes(controller=info.id, rows=rows, at=at)
    profiles.mirror(controller=info.id)
    ports.wire(renderer=api.EditionRenderer())
    return info.id


@pytest.fixture
def template(bloom):
    return api.create_template(
        controller=bloom,
        name="Autumn",
        subject={"en": "Autumn, {{ first_name }}", "ro": "Toamnă, {{ first_name }}"},
        body={"en": "Hello {{ first_name }} of {{ city }}", "ro": "Bună {{ first_name }} din {{ city }}"},
        by=STAFF,
        at=now(),
    )


@pytest.fixture
def segment(bloom):
    cluj = {"attribute": "city", "is": "Cluj"}
    return segments.create(controller=bloom, name="Cluj", purpose="direct_marketing", definition=cluj, by=STAFF, at=now()).id


@pytest.fixture
def make(bloom, template, segment):
    def made(**more):
        given = {
            "controller": bloom, "name": "Autumn", "segment": segment, "purpose": "direct_marketing", "channel": "email",
            "template": template.id, "sender_name": "Bloom", "sender_address": "news@bloom.example", "scheduled_at": None,
            "by": STAFF, "at": now(), **more,
        }  # fmt: skip
        return api.create(**given).id

    return made


def hand_over(bloom, *, later=timedelta(0)):
    sender = Remembering()
    while dispatch.hand_over_once(controller=bloom, sender=sender, at=now() + later).claimed:
        pass
    return {message.address.split("@")[0]: message for message in sender.sent}


def test_a_campaign_goes_to_those_who_said_yes_in_their_own_language(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    assert api.sweep(at=now()) is False
    sent = hand_over(bloom)
    assert set(sent) == {"ada", "ben", "eva"}
    assert sent["ada"].rendered.subject == "Toamnă, Ada"
    assert sent["ben"].rendered.text.startswith("Hello Ben of Cluj")
    assert "Dezabonare" in sent["ada"].rendered.html
    assert sent["ada"].headers["List-Unsubscribe"].split(">")[0].lstrip("<") in sent["ada"].rendered.text
    progress = api.progress(controller=bloom, campaign=campaign)
    assert (progress.matched, dict(progress.lost), progress.filled, progress.open) == (4, {"no_consent": 1}, True, 0)
    api.sweep(at=now())
    assert api.campaign(controller=bloom, campaign=campaign).state is CampaignState.SENT


def test_a_campaign_waits_for_its_time(bloom, make):
    later = now() + timedelta(hours=2)
    campaign = make(scheduled_at=later)
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert hand_over(bloom) == {}
    api.sweep(at=later)
    assert api.progress(controller=bloom, campaign=campaign).total == 3


def test_filling_goes_on_after_a_crash_without_a_second_copy(bloom, make, monkeypatch):
    class Crash(BaseException):
        pass

    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    monkeypatch.setattr(filling, "PEOPLE_AT_ONCE", 1)
    enqueue, calls = dispatch.enqueue, []

    def crashing(**given):
        calls.append(enqueue(**given))
        if len(calls) == 2:
            raise Crash

    monkeypatch.setattr(dispatch, "enqueue", crashing)
    with pytest.raises(Crash):
        api.sweep(at=now())
    monkeypatch.setattr(dispatch, "enqueue", enqueue)
    assert api.progress(controller=bloom, campaign=campaign).total == 2
    api.sweep(at=now())
    assert api.progress(controller=bloom, campaign=campaign).total == 2
    api.sweep(at=now() + timedelta(minutes=2))
    assert api.progress(controller=bloom, campaign=campaign).total == 3
    assert len(hand_over(bloom, later=timedelta(minutes=3))) == 3


def test_a_paused_campaign_stands_still_and_goes_on_where_it_was(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    api.pause(controller=bloom, campaign=campaign, by=STAFF, at=now())
    assert hand_over(bloom) == {}
    api.resume(controller=bloom, campaign=campaign, by=STAFF, at=now())
    assert len(hand_over(bloom)) == 3


def test_a_campaign_paused_before_it_began_begins_when_resumed(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.pause(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert api.progress(controller=bloom, campaign=campaign).total == 0
    api.resume(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert api.progress(controller=bloom, campaign=campaign).total == 3


def test_a_cancelled_campaign_sends_nothing_more(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert api.cancel(controller=bloom, campaign=campaign, by=STAFF, at=now()) == 3
    assert hand_over(bloom) == {}
    with pytest.raises(NotNow, match="cancelled"):
        api.resume(controller=bloom, campaign=campaign, by=STAFF, at=now())


def test_a_campaign_is_sent_once(bloom, make):
    campaign = make()
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    with pytest.raises(NotNow):
        api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())


def test_variants_share_the_people_between_them(bloom, make, template):
    other = api.create_template(
        controller=bloom, name="Other", subject={"ro": "Altfel"}, body={"ro": "Altfel de toamnă"}, by=STAFF, at=now()
    )
    campaign = make(variants=[(template.id, 1), (other.id, 1)])
    assert api.campaign(controller=bloom, campaign=campaign).variants == ((template.id, 1), (other.id, 1))
    api.send(controller=bloom, campaign=campaign, by=STAFF, at=now())
    api.sweep(at=now())
    assert {message.rendered.subject.split(",")[0] for message in hand_over(bloom).values()} <= {"Toamnă", "Autumn", "Altfel"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"purpose": "service"}, "segment"),
        ({"channel": "post"}, "purpose"),
        ({"purpose": "nothing"}, "purpose"),
        ({"sender_address": "news"}, "sender"),
        ({"sender_address": "a@b.example\r\nBcc: x@y.example"}, "sender"),
        ({"name": " "}, "name"),
    ],
)
def test_a_campaign_that_cannot_be_right_is_refused_with_the_place(make, changes, place):
    with pytest.raises(BadTemplate) as told:
        make(**changes)
    assert told.value.problems[0].place == place


def test_words_may_only_use_what_the_policy_allows_for_the_purpose(bloom, make):
    nosy = api.create_template(
        controller=bloom, name="Nosy", subject={"ro": "Salut"}, body={"ro": "Locuiți pe {{ street }}"}, by=STAFF, at=now()
    )
    with pytest.raises(BadTemplate, match="street"):
        make(template=nosy.id)


def test_the_same_words_are_the_same_version_and_others_a_new_one(bloom, template):
    again = {"controller": bloom, "name": "Autumn", "by": STAFF, "at": now()}
    same = api.create_template(subject=dict(template.subjects), body=dict(template.bodies), **again)
    other = api.create_template(subject={"ro": "Iarnă"}, body={"ro": "Iarnă"}, **again)
    assert (same.id, other.version) == (template.id, 2)
    assert [one.version for one in api.templates(controller=bloom)] == [2]


def test_every_fault_of_a_template_is_named(bloom):
    with pytest.raises(BadTemplate) as told:
        api.create_template(
            controller=bloom, name="", subject={"en": "{{ x"}, body={"en": "{{ y() }}", "ro": "Bună"}, by=STAFF, at=now()
        )
    assert {problem.place.split(",")[0] for problem in told.value.problems} == {"name", "languages", "subject en", "body en"}


def test_a_preview_shows_an_invented_person_or_a_real_one_and_writes_that_down(bloom, template):
    given = {"controller": bloom, "template": template.id, "purpose": "direct_marketing", "by": STAFF, "at": now()}
    shown = api.preview(language="ro", **given)
    assert shown.subject == "Toamnă, Ioana"
    assert "/u/preview" in shown.html
    [ada] = subjects.recognise(controller=bloom, kind="user_id", values=["ada"])
    assert api.preview(language="ro", subject=ada, **given).subject == "Toamnă, Ada"
    assert [entry.by for _, entry in audit.entries(controller=bloom, did="subjects.identifiers.read")] == ["staff:1"]


def test_a_persons_name_cannot_write_html(bloom, template):
    subjects.upsert_many(
        controller=bloom, people=[PersonInput({"user_id": "ada", "first_name": "<b>Ada</b>"})], by=STAFF, at=now()
    )
    [ada] = subjects.recognise(controller=bloom, kind="user_id", values=["ada"])
    given = {"controller": bloom, "template": template.id, "purpose": "direct_marketing", "by": STAFF, "at": now()}
    shown = api.preview(language="ro", subject=ada, **given)
    assert "<b>Ada" not in shown.html
    assert "&lt;b&gt;Ada" in shown.html


def test_another_controller_sees_neither_words_nor_campaigns(bloom, make, template):
    campaign = make()
    harbour = tenancy.make_controller(
        slug="harbour", name="Harbour", country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=now()
    ).id
    with pytest.raises(UnknownTemplate):
        api.template(controller=harbour, template=template.id)
    with pytest.raises(UnknownCampaign):
        api.send(controller=harbour, campaign=campaign, by=STAFF, at=now())
    assert api.campaigns(controller=harbour) == []
