"""
What a table holds, said beside its fields, or the house does not start.

Every model names its holdings with ``holds = Holds(...)``; tables of other packages are declared in
``config/wiring.py``. A system check (``assent.privacy.rights.checks``) refuses to start on a silent table.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NOTHING_PERSONAL", "About", "Holds", "declare", "declared"]


class About(StrEnum):
    """Whose data a table holds."""

    NOBODY = "nobody"
    SUBJECTS = "data subjects"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Holds:
    """
    Whose data, what of them, and when they end.

    :param about: whose data
    :param what: the data in a few plain words
    :param store: name of the registered ``PersonalDataStore`` that answers for the rows; empty when nothing is personal
    :param ends: when a row goes
    """

    about: About
    what: str
    store: str = ""
    ends: str = ""


NOTHING_PERSONAL = Holds(About.NOBODY, "configuration or counts; no data about a person")

_third_party: dict[str, Holds] = {}


def declare(label: str, holds: Holds) -> None:
    """Say what a table of another package holds; ``label`` is Django's, like ``sessions.Session``."""
    _third_party[label] = holds


def declared(model: type) -> Holds | None:
    """Return what a model's table holds, or None if nobody said."""
    own = getattr(model, "holds", None)
    return own if isinstance(own, Holds) else _third_party.get(str(model._meta.label))  # type: ignore[attr-defined]
