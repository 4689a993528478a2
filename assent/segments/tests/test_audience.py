"""Ada said yes, Ben said yes then no, Dora never chose, Eli objected; Cleo belongs to Harbour."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness.contracts import NotAgreed, Why
from assent.privacy.policy import api as policies
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.records.events import api as events
from assent.records.events.contracts import SCHEMA, Admitted
from assent.records.profiles import api as profiles
from assent.segments import api
from assent.segments.contracts import InvalidDefinition, NameTaken, UnknownSegment
from assent.tenancy import api as tenancy
from tests.agreements import agree, part

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
OFFICER = Actor.staff(7)
BUNDLES = Path(__file__).resolve().parents[3] / "policies"
PURPOSE = "direct_marketing"
BIG = {"event": "Order Completed", "sum": {"property": "total", "over": 200}, "within_days": 30}


def brand(slug):
    made = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=NOON
    )
    policies.publish(controller=made.id, bundle=BUNDLES / slug, by=OFFICER, at=NOON)
    agree(controller=made.id, at=NOON)
    return made.id


def people(controller, *names):
    given = [PersonInput({"user_id": name, "email": f"{name}@{controller}.example"}) for name in names]
    return [made.subject for made in subjects.upsert_many(controller=controller, people=given, by=OFFICER, at=NOON)]


def choose(controller, subject, verb, at=NOON):
    said = {"controller": controller, "subject": subject, "purpose": PURPOSE, "channel": "email", "by": OFFICER, "at": at}
    wording = {"wording": "marketing_email"} if verb is consent.give else {}
    verb(method=Method.WEB_FORM, source="shop", **said, **wording)


def buy(controller, *buyers, total=250, position=1):
    mask = policies.current(controller=controller).mask(PURPOSE)
    rows = [
        {
            "subject": buyer, "kind": "track", "event": "Order Completed", "occurred_ms": NOON_MS - 5, "received_ms": NOON_MS,
            "purposes": mask, "bases": f"{PURPOSE}=consent", "policy": "d", "property": 1, "message": buyer.to_bytes(16, "big"),
            "value_minor": total * 100, "currency": "RON", "properties": msgspec.json.encode({"total": total}).decode(),
        }
        for buyer in buyers
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    events.append(admitted=Admitted(controller, table), source="arrival:0", position=position)


@pytest.fixture
def bloom(db):
    return brand("bloom")


@pytest.fixture
def cast(bloom):
    ada, ben, dora, eli = people(bloom, "ada", "ben", "dora", "eli")
    for subject in (ada, ben, eli):
        choose(bloom, subject, consent.give)
    choose(bloom, ben, consent.withdraw, NOON + timedelta(minutes=1))
    suppression.suppress(controller=bloom, kind=Kind.OBJECTION, subject=eli, by=OFFICER, at=NOON + timedelta(minutes=2))
    buy(bloom, ada, ben, dora, eli)
    return {"ada": ada, "ben": ben, "dora": dora, "eli": eli}


def preview(controller, definition=BIG, purpose=PURPOSE, channel="email", at=NOON + timedelta(hours=1)):
    return api.preview(controller=controller, purpose=purpose, definition=definition, channel=channel, at=at)


def test_who_may_not_be_approached_is_not_in_the_answer(bloom, cast):
    found = preview(bloom)
    assert found.subjects.tolist() == [cast["ada"]]
    assert found.matched == 4
    assert found.lost == {Why.WITHDRAWN: 1, Why.NO_CONSENT: 1, Why.OBJECTED: 1}


def test_a_yes_to_email_is_no_yes_to_text_messages(bloom, cast):
    assert preview(bloom, channel="sms").subjects.tolist() == []


def test_whoever_is_being_erased_is_not_even_counted(bloom, cast):
    subjects.begin_erasure(controller=bloom, subjects=[cast["ada"], cast["dora"]], by=OFFICER, at=NOON)
    found = preview(bloom)
    assert found.subjects.tolist() == []
    assert found.matched == 2
    assert Why.ERASING not in found.lost


def test_all_but_some_means_everyone_else(bloom, cast):
    (fay,) = people(bloom, "fay")
    choose(bloom, fay, consent.give)
    assert preview(bloom, {"not": BIG}).subjects.tolist() == [fay]
    assert preview(bloom, {"not": BIG}).matched == 1


def test_attributes_and_events_meet(bloom, cast):
    profiles.set_attributes(controller=bloom, rows=[(cast["ada"], {"city": "Iași"})], at=NOON)
    profiles.mirror(controller=bloom)
    assert preview(bloom, {"all": [BIG, {"attribute": "city", "is": "Iași"}]}).matched == 1
    assert preview(bloom, {"all": [BIG, {"attribute": "city", "is": "Cluj"}]}).matched == 0


def test_another_brand_has_none_of_them(bloom, cast):
    harbour = brand("harbour")
    (cleo,) = people(harbour, "cleo")
    choose(harbour, cleo, consent.give)
    assert preview(harbour).matched == 0
    assert preview(harbour, {"not": BIG}).subjects.tolist() == [cleo]


def test_a_segment_is_kept_changed_and_forgotten(bloom, cast):
    made = api.create(controller=bloom, name="Mari", purpose=PURPOSE, definition=BIG, by=OFFICER, at=NOON)
    assert api.listing(controller=bloom) == [made] == [api.get(controller=bloom, segment=made.id)]
    found = api.members(controller=bloom, segment=made.id, channel="email", at=NOON + timedelta(hours=1), by=OFFICER)
    assert found.subjects.tolist() == [cast["ada"]]
    later = NOON + timedelta(days=60)
    assert api.members(controller=bloom, segment=made.id, channel="email", at=later).matched == 0
    changed = api.update(controller=bloom, segment=made.id, name="Mici", definition={"not": BIG}, by=OFFICER, at=later)
    assert (changed.name, changed.definition, changed.updated_at) == ("Mici", {"not": BIG}, later)
    api.delete(controller=bloom, segment=made.id, by=OFFICER, at=later)
    with pytest.raises(UnknownSegment):
        api.get(controller=bloom, segment=made.id)
    deeds = [entry.did for _, entry in audit.entries(controller=bloom, did="segments")]
    assert deeds == [f"segments.{deed}" for deed in ("segment.deleted", "segment.changed", "members.read", "segment.made")]


def test_a_name_is_given_once(bloom):
    api.create(controller=bloom, name="Mari", purpose=PURPOSE, definition=BIG, by=OFFICER, at=NOON)
    with pytest.raises(NameTaken, match="choose another name"):
        api.create(controller=bloom, name="Mari", purpose=PURPOSE, definition=BIG, by=OFFICER, at=NOON)
    harbour = brand("harbour")
    assert api.create(controller=harbour, name="Mari", purpose=PURPOSE, definition=BIG, by=OFFICER, at=NOON)


def test_a_definition_is_for_a_purpose(bloom):
    looked = {"event": "Product Viewed"}
    assert api.check(controller=bloom, purpose="profiling_offers", definition=looked) == []
    assert api.check(controller=bloom, purpose=PURPOSE, definition=looked)[0].place == "event"
    with pytest.raises(InvalidDefinition, match="not kept for direct_marketing"):
        api.create(controller=bloom, name="Curioși", purpose=PURPOSE, definition=looked, by=OFFICER, at=NOON)


def test_what_a_definition_may_name_can_be_listed(bloom):
    assert "Order Completed" in api.events(controller=bloom, purpose=PURPOSE)
    assert "page" in api.events(controller=bloom, purpose="performance")
    names = [info.name for info in api.attributes(controller=bloom, purpose=PURPOSE)]
    assert "spent_total" in names
    assert "products_viewed" not in names


def test_without_an_agreement_nobody_is_counted_and_it_says_why(bloom, cast):
    segment = api.create(controller=bloom, name="Big", purpose=PURPOSE, definition=BIG, by=OFFICER, at=NOON)
    part(controller=bloom, solution="crm", at=NOON)
    with pytest.raises(NotAgreed) as refused:
        preview(bloom)
    assert refused.value.why is Why.NO_PROCESSING_AGREEMENT
    with pytest.raises(NotAgreed):
        api.members(controller=bloom, segment=segment.id, channel="email", at=NOON)
    agree(controller=bloom, at=NOON + timedelta(hours=1))
    assert preview(bloom).subjects.tolist() == [cast["ada"]]
