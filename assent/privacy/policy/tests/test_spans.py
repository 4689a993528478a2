"""Periods are counted on the calendar."""

from datetime import UTC, datetime

import pytest

from assent.privacy.policy.contracts import Span


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2024-01-31", "P1M", "2024-02-29"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2026-12-31", "P5Y6M", "2032-06-30"),
        ("2026-11-23", "P3Y", "2029-11-23"),
        ("2026-11-23", "P2W", "2026-12-07"),
        ("2026-11-23", "PT72H", "2026-11-26"),
        ("2026-11-23", "P0D", "2026-11-23"),
        ("2026-10-31", "P13M", "2027-11-30"),
    ],
)
def test_a_period_ends_on_its_day(start, span, end):
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert Span.read(span).after(moment).date().isoformat() == end


def test_a_period_can_be_counted_back():
    assert Span.read("P3Y").before(datetime(2026, 11, 23, 8, tzinfo=UTC)) == datetime(2023, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "permanent", "3Y", "P3", "P1.5Y", "-P1Y", "P1YT", "P1D1Y", "p1y", "P1Y\n", "P٣Y", "P101Y", "P99999D"],
)
def test_what_is_no_period_or_has_no_end_is_refused(text):
    with pytest.raises(ValueError, match=r"not an ISO 8601 duration|longer than"):
        Span.read(text)
