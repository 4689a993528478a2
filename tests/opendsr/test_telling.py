"""Recipients are told over OpenDSR, and only what they have signed for counts."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch, ports
from assent.foundation.clock import now
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Form, NoticeState
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question, Why
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked
from assent.privacy.subjects import api as subjects
from tests.certificates import Authority
from tests.opendsr.processor import Processor

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


def tell(bloom, agency, **more):
    bloom.disclosed(bloom.ada)
    bloom.way(agency.base)
    bloom.pass_on(bloom.ada, **more)
    bloom.sweep()
    return bloom.notice()


def test_a_request_has_what_the_specification_requires(bloom, agency):
    assert tell(bloom, agency).state is NoticeState.SENT
    ((sent, headers, _),) = agency.calls
    assert set(sent) >= {"regulation", "subject_request_id", "subject_request_type", "submitted_time", "subject_identities"}
    assert (sent["regulation"], sent["subject_request_type"], sent["api_version"]) == ("gdpr", "erasure", "2.0")
    assert sent["subject_identities"] == [
        {"identity_type": "email", "identity_value": "ada@people.example", "identity_format": "raw"}
    ]
    assert sent["subject_request_id"][14] == "4"
    assert headers["Content-Type"] == "application/json"


def test_it_is_done_when_the_processor_says_completed_and_not_before(bloom, agency):
    tell(bloom, agency)
    (number,) = agency.requests
    agency.status[number] = "in_progress"
    bloom.sweep(timedelta(hours=2))
    assert (bloom.notice().state, bloom.notice().code) == (NoticeState.SENT, "in_progress")
    agency.status[number] = "completed"
    bloom.sweep(timedelta(days=1))
    assert bloom.notice().state is NoticeState.ACKNOWLEDGED


def test_each_person_is_a_request_of_their_own(bloom, agency):
    ben = bloom.person("ben")
    bloom.disclosed(bloom.ada, ben)
    bloom.way(agency.base)
    assert bloom.pass_on(bloom.ada, ben) == 2
    bloom.sweep()
    assert len(agency.requests) == 2


@pytest.mark.parametrize(
    ("mood", "code"),
    [("down", "discovery"), ("nonsense", "answer"), ("forged", "signature"), ("other_domain", "signature"),
     ("wrong_request", "answer")],
)  # fmt: skip
def test_what_is_no_proof_is_tried_again(bloom, agency, mood, code):
    agency.mood = mood
    told = tell(bloom, agency)
    assert (told.state, told.code) == (NoticeState.PENDING, code)
    agency.mood = ""
    bloom.sweep(timedelta(minutes=2))
    assert bloom.notice().state is NoticeState.SENT
    assert len(agency.requests) == 1, "the same request, however often it is sent"


def test_a_recipient_that_is_down_for_a_day_is_told_the_day_after(bloom, agency):
    agency.mood = "down"
    tell(bloom, agency)
    for hour in range(24):
        bloom.sweep(timedelta(hours=hour))
    assert bloom.notice().state is NoticeState.PENDING
    agency.mood = ""
    bloom.sweep(timedelta(days=3))
    assert bloom.notice().state is NoticeState.SENT


def test_one_that_never_answers_is_let_go_in_time_and_tried_again(bloom, agency, monkeypatch):
    from assent.connectors.opendsr import client
    from assent.foundation import http

    monkeypatch.setattr(client, "call", lambda *args, **more: http.call(*args, **{**more, "within": 0.3}))
    agency.mood = "silent"
    told = tell(bloom, agency)
    assert (told.state, told.code) == (NoticeState.PENDING, "time")


def test_one_that_does_not_take_it_is_shown_to_staff(bloom, agency):
    agency.mood = "refuse"
    assert tell(bloom, agency).code == "400"


def test_what_the_processor_does_not_support_is_not_sent(bloom, agency):
    told = tell(bloom, agency, what="restriction")
    assert (told.state, told.code, agency.calls) == (NoticeState.PENDING, "no restriction", [])


def test_an_identity_it_does_not_take_is_not_sent(bloom, authority):
    agency = Processor(authority, identities=(("email", "sha256"),))
    try:
        assert tell(bloom, agency).code == "no identity"
        assert agency.calls == []
    finally:
        agency.close()


def test_hashes_go_where_hashes_are_set(bloom, authority):
    agency = Processor(authority, identities=(("email", "sha256"),))
    try:
        bloom.disclosed(bloom.ada)
        bloom.way(agency.base, form=Form.SHA256)
        bloom.pass_on(bloom.ada)
        bloom.sweep()
        ((sent, _, body),) = agency.calls
        assert b"people.example" not in body
        assert sent["subject_identities"][0]["identity_format"] == "sha256"
    finally:
        agency.close()


def test_a_phone_and_an_objection_go_in_the_extension(bloom, authority):
    agency = Processor(authority, types=("objection",), phones=True, identities=())
    try:
        bloom.disclosed(bloom.ada, items=("phone",))
        bloom.way(agency.base)
        bloom.pass_on(bloom.ada, what="objection", purpose="advertising")
        bloom.sweep()
        ((sent, _, _),) = agency.calls
        assert sent["extensions"]["127.0.0.1"] == {
            "identities": [{"identity_type": "phone", "identity_value": "+40722000111", "identity_format": "raw"}],
            "purpose": "advertising",
        }
    finally:
        agency.close()


def test_a_certificate_of_an_unknown_authority_proves_nothing(bloom, tmp_path):
    stranger = Processor(Authority(tmp_path, name="Stranger"))
    try:
        told = tell(bloom, stranger)
        assert (told.state, told.code) == (NoticeState.PENDING, "signature")
    finally:
        stranger.close()


@pytest.mark.parametrize(("name", "from_days"), [("other.example", -1), ("127.0.0.1", -60), ("127.0.0.1", 1)])
def test_a_certificate_for_another_name_or_another_time_proves_nothing(bloom, agency, authority, name, from_days):
    agency.certificate, key = authority.issue(name, from_days=from_days)
    agency.key = serialization.load_pem_private_key(key.read_bytes(), None)
    assert tell(bloom, agency).code == "signature"


def test_the_old_names_of_headers_are_honoured(bloom, authority):
    for family in ("OpenGDPR", "OpenCompliance"):
        agency = Processor(authority, family=family)
        try:
            bloom.disclosed(bloom.ada)
            bloom.way(agency.base)
            bloom.pass_on(bloom.ada, request=f"request:{family}")
            bloom.sweep()
            assert len(agency.requests) == 1
        finally:
            agency.close()
    assert {one.state for one in disclosures.notices(controller=bloom.id)} == {NoticeState.SENT}


def test_a_processor_that_forgot_the_request_is_told_again(bloom, agency):
    tell(bloom, agency)
    (number,) = agency.requests
    agency.requests.clear()
    bloom.sweep(timedelta(hours=2))
    assert list(agency.requests) == [number]


def test_a_recipient_on_a_private_network_is_not_called(bloom, agency, settings):
    settings.ASSENT_HTTP_ALLOW = []
    assert tell(bloom, agency).code == "private"
    assert agency.calls == []


def test_an_objection_ends_the_marketing_here_and_at_the_agency(bloom, agency):
    bloom.disclosed(bloom.ada, purpose="similar_products")
    bloom.way(agency.base)
    asked = Asked(purposes=("similar_products",))
    told = rights.receive(
        controller=bloom.id, kind="objection", subject=bloom.ada, via="portal", identity="signed_in", asked=asked,
        by=Actor.person(), at=bloom.noon,
    )  # fmt: skip
    question = Question(
        operation=Operation.USE,
        purpose="similar_products",
        subject=bloom.ada,
        channel="email",
        at=bloom.noon + timedelta(minutes=1),
    )
    assert lawfulness.decide(controller=bloom.id, question=question).why is Why.OBJECTED
    bloom.sweep(timedelta(minutes=1))
    ((sent, _, _),) = agency.calls
    assert sent["subject_request_type"] == "objection"
    assert sent["extensions"]["127.0.0.1"]["purpose"] == "similar_products"

    def closed(after):
        (sender,) = ports.senders()
        dispatch.hand_over_once(controller=bloom.id, sender=sender, at=now())
        rights.sweep_requests(at=bloom.noon + after)
        return rights.request(controller=bloom.id, request=told.request.id, at=bloom.noon + after).closed_at is not None

    assert not any(closed(timedelta(hours=hour)) for hour in (1, 2, 3))
    agency.status[sent["subject_request_id"]] = "completed"
    bloom.sweep(timedelta(days=1))
    assert any(closed(timedelta(days=day)) for day in (2, 3))


def test_an_erasure_reaches_the_agency_and_closes_only_when_it_has_answered(bloom, agency):
    bloom.disclosed(bloom.ada)
    bloom.way(agency.base)
    told = rights.receive(
        controller=bloom.id, kind="erasure", subject=bloom.ada, via="portal", identity="signed_in", by=Actor.person(),
        at=bloom.noon,
    )  # fmt: skip

    def work(after):
        rights.sweep_requests(at=bloom.noon + after)
        (sender,) = ports.senders()
        dispatch.hand_over_once(controller=bloom.id, sender=sender, at=now())
        rights.sweep_erasures(at=bloom.noon + after)
        return rights.request(controller=bloom.id, request=told.request.id, at=bloom.noon + after)

    assert [work(timedelta(hours=hour)).closed_at for hour in range(6)] == [None] * 6
    assert subjects.public_ids(controller=bloom.id, subjects=[bloom.ada]) == {}
    bloom.sweep(timedelta(hours=7))
    ((sent, _, _),) = agency.calls
    assert sent["subject_identities"][0]["identity_value"] == "ada@people.example"
    agency.status[sent["subject_request_id"]] = "completed"
    bloom.sweep(timedelta(days=1))
    assert [work(timedelta(days=day)).closed_at is None for day in (3, 4)][-1] is False
