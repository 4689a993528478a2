"""Nobody is approached before source and notice are settled; the first message to a person says where the data came from."""

import html
import re
from datetime import timedelta

import numpy as np
import pytest

from assent.audit.contracts import Actor, Did
from assent.dispatch import api as dispatch, gate
from assent.dispatch.contracts import Letter, Outcome, Rendered, State
from assent.foundation.clock import now
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.policy import api as policy
from assent.privacy.sources import api
from assent.privacy.sources.contracts import BadMoment, UnknownSource
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from tests.sources.conftest import OFFICER, bundle

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"], transaction=True)

NOTICE = "https://assent.example/p/bloom/privacy"


def verdict(house, subject, *, purpose="direct_marketing", channel="email", operation=Operation.USE, **more):
    question = Question(operation, purpose, subject, now(), channel=channel, **more)
    return lawfulness.decide(controller=house.bloom, question=question)


def words_of(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Where we have your data from: The partner shop that introduced you (Petal Flowers SRL), "),
        ("ro", "De unde avem datele dumneavoastră: Magazinul partener care v-a recomandat (Petal Flowers SRL), "),
    ],
)
def test_the_first_message_says_where_the_data_came_from_in_both_parts_and_is_written_down(house, language, said):
    ada = house.brings("ada")
    house.says_yes(ada)
    assert not house.told(ada)

    house.writes(ada, language=language)

    (mail,) = house.mails(ada)
    for part in (" ".join(mail["text"].split()), words_of(mail["html"])):
        assert said in part
        assert NOTICE in part
        assert "privacy@bloom.example" in part
        assert "yourself" not in part
        assert "chiar dumneavoastră" not in part
    assert f'href="{NOTICE}"' in mail["html"]
    assert "/u/" in mail["text"]
    assert "/u/" in mail["html"]
    assert "List-Unsubscribe" in mail["headers"]
    known = house.known(ada)["partner"]
    assert known.told_at is not None
    assert known.message == house.message(ada).id
    (line,) = house.lines(Did.SOURCE_TOLD)
    assert line.detail["source"] == "partner"
    assert line.detail["policy"] == policy.current(controller=house.bloom).digest
    assert house.message(ada).policy_digest == line.detail["policy"]


def test_later_messages_say_it_too_and_the_telling_stays_the_first(house):
    ada = house.brings("ada")
    house.says_yes(ada)
    house.writes(ada)
    told_at = house.known(ada)["partner"].told_at

    house.writes(ada, occasion="news:2")

    assert all("Petal Flowers SRL" in mail["text"] for mail in house.mails(ada))
    assert len(house.mails(ada)) == 2
    assert house.known(ada)["partner"].told_at == told_at
    assert len(house.lines(Did.SOURCE_TOLD)) == 1


def test_who_came_without_a_source_is_not_approached_and_the_reason_says_why(house):
    ada = house.brings("ada", source="")
    house.says_yes(ada)

    house.writes(ada)

    assert house.mails(ada) == []
    assert house.message(ada).state is State.REFUSED
    assert house.message(ada).why == Why.SOURCE_NOT_NAMED
    assert verdict(house, ada).clause == "gdpr:14(2)(f)"
    assert "where their data came from" in Why.SOURCE_NOT_NAMED.sentence("en")


def test_an_order_is_not_confirmed_either_and_what_they_ask_about_their_data_is_answered(house):
    ada = house.brings("ada", source="")
    assert verdict(house, ada, purpose="service").why is Why.SOURCE_NOT_NAMED
    assert verdict(house, ada, purpose="service", channel="any").yes
    assert verdict(house, ada, purpose="service", operation=Operation.STORE).yes
    assert verdict(house, ada, purpose="privacy_requests").yes


def test_a_source_the_policy_names_for_another_purpose_does_not_open_this_one(house):
    ada, ben = house.brings("ada"), house.brings("ben", source="register")
    for one in (ada, ben):
        house.says_yes(one)
    assert verdict(house, ada).yes
    assert verdict(house, ben).why is Why.SOURCE_NOT_NAMED
    assert verdict(house, ada, purpose="service").why is Why.SOURCE_NOT_NAMED


