"""Ends for many, held against ends for one as the policy's own words count them."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings, strategies as st

from assent.privacy.policy.contracts import Basis, Counted, Override, Purpose, Retention, Span, Then
from assent.privacy.retention import rules
from assent.privacy.retention.rules import Moments, Said, State

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORDS = {"en": "So it is.", "ro": "Așa este."}
MOMENTS = st.integers(min_value=10**11, max_value=2 * 10**12)
SPANS = st.sampled_from(["P1M", "P3Y", "P13M", "P30D", "P5Y6M", "P1Y", "P2M10D", "PT72H", "P0D", "P4Y"])
DAY = timedelta(days=1)


def moment(ms):
    return EPOCH + timedelta(milliseconds=int(ms))


def ms(at):
    return round((at - EPOCH) / timedelta(milliseconds=1))


def column(*values):
    return np.array(values, np.int64)


@settings(max_examples=400, deadline=None)
@given(starts=st.lists(MOMENTS, min_size=1, max_size=20), span=SPANS)
def test_ends_of_many_are_those_of_each(starts, span):
    found = rules.after(np.array(starts, np.int64), Span.read(span))
    assert found.tolist() == [ms(Span.read(span).after(moment(one))) for one in starts]


@settings(max_examples=200, deadline=None)
@given(at=MOMENTS, span=SPANS)
def test_what_began_at_the_cut_lives_and_a_millisecond_earlier_is_over(at, span):
    cut = rules.before(moment(at), Span.read(span))
    assert ms(Span.read(span).after(moment(cut))) > at
    assert ms(Span.read(span).after(moment(cut - 1))) <= at


def test_the_shortest_month_ends_what_began_on_days_it_lacks():
    at = datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert moment(rules.before(at, Span.read("P1M"))).date() > datetime(2026, 1, 31, tzinfo=UTC).date() - DAY


@settings(max_examples=200, deadline=None)
@given(starts=st.lists(st.integers(min_value=1, max_value=3 * 10**12), min_size=1, max_size=10))
def test_a_year_ends_where_the_controller_is(starts):
    from zoneinfo import ZoneInfo

    here = ZoneInfo("Europe/Bucharest")
    for one, end in zip(starts, rules.year_end(np.array(starts, np.int64), "Europe/Bucharest").tolist(), strict=True):
        year = moment(one).astimezone(here).year
        assert moment(end + 1).astimezone(here) == datetime(year + 1, 1, 1, tzinfo=here)


def purpose(basis, counted, duration, then):
    hired = Override(when=WORDS, duration="P7Y", counted_from=Counted.HIRED, then=Then.HOLD)
    kept = Retention(duration=duration, counted_from=counted, then=then, overrides={"hired": hired})
    return Purpose(
        title=WORDS, description=WORDS, basis=basis, subjects=("customers",), data=("email",), sources=("you",), retention=kept
    )


MAYBE = st.one_of(st.just(0), MOMENTS)
PURPOSES = st.builds(
    purpose,
    st.sampled_from([Basis.CONSENT, Basis.CONTRACT, Basis.LEGITIMATE_INTERESTS, Basis.LEGAL_OBLIGATION]),
    st.sampled_from([Counted.COLLECTED, Counted.LAST_INTERACTION, Counted.CONSENT_GIVEN, Counted.YEAR_ENDED]),
    SPANS,
    st.sampled_from(list(Then)),
)


@settings(max_examples=500, deadline=None)
@given(declared=PURPOSES, known=MOMENTS, happening=st.tuples(MAYBE, MAYBE, MAYBE, MAYBE, MAYBE), at=MOMENTS)
def test_each_state_is_what_the_policy_and_the_calendar_say(declared, known, happening, at):
    """The oracle goes one person at a time, through ``Retention.ends`` and plain comparisons."""
    received, touched, given_at, hired, asked = happening
    touched, basis = min(touched, received), declared.basis
    said = Said(column(given_at), column(0), column(0))
    moments = Moments(
        known_ms=column(known), received_ms=column(received), deed_ms=column(0), touch_ms=column(touched),
        asked_ms=column(asked), alone=np.array([False]),
        noted={Counted.HIRED: column(hired)} if hired else {}, circumstances={"hired": np.array([True])} if hired else {},
    )  # fmt: skip
    wait = Span.read("P30D")
    found = rules.serving(declared, said, moments, at_ms=at, zone="UTC", wait=wait)

    there = given_at if basis is Basis.CONSENT else max(received, hired)
    if not there:
        assert found.state[0] == State.NONE
        return
    collected = max(received, given_at) or known
    happened = {
        Counted.COLLECTED: moment(collected),
        Counted.LAST_INTERACTION: moment(max(touched, given_at) or collected),
        Counted.YEAR_ENDED: datetime(moment(collected).year + 1, 1, 1, tzinfo=UTC) - timedelta(milliseconds=1),
    }
    if given_at:
        happened[Counted.CONSENT_GIVEN] = moment(given_at)
    if hired:
        happened[Counted.HIRED] = moment(hired)
    ends = declared.retention.ends(happened, circumstance="hired" if hired else "")
    if ends is None or ends[0] > moment(at):
        assert found.state[0] == State.LIVE
        return
    if ends[1] is Then.ERASE:
        wanted = State.ENDED
    elif ends[1] is Then.HOLD:
        wanted = State.POLICY
    elif not asked:
        wanted = State.ASK
    else:
        wanted = State.WAITING if wait.after(moment(asked)) > moment(at) else State.ENDED
    assert found.state[0] == wanted
    assert found.ends_ms[0] >= ms(ends[0])


def test_a_no_ends_it_whatever_the_period_says():
    said = Said(column(0), column(5), column(1))
    nothing = column(0)
    moments = Moments(column(1), nothing, nothing, nothing, nothing, np.array([False]))
    found = rules.serving(
        purpose(Basis.CONSENT, Counted.COLLECTED, "P3Y", Then.ERASE),
        said,
        moments,
        at_ms=10,
        zone="UTC",
        wait=Span.read("P30D"),
    )
    assert (found.state[0], found.ends_ms[0]) == (State.ENDED, 5)
