"""Which of several choices stands: the same answer from the rule, from the engine's SQL, and from columns."""

import sqlite3

import numpy as np
from hypothesis import given, settings, strategies as st

from assent.privacy.consent.contracts import Choice
from assent.privacy.consent.rules import OVERRULES, effective, expire, rank

MOMENTS = st.integers(1, 4)
ENDS = st.sampled_from([0, 3, 5])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "subject": st.integers(1, 3), "channel": st.integers(0, 2), "choice": st.sampled_from([1, 2]),
            "explicit": st.integers(0, 1), "at_ms": MOMENTS, "expires_ms": ENDS,
        }
    ),
    max_size=9,
    unique_by=lambda row: (row["subject"], row["channel"]),
)  # fmt: skip
ONE = st.fixed_dictionaries(
    {"at_ms": MOMENTS, "choice": st.sampled_from([1, 2]), "explicit": st.integers(0, 1), "expires_ms": ENDS}
)


def as_columns(rows):
    names = ("subject", "channel", "choice", "explicit", "at_ms", "expires_ms")
    ordered = sorted(rows, key=lambda row: row["subject"])
    return {name: np.array([row[name] for row in ordered], np.int64) for name in names}


@given(ONE, ONE)
@settings(deadline=None)
def test_the_engine_lets_the_same_choice_stand_as_the_rule(old, new):
    engine = sqlite3.connect(":memory:")
    engine.execute("CREATE TABLE standing (k PRIMARY KEY, at_ms, choice, explicit, expires_ms)")
    for one in (old, new):
        engine.execute(
            "INSERT INTO standing VALUES (1, :at_ms, :choice, :explicit, :expires_ms) ON CONFLICT (k) DO UPDATE SET "
            "at_ms = excluded.at_ms, choice = excluded.choice, explicit = excluded.explicit, expires_ms = excluded.expires_ms "
            f"WHERE {OVERRULES.format(table='standing')}",
            one,
        )
    stands = dict(
        zip(("at_ms", "choice", "explicit", "expires_ms"), engine.execute("SELECT * FROM standing").fetchone()[1:], strict=True)
    )
    engine.close()
    assert stands == max((old, new), key=lambda one: rank(**one))


SEVERITY = {Choice.GIVEN: 0, Choice.EXPIRED: 1, Choice.WITHDRAWN: 2}


def weight(row):
    return (row["at_ms"], SEVERITY[row["choice"]], 1 - row["explicit"])


def by_hand(rows, channel, now):
    """Return choice and explicit by subject, worked out one person at a time."""
    found = {}
    for subject in sorted({row["subject"] for row in rows}):
        mine = [dict(row) for row in rows if row["subject"] == subject]
        for row in mine:
            if row["choice"] == Choice.GIVEN and 0 < row["expires_ms"] <= now:
                row["choice"] = Choice.EXPIRED
        general = [row for row in mine if row["channel"] == 0]
        if channel:
            heard = [row for row in mine if row["channel"] in {0, channel}]
            best = max(heard, key=weight, default=None)
        else:
            heard = general + [r for r in mine if r["channel"] and not any(weight(g) > weight(r) for g in general)]
            best = max(heard, key=lambda row: (row["choice"] == Choice.GIVEN, *weight(row)), default=None)
        if best:
            found[subject] = (best["choice"], best["explicit"])
    return found


@given(ROWS, st.integers(0, 3), st.integers(2, 6))
@settings(deadline=None, max_examples=400)
def test_columns_say_what_is_worked_out_one_by_one(rows, channel, now):
    found = effective(expire(as_columns(rows), at_ms=now), channel=channel)
    pairs = zip(found["choice"].tolist(), found["explicit"].tolist(), strict=True)
    assert dict(zip(found["subject"].tolist(), pairs, strict=True)) == by_hand(rows, channel, now)
    assert found["subject"].tolist() == sorted(set(found["subject"].tolist()))
