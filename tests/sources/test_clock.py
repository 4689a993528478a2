"""Nobody is past the month: letters go by themselves, what they can't reach is shown, and decisions carry their reason."""

from datetime import UTC, datetime, timedelta

import pytest

from assent.audit.contracts import Did
from assent.dispatch import api as dispatch, tasks
from assent.dispatch.contracts import Handover, Outcome, State
from assent.foundation.clock import now
from assent.privacy.deadlines import api as deadlines
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Operation, Question
from assent.privacy.policy.contracts import Span
from assent.privacy.rights import api as rights
from assent.privacy.sources import api
from assent.privacy.sources.contracts import BadExemption, Ground, UnknownSource
from assent.privacy.subjects import api as subjects
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from tests.sources.conftest import DAY, OFFICER

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"], transaction=True)

LETTER = "source:partner"


def sweep(at):
    while api.sweep(at=at):
        pass


def test_the_end_is_counted_as_every_legal_period_here(house):
    obtained = datetime(2026, 1, 31, 9, tzinfo=UTC)
    ada = house.brings("ada", obtained_at=obtained)
    due = deadlines.due(obtained, Span.read("P1M"), country="RO", zone="Europe/Bucharest")
    assert abs(house.known(ada)["partner"].due_at - due) < timedelta(seconds=1)
    assert due.date().isoformat() == "2026-03-02"  # 28 February is a Saturday


def test_a_letter_goes_by_itself_when_half_of_the_time_is_over_and_tells(house):
    ada = house.brings("ada", obtained_at=now() - 10 * DAY)
    sweep(now())
    assert house.message(ada, LETTER) is None

    sweep(now() + 7 * DAY)
    house.hand_over(at=now() + 7 * DAY)

    (mail,) = house.mails(ada)
    for part in (mail["text"], mail["html"]):
        assert "Petal Flowers SRL" in part
        assert "https://assent.example/p/bloom/privacy" in part
        assert "https://assent.example/p/bloom/me/choices" in part
        assert "privacy@bloom.example" in part
    assert mail["purpose"] == "privacy_requests"
    assert house.told(ada)
    (line,) = house.lines(Did.SOURCE_TOLD)
    assert line.detail["channel"] == "email"
    assert api.counts(controller=house.bloom, at=now() + 60 * DAY).open == 0


@pytest.mark.parametrize(("language", "heading"), [("en", "where we have your data from"), ("ro", "de unde avem datele")])
def test_the_letter_speaks_the_persons_language(house, language, heading):
    from assent.records.profiles import api as profiles

    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    profiles.set_attributes(controller=house.bloom, rows=[(ada, {"language": language})], at=now())
    sweep(now())
    house.hand_over()
    assert heading in house.mails(ada)[0]["subject"]


