"""How a person is called on a page: by name where the role may see it, else by the start of their id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from assent.entrypoints.console.access import Desk
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field
from assent.tenancy.contracts import Permission

__all__ = ["NAMES", "Face", "called", "faces"]

NAMES = (Field.FIRST_NAME, Field.LAST_NAME, Field.NAME, Field.EMAIL)


@dataclass(frozen=True, slots=True)
class Face:
    """A person in a list."""

    public_id: UUID
    name: str
    email: str


def called(identifiers: Mapping[str, str], public_id: UUID) -> str:
    """Return the best name there is."""
    whole = " ".join(part for part in (identifiers.get(Field.FIRST_NAME), identifiers.get(Field.LAST_NAME)) if part)
    return whole or identifiers.get(Field.NAME) or _("Person %s") % f"{str(public_id)[:8]}…"


def faces(desk: Desk, people: Sequence[int], *, at: datetime, why: str) -> list[Face]:
    """Return people in the order given, named only for a role that may identify them; the reading is audited."""
    here = desk.controller.id
    ids = subjects.public_ids(controller=here, subjects=people)
    known: Mapping[int, Mapping[str, str]] = {}
    if people and Permission.PEOPLE_IDENTIFY in desk.permissions:
        known = subjects.reveal(controller=here, subjects=people, fields=NAMES, by=desk.actor, at=at, why=why)
    else:
        subjects.listed(controller=here, subjects=list(ids), by=desk.actor, at=at, why=why)
    return [
        Face(ids[one], called(known.get(one, {}), ids[one]), known.get(one, {}).get(Field.EMAIL, ""))
        for one in people
        if one in ids
    ]
