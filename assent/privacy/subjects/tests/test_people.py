"""Who is recognised, made, changed and found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from assent.audit import api as audit
from assent.foundation import scope
from assent.foundation.clock import now
from assent.privacy.subjects import api, models, people as folk
from assent.privacy.subjects.contracts import BadIdentifier, PersonInput, UnknownSubject
from assent.privacy.subjects.tests.conftest import US, brand

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def known(controller, kind, *values):
    return api.recognise(controller=controller, kind=kind, values=values)


def test_a_person_is_made_once_and_recognised_by_every_id(bloom, take):
    ada = take(bloom, user_id="u1", anonymous_id="a1", email="Ada@Bloom.example", phone="0722 123 456")
    again = take(bloom, user_id="u1", anonymous_id="a1", email="ada@bloom.example", phone="+40722123456")
    assert (ada.created, ada.changed, again.created, again.changed) == (True, True, False, False)
    assert again.subject == ada.subject
    for kind, value in [("user_id", "u1"), ("anonymous_id", "a1"), ("email", "ADA@bloom.example"), ("phone", "0722.123.456")]:
        assert known(bloom, kind, value, "nobody@x.example") == [ada.subject, 0]


def test_another_brands_people_are_strangers(bloom, harbour, take):
    ada, cleo = take(bloom, user_id="u1", email="x@mail.example"), take(harbour, user_id="u1", email="x@mail.example")
    assert ada.subject != cleo.subject
    assert known(harbour, "user_id", "u1") == [cleo.subject]
    assert api.reveal(controller=harbour, subjects=[ada.subject], fields=["email"], by=US, at=now(), why="test") == {}
    assert api.open_many(controller=harbour, items=[(ada.subject, "x", b"y" * 40)]) == [None]
    with pytest.raises(UnknownSubject):
        api.by_public_id(controller=harbour, public_id=ada.public_id)
    tokens = [api.address_token(controller=c, field="email", value="x@mail.example") for c in (bloom, harbour)]
    assert tokens[0] != tokens[1]


def test_without_a_scope_there_are_no_rows(bloom, take):
    take(bloom, user_id="u1")
    with pytest.raises(scope.NoControllerInScope):
        models.Subject.objects.count()


def test_a_family_shares_an_address_and_stays_a_family(bloom, take, who):
    ada = take(bloom, email="pop@mail.example", first_name="Ada")
    ben = take(bloom, email="pop@mail.example", first_name="Ben")
    assert ada.subject != ben.subject
    assert known(bloom, "email", "pop@mail.example") == [0]
    again = [take(bloom, email="pop@mail.example", first_name=name) for name in ("ADA", "Ben")]
    assert [one.subject for one in again] == [ada.subject, ben.subject]
    unclear = take(bloom, email="pop@mail.example", phone="0722123456")
    assert unclear.subject == 0
    assert "share" in unclear.refused[0].why
    assert who(bloom, ada.subject)["first_name"] == "ADA"


def test_two_people_with_ids_may_have_one_address(bloom, take):
    ada, ben = (take(bloom, user_id=user, email="pop@mail.example") for user in ("ada", "ben"))
    assert ada.subject != ben.subject


def test_an_email_alone_finds_the_one_person_who_has_it(bloom, take, who):
    ada = take(bloom, user_id="u1", email="ada@mail.example")
    assert take(bloom, email="ADA@mail.example", first_name="Ada").subject == ada.subject
    assert who(bloom, ada.subject)["first_name"] == "Ada"


def test_an_email_beside_a_new_id_is_no_identity(bloom, take):
    ada = take(bloom, user_id="u1", email="ada@mail.example")
    assert take(bloom, user_id="u2", email="ada@mail.example").subject != ada.subject


def test_a_second_customer_on_the_same_browser_is_somebody_else(bloom, take):
    ada = take(bloom, user_id="ada", anonymous_id="browser")
    ben = take(bloom, user_id="ben", anonymous_id="browser")
    assert ben.subject != ada.subject
    assert known(bloom, "anonymous_id", "browser") == [ada.subject]


def test_a_visitor_who_logs_in_becomes_known(bloom, take):
    visitor = take(bloom, anonymous_id="browser")
    assert take(bloom, user_id="ada", anonymous_id="browser").subject == visitor.subject
    assert known(bloom, "user_id", "ada") == [visitor.subject]


def test_under_a_public_key_nobody_known_changes(bloom, take, who):
    ada = take(bloom, user_id="ada", email="ada@mail.example", first_name="Ada")
    evil = take(
        bloom,
        may_change=False,
        user_id="ada",
        anonymous_id="b",
        email="evil@mail.example",
        first_name="Eve",
        phone="0722123456",
    )
    assert evil.subject == ada.subject
    assert who(bloom, ada.subject) == {
        "user_id": "ada", "anonymous_id": "b", "email": "ada@mail.example", "first_name": "Ada"
    }  # fmt: skip
    assert take(bloom, may_change=False, email="ada@mail.example", first_name="Eve").subject == 0


def test_under_a_public_key_a_mere_visitor_may_say_who_they_are_once(bloom, take, who):
    visitor = take(bloom, anonymous_id="b")
    take(bloom, may_change=False, anonymous_id="b", email="ben@mail.example")
    take(bloom, may_change=False, anonymous_id="b", email="evil@mail.example")
    assert who(bloom, visitor.subject)["email"] == "ben@mail.example"


def test_a_bad_value_is_left_out_and_named_and_the_rest_counts(bloom, take, who):
    ada = take(bloom, user_id="u1", email="no address", phone=7, shoe_size="38", first_name="Ada")
    assert [error.field for error in ada.refused] == ["email", "phone", "shoe_size"]
    assert who(bloom, ada.subject) == {"user_id": "u1", "first_name": "Ada"}


def test_somebody_nothing_says_who_is_refused(bloom, take):
    nobody = take(bloom, first_name="Ada")
    assert (nobody.subject, nobody.created) == (0, False)
    assert nobody.refused[0].cure


def test_a_batch_recognises_its_own_repetitions(bloom):
    people = [PersonInput({"user_id": "u1", "email": "a@mail.example"}), PersonInput({"email": "b@mail.example"})]
    people += [PersonInput({"user_id": "u1", "email": "c@mail.example"}), PersonInput({"email": "a@mail.example"})]
    done = api.upsert_many(controller=bloom, people=people, by=US, at=now())
    assert [one.created for one in done] == [True, True, False, True]
    assert done[2].subject == done[0].subject
    assert api.count(controller=bloom) == 3


def test_an_import_costs_queries_by_the_batch_and_is_noted_by_the_batch(bloom, django_assert_max_num_queries):
    people = [PersonInput({"user_id": f"u{n}", "email": f"p{n}@mail.example", "name": "Ana Pop"}) for n in range(200)]
    with django_assert_max_num_queries(40):
        done = api.upsert_many(controller=bloom, people=people, by=US, at=now())
    with django_assert_max_num_queries(40):
        again = api.upsert_many(controller=bloom, people=people, by=US, at=now())
    assert len({one.subject for one in done}) == 200
    assert not any(one.changed for one in again)
    lines = [entry for _, entry in audit.entries(controller=bloom, did="subjects.people.made")]
    assert [line.detail["people"] for line in lines] == [200]


def test_a_changed_address_is_found_and_the_old_one_is_not(bloom, take):
    ada = take(bloom, user_id="u1", email="old@mail.example", first_name="Ada")
    take(bloom, user_id="u1", email="new@mail.example", first_name="Adina")
    assert known(bloom, "email", "old@mail.example", "new@mail.example") == [0, ada.subject]
    assert api.search(controller=bloom, text="adina") == [ada.subject]
    take(bloom, user_id="u1", first_name="Eva")
    assert api.search(controller=bloom, text="adi") == []


@pytest.mark.parametrize(
    "text", ["Stefan", "ștefan", "ŞTEFAN", "ste", "stefan pop", "Pop Ștef", "popescu", "constantinescu", "constantin"]
)
def test_search_finds_names_in_any_spelling_and_by_their_beginnings(bloom, take, text):
    stefan = take(bloom, user_id="u1", first_name="Ștefan", last_name="Popescu-Constantinescu")
    take(bloom, user_id="u2", first_name="Ana", last_name="Ionescu")
    assert api.search(controller=bloom, text=text) == [stefan.subject]


@pytest.mark.parametrize("text", ["st", "tefan", "stefan ionescu", "%", "constantinopol", "", "' OR 1=1"])
def test_search_finds_nobody_by_what_is_no_beginning(bloom, take, text):
    take(bloom, user_id="u1", first_name="Ștefan", last_name="Popescu-Constantinescu")
    assert api.search(controller=bloom, text=text) == []


def test_search_finds_whole_ids_addresses_and_numbers(bloom, take):
    ada = take(bloom, user_id="u1", email="ada@mail.example", phone="0722123456", first_name="Li")
    for text in ("u1", "ADA@mail.example", "+40 722 123 456", "li", str(ada.public_id)):
        assert api.search(controller=bloom, text=text) == [ada.subject]


def test_pages_and_search_go_through_all_people_once(bloom):
    people = [PersonInput({"user_id": f"u{n}", "first_name": "Ana"}) for n in range(25)]
    everybody = sorted(one.subject for one in api.upsert_many(controller=bloom, people=people, by=US, at=now()))
    for ask in (api.page, lambda **k: api.search(text="ana", **k)):
        seen, after = [], 0
        while found := ask(controller=bloom, limit=10, after=after):
            seen, after = [*seen, *found], found[-1]
        assert seen == everybody
    assert api.count(controller=bloom) == 25


def test_reading_who_somebody_is_leaves_a_line_and_no_name(bloom, take):
    ada = take(bloom, user_id="u1", email="ada@mail.example")
    api.reveal(controller=bloom, subjects=[ada.subject], fields=["email"], by=US, at=now(), why="console.person")
    (_, line), *_ = audit.entries(controller=bloom, about=ada.subject, did="subjects.identifiers.read")
    assert line.detail == {"why": "console.person"}


def test_linked_ids_are_one_persons_only(bloom, take):
    ada, ben = take(bloom, user_id="ada"), take(bloom, user_id="ben")
    pairs = [(ada.subject, "anonymous_id", "b1"), (ben.subject, "anonymous_id", "b1"), (ben.subject, "anonymous_id", "b2")]
    api.link(controller=bloom, pairs=pairs, at=now())
    api.link(controller=bloom, pairs=[(ada.subject, "anonymous_id", "b2"), (1, "user_id", "x")], at=now())
    assert known(bloom, "anonymous_id", "b1", "b2") == [ada.subject, ben.subject]
    assert known(bloom, "user_id", "x") == [0]
    with pytest.raises(BadIdentifier):
        api.link(controller=bloom, pairs=[(ada.subject, "email", "a@mail.example")], at=now())


def test_a_shared_terminal_does_not_grow_somebody_without_end(bloom, take):
    ada = take(bloom, user_id="ada")
    pairs = [(ada.subject, "anonymous_id", f"b{n}") for n in range(folk.MOST_IDS + 20)]
    api.link(controller=bloom, pairs=pairs, at=now())
    assert len([owner for owner in known(bloom, "anonymous_id", *(p[2] for p in pairs)) if owner]) == folk.MOST_IDS


def test_addresses_and_public_ids_leave_out_whom_they_do_not_have(bloom, take):
    ada, ben = take(bloom, user_id="ada", email="ada@mail.example"), take(bloom, user_id="ben")
    everybody = [ada.subject, ben.subject, 12]
    assert api.addresses(controller=bloom, subjects=everybody, field="email") == {ada.subject: "ada@mail.example"}
    assert api.public_ids(controller=bloom, subjects=everybody).keys() == {ada.subject, ben.subject}
    assert api.by_public_id(controller=bloom, public_id=ben.public_id) == ben.subject


def test_address_tokens_are_of_normal_forms_and_bad_addresses_have_none(bloom):
    values = ["Ada@mail.example", "ada@mail.example", "nonsense"]
    one, same, none = api.address_tokens(controller=bloom, field="email", values=values)
    assert one == same
    assert len(one) == 16
    assert none == b""
    for bad in ("nonsense", " "):
        with pytest.raises(BadIdentifier):
            api.address_token(controller=bloom, field="email", value=bad)


def test_hostile_texts_in_every_field_neither_break_nor_vanish(bloom, take, who):
    for number, text in enumerate(
        ["Robert'); DROP TABLE subjects;--", "<svg/onload=1>", "田中さん", "👩‍👩‍👧", "﷽", "NULL", "\u202eabc"]
    ):
        one = take(bloom, user_id=f"u{number}{text}", first_name=text, note=text)
        assert who(bloom, one.subject)["first_name"] == who(bloom, one.subject)["note"] == text


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_imports_at_the_same_time_do_not_make_anybody_twice():
    bloom = brand("bloom")
    people = [PersonInput({"email": f"p{n}@mail.example", "first_name": "Ana"}) for n in range(30)]

    def work(_):
        try:
            return [one.subject for one in api.upsert_many(controller=bloom, people=people, by=US, at=now())]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        one, *others = pool.map(work, range(4))
    assert all(other == one for other in others)
    assert api.count(controller=bloom) == 30