def test_one_some_and_everyone_are_told_the_same(house):
    people = [
        house.brings("ada"),
        house.brings("ben", source=""),
        house.brings("dan", source="you"),
        house.brings("eve", source="register"),
    ]
    for one in people[:3]:
        house.says_yes(one)
    at = now()
    asked = np.array([*people, people[0]], np.int64)
    for purpose in ("direct_marketing", "service", "privacy_requests", "legal_accounts"):
        for channel in ("any", "email", "sms"):
            for operation in (Operation.STORE, Operation.USE):
                ask = {"controller": house.bloom, "channel": channel, "operation": operation, "at": at}
                everyone = lawfulness.allowed(purpose=purpose, **ask).of(asked)
                some = lawfulness.ask_many(subjects=asked, purposes=[purpose], **ask)[0]
                one = [
                    verdict(house, subject, purpose=purpose, channel=channel, operation=operation).why
                    for subject in asked.tolist()
                ]
                assert everyone.tolist() == some.tolist(), (purpose, channel, operation)
                assert [lawfulness.verdict_of(code).why for code in some] == one


def test_nobody_else_gets_the_data_before_the_person_knows(house):
    ada = house.brings("ada")
    ask = {"purpose": "service", "channel": "any", "operation": Operation.DISCLOSE, "recipient": "courier"}
    assert verdict(house, ada, **ask).why is Why.SOURCE_NOT_TOLD
    house.says_yes(ada)
    house.writes(ada)
    assert verdict(house, ada, **ask).yes


def test_who_gave_the_data_themselves_was_told_at_collection(house):
    ada = house.brings("ada", source="you")
    house.says_yes(ada)
    known = house.known(ada)["you"]
    assert known.told_at == known.obtained_at

    house.writes(ada)

    assert NOTICE not in house.mails(ada)[0]["text"]
    assert house.lines(Did.SOURCE_TOLD) == []


def test_coming_by_themselves_later_does_not_tell_a_person_where_we_had_the_data_from(house):
    ada = house.brings("ada")
    house.says_yes(ada)
    assert house.brings("ada", source="you") == ada
    assert not house.told(ada)
    house.writes(ada)
    assert house.told(ada)


def test_a_source_that_the_policy_lost_can_be_named_to_nobody(house):
    ada = house.brings("ada")
    house.says_yes(ada)
    policy.publish(controller=house.bloom, bundle=bundle(house.folder / "without", partner=False), by=OFFICER, at=now())
    assert verdict(house, ada).why is Why.SOURCE_NOT_NAMED
    house.writes(ada)
    assert house.mails(ada) == []


def test_a_letter_of_the_house_says_it_too(house):
    ada = house.brings("ada")
    letter = Letter("en", "Your request", ("We have it.",))
    dispatch.tell(controller=house.bloom, occasion="rights:1", letters_to=[(ada, letter)], by=OFFICER, at=now())
    house.hand_over()
    (mail,) = house.mails(ada)
    assert NOTICE in mail["text"]
    assert NOTICE in words_of(mail["html"])
    assert house.told(ada)


def test_a_message_that_does_not_say_it_stays_here(house, monkeypatch):
    ada = house.brings("ada")
    house.says_yes(ada)

    class Silent:
        def render(self, *, controller, template, language, variables, links):
            owed = f"{links.source_line}\n{links.opt_out}\n{links.unsubscribe}\n{links.contact}"
            return Rendered("News", f"<p>{links.unsubscribe} {links.contact}</p>", owed, "Bloom", "news@bloom.example")

    monkeypatch.setattr("assent.dispatch.ports.renderer", Silent)
    house.writes(ada)

    assert house.mails(ada) == []
    assert house.message(ada).why == "no_source"
    assert not house.told(ada)


