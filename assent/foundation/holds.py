"""
What a table holds, said beside its fields, or the house does not start.

Every model names its holdings with ``holds = Holds(...)``; tables of other packages are declared in
``config/wiring.py``. A system check (``assent.privacy.rights.checks``) refuses to start on a silent table.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["About", "Holds", "NOTHING_PERSONAL"]


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