def test_who_wants_no_marketing_and_agreed_to_none_is_told_all_the_same(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    suppression.suppress(controller=house.bloom, kind=Kind.OBJECTION, subject=ada, by=OFFICER, at=now())
    ask = Question(Operation.USE, "direct_marketing", ada, now(), channel="email")
    assert not lawfulness.decide(controller=house.bloom, question=ask).yes
    sweep(now())
    house.hand_over()
    assert house.told(ada)


def test_twice_is_once_and_two_workers_write_no_second_letter(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    for _ in range(3):
        sweep(now())
    sweep(now() + 10 * DAY)
    house.hand_over(at=now() + 10 * DAY)
    assert len(house.mails(ada)) == 1
    sweep(now() + 30 * DAY)
    house.hand_over(at=now() + 30 * DAY)
    assert len(house.mails(ada)) == 1


def test_killed_between_letter_and_note_it_resumes(house, monkeypatch):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    from assent.privacy.sources import ports

    real = ports.letters()

    def killed(**more):
        real(**more)
        raise RuntimeError("killed")

    ports.wire(letters=killed)
    with pytest.raises(RuntimeError, match="killed"):
        api.sweep(at=now())
    ports.wire(letters=real)

    sweep(now())
    house.hand_over()

    assert len(house.mails(ada)) == 1
    assert house.told(ada)


def test_a_campaign_that_came_first_leaves_nothing_for_the_letter(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    house.says_yes(ada)
    house.writes(ada)
    sweep(now())
    assert house.message(ada, LETTER) is None


def test_who_has_no_address_is_shown_and_is_written_to_once_there_is_one(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY, email=False)
    sweep(now())
    (group,) = api.groups(controller=house.bloom)
    assert (group.people, group.without_way, group.letters) == (1, 1, 0)
    assert api.counts(controller=house.bloom, at=now()).for_staff == 1

    house.brings("ada")
    sweep(now() + 5 * DAY)
    house.hand_over(at=now() + 5 * DAY)
    assert house.told(ada)


def test_a_letter_that_came_to_nothing_is_for_staff(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    sweep(now())

    class Refuses:
        channel, recipient = "email", "self"

        def hand_over(self, messages):
            return [Handover(one.id, Outcome.PERMANENT) for one in messages]

    dispatch.hand_over_once(controller=house.bloom, sender=Refuses(), at=now())
    assert house.message(ada, LETTER).state is State.FAILED
    sweep(now() + 7 * DAY)
    assert api.counts(controller=house.bloom, at=now()).for_staff == 1
    assert not house.told(ada)


def test_what_is_overdue_is_counted(house):
    house.brings("ada", source="", obtained_at=now() - 60 * DAY)
    counts = api.counts(controller=house.bloom, at=now())
    assert (counts.open, counts.overdue, counts.for_staff) == (1, 1, 1)
    assert counts.next_due < now()


def test_an_exemption_needs_its_reason_stops_the_clock_and_is_written_down(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY, email=False)
    house.says_yes(ada)
    (group,) = api.groups(controller=house.bloom)
    about = {"controller": house.bloom, "source": "partner", "due": group.number, "by": OFFICER, "at": now()}
    with pytest.raises(BadExemption, match="say why"):
        api.exempt(ground=Ground.IMPOSSIBLE, reason=" \n ", **about)

    assert api.exempt(ground=Ground.IMPOSSIBLE, reason="No address is known, and none can be found.", **about) == 1

    assert api.groups(controller=house.bloom) == []
    (made,) = api.exemptions(controller=house.bloom)
    assert (made.ground, made.people, made.made_by) == (Ground.IMPOSSIBLE, 1, "staff:7")
    (line,) = house.lines(Did.SOURCE_EXEMPTED)
    assert line.detail["ground"] == "impossible"
    assert "address" not in str(line.detail)
    # The first message that reaches them after all still tells them.
    house.brings("ada")
    house.writes(ada)
    assert "Petal Flowers SRL" in house.mails(ada)[0]["text"]
    with pytest.raises(BadExemption, match="nobody of this group"):
        api.exempt(ground=Ground.LAW, reason="Again.", **about)


def test_who_knows_already_counts_as_told(house):
    ada, ben = house.brings("ada", source=""), house.brings("ben", source="")
    house.says_yes(ada)
    (group,) = api.groups(controller=house.bloom)
    assert not group.named
    api.exempt(
        controller=house.bloom, source="", due=group.number, ground=Ground.KNOWN, reason="Told at the fair, on paper.",
        by=OFFICER, at=now(),
    )  # fmt: skip
    ask = Question(Operation.USE, "direct_marketing", ada, now(), channel="email")
    assert lawfulness.decide(controller=house.bloom, question=ask).yes
    assert house.known(ben)[""].exempt is Ground.KNOWN
    house.brings("ben")
    assert house.told(ben)


def test_a_group_without_a_source_is_named_by_staff(house):
    ada = house.brings("ada", source="", obtained_at=now() - 20 * DAY)
    sweep(now())
    assert house.message(ada, LETTER) is None
    (group,) = api.groups(controller=house.bloom)
    for nowhere in ("lottery", ""):
        with pytest.raises(UnknownSource):
            api.name(controller=house.bloom, due=group.number, source=nowhere, by=OFFICER, at=now())
    assert api.name(controller=house.bloom, due=group.number, source="partner", by=OFFICER, at=now()) == 1
    (named,) = api.groups(controller=house.bloom)
    assert (named.source, named.number, named.named) == ("partner", group.number, True)
    sweep(now())
    house.hand_over()
    assert house.told(ada)


def test_an_erased_person_leaves_the_clock(house):
    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    rights.erase(controller=house.bloom, subjects=[ada], by=OFFICER, at=now())
    rights.sweep_erasures(at=now() + timedelta(minutes=20))
    assert api.groups(controller=house.bloom) == []
    assert subjects.public_ids(controller=house.bloom, subjects=[ada]) == {}
    sweep(now())


def test_a_merge_keeps_what_either_was_not_told_of(house):
    ada, twin = house.brings("ada"), house.brings("twin")
    ben = house.brings("ben", source="register")
    for one in (ada, twin, ben):
        house.says_yes(one)
    house.writes(twin)
    subjects.merge(controller=house.bloom, into=ada, other=twin, by=OFFICER, at=now())
    assert house.told(ada)
    subjects.merge(controller=house.bloom, into=ada, other=ben, by=OFFICER, at=now())
    known = house.known(ada)
    assert (known["partner"].told_at is None, known["register"].told_at is None) == (False, True)
    ask = Question(Operation.USE, "direct_marketing", ada, now(), channel="email")
    assert not lawfulness.decide(controller=house.bloom, question=ask).yes


def test_the_person_reads_where_their_data_came_from_in_their_copy(house):
    from assent.privacy.sources.store import SourceStore

    ada = house.brings("ada")
    store = SourceStore()
    (page,) = store.export(controller=house.bloom, subject=ada)
    assert page.rows[0]["title"] == "Magazinul partener care v-a recomandat"
    assert page.rows[0]["told_at"] is None
    assert [(held.kind, held.count) for held in store.inventory(controller=house.bloom, subject=ada)] == [("sources", 1)]


def test_the_worker_does_it_by_its_own_jobs(house):
    from assent.config.wiring import JOBS

    ada = house.brings("ada", obtained_at=now() - 20 * DAY)
    (job,) = [job for job in JOBS["tasks"]() if job.name == "tell sources"]
    job.work(now())
    tasks.hand_over(now())
    assert house.told(ada)