def test_who_never_got_the_message_was_not_told(house, monkeypatch):
    ada, ben, eve = house.brings("ada", "ben", "eve")
    for one in (ada, ben, eve):
        house.says_yes(one)

    class Fails:
        channel, recipient = "email", "self"

        def hand_over(self, messages):
            from assent.dispatch.contracts import Handover

            outcome = {ada: Outcome.SENT, ben: Outcome.UNKNOWN, eve: Outcome.PERMANENT}
            return [Handover(one.id, outcome[one.subject]) for one in messages]

    dispatch.enqueue(
        controller=house.bloom, occasion="news:1", purpose="direct_marketing", channel="email", template=house.template(),
        people=[(one, {"language": "en"}) for one in (ada, ben, eve)], not_before=now(), by=OFFICER, at=now(),
    )  # fmt: skip
    dispatch.hand_over_once(controller=house.bloom, sender=Fails(), at=now())

    assert [house.told(one) for one in (ada, ben, eve)] == [True, False, False]


def test_an_unknown_source_brings_nobody_in_and_the_error_names_the_cure(house):
    with pytest.raises(UnknownSource, match="use one of derived, device, partner, register, you, or declare it under sources"):
        house.brings("ada", source="lottery")
    assert subjects.recognise(controller=house.bloom, kind="user_id", values=["ada"]) == [0]
    with pytest.raises(BadMoment):
        house.brings("ada", obtained_at=now() + timedelta(days=1))


def test_a_source_named_later_opens_the_way_and_keeps_the_end(house):
    ada = house.brings("ada", source="", obtained_at=now() - timedelta(days=3))
    house.says_yes(ada)
    due = house.known(ada)[""].due_at
    assert verdict(house, ada).why is Why.SOURCE_NOT_NAMED

    house.brings("ada")

    known = house.known(ada)
    assert set(known) == {"partner"}
    assert known["partner"].due_at == due
    assert verdict(house, ada).yes
    house.brings("ada", source="")
    assert set(house.known(ada)) == {"partner"}


def test_the_same_import_twice_is_as_once(house):
    at = now()
    first = house.brings("ada", "ben", at=at)
    assert house.brings("ada", "ben", at=at + timedelta(days=2)) == first
    assert house.known(first[0])["partner"].obtained_at == house.known(first[1])["partner"].obtained_at
    assert abs(house.known(first[0])["partner"].obtained_at - at) < timedelta(seconds=1)
    assert len(house.lines(Did.SOURCE_NOTED)) == 1


def test_nobody_is_made_without_the_source_they_came_with(house, monkeypatch):
    from assent.privacy.sources import entering

    def fails(*args, **more):
        raise RuntimeError("killed")

    monkeypatch.setattr(entering, "_keep", fails)
    with pytest.raises(RuntimeError, match="killed"):
        api.import_people(
            controller=house.bloom, people=[PersonInput({"user_id": "ada"})], source="partner", obtained_at=now(),
            by=Actor.system("test"), at=now(),
        )  # fmt: skip
    assert subjects.recognise(controller=house.bloom, kind="user_id", values=["ada"]) == [0]


def test_what_a_batch_is_owed_is_read_at_once(house, django_assert_max_num_queries):
    people = house.brings(*(f"p{number}" for number in range(40)))
    for one in people:
        house.says_yes(one)
    at = now()
    dispatch.enqueue(
        controller=house.bloom, occasion="news:1", purpose="direct_marketing", channel="email", template=house.template(),
        people=[(one, {"language": "en"}) for one in people], not_before=at, by=OFFICER, at=at,
    )  # fmt: skip

    class Sink:
        channel, recipient = "email", "self"

        def hand_over(self, messages):
            from assent.dispatch.contracts import Handover

            return [Handover(one.id, Outcome.SENT) for one in messages]

    with django_assert_max_num_queries(60):
        dispatch.hand_over_once(controller=house.bloom, sender=Sink(), at=at)
    assert all(house.told(one) for one in people)
    assert gate.ADDRESS_OF["email"] == "email"
