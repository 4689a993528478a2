import pytest

from assent.foundation.clock import millis
from assent.ingest import api
from assent.ingest.contracts import GapKind, Refusal
from assent.ingest.tests.cast import NOON, PUBLISHED, order
from assent.privacy.consent.contracts import Choice
from assent.privacy.policy import api as policies
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

YES = {"type": "track", "event": "Consent Given"}
NO = {"type": "track", "event": "Consent Withdrawn"}
PAGE = {"type": "page", "name": "Home", "properties": {"path": "/shoes", "title": "Shoes", "secret": "x"}}
EMAIL = {"purpose": "direct_marketing", "channel": "email", "wording": "marketing_email"}


def test_an_order_is_kept_for_the_contract_alone_while_nothing_was_agreed_to(house):
    house.send(order("ada"))
    done = house.run()
    [row] = house.rows()
    assert (done.read, done.admitted) == (1, 1)
    assert house.purposes(row) == {"service", "legal_accounts", "similar_products"}
    assert (row["value_minor"], row["currency"]) == (1250, "RON")
    assert row["subject"] == house.subject("ada")
    assert row["policy"] == policies.current(controller=house.controller).digest
    assert "service=contract" in row["bases"].split(",")


def test_who_agreed_has_the_order_kept_for_marketing_too_and_counted_in_the_profile(house):
    ada = house.ada_says_yes()
    house.later(hours=1)
    house.send(order("ada", total=99.99))
    house.run()
    assert "direct_marketing" in house.purposes(house.rows()[-1])
    held = profiles.get(controller=house.controller, subjects=[ada])[ada]
    assert (held["orders_count"], held["spent_total"], held["purchases_made"]) == (1, 99.99, 2)


def test_a_visitor_who_chose_nothing_leaves_nothing(house):
    house.send({**PAGE, "anonymousId": "d1"}, secret=False)
    house.run()
    assert house.rows() == []
    assert house.device("d1") == 0
    assert house.fates() == {"no_consent": 1}


def test_choices_count_from_the_moment_they_arrive(house):
    preferences = {
        "type": "track",
        "event": "Segment Consent Preference Updated",
        "context": {"consent": {"categoryPreferences": {"performance": True, "advertising": False}}},
    }
    house.send(
        {**PAGE, "anonymousId": "d1", "messageId": "before"},
        {**preferences, "anonymousId": "d1"},
        {**PAGE, "anonymousId": "d1", "messageId": "after"},
        secret=False,
    )
    house.run()
    [row] = house.rows()
    assert house.purposes(row) == {"performance"}
    assert row["event"] == ""
    assert house.fates() == {"admitted": 2, "not_when_received": 1}


def test_what_was_sent_before_a_withdrawal_is_not_kept_after_it(house):
    house.ada_says_yes()
    house.later(hours=1)
    house.send(order("ada"), {**NO, "userId": "ada", "properties": {"purpose": "direct_marketing"}}, order("ada"))
    house.run()
    assert [("direct_marketing" in house.purposes(row)) for row in house.rows()[1:]] == [False, False]


def test_a_yes_given_elsewhere_while_the_event_waited_does_not_reach_back(house):
    house.send({**PAGE, "userId": "ada"}, order("ada"))
    house.run()
    ada = house.subject("ada")
    house.later(hours=1)
    house.send({**PAGE, "userId": "ada"})
    house.say(ada, "performance", Choice.GIVEN, at=house.now.replace(minute=5), wording="performance_choice")
    house.later(hours=1)
    house.send({**PAGE, "userId": "ada"})
    house.run()
    assert [row["received_ms"] for row in house.rows() if row["kind"] == "page"] == [millis(house.now)]


def test_a_yes_repeated_while_the_event_waited_takes_nothing_away(house):
    ada = house.ada_says_yes()
    house.later(hours=1)
    house.send(order("ada"))
    house.later(hours=1)
    house.say(ada, "direct_marketing", Choice.GIVEN, channel="email", wording="marketing_email")
    house.run()
    assert "direct_marketing" in house.purposes(house.rows()[-1])


