"""Charts tell the truth: bars start at zero, nothing small vanishes, names stay apart."""

import pytest
from hypothesis import given, strategies as st

from assent.pieces import charts

counts = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=31)


def draw(rows):
    return charts.columns(title="t", description="d", series=("in", "out"), rows=[(str(n), row) for n, row in enumerate(rows)])


@given(counts)
def test_every_piece_stays_inside_the_drawing(rows):
    drawing = draw(rows)
    for column in drawing.columns:
        for piece in column.pieces:
            assert piece.x >= drawing.left
            assert piece.x + piece.width <= drawing.right + 0.01
            assert 0 <= piece.y <= piece.y + piece.height <= drawing.axis + 0.01


@given(counts)
def test_a_column_twice_as_tall_stands_for_twice_as_many(rows):
    # Only pieces taller than the least that is drawn are to scale.
    drawn = [
        (piece.height, row[0]) for column, row in zip(draw(rows).columns, rows, strict=True) for piece in column.pieces[:1]
    ]
    tall = [(height, value) for height, value in drawn if height > 20 and value > 0]
    assert all(abs(a / b - c / d) < 0.02 for a, c in tall for b, d in tall if d >= c)


def test_a_single_refusal_is_still_seen_beside_thousands():
    assert draw([(10_000, 1)]).columns[0].pieces[1].height >= 1.5


def test_the_names_of_the_series_stay_apart_when_their_pieces_touch():
    first, second = draw([(1000, 1)]).ends
    assert first.y - second.y >= 16


def test_a_chart_without_numbers_says_that_it_is_empty():
    assert draw([(0, 0)]).is_empty


def test_five_series_are_refused_because_nobody_tells_five_hues_apart():
    with pytest.raises(ValueError, match="several charts"):
        charts.columns(title="", description="", series="abcde", rows=[])


@pytest.mark.parametrize(("most", "step"), [(0, 1), (2, 1), (3, 2), (18_402, 10_000), (21, 20)])
def test_lines_stand_at_round_numbers(most, step):
    assert charts.nice_step(most) == step


def test_something_is_never_drawn_as_nothing():
    assert charts.share(1, 10**9) > 0
    assert charts.share(0, 10) == 0
