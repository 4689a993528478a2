import pytest

from assent.ingest.tests.cast import order
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice
from assent.privacy.subjects import api as subjects
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

TRAITS = {
    "email": "Ada@Bloom.example",
    "firstName": "Ada",
    "lastName": "Ștefan",
    "birthday": "1990-04-17T00:00:00.000Z",
    "address": {"street": "Strada Lungă 1", "city": "Cluj-Napoca", "postalCode": "400001"},
    "shoe_size": 38,
}
PAGE = {"type": "page", "properties": {"path": "/", "title": "Home"}}
PREFERENCES = {
    "type": "track",
    "event": "Segment Consent Preference Updated",
    "context": {"consent": {"categoryPreferences": {"performance": True}}},
}


def identify(user="ada", **more):
    return {"type": "identify", "userId": user, "traits": TRAITS, **more}


def known_of(house, subject, *fields):
    return subjects.reveal(
        controller=house.controller, subjects=[subject], fields=fields, by=house.by, at=house.now, why="test"
    ).get(subject, {})


def chosen(house, subject, purpose):
    return {one.choice for one in consent.standing(controller=house.controller, subject=subject) if one.purpose == purpose}


def test_a_server_says_who_a_person_is_and_only_what_a_purpose_needs_is_kept(house):
    house.send(identify())
    house.run()
    ada = house.subject("ada")
    assert known_of(house, ada, "email", "first_name", "last_name", "street", "birth_date") == {
        "email": "ada@bloom.example",
        "first_name": "Ada",
        "last_name": "Ștefan",
        "street": "Strada Lungă 1",
    }
    attributes = profiles.get(controller=house.controller, subjects=[ada])[ada]
    assert attributes == {"city": "Cluj-Napoca", "county": "Cluj"}
    [row] = house.rows()
    assert (row["kind"], row["properties"]) == ("identify", "{}")


def test_what_marketing_may_know_is_derived_once_marketing_was_agreed_to(house):
    ada = house.ada_says_yes()
    house.later(hours=1)
    house.send(identify())
    house.run()
    attributes = profiles.get(controller=house.controller, subjects=[ada])[ada]
    assert (attributes["age_band"], attributes["birthday"]) == ("35-44", "04-17")
    assert known_of(house, ada, "birth_date") == {"birth_date": "1990-04-17"}


def test_rudderstack_puts_traits_into_the_context(house):
    house.send({"type": "identify", "userId": "ada", "context": {"traits": TRAITS}})
    house.run()
    assert known_of(house, house.subject("ada"), "email") == {"email": "ada@bloom.example"}


def test_a_page_cannot_claim_to_be_somebody(house):
    house.send(identify())
    house.run()
    house.later(hours=1)
    house.send(identify(traits={"email": "mallory@evil.example"}), secret=False)
    house.send(identify(anonymousId="d1", traits={"email": "mallory@evil.example"}), secret=False)
    house.send(order("ada"), secret=False)
    house.run()
    ada = house.subject("ada")
    assert known_of(house, ada, "email") == {"email": "ada@bloom.example"}
    assert house.device("d1") not in {0, ada}
    assert house.fates()["unverified_identity"] == 2
    assert [row["kind"] for row in house.rows() if row["subject"] == ada] == ["identify"]


def test_with_the_servers_hash_a_page_joins_its_device_to_the_person_and_changes_nothing_of_them(house):
    house.send(identify())
    house.run()
    house.later(hours=1)
    proof = tenancy.identity_hash(property=house.website, user_id="ada")
    house.send(
        identify(anonymousId="d1", traits={"email": "mallory@evil.example"}, context={"identity_hash": proof}),
        order(None) | {"anonymousId": "d1"},
        secret=False,
    )
    house.run()
    ada = house.subject("ada")
    assert house.device("d1") == ada
    assert known_of(house, ada, "email") == {"email": "ada@bloom.example"}
    assert {row["subject"] for row in house.rows()} == {ada}


def test_a_hash_made_for_another_property_or_person_proves_nothing(house):
    house.send(identify())
    house.run()
    for proof in (
        tenancy.identity_hash(property=house.server, user_id="ada"),
        tenancy.identity_hash(property=house.website, user_id="ben"),
        "0" * 64,
        7,
    ):
        house.send(identify(anonymousId="d1", context={"identity_hash": proof}), secret=False)
    house.run()
    assert house.device("d1") != house.subject("ada")


def test_what_was_known_of_a_device_becomes_the_persons_who_logs_in_on_it(house):
    house.send(identify())
    house.send({**PREFERENCES, "anonymousId": "d1"}, {**PAGE, "anonymousId": "d1"}, secret=False)
    house.run()
    assert house.device("d1") not in {0, house.subject("ada")}
    house.later(hours=1)
    house.send(identify(anonymousId="d1"))
    house.run()
    ada = house.subject("ada")
    assert house.device("d1") == ada
    assert chosen(house, ada, "performance") == {Choice.GIVEN}
    assert {row["subject"] for row in house.rows()} == {ada}


def test_a_shared_device_stays_with_the_first_who_logged_in(house):
    house.send(identify(anonymousId="d1"), identify("ben", anonymousId="d1", traits={}))
    house.run()
    assert house.device("d1") == house.subject("ada") != house.subject("ben")


def test_a_page_says_no_for_a_known_person_but_not_yes(house):
    house.send(identify(anonymousId="d1"))
    house.run()
    ada = house.subject("ada")
    house.later(hours=1)
    house.send({**PREFERENCES, "anonymousId": "d1"}, secret=False)
    house.run()
    assert chosen(house, ada, "performance") == set()
    assert house.fates()["unverified_identity"] == 1
    house.say(ada, "performance", Choice.GIVEN, wording="performance_choice")
    house.later(hours=1)
    no = {"context": {"consent": {"categoryPreferences": {"performance": False}}}}
    house.send({**PREFERENCES, **no, "anonymousId": "d1"}, secret=False)
    house.run()
    assert chosen(house, ada, "performance") == {Choice.WITHDRAWN}


def test_no_page_can_vouch_for_a_confirmed_link(house):
    given = {"purpose": "performance", "wording": "performance_choice", "method": "double_opt_in"}
    said = {"type": "track", "event": "Consent Given", "properties": given}
    house.send({**said, "anonymousId": "d1"}, secret=False)
    house.send({**said, "userId": "ada"})
    house.run()
    assert house.fates() == {"bad_choice": 1, "admitted": 1}
    assert chosen(house, house.subject("ada"), "performance") == {Choice.GIVEN}


def test_people_are_kept_apart_by_controller(house):
    house.send(identify())
    house.run()
    orbit = tenancy.make_controller(
        slug="orbit", name="Orbit", country="RO", language="ro", time_zone="Europe/Bucharest", by=house.by, at=house.now
    )
    assert subjects.recognise(controller=orbit.id, kind="user_id", values=["ada"]) == [0]


def test_traits_that_can_not_be_are_left_out_and_the_rest_is_kept(house):
    house.send(identify(traits={"email": "not an address", "first_name": "A" * 500, "lastName": "Pop", "city": ["x"]}))
    house.run()
    ada = house.subject("ada")
    assert known_of(house, ada, "email", "first_name", "last_name") == {"last_name": "Pop"}
