"""People with their identifiers open, in memory for one batch: read from the tables, changed, written back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field as has
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from msgspec import Raw
from msgspec.msgpack import decode, encode

from assent.foundation import crypto
from assent.privacy.subjects import models, rows
from assent.privacy.subjects.contracts import Field
from assent.privacy.subjects.index import NAME, Blind, Token, learn, unlearn
from assent.privacy.subjects.keys import Ring
from assent.privacy.subjects.models import State

__all__ = ["FIELD_OF", "NUMBER_OF", "Person", "add_id", "context", "first_values", "load", "make", "numbers", "save"]

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
BOUND_AS = {field: f"identifier/{field.value}" for field in NUMBER_OF}
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
    def changed(self) -> set[Field]:
        """The fields that differ from the tables."""
        before = self.stored or {}
        return {field for field in self.values.keys() | before if tuple(self.values.get(field, ())) != before.get(field, ())}


def context(controller: int, subject: int, label: str) -> bytes:
    """Return what a sealed value is bound to. The label is last, since it may be any text."""
    return f"{controller}:{subject}:{label}".encode()


def _pack(ring: Ring, person: Person) -> bytes:
    values = [(field, text) for field, texts in person.values.items() for text in texts]
    bound = [(text.encode(), context(ring.controller, person.id, BOUND_AS[field])) for field, text in values]
    packed: dict[int, list[bytes]] = {}
    for (field, _), sealed in zip(values, crypto.seal_all(person.key, bound), strict=True):
        packed.setdefault(NUMBER_OF[field], []).append(sealed)
    return encode(packed)


def _unpack(ring: Ring, subject: int, key: bytes, sealed: bytes, only: Field | None = None) -> dict[Field, list[str]]:
    """Open values; one that does not open (damaged, moved from another person or field) is not there."""
    packed = decode(bytes(sealed), type=dict[int, list[bytes]])
    held = [(FIELD_OF[number], text) for number, texts in packed.items() for text in texts if only in (None, FIELD_OF[number])]
    bound = [(text, context(ring.controller, subject, BOUND_AS[field])) for field, text in held]
    values: dict[Field, list[str]] = {}
    for (field, _), opened in zip(held, crypto.open_all(key, bound), strict=True):
        if opened is not None:
            values.setdefault(field, []).append(opened.decode())
    return values


def make(subject: int, key: bytes) -> Person:
    """Return somebody new."""
    return Person(subject, uuid4(), State.ACTIVE, key)


def load(ring: Ring, subjects: Collection[int]) -> dict[int, Person]:
    """Read people and open their identifiers, set-wise. Whose key is gone has none."""
    found: dict[int, Person] = {}
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        known = models.Subject.objects.filter(id__in=portion).values_list("id", "public_id", "state")
        found |= {subject: Person(subject, public_id, state) for subject, public_id, state in known}
        keys = ring.of([subject for subject in portion if subject in found])
        for subject, key in keys.items():
            found[subject].key = key
        for subject, sealed in _sealed(ring, keys):
            found[subject].values = _unpack(ring, subject, keys[subject], sealed)
    for person in found.values():
        person.stored = {field: tuple(values) for field, values in person.values.items()}
    return found


def numbers(ring: Ring, subjects: Collection[int]) -> dict[int, set[int]]:
    """Return which fields people have, by number. Nothing is opened: only the values are sealed."""
    found: dict[int, set[int]] = {}
    of_them = {"controller_id": ring.controller}
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        for subject, sealed in rows.select_in(models.Identity, ("subject_id", "sealed"), of_them, "subject_id", portion):
            found[subject] = set(decode(bytes(sealed), type=dict[int, Raw]))
    return found


def first_values(ring: Ring, subjects: Collection[int], field: Field) -> dict[int, str]:
    """Return one field of active people, the value in use; nothing else of them is opened."""
    found: dict[int, str] = {}
    for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
        active = list(models.Subject.objects.filter(id__in=portion, state=State.ACTIVE).values_list("id", flat=True))
        keys = ring.of(active)
        for subject, sealed in _sealed(ring, keys):
            if values := _unpack(ring, subject, keys[subject], sealed, only=field):
                found[subject] = values[field][0]
    return found


def _sealed(ring: Ring, keys: Mapping[int, bytes]) -> list[tuple[Any, ...]]:
    columns = ("subject_id", "sealed")
    return rows.select_in(models.Identity, columns, {"controller_id": ring.controller}, "subject_id", list(keys))


def add_id(person: Person, field: Field, text: str) -> bool:
    """Give a person a further id; False if they have it, or have too many."""
    known = person.values.get(field, [])
    if text in known or len(known) >= MOST_IDS:
        return False
    person.values[field] = [*known, text]
    return True


def save(ring: Ring, blind: Blind, people: Iterable[Person], *, at: datetime) -> None:
    """
    Write people who are new or changed: themselves, what they are, what they are found by.

    In the caller's transaction, bounded by the caller. New people come with their key, which is on disk already.
    """
    controller = ring.controller
    made: list[Person] = []
    sealed: list[tuple[int, int, bytes]] = []
    outdated: list[tuple[int, int]] = []
    found_by: list[tuple[int, int, bytes, int]] = []
    lost: list[tuple[int, int, bytes, int]] = []
    for person in people:
        if person.stored is None:
            made.append(person)
            then: set[Token] = set()
        else:
            outdated.append((controller, person.id))
            then = blind.all(person.stored)
        now = blind.all(person.values) if person.tokens is None else person.tokens
        sealed.append((controller, person.id, _pack(ring, person)))
        found_by += [(controller, kind, token, person.id) for kind, token in now - then]
        lost += [(controller, kind, token, person.id) for kind, token in then - now]
    _insert(controller, made, at)
    rows.delete(models.Identity, ("controller_id", "subject_id"), outdated)
    rows.delete(models.BlindIndex, TOKEN_COLUMNS, lost)
    rows.insert(models.Identity, ("controller_id", "subject_id", "sealed"), sealed)
    rows.insert(models.BlindIndex, TOKEN_COLUMNS, sorted(found_by))  # in the order of the index: each page once
    learn(controller, blind, {token for _, kind, token, _ in found_by if kind == NAME})
    unlearn(controller, {token for _, kind, token, _ in lost if kind == NAME})


def _insert(controller: int, made: Sequence[Person], at: datetime) -> None:
    # How an engine keeps a UUID and a moment is Django's to say, once for all.
    fields: dict[str, Any] = {field.name: field for field in models.Subject._meta.fields}
    public_id, moment = fields["public_id"], fields["created_at"].get_db_prep_save(at, connection)
    rows.insert(
        models.Subject,
        ("controller_id", "id", "public_id", "state", "created_at"),
        [(controller, p.id, public_id.get_db_prep_save(p.public_id, connection), State.ACTIVE.value, moment) for p in made],
    )
