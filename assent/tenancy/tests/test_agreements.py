"""An agreement from its first draft to its last day: nothing is changed, and what holds is what was read."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.tenancy import api, models
from assent.tenancy.contracts import (
    AgreementKind,
    AgreementRefused,
    AgreementState,
    AgreementText,
    EndChoice,
    Role,
    TextChanged,
    UnknownAgreement,
)

pytestmark = pytest.mark.django_db(databases=["default"])
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
US = Actor.system("test")


def text(words="We work on your instructions.", kind=AgreementKind.PROCESSING, number=1):
    return AgreementText(kind, words, ("ro", "en"), number, "5f" * 32)


def make(slug):
    return api.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=NOON
    ).id


def member(controller, name, role):
    staff = api.make_staff(email=f"{name}@bloom.example", name=name, password=None, language="en", by=US, at=NOON)
    api.grant(staff=staff, controller=controller, role=role, by=US, at=NOON)
    return Actor.staff(staff)


@pytest.fixture
def bloom():
    return make("bloom")


@pytest.fixture
def harbour():
    return make("harbour")


@pytest.fixture
def vlad(bloom):
    return member(bloom, "Vlad", Role.ADMINISTRATOR)


def offer(controller, words="We work on your instructions.", *, solution="crm", at=NOON, **more):
    return api.offer_agreement(controller=controller, solution=solution, text=text(words, **more), by=US, at=at)


def accept(controller, offered, by, *, digest=None, name="Vlad Rusu", position="Director", at=NOON, **more):
    return api.accept_agreement(
        controller=controller, agreement=offered.id, digest=digest or offered.digest, name=name, position=position, by=by,
        at=at, **more,
    )  # fmt: skip


def end(controller, held, by, *, at=NOON + DAY, choice=EndChoice.DELETE, due_on=date(2026, 12, 24), **more):
    return api.end_agreement(
        controller=controller, agreement=held.id, choice=choice, due_on=due_on, reason="We part", by=by, at=at, **more
    )


def state(controller, number, *, at, today=None):
    return api.standing(api.agreement(controller=controller, id=number), at=at, today=today or at.date())


def holds(controller, solution="crm", at=NOON):
    found = api.in_force(controller=controller, solution=solution, at=at)
    return found and found.version


def test_what_is_only_offered_does_not_hold(bloom):
    offered = offer(bloom)
    assert (offered.version, offered.digest, offered.languages) == (1, text().digest, ("ro", "en"))
    assert holds(bloom) is None
    assert api.terms(controller=bloom) == ()
    assert state(bloom, offered.id, at=NOON) is AgreementState.OFFERED


def test_an_agreement_holds_from_the_moment_a_named_person_accepts_it(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad, name="  Vlad   Rusu ")
    assert (held.acceptance.name, held.acceptance.position, held.acceptance.digest) == ("Vlad Rusu", "Director", held.digest)
    assert f"staff:{held.acceptance.staff}" == str(vlad)
    assert holds(bloom, at=NOON - timedelta(microseconds=1)) is None
    assert holds(bloom) == 1
    assert holds(bloom, solution="loyalty") is None


def test_it_may_begin_later_but_never_before_it_was_accepted(bloom, vlad):
    offered = offer(bloom)
    with pytest.raises(AgreementRefused, match="before it was accepted"):
        accept(bloom, offered, vlad, from_at=NOON - HOUR)
    accept(bloom, offered, vlad, from_at=NOON + DAY)
    assert state(bloom, offered.id, at=NOON) is AgreementState.TO_COME
    assert (holds(bloom), holds(bloom, at=NOON + DAY)) == (None, 1)


def test_the_same_words_are_offered_once_and_other_words_are_a_new_version(bloom):
    assert offer(bloom) == offer(bloom, at=NOON + HOUR)
    later = offer(bloom, "We work on your new instructions.")
    assert (later.version, [info.version for info in api.agreements(controller=bloom)]) == (2, [2, 1])
    assert state(bloom, api.agreements(controller=bloom)[1].id, at=NOON) is AgreementState.WITHDRAWN


def test_words_that_changed_since_they_were_read_are_not_accepted(bloom, vlad):
    read = offer(bloom)
    offer(bloom, "And we may do as we please.")
    with pytest.raises(TextChanged, match="Read the new one"):
        accept(bloom, read, vlad)
    newest = api.agreements(controller=bloom)[0]
    with pytest.raises(TextChanged):
        accept(bloom, newest, vlad, digest=read.digest)
    assert holds(bloom) is None


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_only_an_administrator_or_a_privacy_officer_accepts(bloom, harbour, role):
    offered = offer(bloom)
    elsewhere = member(harbour, "Cleo", Role.ADMINISTRATOR)
    for nobody in (member(bloom, "Mara", role), elsewhere, US, Actor.key(1), Actor.person()):
        with pytest.raises(AgreementRefused, match="Only an administrator"):
            accept(bloom, offered, nobody)
    assert accept(bloom, offered, member(bloom, "Irina", Role.PRIVACY_OFFICER)).acceptance


@pytest.mark.parametrize(
    ("name", "position"), [("", "Director"), ("Vlad", " \n "), ("Vlad\u202e", "Director"), ("V" * 121, "D")]
)
def test_who_accepts_says_who_they_are(bloom, vlad, name, position):
    with pytest.raises(AgreementRefused, match="Name, position"):
        accept(bloom, offer(bloom), vlad, name=name, position=position)


def test_a_new_version_takes_over_when_it_is_accepted_and_the_old_one_stays_as_it_was(bloom, vlad):
    first = accept(bloom, offer(bloom), vlad)
    second = offer(bloom, "New words.", at=NOON + DAY)
    assert holds(bloom, at=NOON + DAY) == 1
    accept(bloom, second, vlad, at=NOON + 2 * DAY)
    assert (holds(bloom, at=NOON + DAY), holds(bloom, at=NOON + 2 * DAY)) == (1, 2)
    assert state(bloom, first.id, at=NOON + 2 * DAY) is AgreementState.SUPERSEDED
    assert api.agreement(controller=bloom, id=first.id).acceptance == first.acceptance
    assert api.agreement_text(controller=bloom, id=first.id) == text().text


def test_an_ended_agreement_holds_no_more_and_says_what_becomes_of_the_data(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad)
    ended = end(bloom, held, vlad, choice=EndChoice.RETURN)
    assert (ended.ending.choice, ended.ending.reason, ended.ending.due_on) == (EndChoice.RETURN, "We part", date(2026, 12, 24))
    assert (holds(bloom, at=NOON + DAY - HOUR), holds(bloom, at=NOON + DAY)) == (1, None)
    assert state(bloom, held.id, at=NOON + DAY) is AgreementState.ENDED
    due = ended.ending.due_on
    assert state(bloom, held.id, at=NOON + 40 * DAY, today=due) is AgreementState.ENDED
    assert state(bloom, held.id, at=NOON + 40 * DAY, today=due + DAY) is AgreementState.OVERDUE
    api.settle_agreement(controller=bloom, agreement=held.id, by=vlad, at=NOON + 50 * DAY)
    assert state(bloom, held.id, at=NOON + 50 * DAY) is AgreementState.SETTLED


def test_the_same_words_can_be_agreed_upon_again_after_an_end(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad)
    end(bloom, held, vlad)
    again = offer(bloom, at=NOON + 2 * DAY)
    assert (again.version, again.digest) == (2, held.digest)
    accept(bloom, again, vlad, at=NOON + 3 * DAY)
    assert [holds(bloom, at=NOON + days * DAY) for days in (0, 1, 2, 3)] == [1, None, None, 2]
    assert state(bloom, held.id, at=NOON + 4 * DAY) is AgreementState.ENDED, "the data are still owed"


def test_an_end_may_be_announced_and_is_taken_over_by_a_new_agreement(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad)
    end(bloom, held, vlad, at=NOON, until_at=NOON + 30 * DAY, due_on=date(2027, 1, 30))
    assert state(bloom, held.id, at=NOON + DAY) is AgreementState.IN_FORCE
    assert (holds(bloom, at=NOON + 29 * DAY), holds(bloom, at=NOON + 30 * DAY)) == (1, None)
    with pytest.raises(AgreementRefused, match="not ended yet"):
        api.settle_agreement(controller=bloom, agreement=held.id, by=vlad, at=NOON + DAY)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"until_at": NOON}, "in the past"),
        ({"due_on": date(2026, 11, 23)}, "lies before the end"),
    ],
)
def test_an_end_needs_days_that_fit(bloom, vlad, asked, reason):
    held = accept(bloom, offer(bloom), vlad)
    with pytest.raises(AgreementRefused, match=reason):
        end(bloom, held, vlad, **asked)


def test_each_step_is_taken_once_and_in_order(bloom, vlad):
    offered = offer(bloom)
    with pytest.raises(AgreementRefused, match="does not hold"):
        end(bloom, offered, vlad)
    with pytest.raises(AgreementRefused, match="not ended"):
        api.settle_agreement(controller=bloom, agreement=offered.id, by=vlad, at=NOON)
    accept(bloom, offered, vlad)
    with pytest.raises(AgreementRefused, match="was done before"):
        accept(bloom, offered, vlad)
    end(bloom, offered, vlad)
    with pytest.raises(AgreementRefused, match="does not hold"):
        end(bloom, offered, vlad, at=NOON + 2 * DAY)
    api.settle_agreement(controller=bloom, agreement=offered.id, by=vlad, at=NOON + 2 * DAY)
    with pytest.raises(AgreementRefused, match="was done before"):
        api.settle_agreement(controller=bloom, agreement=offered.id, by=vlad, at=NOON + 2 * DAY)


def test_nobody_reaches_another_brands_agreement(bloom, harbour, vlad):
    offered = offer(bloom)
    cleo = member(harbour, "Cleo", Role.ADMINISTRATOR)
    for verb in (
        lambda: accept(harbour, offered, cleo),
        lambda: end(harbour, offered, cleo),
        lambda: api.agreement(controller=harbour, id=offered.id),
        lambda: api.agreement_text(controller=harbour, id=offered.id),
    ):
        with pytest.raises(UnknownAgreement):
            verb()
    accept(bloom, offered, vlad)
    assert holds(harbour) is None
    assert api.terms(controller=harbour) == ()


def test_the_engine_itself_refuses_to_change_what_was_agreed(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad)
    with scope.controller(bloom):
        for change in (
            lambda: models.Agreement.objects.filter(pk=held.id).update(text="Other words."),
            lambda: models.AgreementDeed.objects.filter(agreement=held.id).update(name="Somebody Else"),
            lambda: models.AgreementDeed.objects.filter(agreement=held.id).delete(),
        ):
            with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
                change()


def test_every_step_stands_in_the_book_without_names(bloom, vlad):
    held = accept(bloom, offer(bloom), vlad)
    end(bloom, held, vlad)
    api.settle_agreement(controller=bloom, agreement=held.id, by=vlad, at=NOON + 2 * DAY)
    lines = [line for _, line in audit.entries(controller=bloom) if line.did.startswith("tenancy.agreement.")]
    assert [line.did.rpartition(".")[2] for line in lines] == ["settled", "ended", "accepted", "offered"]
    assert all(line.detail["digest"] == held.digest and line.on == f"agreement:{held.id}" for line in lines)
    assert "Rusu" not in repr(lines)


@pytest.mark.django_db(databases=["default"], transaction=True)
def test_of_two_who_accept_at_once_one_is_told_and_it_is_written_once():
    bloom = make("bloom")
    both = [member(bloom, name, Role.ADMINISTRATOR) for name in ("Vlad", "Irina")]
    offered, ready, told = offer(bloom), Barrier(2), []

    def go(who):
        try:
            ready.wait(10)
            told.append(accept(bloom, offered, who).acceptance.staff)
        except AgreementRefused as refused:
            told.append(str(refused))
        finally:
            connections.close_all()

    threads = [Thread(target=go, args=(who,)) for who in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (accepted,) = [one for one in told if isinstance(one, int)]
    (refused,) = [one for one in told if isinstance(one, str)]
    assert "was done before" in refused or "same this moment" in refused
    assert api.agreement(controller=bloom, id=offered.id).acceptance.staff == accepted
    with scope.controller(bloom):
        assert models.AgreementDeed.objects.count() == 1
    connection.close()
