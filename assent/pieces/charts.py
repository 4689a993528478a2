"""
Charts as geometry: numbers go in, rectangles and words come out; a template writes them as SVG.

Bars start at zero, series are labelled where they end, and every chart carries its numbers as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Chart", "Column", "Label", "Line", "Piece", "columns", "nice_step", "share"]

WIDTH, HEIGHT = 640, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 78, 12, 30
MAX_HUES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle of a column, in user units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    hue: int


@dataclass(frozen=True, slots=True)
class Column:
    """A stack of pieces over one place of the axis, with its numbers in the order of the series."""

    name: str
    values: tuple[int, ...]
    pieces: tuple[Piece, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the drawing and its number."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Label:
    """Words in the drawing. ``sparse`` ones give way on a narrow screen."""

    x: float
    y: float
    text: str
    hue: int = 0
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the words a reader needs who doesn't see it."""

    title: str
    description: str
    series: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Label, ...]
    ends: tuple[Label, ...]
    axis: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(sum(column.values) for column in self.columns)


def nice_step(most: int, lines: int = 2) -> int:
    """Return the smallest of 1, 2, 5, 10, 20, 50… that reaches ``most`` in so many steps."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * lines >= most:
                return step
        size *= 10


def share(part: int, whole: int, width: int = 100) -> float:
    """Return the length that stands for ``part`` of ``whole``; something is never drawn as nothing."""
    if whole <= 0 or part <= 0:
        return 0.0
    return max(round(width * part / whole, 2), 0.5)


def columns(
    *, title: str, description: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]], every: int = 7
) -> Chart:
    """
    Stack each row's numbers into a column.

    :param rows: name of the place on the axis and one number per series
    :param every: write every so-many-th name below, and the last
    :raises ValueError: for more than four series: nobody tells five hues apart
    """
    if len(series) > MAX_HUES:
        message = f"{len(series)} series in one chart: draw several charts instead"
        raise ValueError(message)
    step = nice_step(max((sum(values) for _, values in rows), default=0))
    axis = HEIGHT - BOTTOM
    unit = (axis - TOP) / (2 * step)
    slot = (WIDTH - LEFT - RIGHT) / max(len(rows), 1)
    wide = round(slot * 0.62, 2)
    drawn, ticks = [], []
    for at, (name, values) in enumerate(rows):
        x = round(LEFT + slot * at + (slot - wide) / 2, 2)
        drawn.append(Column(name, tuple(values), _stack(values, x, wide, axis, unit), _words(name, series, values)))
        # The last name is written even between two marks; the mark before it gives way when they would touch.
        last = at == len(rows) - 1
        if last or (at % every == 0 and len(rows) - 1 - at >= every / 2):
            ticks.append(Label(round(x + wide / 2, 2), HEIGHT - 8, name, sparse=not last and at % (2 * every) != 0))
    return Chart(
        title=title,
        description=description,
        series=tuple(series),
        columns=tuple(drawn),
        lines=tuple(Line(round(axis - unit * step * n, 2), step * n) for n in (1, 2)),
        ticks=tuple(ticks),
        ends=_ends(series, drawn, axis),
        axis=axis,
    )


def _stack(values: Sequence[int], x: float, wide: float, axis: float, unit: float) -> tuple[Piece, ...]:
    pieces, y = [], float(axis)
    for hue, value in enumerate(values, start=1):
        if value > 0:
            tall = max(value * unit, 1.5)
            y -= tall
            pieces.append(Piece(x, round(y, 2), wide, round(tall, 2), hue))
            y -= 1.5
    return tuple(pieces)


def _words(name: str, series: Sequence[str], values: Sequence[int]) -> str:
    return f"{name}: " + ", ".join(f"{value} {what}" for what, value in zip(series, values, strict=True))


def _ends(series: Sequence[str], drawn: Sequence[Column], axis: float) -> tuple[Label, ...]:
    """Put each series' name beside its piece of the last column, far enough apart to be read."""
    if not drawn:
        return ()
    where = {piece.hue: piece.y + piece.height / 2 + 4 for piece in drawn[-1].pieces}
    labels, below = [], axis + 16.0
    for hue, name in enumerate(series, start=1):
        y = min(where.get(hue, below - 16), below - 16)
        labels.append(Label(WIDTH - RIGHT + 4, round(y, 2), name, hue=hue))
        below = y
    return tuple(labels)
