"""People with their identifiers open, in memory for one batch: read from the tables, changed, written back."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field as has
from datetime import datetime
from uuid import UUID, uuid4

from assent.foundation import crypto
from assent.foundation.crypto import CannotOpen
from assent.foundation.ids import random_id
from assent.privacy.subjects import models, rows
from assent.privacy.subjects.contracts import Field
from assent.privacy.subjects.index import Blind, Token
from assent.privacy.subjects.keys import Ring
from assent.privacy.subjects.models import State

__all__ = ["FIELD_OF", "NUMBER_OF", "Person", "add_id", "context", "first_values", "load", "make", "save"]

# Stored numbers, never to be changed or used again.
NUMBER_OF = {
    Field.USER_ID: 1,
    Field.ANONYMOUS_ID: 2,
    Field.EMAIL: 3,
    Field.PHONE: 4,
    Field.FIRST_NAME: 5,
    Field.LAST_NAME: 6,
    Field.NAME: 7,
    Field.STREET: 8,
    Field.POSTAL_CODE: 9,
    Field.CITY_OF_ADDRESS: 10,
    Field.BIRTH_DATE: 11,
    Field.PHOTO: 12,
    Field.SOCIAL: 13,
    Field.NOTE: 14,
}
MOST_IDS = 100  # of one kind a person: a shared terminal or a bot must not grow somebody without end
TOKEN_COLUMNS = ("controller_id", "kind", "token", "subject_id")
FIELD_OF = {number: field for field, number in NUMBER_OF.items()}


@dataclass(slots=True)
class Person:
    """
    One person, open.

    :param values: by field; the first is the one in use, others came with merges (and ids are many by nature)
    :param stored: ``values`` as the tables have them
    :param tokens: what a new person is found by, if the caller has worked it out already
    """

    id: int
    public_id: UUID
    state: str
    key: bytes = b""
    values: dict[Field, list[str]] = has(default_factory=dict)
    stored: dict[Field, tuple[str, ...]] | None = None
    tokens: set[Token] | None = None

    @property
    def new(self) -> bool:
        """Whether the tables don't know the person yet."""
        return self.stored is None

    @property
    def changed(self) -> set[Field]:
        """The fields that differ from the tables."""
        before = self.stored or {}
        return {field for field in self.values.keys() | before if tuple(self.values.get(field, ())) != before.get(field, ())}


def context(controller: int, subject: int, label: str) -> bytes:
    """Return what a sealed value is bound to. The label is last, since it may be any text."""
    return f"{controller}:{subject}:{label}".encode()


def _seal(ring: Ring, person: Person, field: Field, text: str) -> bytes:
    return crypto.seal(person.key, text.encode(), context=context(ring.controller, person.id, f"identifier/{field.value}"))


def make() -> Person:
    """Return somebody new."""
    return Person(random_id(), uuid4(), State.ACTIVE)


def load(ring: Ring, subjects: Collection[int]) -> dict[int, Person]:
    """Read people and open their identifiers, set-wise. Whose key is gone has none; a value that doesn't open isn't there."""
    found: dict[int, Person] = {}
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        known = models.Subject.objects.filter(id__in=portion).values_list("id", "public_id", "state")
        found |= {subject: Person(subject, public_id, state) for subject, public_id, state in known}
        for subject, key in ring.of([subject for subject in portion if subject in found]).items():
            found[subject].key = key
        sealed = rows.select_in(
            models.Identifier,
            ("subject_id", "field", "sealed", "id"),
            {"controller_id": ring.controller},
            "subject_id",
            portion,
        )
        for subject, number, value, _ in sorted(sealed, key=lambda row: row[3]):
            person = found.get(subject)
            if person is None or not person.key:
                continue
            bound = context(ring.controller, subject, f"identifier/{FIELD_OF[number].value}")
            with suppress(CannotOpen):
                text = crypto.open_sealed(person.key, bytes(value), context=bound).decode()
                person.values.setdefault(FIELD_OF[number], []).append(text)
    for person in found.values():
        person.stored = {field: tuple(values) for field, values in person.values.items()}
    return found


def first_values(ring: Ring, subjects: Collection[int], field: Field) -> dict[int, str]:
    """Return one field of active people, the value in use; nothing else of them is opened."""
    found: dict[int, str] = {}
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        active = list(models.Subject.objects.filter(id__in=portion, state=State.ACTIVE).values_list("id", flat=True))
        keys = ring.of(active)
        same = {"controller_id": ring.controller, "field": NUMBER_OF[field]}
        columns = ("id", "subject_id", "sealed")
        for _, subject, value in sorted(rows.select_in(models.Identifier, columns, same, "subject_id", list(keys))):
            if subject not in found:
                bound = context(ring.controller, subject, f"identifier/{field.value}")
                with suppress(CannotOpen):
                    found[subject] = crypto.open_sealed(keys[subject], bytes(value), context=bound).decode()
    return found


def add_id(person: Person, field: Field, text: str) -> bool:
    """Give a person a further id; False if they have it, or have too many."""
    known = person.values.get(field, [])
    if text in known or len(known) >= MOST_IDS:
        return False
    person.values[field] = [*known, text]
    return True


def save(ring: Ring, blind: Blind, people: Iterable[Person], *, at: datetime) -> None:
    """
    Write what is new or changed: people, sealed values, index entries. In the caller's transaction, bounded by the caller.

    Values of a field that only grew (ids) are added to; otherwise the field is written anew, so that the first stays first.
    """
    people = list(people)
    controller = ring.controller
    made = [person for person in people if person.new]
    if made:
        keys = ring.make([person.id for person in made])
        for person in made:
            person.key = keys[person.id]
        models.Subject.objects.bulk_create(
            models.Subject(id=person.id, controller_id=controller, public_id=person.public_id, created_at=at) for person in made
        )
    sealed: list[tuple[int, int, int, bytes]] = []
    outdated: list[tuple[int, int, int]] = []
    found_by: list[tuple[int, int, bytes, int]] = []
    lost: list[tuple[int, int, bytes, int]] = []
    for person in people:
        before = person.stored or {}
        for field in person.changed:
            old, new = before.get(field, ()), person.values.get(field, [])
            grew = tuple(new[: len(old)]) == old
            if not grew:
                outdated.append((controller, person.id, NUMBER_OF[field]))
            added = new[len(old) :] if grew else new
            sealed += [(controller, person.id, NUMBER_OF[field], _seal(ring, person, field, text)) for text in added]
        now = blind.all(person.values) if person.tokens is None else person.tokens
        then = blind.all(before) if before else set()
        found_by += [(controller, kind, token, person.id) for kind, token in now - then]
        lost += [(controller, kind, token, person.id) for kind, token in then - now]
    rows.delete(models.Identifier, ("controller_id", "subject_id", "field"), outdated)
    rows.delete(models.BlindIndex, TOKEN_COLUMNS, lost)
    rows.insert(models.Identifier, ("controller_id", "subject_id", "field", "sealed"), sealed)
    rows.insert(models.BlindIndex, TOKEN_COLUMNS, found_by)
