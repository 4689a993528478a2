"""Ada and Ben ask Bloom about their data; Cleo is Harbour's and none of Bloom's business."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest

from assent.audit import api as audit
from assent.config.wiring import wire
from assent.foundation import scope
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Because, Way
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.policy import api as policy
from assent.privacy.rights import api, intake, models
from assent.privacy.rights.contracts import (
    Asked,
    BadRequest,
    Clock,
    Ground,
    Held,
    Identity,
    NotNow,
    Outcome,
    Refusal,
    RequestKind,
    RequestState,
    Selection,
    Told,
    UnknownRequest,
    Via,
)
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from tests.rights.conftest import NOON, OFFICER

pytestmark = pytest.mark.django_db(databases="__all__")

LETTER = {"via": Via.LETTER, "identity": Identity.NONE, "by": OFFICER}


def verdict(house, purpose, channel="any", who=None):
    question = Question(subject=who or house.ada, purpose=purpose, channel=channel, operation=Operation.USE, at=NOON)
    return lawfulness.decide(controller=house.bloom, question=question)


def test_a_request_is_registered_with_a_number_its_policy_and_its_last_day(house):
    asked = house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"}))

    assert len(asked.number) == 9
    assert len(asked.policy_digest) == 64
    # 25 December is Christmas, the 26th a holiday too, the 27th a Sunday.
    assert (asked.clock, asked.last_day) == (Clock.RUNNING, date(2026, 12, 28))
    assert api.by_number(controller=house.bloom, number=asked.number.lower().replace("-", ""), at=NOON).id == asked.id


def test_access_is_answered_at_once_and_the_copy_says_why_and_to_whom(house):
    asked = house.ask(RequestKind.ACCESS)

    assert (asked.state, asked.outcome) == (RequestState.ANSWERED, Outcome.GRANTED)
    assert asked.closed_at is not None
    assert house.told[0]["occasion"] == f"request:{asked.number}:answer"
    assert asked.number in house.told[0]["heading"]
    data = api.access_package(controller=house.bloom, request=asked.id, by=OFFICER, at=NOON)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        purposes = json.loads(archive.read("about/processing.json"))
        assert {"purpose", "basis", "data", "sources", "kept_for"} <= set(purposes[0])
        assert archive.read("about/recipients.json")
        assert b"ada@people.example" in archive.read("person/identifiers.json")
        assert b"ben@people.example" not in b"".join(archive.read(name) for name in archive.namelist())
    assert house.steps(asked)[-1] == "copy_handed_over"


def test_a_wrong_name_is_corrected_once_staff_have_looked(house):
    asked = house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"}))
    assert asked.waits_for_staff

    done = house.staff("answer", asked)

    assert done.state is RequestState.ANSWERED
    shown = subjects.reveal(
        controller=house.bloom, subjects=[house.ada], fields=["first_name"], by=OFFICER, at=NOON, why="test"
    )
    assert shown[house.ada] == {"first_name": "Adela"}


def test_a_statement_stands_with_the_data_at_once(house):
    asked = house.ask(RequestKind.RECTIFICATION, asked=Asked(statement="I moved in May; the old bill is not mine."))

    assert asked.outcome is Outcome.GRANTED
    data = api.export_person(controller=house.bloom, subject=house.ada, by=OFFICER, at=NOON)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"the old bill is not mine" in archive.read("rights/requests.json")


def test_what_was_said_is_nowhere_in_clear(house):
    words = "my secret reason 4711"
    house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit", words=words))

    with scope.controller(house.bloom):
        kept = [
            repr(row) for model in (models.Request, models.Step, models.Words, models.Task) for row in model.objects.values()
        ]
    assert words not in str(kept)
    assert words.encode() not in str(kept).encode()


def test_an_erasure_tells_the_person_first_then_ends_everything(house):
    asked = house.ask(RequestKind.ERASURE)
    assert asked.state is RequestState.ANSWERED
    assert "in every place we keep them" in house.texts()[0] or "în toate locurile" in house.texts()[0]

    while api.sweep_requests(at=NOON) or api.sweep_erasures(at=NOON):
        pass
    api.sweep_requests(at=NOON + timedelta(hours=2))

    story = house.story(asked)
    assert story.request.closed_at is not None
    assert subjects.public_ids(controller=house.bloom, subjects=[house.ada]) == {}
    assert {one.store for one in story.stays} >= {"audit", "rights"}
    assert all(one.because for one in story.stays)
    assert story.answer == ("", "")
    assert subjects.public_ids(controller=house.bloom, subjects=[house.ben])


def test_an_erasure_waits_for_a_message_that_is_on_its_way(house):
    house.answer = Told.WAITING
    asked = house.ask(RequestKind.ERASURE)
    api.sweep_requests(at=NOON + timedelta(hours=1))
    assert subjects.public_ids(controller=house.bloom, subjects=[house.ada])
    assert len(house.told) == 1

    house.answer = Told.SENT
    for hour in range(2, 6):
        api.sweep_requests(at=NOON + timedelta(hours=hour))
        api.sweep_erasures(at=NOON + timedelta(hours=hour))

    assert subjects.public_ids(controller=house.bloom, subjects=[house.ada]) == {}
    assert house.story(asked).request.closed_at is not None


def test_a_legal_hold_keeps_data_unused_says_why_and_ends_in_erasure(house):
    house.holds[house.ada] = [Held("claim")]
    asked = house.ask(RequestKind.ERASURE)

    api.sweep_requests(at=NOON)
    api.sweep_requests(at=NOON + timedelta(hours=2))
    story = house.story(asked)
    assert (story.request.outcome, story.request.refusals) == (Outcome.PARTLY, (Refusal.LEGAL_HOLD,))
    assert story.request.closed_at is None
    assert "held" in house.steps(asked)
    assert verdict(house, "direct_marketing").why is Why.RESTRICTED
    assert [one.id for one in api.requests(controller=house.bloom, at=NOON, which=Selection.WAITING)] == [asked.id]

    house.holds.clear()
    for hour in range(4, 9):
        api.sweep_held(at=NOON + timedelta(hours=hour))
        api.sweep_requests(at=NOON + timedelta(hours=hour))
        api.sweep_erasures(at=NOON + timedelta(hours=hour))
    assert subjects.public_ids(controller=house.bloom, subjects=[house.ada]) == {}


@pytest.mark.parametrize("ground", list(Ground))
def test_each_ground_of_article_18_keeps_the_data_unused_until_the_person_is_told(house, ground):
    asked = house.ask(RequestKind.RESTRICTION, asked=Asked(ground=ground))

    assert asked.state is RequestState.ANSWERED
    assert verdict(house, "service").why is Why.RESTRICTED
    house.answer = Told.NO_WAY
    house.staff("release_restriction", asked, words="The claim is settled.")
    # Ada signed in: what she is told stands on her own pages.
    assert verdict(house, "service").why is not Why.RESTRICTED
    assert house.told[-1]["occasion"].endswith(":release")


def test_an_objection_to_marketing_is_absolute_and_holds_when_it_is_said(house):
    asked = house.ask(RequestKind.OBJECTION, asked=Asked(purposes=("direct_marketing",)), identity=Identity.NONE)

    assert asked.outcome is Outcome.GRANTED
    assert verdict(house, "direct_marketing", "email").why is Why.OBJECTED
    with pytest.raises(NotNow):
        house.staff("refuse", asked, reasons=[Refusal.COMPELLING])


def test_of_an_objection_to_everything_marketing_ends_at_once_and_the_rest_is_halted_and_weighed(house):
    """Process Lab writes to companies in an interest of its own: that is weighed, its newsletter is not."""
    eva = subjects.upsert_many(
        controller=house.processlab, people=[PersonInput({"email": "eva@people.example"})], by=OFFICER, at=NOON
    )[0].subject
    where = {"controller": house.processlab, "by": OFFICER, "at": NOON}
    asked = api.receive(kind=RequestKind.OBJECTION, subject=eva, via=Via.PORTAL, identity=Identity.SIGNED_IN, **where).request

    def why(purpose):
        question = Question(subject=eva, purpose=purpose, channel="any", operation=Operation.USE, at=NOON)
        return lawfulness.decide(controller=house.processlab, question=question).why

    assert asked.waits_for_staff
    assert (why("information_service"), why("company_contacts")) == (Why.OBJECTED, Why.RESTRICTED)

    refused = api.refuse(request=asked.id, reasons=[Refusal.COMPELLING], words="We must find fraud.", **where)
    assert refused.state is RequestState.REFUSED
    assert "We must find fraud." in house.texts()[-1]
    assert why("information_service") is Why.OBJECTED
    assert why("company_contacts") is not Why.RESTRICTED


def _policy(house):
    return policy.current(controller=house.bloom).policy


def test_a_withdrawal_takes_back_what_stands_and_nothing_else(house):
    agreed = {"method": Method.API, "source": "shop", "language": "ro", "wording": "marketing_email", "channel": "email"}
    consent.give(controller=house.bloom, subject=house.ada, purpose="direct_marketing", by=OFFICER, at=NOON, **agreed)

    house.ask(RequestKind.WITHDRAWAL, at=NOON + timedelta(seconds=1))

    standing = {(one.purpose, one.choice) for one in consent.standing(controller=house.bloom, subject=house.ada)}
    assert ("direct_marketing", Choice.WITHDRAWN) in standing
    assert len({purpose for purpose, _ in standing}) == 1


def test_a_machines_decision_is_looked_at_by_a_person_who_says_what_they_found(house):
    asked = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit limit"))
    assert asked.waits_for_staff
    with pytest.raises(BadRequest):
        house.staff("answer", asked)

    done = house.staff("answer", asked, words="We raised the limit.")
    assert done.state is RequestState.ANSWERED
    assert "We raised the limit." in house.story(asked).answer[1]


def test_nothing_is_refused_by_the_house_alone(house):
    """What is decided without staff is granted; whatever could go against the person waits for somebody."""
    for kind in RequestKind:
        what = {
            RequestKind.RECTIFICATION: Asked(fields={"first_name": "Adela"}),
            RequestKind.RESTRICTION: Asked(ground=Ground.CLAIMS),
            RequestKind.HUMAN_REVIEW: Asked(decision="credit"),
        }
        asked = house.ask(kind, asked=what.get(kind))
        assert asked.outcome in {Outcome.GRANTED, None}
        assert (asked.outcome is None) == asked.waits_for_staff


def test_a_request_closes_only_when_recipients_have_confirmed_or_it_is_recorded_that_one_cannot(house):
    gone = {"way": Way.UPLOAD, "purpose": "direct_marketing", "items": ["email"], "named": "Post & Co"}
    disclosures.record(controller=house.bloom, subjects=[house.ada], by=OFFICER, at=NOON, **gone)
    asked = house.ask(RequestKind.RESTRICTION, asked=Asked(ground=Ground.CLAIMS))
    assert (asked.state, asked.closed_at) == (RequestState.ANSWERED, None)
    [task] = [task for task in house.story(asked).tasks if not task.done]
    assert (task.kind.value, task.waits_for) == ("acknowledged", "recipients: 1")

    [notice] = disclosures.notices(controller=house.bloom, request=f"request:{asked.number}")
    where = {"controller": house.bloom, "notice": notice.id, "by": OFFICER, "at": NOON}
    disclosures.impossible(because=Because.GONE, **where)
    api.sweep_requests(at=NOON + timedelta(hours=1))

    assert house.story(asked).request.closed_at is not None


def test_asked_ten_times_it_is_one_request(house):
    first = house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"}))
    again = [house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"})) for _ in range(9)]

    assert {one.id for one in again} == {first.id}
    assert house.steps(first).count("repeated") == 9
    assert len(api.requests(controller=house.bloom, at=NOON, subject=house.ada)) == 1


def test_asked_twice_at_the_same_moment_it_is_one_request(house, monkeypatch):
    """The second looked before the first was there; the table says so, and it joins after all."""
    first = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit"))
    look, seen = intake._open_one, []

    def blind(*what):
        seen.append(what)
        return look(*what) if len(seen) > 1 else None

    monkeypatch.setattr(intake, "_open_one", blind)
    again = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit"))

    assert (again.id, len(seen)) == (first.id, 2)
    assert house.steps(first) == ["received", "repeated"]


def test_somebody_unknown_gets_an_honest_answer_and_nothing_of_theirs_is_kept(house):
    where = {"kind": RequestKind.ACCESS, "subject": None, "via": Via.API, "by": OFFICER, "at": NOON}
    asked = api.receive(controller=house.bloom, address=("email", "nobody@people.example"), **where).request

    assert (asked.state, asked.outcome, asked.closed_at) == (RequestState.ANSWERED, Outcome.NOBODY, NOON)
    assert house.story(asked).answer[1]
    with scope.controller(house.bloom):
        assert not models.Words.objects.exists()


def test_of_two_who_share_an_address_staff_find_out_who_asks(house):
    twin = subjects.upsert_many(
        controller=house.bloom, people=[PersonInput({"user_id": "c-9", "email": "ada@people.example"})], by=OFFICER, at=NOON
    )[0].subject
    where = {"kind": RequestKind.ERASURE, "subject": None, "via": Via.EMAIL, "by": OFFICER, "at": NOON}
    asked = api.receive(controller=house.bloom, address=("email", "ada@people.example"), **where).request

    assert (asked.subject, asked.state, asked.waits_for_staff) == (None, RequestState.RECEIVED, True)
    assert sorted(house.story(asked).candidates) == sorted([house.ada, twin])
    known = house.staff("confirm_identity", asked, subject=twin)
    assert known.subject == twin
    assert house.told[0]["subject"] == twin


def test_a_refusal_names_reasons_the_authority_and_the_courts(house):
    asked = house.ask(RequestKind.ACCESS, **LETTER)
    with pytest.raises(BadRequest):
        house.staff("refuse", asked, reasons=[])

    done = house.staff("refuse", asked, reasons=[Refusal.EXCESSIVE])
    assert done.state is RequestState.REFUSED
    text = house.texts()[-1]
    authority = _policy(house).controller.authority
    assert authority.website in text
    assert "12(5)" in text or "12 alin. (5)" in text


def test_taking_a_request_back_ends_it_but_not_what_was_done(house):
    asked = house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"}))
    done = house.staff("withdraw_request", asked)
    assert (done.state, done.outcome, done.closed_at) == (RequestState.TAKEN_BACK, Outcome.TAKEN_BACK, NOON)
    with pytest.raises(NotNow):
        house.staff("answer", asked)
    assert house.ask(RequestKind.RECTIFICATION, asked=Asked(fields={"first_name": "Adela"})).id != asked.id


def test_harbour_sees_no_request_of_blooms(house):
    asked = house.ask(RequestKind.ACCESS)
    assert api.requests(controller=house.harbour, at=NOON) == []
    with pytest.raises(UnknownRequest):
        api.request(controller=house.harbour, request=asked.id, at=NOON)
    with pytest.raises(UnknownRequest):
        api.by_number(controller=house.harbour, number=asked.number, at=NOON)


def test_what_cannot_be_is_said_with_its_cure(house):
    for kind, asked, words in (
        (RequestKind.RECTIFICATION, Asked(), "what is to be corrected"),
        (RequestKind.RECTIFICATION, Asked(fields={"user_id": "c-2"}), "no field"),
        (RequestKind.RECTIFICATION, Asked(fields={"email": "not an address"}), "email"),
        (RequestKind.RESTRICTION, Asked(), "ground"),
        (RequestKind.OBJECTION, Asked(purposes=("legal_accounts",)), "does not reach"),
        (RequestKind.OBJECTION, Asked(purposes=("nonsense",)), "no purpose"),
        (RequestKind.HUMAN_REVIEW, Asked(), "decision"),
        (RequestKind.ACCESS, Asked(words="x" * 20_000), "letters"),
    ):
        with pytest.raises(BadRequest, match=words):
            house.ask(kind, asked=asked)
    with pytest.raises(BadRequest, match="future"):
        house.ask(RequestKind.ACCESS, received_at=NOON + timedelta(days=1))


def test_each_step_stands_in_the_book(house):
    asked = house.ask(RequestKind.RESTRICTION, asked=Asked(ground=Ground.CLAIMS))
    lines = [line.did for _, line in audit.entries(controller=house.bloom, limit=100) if line.on == f"request:{asked.id}"]
    assert {"rights.request.received", "rights.request.done", "rights.request.answered"} <= set(lines)


def test_two_records_of_one_person_take_their_requests_with_them(house):
    asked = house.ask(RequestKind.HUMAN_REVIEW, asked=Asked(decision="credit", words="Please."))
    wire()
    subjects.merge(controller=house.bloom, into=house.ben, other=house.ada, by=OFFICER, at=NOON)
    story = house.story(asked)
    assert (story.request.subject, story.asked.words) == (house.ben, "Please.")
