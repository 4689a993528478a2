"""Stops: made, told, ended where that is ours to do, and kept where it is not."""

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.privacy.suppression import api, models, ports
from assent.privacy.suppression.contracts import BITS, BadSuppression, CannotLift, Kind, UnknownSuppression
from assent.privacy.suppression.store import SuppressionStore

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

ADDRESS = ("email", b"0123456789abcdef")
LATER = timedelta(minutes=5)


def stop(cast, kind=Kind.OBJECTION, *, subject=None, controller=None, at=None, **more):
    if subject is None and "address" not in more:
        subject = cast.ben
    return api.suppress(controller=controller or cast.bloom, kind=kind, subject=subject, by=cast.by, at=at or cast.noon, **more)


def bits(cast, purpose="direct_marketing", channel="email"):
    found = api.columns(controller=cast.bloom, purpose=purpose, channel=channel)
    return dict(zip(found["subject"].to_pylist(), found["bits"].to_pylist(), strict=True))


def test_an_objection_to_all_bears_on_every_purpose_and_channel(cast):
    stop(cast)
    assert bits(cast) == bits(cast, "service", "sms") == bits(cast, "performance", "any") == {cast.ben: BITS[Kind.OBJECTION]}


def test_a_stop_bears_on_its_purpose_and_channel_only(cast):
    stop(cast, Kind.UNSUBSCRIBE, purpose="direct_marketing", channel="email")
    assert bits(cast) == {cast.ben: BITS[Kind.UNSUBSCRIBE]}
    assert bits(cast, channel="sms") == bits(cast, channel="any") == bits(cast, "similar_products") == {}


def test_several_stops_add_up_and_the_last_no_counts(cast):
    stop(cast)
    stop(cast, at=cast.noon + LATER)
    stop(cast, Kind.COMPLAINT, channel="email")
    found = api.columns(controller=cast.bloom, purpose="direct_marketing", channel="email").to_pylist()
    late = int((cast.noon + LATER).timestamp() * 1000)
    noon = int(cast.noon.timestamp() * 1000)
    both = BITS[Kind.OBJECTION] | BITS[Kind.COMPLAINT]
    assert found == [{"subject": cast.ben, "bits": both, "objected_ms": late, "restricted_ms": 0, "unsubscribed_ms": noon}]


def test_one_brands_stops_are_not_anothers(cast):
    stop(cast, subject=cast.cleo, controller=cast.harbour)
    assert bits(cast) == {}
    with scope.controller(cast.bloom):
        assert not models.Stop.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": ADDRESS}, "either a subject or an address"),
        ({"purpose": "world_domination"}, "is not in the policy"),
        ({"channel": "pigeon"}, "channel 'pigeon' is unknown"),
        ({"kind": Kind.LEGAL_STOP, "purpose": "service"}, "every purpose and channel"),
        ({"kind": Kind.BOUNCE}, "comes from a channel"),
        ({"subject": None, "address": ("street", b"x")}, "is no address"),
        ({"subject": None, "address": ADDRESS, "channel": "sms"}, "nothing goes to a email over sms"),
    ],
)
def test_a_stop_that_says_too_little_is_refused_with_the_cure(cast, wrong, words):
    asked = {"kind": Kind.OBJECTION, "subject": cast.ben, "by": cast.by, "at": cast.noon, **wrong}
    with pytest.raises(BadSuppression, match=words):
        api.suppress(controller=cast.bloom, **asked)


def test_a_reason_that_could_be_somebodys_words_is_not_kept(cast):
    stop(cast, reason="ben@bloom.example said: never again!")
    [found] = api.active(controller=cast.bloom, subject=cast.ben)
    assert found.reason == "unnamed"


def test_every_stop_is_in_the_book_and_a_restriction_in_the_journal(cast):
    number = stop(cast, Kind.RESTRICTION)
    [line] = [entry for _, entry in audit.entries(controller=cast.bloom, about=cast.ben)]
    assert (line.did, line.on, line.detail["kind"]) == (Did.SUPPRESSED, str(number), "restriction")
    [journal] = list(audit.journal_lines())
    assert (journal["kind"], journal["subjects"]) == ("restriction", [str(cast.ben)])


@pytest.mark.parametrize(("kind", "channel"), [(Kind.RESTRICTION, "any"), (Kind.BOUNCE, "email"), (Kind.LEGAL_STOP, "any")])
def test_what_is_ours_to_end_ends_once_with_a_reason(cast, kind, channel):
    number = stop(cast, kind, channel=channel)
    with pytest.raises(CannotLift, match="say why"):
        api.lift(controller=cast.bloom, suppression=number, reason=" ", by=cast.by, at=cast.noon)
    api.lift(controller=cast.bloom, suppression=number, reason="settled", by=cast.by, at=cast.noon + LATER)
    assert bits(cast) == {}
    assert api.active(controller=cast.bloom, subject=cast.ben) == []
    [ended] = api.history(controller=cast.bloom, subject=cast.ben)
    assert (ended.lifted_at, ended.lifted_because) == (cast.noon + LATER, "settled")
    with pytest.raises(CannotLift, match="has ended before"):
        api.lift(controller=cast.bloom, suppression=number, reason="again", by=cast.by, at=cast.noon)