def test_what_arrived_before_any_policy_was_published_is_refused(house):
    house.send(order("ada"), at=PUBLISHED.replace(year=2025))
    house.run()
    assert house.fates() == {"not_when_received": 1}


def test_a_choice_of_a_purpose_that_is_not_declared_is_refused(house):
    house.send(
        {**YES, "userId": "ada", "properties": {"purpose": "world_domination"}},
        {**YES, "userId": "ada", "properties": {"purpose": "direct_marketing", "channel": "email"}},
        {**YES, "userId": "ada", "properties": {**EMAIL, "channel": "telepathy"}},
    )
    house.run()
    assert house.fates() == {"bad_choice": 3}
    assert house.subject("ada") == 0


def test_an_objection_to_marketing_holds(house):
    ada = house.ada_says_yes()
    house.later(hours=1)
    house.send({"type": "track", "event": "Marketing Objected", "userId": "ada"}, order("ada"))
    house.run()
    kinds = {(one.kind, one.purpose) for one in suppression.active(controller=house.controller, subject=ada)}
    assert kinds == {(Kind.OBJECTION, each) for each in ("direct_marketing", "similar_products", "location_offers")}
    assert house.purposes(house.rows()[-1]) == {"service", "legal_accounts"}


def test_global_privacy_control_takes_advertising_away_and_gives_nothing(house):
    house.send(order("ada"))
    house.run()
    ada = house.subject("ada")
    for purpose in ("performance", "advertising"):
        house.say(ada, purpose, Choice.GIVEN, wording=f"{purpose}_choice")
    house.later(hours=1)
    viewed = {"type": "track", "event": "Product Viewed", "userId": "ada", "properties": {"product_id": "p1"}}
    house.send(viewed)
    house.send(viewed, gpc=True)
    house.send({**viewed, "context": {"consent": {"categoryPreferences": {"performance": False}}}}, gpc=True)
    house.run()
    rows = [row for row in house.rows() if row["event"] == "Product Viewed"]
    assert [house.purposes(row) for row in rows] == [{"performance", "advertising"}, {"performance"}]
    assert house.fates()["category_refused"] == 1


def test_the_banners_categories_only_narrow(house):
    house.send({**PAGE, "userId": "ada", "context": {"consent": {"categoryPreferences": {"performance": True}}}})
    house.run()
    assert house.rows() == []


def test_undeclared_events_and_properties_are_dropped_and_named_but_never_their_values(house):
    house.send(
        {"type": "track", "event": "Shoe\u202eStolen", "userId": "ada", "properties": {"who": "Cleo"}},
        {"type": "track", "event": "ada@bloom.example", "userId": "ada"},
        order("ada", favourite_colour="canary-blue", order_id={"nested": 1}),
    )
    house.run()
    found = {(gap.kind, gap.event, gap.name) for gap in api.gaps(controller=house.controller)}
    assert found == {
        (GapKind.EVENT, "track", "Shoe\\u202eStolen"),
        (GapKind.EVENT, "track", "(not shown)"),
        (GapKind.PROPERTY, "order_completed", "favourite_colour"),
        (GapKind.VALUE, "order_completed", "order_id"),
    }
    assert "canary" not in str(house.rows())
    assert house.fates() == {"undeclared_event": 2, "admitted": 1}


def test_a_flood_of_invented_names_stays_bounded(house):
    letters = "abcdefghijklmnopqrstuvwxyz"
    for part in letters[:3]:
        names = [f"Invented {part}{first}{second}" for first in letters for second in letters]
        house.send(*({"type": "track", "event": name, "userId": "u"} for name in names))
        house.run()
    assert len(api.gaps(controller=house.controller)) == 500


def test_resends_are_counted_as_duplicates_wherever_they_come_in(house):
    house.send({**order("ada"), "messageId": "one"}, {**order("ada"), "messageId": "one"})
    house.send({**order("ada"), "messageId": "one"})
    house.run()
    house.send({**order("ada"), "messageId": "one"})
    house.run()
    assert len(house.rows()) == 1
    assert house.fates() == {"admitted": 1, "duplicate": 3}


