"""Choices written down with what they stood on, and what stands of them."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Did
from assent.foundation import scope
from assent.privacy.consent import api, models
from assent.privacy.consent.contracts import BadChoice, Choice, ChoiceInput, Method
from assent.privacy.consent.store import ConsentStore
from assent.privacy.policy import api as policy

YES, NO = Choice.GIVEN, Choice.WITHDRAWN
LATER = timedelta(minutes=5)


def say_yes(cast, subject, *, at=None, channel="email", controller=None, **more):
    return api.give(
        controller=controller or cast.bloom, subject=subject, purpose="direct_marketing", channel=channel,
        wording=f"marketing_{channel}", method=Method.WEB_FORM, source="checkout", language="ro", by=cast.by,
        at=at or cast.noon, **more,
    )  # fmt: skip


def say_no(cast, subject, *, at=None, channel="any"):
    return api.withdraw(
        controller=cast.bloom, subject=subject, purpose="direct_marketing", channel=channel, method=Method.ONE_CLICK,
        source="message:1", by=cast.by, at=at or cast.noon,
    )  # fmt: skip


def choices(cast, channel="email", at=None):
    found = api.columns(controller=cast.bloom, purpose="direct_marketing", channel=channel, at=at or cast.noon + LATER)
    return dict(zip(found["subject"].to_pylist(), found["choice"].to_pylist(), strict=True))


def test_a_consent_pins_the_policy_the_purpose_and_the_words(cast):
    record = say_yes(cast, cast.ada, notice="notice_summary")
    found = policy.current(controller=cast.bloom)
    assert record.policy_digest == found.digest
    assert record.purpose_digest == found.purpose_digests["direct_marketing"]
    assert record.text_digest == found.text_digests["marketing_email", "ro"]
    assert record.notice_digest == found.text_digests["notice_summary", "ro"]
    assert api.records(controller=cast.bloom, subject=cast.ada) == [record]
    [line] = [entry for _, entry in audit.entries(controller=cast.bloom, about=cast.ada)]
    assert (line.did, line.purpose, line.on) == (Did.CONSENT_GIVEN, "direct_marketing", str(record.id))


def test_words_may_be_named_by_their_digest(cast):
    digest = policy.current(controller=cast.bloom).text_digests["marketing_email", "en"]
    record = api.give(
        controller=cast.bloom, subject=cast.ada, purpose="direct_marketing", channel="email", wording=digest,
        method=Method.API, source="crm", by=cast.by, at=cast.noon,
    )  # fmt: skip
    assert record.text_digest == digest


def test_a_banner_agrees_to_the_banners_own_words(cast):
    record = api.give(
        controller=cast.bloom, subject=cast.ada, purpose="performance", wording="", method=Method.BANNER, source="banner",
        by=cast.by, at=cast.noon,
    )  # fmt: skip
    assert len(record.text_digest) == 64
    assert record.expires_at == cast.noon.replace(year=2027)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"purpose": "world_domination"}, "is not in the policy"),
        ({"purpose": "service"}, "nothing to consent to"),
        ({"channel": "pigeon"}, "channel 'pigeon' is unknown"),
        ({"channel": "post"}, "has no channel 'post'"),
        ({"channel": "any"}, "chosen per channel: name one of email, sms, push"),
        ({"wording": "marketing_pigeon"}, "has no text 'marketing_pigeon'"),
        ({"wording": ""}, "no wording"),
        ({"language": "xx"}, "no language 'xx'"),
        ({"source": "ada@bloom.example"}, "source must be a code"),
    ],
)
def test_a_yes_that_proves_nothing_is_refused_with_the_cure(cast, wrong, words):
    asked = {
        "purpose": "direct_marketing", "channel": "email", "wording": "marketing_email", "language": "ro", "source": "checkout",
    }  # fmt: skip
    with pytest.raises(BadChoice, match=words):
        api.give(controller=cast.bloom, subject=cast.ada, method=Method.API, by=cast.by, at=cast.noon, **{**asked, **wrong})
    assert api.standing(controller=cast.bloom, subject=cast.ada) == []


def test_a_no_is_never_refused_for_its_form(cast):
    say_yes(cast, cast.ben)
    record = api.withdraw(
        controller=cast.bloom, subject=cast.ben, purpose="direct_marketing", method=Method.API, source="ben@bloom.example",
        by=cast.by, at=cast.noon,
    )  # fmt: skip
    assert record.source == "unnamed"
    assert choices(cast) == {cast.ben: NO}


def test_the_later_choice_stands_and_at_a_tie_the_no(cast):
    say_yes(cast, cast.ada)
    say_yes(cast, cast.ben)
    say_no(cast, cast.ben)
    assert choices(cast) == {cast.ada: YES, cast.ben: NO}
    say_yes(cast, cast.ben)
    assert choices(cast)[cast.ben] == NO
    say_yes(cast, cast.ben, at=cast.noon + LATER)
    assert choices(cast)[cast.ben] == YES
    assert len(api.records(controller=cast.bloom, subject=cast.ben)) == 4


def test_a_choice_that_arrives_late_does_not_overrule_a_newer_one(cast):
    say_no(cast, cast.ben, channel="email")
    say_yes(cast, cast.ben, at=cast.noon - LATER)
    assert choices(cast) == {cast.ben: NO}


def test_a_no_to_every_channel_ends_each_and_a_yes_to_one_is_a_yes_to_the_purpose(cast):
    for channel in ("email", "sms"):
        say_yes(cast, cast.ada, channel=channel)
    say_no(cast, cast.ada, channel="sms", at=cast.noon + LATER)
    assert choices(cast, "email")[cast.ada] == YES
    assert choices(cast, "sms")[cast.ada] == NO
    assert choices(cast, "any")[cast.ada] == YES
    say_no(cast, cast.ada, at=cast.noon + LATER)
    assert choices(cast, "email")[cast.ada] == choices(cast, "any")[cast.ada] == NO


def test_a_consent_expires_when_the_policy_says(cast):
    api.give(
        controller=cast.bloom, subject=cast.ada, purpose="performance", wording="", method=Method.BANNER, source="banner",
        by=cast.by, at=cast.noon,
    )  # fmt: skip
    end = cast.noon.replace(year=2027)
    for at, choice in ((end - timedelta(seconds=1), YES), (end, Choice.EXPIRED)):
        found = api.columns(controller=cast.bloom, purpose="performance", channel="any", at=at)
        assert found["choice"].to_pylist() == [choice]


def test_one_brands_choices_are_not_anothers(cast):
    say_yes(cast, cast.cleo, controller=cast.harbour)
    assert choices(cast) == {}
    assert api.records(controller=cast.bloom, subject=cast.cleo) == []
    with scope.controller(cast.bloom):
        assert not models.ConsentRecord.objects.exists()


def test_records_are_never_changed_or_deleted(cast):
    record = say_yes(cast, cast.ada)
    table = models.ConsentRecord._meta.db_table
    for sql in (f"UPDATE {table} SET choice = 2 WHERE id = %s", f"DELETE FROM {table} WHERE id = %s"):
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), scope.controller(cast.bloom):
            connection.cursor().execute(sql, [record.id])
    assert api.records(controller=cast.bloom, subject=cast.ada) == [record]


def test_many_choices_are_written_in_their_order_and_bad_ones_left_out_with_a_reason(cast):
    def choice(subject, what, purpose="direct_marketing"):
        return ChoiceInput(
            subject, purpose, what, Method.EVENT, "shop", channel="email", wording="marketing_email", language="ro"
        )

    many = [choice(cast.ada, YES), choice(cast.ben, YES), choice(cast.ben, NO), choice(cast.dan, YES, "nothing_we_know")]
    faults = api.faults(controller=cast.bloom, choices=many, at=cast.noon)
    assert [bool(fault) for fault in faults] == [False, False, False, True]
    assert api.apply_many(controller=cast.bloom, choices=many, by=cast.by, at=cast.noon) == 3
    assert choices(cast) == {cast.ada: YES, cast.ben: NO}
    said = [entry.did for _, entry in audit.entries(controller=cast.bloom, did="consent")]
    assert sorted(said) == [Did.CONSENT_GIVEN, Did.CONSENT_WITHDRAWN]
    [line] = [line for line in audit.journal_lines() if line["kind"] == "withdrawal"]
    assert line["subjects"] == [str(cast.ben)]


def test_a_withdrawal_is_in_the_journal_before_it_returns(cast):
    say_no(cast, cast.ben)
    [line] = list(audit.journal_lines())
    assert (line["kind"], line["subjects"]) == ("withdrawal", [str(cast.ben)])


def test_a_batch_and_everyone_are_told_the_same(cast):
    say_yes(cast, cast.ada, explicit=True)
    say_no(cast, cast.ben)
    rows = api.rows_for(controller=cast.bloom, subjects=[cast.ada, cast.ben, cast.dan])
    assert sorted(zip(rows["subject"].tolist(), rows["choice"].tolist(), rows["explicit"].tolist(), strict=True)) == [
        (cast.ada, YES, 1),
        (cast.ben, NO, 0),
    ]


def test_two_records_of_one_person_keep_every_proof_and_the_stricter_choice(cast):
    say_yes(cast, cast.ada)
    say_no(cast, cast.ben)
    for _ in range(2):
        api.on_merge(controller=cast.bloom, into=cast.ada, other=cast.ben, by=cast.by, at=cast.noon + LATER)
    assert choices(cast) == {cast.ada: NO}
    assert [record.choice for record in api.records(controller=cast.bloom, subject=cast.ada)] == [YES, NO]
    assert api.standing(controller=cast.bloom, subject=cast.ben) == []


def test_the_store_exports_everything_and_forgets_what_stands(cast):
    say_yes(cast, cast.ada)
    store = ConsentStore()
    [page] = store.export(controller=cast.bloom, subject=cast.ada)
    assert page.rows[0]["choice"] == "GIVEN"
    done = store.erase(controller=cast.bloom, subjects=[cast.ada], by="staff:1", at=cast.noon)
    assert (done.removed, done.kept) == (1, 1)
    assert done.kept_because
    assert [held.count for held in store.inventory(controller=cast.bloom, subject=cast.ada)] == [1, 0]
    assert store.erase(controller=cast.bloom, subjects=[cast.ada], by="staff:1", at=cast.noon).removed == 0