@pytest.mark.parametrize("kind", [Kind.OBJECTION, Kind.UNSUBSCRIBE, Kind.COMPLAINT])
def test_a_persons_own_no_is_not_ours_to_lift(cast, kind):
    number = stop(cast, kind, channel="email")
    with pytest.raises(CannotLift, match="only their own later explicit consent"):
        api.lift(controller=cast.bloom, suppression=number, reason="we would like to", by=cast.by, at=cast.noon)
    assert bits(cast) == {cast.ben: BITS[kind]}


def test_another_brand_can_lift_nothing_here(cast):
    number = stop(cast, Kind.RESTRICTION)
    with pytest.raises(UnknownSuppression):
        api.lift(controller=cast.harbour, suppression=number, reason="settled", by=cast.by, at=cast.noon)


def test_stops_and_their_ends_are_never_changed_or_deleted(cast):
    number = stop(cast, Kind.RESTRICTION)
    table = models.Suppression._meta.db_table
    for sql in (f"UPDATE {table} SET kind = 'bounce' WHERE id = %s", f"DELETE FROM {table} WHERE id = %s"):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), scope.controller(cast.bloom):
            connection.cursor().execute(sql, [number])


def test_an_address_is_stopped_whoever_has_it(cast):
    other = b"fedcba9876543210"
    stop(cast, Kind.BOUNCE, address=ADDRESS, channel="email")
    stop(cast, Kind.OBJECTION, address=("email", other))
    tokens = [ADDRESS[1], other, b"nobody's address"]
    assert api.stopped_addresses(controller=cast.bloom, field="email", tokens=tokens) == {ADDRESS[1]}
    assert api.stopped_addresses(controller=cast.harbour, field="email", tokens=tokens) == set()
    assert {found.kind for found in api.active(controller=cast.bloom, subject=cast.ada, tokens=tokens)} == {
        Kind.BOUNCE,
        Kind.OBJECTION,
    }
    found = api.columns_for(controller=cast.bloom, subjects=[cast.ada], tokens=tokens).to_pylist()
    assert sorted((row["subject"], row["bit"]) for row in found) == [(0, BITS[Kind.OBJECTION]), (0, BITS[Kind.BOUNCE])]


def test_of_two_records_of_one_person_all_stops_stay(cast):
    stop(cast, Kind.UNSUBSCRIBE, channel="email", subject=cast.ada)
    stop(cast, subject=cast.ben, at=cast.noon - LATER)
    for _ in range(2):
        api.on_merge(controller=cast.bloom, into=cast.ada, other=cast.ben, by=cast.by, at=cast.noon + LATER)
    assert bits(cast) == {cast.ada: BITS[Kind.UNSUBSCRIBE] | BITS[Kind.OBJECTION]}
    assert [found.at for found in api.active(controller=cast.bloom, subject=cast.ada)] == [cast.noon - LATER, cast.noon]


def test_a_no_outlives_the_person_at_their_address(cast):
    [made] = subjects.upsert_many(
        controller=cast.bloom,
        people=[PersonInput({"user_id": "b-1", "email": "ben@bloom.example"})],
        by=cast.by,
        at=cast.noon,
    )
    stop(cast, subject=made.subject, purpose="direct_marketing")
    stop(cast, Kind.RESTRICTION, subject=made.subject)
    assert api.keep_no(controller=cast.bloom, subjects=[made.subject], by=cast.by, at=cast.noon + LATER) == 1
    assert api.keep_no(controller=cast.bloom, subjects=[made.subject], by=cast.by, at=cast.noon + LATER) == 0
    done = SuppressionStore().erase(controller=cast.bloom, subjects=[made.subject], by="system:rights", at=cast.noon)
    assert (done.removed, done.kept) == (2, 2)
    token = subjects.address_token(controller=cast.bloom, field="email", value="Ben@bloom.example")
    [kept] = api.active(controller=cast.bloom, subject=0, tokens=[token])
    assert (kept.kind, kept.purpose, kept.subject, kept.at) == (Kind.OBJECTION, "direct_marketing", None, cast.noon)


def test_the_store_restricts_and_ends_that(cast):
    store = SuppressionStore()
    do = {"controller": cast.bloom, "subject": cast.ben, "by": "staff:7", "at": cast.noon}
    assert [store.restrict(on=on, **do) for on in (True, True, False, False)] == [1, 0, 1, 0]
    [page] = store.export(controller=cast.bloom, subject=cast.ben)
    assert [row["kind"] for row in page.rows] == ["restriction"]
    assert all("token" not in row for row in page.rows)


@pytest.fixture
def sending(request):
    """Put a sender behind the port for the length of a test."""
    claims = []

    def open_claims(*, controller, subject):
        return bool(claims) and claims.pop()

    ports.wire(open_claims=open_claims)
    yield claims
    ports.wire()


def test_nothing_is_acknowledged_while_a_message_is_leaving(cast, sending):
    sending += [False, True, True]
    began = time.monotonic()
    assert api.acknowledge(controller=cast.bloom, subject=cast.ben, at=cast.noon)
    assert time.monotonic() - began >= 0.004
    assert sending == []


def test_the_wait_for_an_acknowledgement_ends_and_says_so(cast, sending):
    sending += [True] * 1000
    assert not api.acknowledge(controller=cast.bloom, subject=cast.ben, at=cast.noon, timeout=0.05)


def test_where_nothing_sends_everything_is_acknowledged_at_once(cast):
    ports.wire()
    assert api.acknowledge(controller=cast.bloom, subject=cast.ben, at=cast.noon)