def test_one_id_from_two_properties_is_two_messages(house):
    other = tenancy.make_property(
        controller=house.controller, slug="till", name="Till", kind="server", by=house.by, at=house.now
    )
    house.send({**order("ada"), "messageId": "one"})
    house.send({**order("ada"), "messageId": "one"}, sender=other.id)
    house.run()
    assert len(house.rows()) == 2


def test_a_message_without_an_id_is_known_by_its_bytes(house):
    body = b'{"batch":[{"type":"track","event":"Order Completed","userId":"ada","timestamp":"2026-11-20T11:59:00Z"}]}'
    house.arrive(body)
    house.arrive(body)
    house.run()
    assert house.fates() == {"admitted": 1, "duplicate": 1}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"batch": 7}', "batch"),
        (b'{"batch": [7]}', "batch"),
        (b'{"batch": [{"type": "track", "event": ["x"], "userId": "u"}]}', "batch"),
        (b'{"batch": [{"type": "teleport", "userId": "u"}]}', "batch"),
        (b'{"batch": [{"type": "track", "event": "Order Completed", "userId": "u", "properties": "none"}]}', "batch"),
        (b'{"batch": [{"type": "track", "userId": {"id": 1}}]}', "batch"),
        (b'{"properties": []}', "track"),
        (b'{"batch": [' + b"[" * 5000 + b"]" * 5000 + b"]}", "batch"),
    ],
)
def test_what_is_no_message_is_a_counted_refusal(house, body, kind):
    house.arrive(body, kind=kind)
    house.run()
    assert house.fates() == {Refusal.MALFORMED: 1}


def test_an_oversized_message_is_refused_and_its_batch_is_not(house):
    house.send(order("ada", note="x" * 40_000), order("ben"))
    house.run()
    assert house.fates() == {"oversized": 1, "admitted": 1}


def test_a_rudder_property_may_send_larger_messages(house):
    rudder = tenancy.make_property(
        controller=house.controller, slug="rudder", name="Rudder", kind="server", rudder=True, by=house.by, at=house.now
    )
    house.send(order("ada", note="x" * 40_000), sender=rudder.id)
    house.run()
    assert house.fates() == {"admitted": 1}


def test_alias_is_ignored_and_counted(house):
    house.send({"type": "alias", "userId": "ada", "previousId": "ben"})
    house.run()
    assert house.fates() == {"alias_ignored": 1}


def test_a_message_that_names_nobody_is_refused(house):
    house.send({**order(None), "anonymousId": None}, {**order(True)}, order(""))
    house.run()
    assert house.fates() == {"no_identity": 3}


def test_a_customer_number_is_the_same_as_text_and_as_number(house):
    house.send(order(42), order("42"), order(42.0))
    house.run()
    assert {row["subject"] for row in house.rows()} == {house.subject("42")}


def test_clocks_years_off_are_replaced_by_the_time_of_receipt(house):
    now = millis(house.now)
    house.send({**order("a"), "timestamp": "1999-01-01T00:00:00Z"}, sent_at="1999-01-01T00:00:07Z")
    house.send({**order("b"), "timestamp": "1999-01-01T00:00:00Z"}, sent_at=NOON.isoformat())
    house.send({**order("c"), "timestamp": "2199-01-01T00:00:00Z"}, sent_at=NOON.isoformat())
    house.send({**order("d"), "timestamp": "yesterday"})
    house.run()
    assert [row["occurred_ms"] - now for row in house.rows()] == [-7000, 0, 0, 0]


def test_a_controller_without_a_policy_takes_nothing_in(house):
    orbit = tenancy.make_controller(
        slug="orbit", name="Orbit", country="RO", language="ro", time_zone="Europe/Bucharest", by=house.by, at=house.now
    )
    server = tenancy.make_property(controller=orbit.id, slug="s", name="S", kind="server", by=house.by, at=house.now)
    house.send(order("ada"), sender=server.id)
    house.run()
    assert house.fates(orbit.id) == {"no_policy": 1}
    assert house.fates() == {}


def test_events_of_a_property_that_is_no_more_hold_nothing_up(house):
    house.send(order("ada"), sender=987654)
    house.send(order("ben"))
    assert house.run().admitted == 1
