"""What a draft would do, counted against brute force on a small world, and putting it in force with two pairs of eyes."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import Client

from assent.audit import api as audit
from assent.campaigns import api as campaigns
from assent.campaigns.contracts import Unfit
from assent.entrypoints.console.policy_effects import foresee
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.segments import api as segments
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

from .conftest import BY
from .forms import fields
from .test_policy_editor import FIELD, NEWS, draft, save, second_officer, text_of

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

PURPOSE = "direct_marketing"
SAID = ("nothing", "email", "sms", "both", "withdrawn", "email, not sms")


@pytest.fixture
def irina(house):
    browser = house.at_work(Role.PRIVACY_OFFICER)
    browser.post("/policy/draft/start")
    return browser


def say(house, subject, channel, *, yes=True, after=0):
    common = {"controller": house.bloom, "subject": subject, "purpose": PURPOSE, "channel": channel, "by": BY}
    at, how = clock.now() + timedelta(seconds=after), {"method": Method.WEB_FORM, "source": "test"}
    if yes:
        consent.give(**common, **how, wording=f"marketing_{channel}", language="ro", at=at)
    else:
        consent.withdraw(**common, **how, at=at)


@pytest.fixture
def crowd(house):
    """Twice everybody there can be."""
    people = [PersonInput({"user_id": f"p{n}"}) for n in range(2 * len(SAID))]
    made = [one.subject for one in subjects.upsert_many(controller=house.bloom, people=people, by=BY, at=clock.now())]
    for subject, said in zip(made, SAID * 2, strict=True):
        for channel in ("email", "sms"):
            if said in {channel, "both", "withdrawn"} or (said == "email, not sms" and channel == "email"):
                say(house, subject, channel)
        if said == "withdrawn":
            for channel in ("email", "sms"):
                say(house, subject, channel, yes=False, after=1)
    return made


def share_with_meta(house, browser):
    sent = fields(browser.get(NEWS))
    sent[FIELD + "recipients"] = ["platform", "meta"]
    assert save(browser, NEWS, sent).status_code == 302


def effects(house):
    now = clock.now() + timedelta(minutes=1)
    loaded, found, _ = policy.consequences_of_draft(controller=house.bloom, at=now)
    return foresee(controller=house.bloom, said=loaded, outdated=found.outdated, at=now, language="en")


def answers(house, people):
    """Ask about each person and channel, one by one."""
    at = clock.now() + timedelta(minutes=2)
    return {
        (subject, channel): lawfulness.decide(
            controller=house.bloom, question=Question(Operation.USE, PURPOSE, subject, at, channel=channel)
        )
        for subject, channel in product(people, ("any", "email", "sms", "push"))
    }


def test_people_are_counted_as_they_will_be_asked(house, irina, crowd):
    everybody = [*crowd, house.subject(house.ada), house.subject(house.ben)]
    share_with_meta(house, irina)
    before, [told] = answers(house, everybody), effects(house).people
    irina.post("/policy/draft/publish", {"revision": "2"})
    after = answers(house, everybody)

    turned = {subject for (subject, channel), verdict in before.items() if verdict.yes and not after[subject, channel].yes}
    assert {after[key].why for key, verdict in before.items() if verdict.yes} == {Why.CONSENT_OUTDATED}
    assert told.lost == len(turned) == 9
    assert told.standing == len({subject for (subject, _), verdict in before.items() if verdict.yes})
    assert (told.regained, told.reasons) == (0, ("a new recipient: Meta Platforms Ireland Limited",))


def test_people_who_said_yes_since_are_not_counted_again(house, irina, crowd):
    share_with_meta(house, irina)
    irina.post("/policy/draft/publish", {"revision": "2"})
    for subject in crowd[:3]:
        say(house, subject, "email", after=60)
    irina.post("/policy/draft/start")
    sent = fields(irina.get(NEWS))
    sent[FIELD + "data"] = [*sent[FIELD + "data"], "sizes"]
    save(irina, NEWS, sent)
    [told] = effects(house).people
    assert (told.lost, told.standing) == (3, 3)


def test_a_rollback_tells_who_counts_again(house, irina, crowd):
    share_with_meta(house, irina)
    irina.post("/policy/draft/publish", {"revision": "2"})
    page = text_of(irina.get("/policy/versions/1/rollback"))
    assert "9 people’s earlier consents, given in these very terms, would count again" in page
    irina.post("/policy/versions/1/rollback")
    assert policy.current(controller=house.bloom).number == 3
    assert sum(verdict.yes for (_, channel), verdict in answers(house, crowd).items() if channel == "any") == 8
    assert text_of(irina.get("/policy/versions/2/")).count("a new recipient: Meta Platforms Ireland Limited") == 1


def test_segments_and_campaigns_are_named_with_what_they_would_lose(house, irina):
    now = clock.now()
    big = {"event": "Order Completed", "sum": {"property": "total", "over": 200}}
    names = {
        "Big spenders": {"all": [big, {"attribute": "city", "is": "Cluj"}]},
        "From Cluj": {"attribute": "city", "is": "Cluj"},
        "Often": {"any": [{"attribute": "orders_count", "over": 3}, {"attribute": "spent_total", "over": 9}]},
    }
    made = {
        name: segments.create(controller=house.bloom, name=name, purpose=PURPOSE, definition=tree, by=BY, at=now).id
        for name, tree in names.items()
    }
    template = campaigns.create_template(
        controller=house.bloom, name="T", subject={"ro": "Bună"}, body={"ro": "Salut"}, by=BY, at=now
    )
    ways = {"segment": ("Big spenders", "email"), "channel": ("From Cluj", "sms"), "fine": ("From Cluj", "email")}
    for name, (segment, channel) in ways.items():
        one = campaigns.create(
            controller=house.bloom, name=name, segment=made[segment], purpose=PURPOSE, channel=channel, template=template.id,
            sender_name="Bloom", sender_address="news@bloom.example", scheduled_at=now + timedelta(days=1), by=BY, at=now,
        )  # fmt: skip
        campaigns.send(controller=house.bloom, campaign=one.id, by=BY, at=now)

    path = "/policy/draft/events/order_completed/"
    sent = fields(irina.get(path))
    sent["events.order_completed.purposes.direct_marketing"] = ["currency, products.category"]
    for fold in ("1", "2"):
        sent[f"remove:events.order_completed.folds.{fold}"] = ["1"]
    save(irina, path, sent)
    path = "/policy/draft/events/order_refunded/"
    sent = fields(irina.get(path))
    sent["remove:events.order_refunded.purposes.direct_marketing"] = ["1"]
    for fold in ("0", "1"):
        sent[f"remove:events.order_refunded.folds.{fold}"] = ["1"]
    save(irina, path, sent)
    sent = fields(irina.get(NEWS))
    sent[FIELD + "channels"] = ["email", "push"]
    sent[FIELD + "wording.sms"] = [""]
    save(irina, NEWS, sent)

    found = effects(house)
    assert dict(found.segments) == {"Big spenders": ("Order Completed.total",), "Often": ("spent_total",)}
    assert found.attributes == 2
    assert {name: str(why) for _, name, why in found.campaigns} == {
        "channel": "its purpose no longer uses the channel", "segment": "its segment can no longer be used",
    }  # fmt: skip
    assert {why for _, _, why in campaigns.unfit(
        controller=house.bloom, policy=policy.load_files(draft(house).files).policy, at=now
    )} == {Unfit.CHANNEL, Unfit.SEGMENT}  # fmt: skip
    assert found.events == (("An order was taken back", ("News and offers",)),)
    assert "An order was placed" in dict(map(reversed, found.sections)), "the notice tells what is taken in"
    assert found.people == (), "less is asked of everybody"
    page = text_of(irina.get("/policy/draft/publish?effects=1"))
    assert "2 segments would lose 2 attributes or events" in page
    assert "2 campaigns on their way would be refused" in page


def test_a_purpose_that_ends_and_one_that_begins_are_named(house, irina):
    text = draft(house).files["policy.yaml"]
    day = clock.now().date() + timedelta(days=40)
    care = {**policy.read_yaml(text, "").data["purposes"]["service"], "starts_on": day.isoformat()}
    text = policy.edited(text, ("purposes", "care"), care | {"title": {"en": "Care", "ro": "Îngrijire"}})
    irina.post("/policy/draft/file", {"view": "yaml", "yaml": text, "revision": "1", "do": "save"})
    assert effects(house).begins == (("Care", day),)
    assert "New: Care" in text_of(irina.get("/policy/draft/publish?effects=1"))


def test_a_new_purpose_nobody_was_told_of_is_stopped_with_the_cure(house, irina):
    text = draft(house).files["policy.yaml"]
    text = policy.edited(text, ("purposes", "care"), policy.read_yaml(text, "").data["purposes"]["service"])
    irina.post("/policy/draft/file", {"view": "yaml", "yaml": text, "revision": "1", "do": "save"})
    page = text_of(irina.get("/policy/draft/"))
    assert "before anybody was told" in page
    irina.post("/policy/draft/publish", {"revision": "2"})
    assert policy.current(controller=house.bloom).number == 1


def test_mended_wording_asks_nobody_once_an_officer_says_so(house, irina, crowd):
    sent = fields(irina.get(NEWS))
    sent[FIELD + "title.en"] = ["News & offers"]
    save(irina, NEWS, sent)
    page = irina.get("/policy/draft/publish?effects=1")
    assert "Publish, and ask for 9 consents again" in text_of(page)
    mark = text_of(page).split('name="mark" value="')[1][:64]
    irina.post("/policy/draft/review/words", {
        "revision": "2", "path": [FIELD + "title"], "mark": [mark], "same": [FIELD + "title"],
    })  # fmt: skip
    assert "Nobody would have to be asked again." in text_of(irina.get("/policy/draft/publish?effects=1"))
    irina.post("/policy/draft/publish", {"revision": "3"})
    assert policy.current(controller=house.bloom).outdated == {}


def test_with_four_eyes_a_colleague_publishes(house, irina):
    policy.require_four_eyes(controller=house.bloom, on=True, by=BY, at=clock.now())
    share_with_meta(house, irina)
    assert "Give it to a colleague to read" in text_of(irina.get("/policy/draft/publish?effects=1"))
    irina.post("/policy/draft/publish", {"revision": "2"})
    assert policy.current(controller=house.bloom).number == 1
    irina.post("/policy/draft/review/submit", {"revision": "2"})

    petru = second_officer(house)
    page = text_of(petru.get("/policy/draft/publish?effects=1"))
    assert "I have read it and agree" in page
    petru.post("/policy/draft/review/approve", {"revision": "2"})
    petru.post("/policy/draft/publish", {"revision": "2"})
    assert policy.current(controller=house.bloom).number == 2
    [line, *_] = [line for _, line in audit.entries(controller=house.bloom, did="policy.version.published")]
    assert line.detail["edited_by"] == f"staff:{house.staff[Role.PRIVACY_OFFICER]}"
    assert line.by != line.detail["edited_by"]
    assert "Roll back to it" not in text_of(petru.get("/policy/versions/1/")), "that would be two eyes"
    assert "Open as a draft" in text_of(petru.get("/policy/versions/1/"))


def test_what_was_changed_since_it_was_seen_is_not_published(house, irina):
    share_with_meta(house, irina)
    irina.post("/policy/draft/publish", {"revision": "1"})
    assert policy.current(controller=house.bloom).number == 1


def test_two_versions_are_compared_in_words_and_line_by_line(house, irina):
    share_with_meta(house, irina)
    page = text_of(irina.get("/policy/compare"))
    assert "now also shared with Meta Platforms Ireland Limited" in page
    assert "<ins>    recipients: [platform, meta]</ins>" in page
    irina.post("/policy/draft/publish", {"revision": "2"})
    assert "Both say the same." in text_of(house.at_work(Role.ANALYST).get("/policy/compare?from=2&to=2"))
    assert Client().get("/policy/compare").status_code == 302


def test_pages_of_another_brand_show_its_own_draft(house, irina):
    share_with_meta(house, irina)
    staff = house.staff[Role.PRIVACY_OFFICER]
    tenancy.grant(staff=staff, controller=house.harbour, role=Role.PRIVACY_OFFICER, by=BY, at=clock.now())
    irina.post("/enter", {"controller": house.harbour})
    assert irina.get("/policy/draft/").url == "/policy/"
    assert policy.draft_of(controller=house.bloom) is not None
