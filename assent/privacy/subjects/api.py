"""
Subjects: the people, as one controller knows them.

Inside, a person is a random 63-bit integer; outside, a UUID. Who that is stays here, sealed under a key of the person's own,
and is found through keyed blind indexes. Every verb names its controller and sees no other's people.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from assent.audit.contracts import Actor, Did
from assent.foundation import crypto, scope
from assent.foundation.crypto import CannotOpen
from assent.privacy.subjects import erasure, models, people as folk, rows, rules
from assent.privacy.subjects.contracts import BadIdentifier, Field, UnknownSubject
from assent.privacy.subjects.index import KIND, Blind, find_one
from assent.privacy.subjects.keys import ring
from assent.privacy.subjects.merge import finish_merges_of, merge, sweep_merges
from assent.privacy.subjects.models import State
from assent.privacy.subjects.proof import sealing
from assent.privacy.subjects.search import count, known_since, page, part, search, sharing
from assent.privacy.subjects.upsert import note, upsert_many
from assent.tenancy import api as tenancy

__all__ = [
    "address_token",
    "address_tokens",
    "addresses",
    "begin_erasure",
    "by_public_id",
    "count",
    "derive",
    "erasing",
    "faults",
    "finish_erasure",
    "forget_apart",
    "known_since",
    "leaving",
    "link",
    "listed",
    "merge",
    "open_apart",
    "open_many",
    "page",
    "part",
    "public_ids",
    "recognise",
    "recognise_tokens",
    "reveal",
    "seal_apart",
    "seal_many",
    "sealing",
    "search",
    "sharing",
    "sweep_merges",
    "upsert_many",
    "without_key",
]

PAIRS_PER_TRANSACTION = rows.MOST_PER_TRANSACTION // 2


def _country(controller: int, field: Field) -> str:
    """Return what a number without a country code is dialled in; only phone numbers need it."""
    return tenancy.controller_by_id(id=controller).country if field is Field.PHONE else ""


def _tokens(controller: int, field: Field, values: Sequence[str]) -> list[bytes]:
    """Return the token of each value; an empty one for what has no normal form, which nobody is found by."""
    blind, country, kind = Blind(ring(controller).indexing), _country(controller, field), KIND[field]
    tokens: list[bytes] = []
    for value in values:
        text = ""
        with suppress(BadIdentifier):
            text = rules.normalise(field, value, country)
        tokens.append(blind.token(kind, text) if text else b"")
    return tokens


def recognise(*, controller: int, kind: str, values: Sequence[str]) -> list[int]:
    """
    Return whose each id is, in order: 0 for nobody, and for an e-mail or phone that several people share.

    Also finds people who are being erased, so that what is still on its way in is not taken for somebody new.

    :param kind: ``user_id``, ``anonymous_id``, ``email`` or ``phone``
    """
    with scope.controller(controller):
        return find_one(controller, Field(kind), _tokens(controller, Field(kind), values))


def recognise_tokens(*, controller: int, kind: str, tokens: Sequence[bytes]) -> list[int]:
    """
    Return whose each e-mail's or phone's hash (see :func:`address_tokens`) is, in order: 0 for nobody, and for several.

    :param kind: ``email`` or ``phone``
    """
    with scope.controller(controller):
        return find_one(controller, Field(kind), tokens)


def erasing(*, controller: int, subjects: Collection[int]) -> set[int]:
    """Return those nothing may be done with: being erased, being merged, or not known (any more)."""
    wanted = list(subjects)
    with scope.controller(controller):
        active: set[int] = set()
        for portion in rows.portions(wanted, rows.MOST_PER_QUERY):
            same = {"controller_id": controller, "state": State.ACTIVE.value}
            active.update(subject for (subject,) in rows.select_in(models.Subject, ("id",), same, "id", portion))
    return set(wanted) - active


def leaving(*, controller: int) -> list[int]:
    """Return everybody who is being erased or merged right now: few, whatever the number of people."""
    with scope.controller(controller):
        return list(models.Subject.objects.exclude(state=State.ACTIVE).order_by("id").values_list("id", flat=True))


def link(*, controller: int, pairs: Sequence[tuple[int, str, str]], at: datetime, by: Actor | None = None) -> None:
    """
    Give people further ids: (subject, ``user_id`` or ``anonymous_id``, value).

    An id that is somebody's already stays theirs; people being erased or merged gain nothing.

    :raises BadIdentifier: for an id that can't be one
    """
    wanted: list[tuple[int, Field, str]] = []
    for subject, kind, value in pairs:
        field = Field(kind)
        if field not in rules.IDS:
            raise BadIdentifier(kind, "people are not linked by it", f"use one of {', '.join(rules.IDS)}")
        if text := rules.normalise(field, value, ""):
            wanted.append((subject, field, text))
    with scope.controller(controller):
        for portion in rows.portions(wanted, PAIRS_PER_TRANSACTION):
            with transaction.atomic():
                _link(controller, portion, at=at, by=by or Actor.system("subjects"))


def _link(controller: int, pairs: Sequence[tuple[int, Field, str]], *, at: datetime, by: Actor) -> None:
    rows.take_turn(controller)
    keys = ring(controller)
    blind = Blind(keys.indexing)
    taken: set[tuple[Field, str]] = set()
    for field in rules.IDS:
        texts = [text for _, kind, text in pairs if kind is field]
        owners = find_one(controller, field, [blind.token(KIND[field], text) for text in texts])
        taken.update((field, text) for text, owner in zip(texts, owners, strict=True) if owner)
    people = folk.load(keys, {subject for subject, _, _ in pairs})
    gained: dict[int, folk.Person] = {}
    for subject, field, text in pairs:
        person = people.get(subject)
        if person is None or person.state != State.ACTIVE or (field, text) in taken:
            continue
        if folk.add_id(person, field, text):
            taken.add((field, text))
            gained[subject] = person
    folk.save(keys, blind, gained.values(), at=at)
    note(Did.SUBJECTS_LINKED, controller, sorted(gained), by=by, at=at)


def reveal(
    *, controller: int, subjects: Sequence[int], fields: Collection[str], by: Actor, at: datetime, why: str
) -> dict[int, dict[str, str]]:
    """
    Return who people are, and write down that it was read. Whoever is unknown, or being erased or merged, is left out.

    :param why: a code for the audit line, like ``console.person``
    """
    wanted = [Field(field) for field in fields]
    with scope.controller(controller), transaction.atomic():
        people = folk.load(ring(controller), subjects)
        shown = {
            person.id: {field.value: person.values[field][0] for field in wanted if field in person.values}
            for person in people.values()
            if person.state == State.ACTIVE
        }
        note(Did.IDENTIFIERS_READ, controller, sorted(shown), by=by, at=at, why=why)
    return shown


def listed(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime, why: str) -> None:
    """Write down that somebody was shown who is here, by their ids alone: a list, or the answer to a search."""
    with scope.controller(controller):
        note(Did.SUBJECTS_LISTED, controller, sorted(subjects), by=by, at=at, why=why)


def addresses(*, controller: int, subjects: Sequence[int], field: str) -> dict[int, str]:
    """Return addresses for a hand-over, whose audit line the caller writes. People without one, or leaving, are left out."""
    with scope.controller(controller):
        return folk.first_values(ring(controller), subjects, Field(field))


def address_token(*, controller: int, field: str, value: str) -> bytes:
    """
    Return what an e-mail or phone hashes to here, for stops that hold by address.

    :raises BadIdentifier: if it is none
    """
    token = address_tokens(controller=controller, field=field, values=[value])[0]
    if not token:
        rules.normalise(Field(field), value, _country(controller, Field(field)))
        raise BadIdentifier(field, "it is empty", "send an address")
    return token


def address_tokens(*, controller: int, field: str, values: Sequence[str]) -> list[bytes]:
    """Return what addresses hash to, in order; an empty token for what is no address."""
    with scope.controller(controller):
        return _tokens(controller, Field(field), values)


def public_ids(*, controller: int, subjects: Sequence[int]) -> dict[int, UUID]:
    """Return the ids people have outside; the unknown are left out."""
    with scope.controller(controller):
        found: dict[int, UUID] = {}
        for portion in rows.portions(subjects, rows.MOST_PER_QUERY):
            known = rows.select_in(models.Subject, ("id", "public_id"), {"controller_id": controller}, "id", portion)
            # SQLite has no type for it and gives a text.
            found.update((subject, one if isinstance(one, UUID) else UUID(one)) for subject, one in known)
    return found


def without_key(*, controller: int) -> int:
    """Count people whose key is not here, so that nobody can read who they are: after a restore, or a loss."""
    with scope.controller(controller):
        # Two databases, so no join; both in order, so neither is held in memory.
        people = models.Subject.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=10_000)
        known = models.PersonKey.objects.order_by("subject").values_list("subject", flat=True).iterator(chunk_size=10_000)
        key, missing = next(known, None), 0
        for person in people:
            while key is not None and key < person:
                key = next(known, None)
            missing += key != person
        return missing


def by_public_id(*, controller: int, public_id: UUID) -> int:
    """
    Return the id inside.

    :raises UnknownSubject: if nobody has this id here
    """
    with scope.controller(controller):
        found = models.Subject.objects.filter(public_id=public_id).values_list("id", flat=True).first()
    if found is None:
        raise UnknownSubject("nobody has this id here")
    return int(found)


def seal_many(*, controller: int, items: Sequence[tuple[int, str, bytes]]) -> list[bytes]:
    """
    Seal another room's values under people's keys: (subject, label, plain). A value opens only for its person and label.

    :raises UnknownSubject: if one of them has no key: unknown, or erased
    """
    with scope.controller(controller):
        keys = ring(controller).of([subject for subject, _, _ in items])
    sealed: list[bytes] = []
    for subject, label, plain in items:
        if subject not in keys:
            raise UnknownSubject("somebody has no key here: unknown or erased")
        sealed.append(crypto.seal(keys[subject], plain, context=folk.context(controller, subject, f"room/{label}")))
    return sealed


def open_many(*, controller: int, items: Sequence[tuple[int, str, bytes]]) -> list[bytes | None]:
    """Open what ``seal_many`` sealed: (subject, label, sealed). None where the key is gone, or the value is another's."""
    with scope.controller(controller):
        keys = ring(controller).of([subject for subject, _, _ in items])
    opened: list[bytes | None] = []
    for subject, label, sealed in items:
        plain = None
        if subject in keys:
            with suppress(CannotOpen):
                plain = crypto.open_sealed(
                    keys[subject], bytes(sealed), context=folk.context(controller, subject, f"room/{label}")
                )
        opened.append(plain)
    return opened


def seal_apart(*, controller: int, label: str, plain: bytes) -> tuple[int, bytes]:
    """
    Seal under a key of its own what must for a while outlive the people it is about, and return the key's number.

    Whom a recipient has still to be told of (art. 19) is known after the erasure only so. The key lies with people's keys,
    so no data backup holds it, and goes with :func:`forget_apart`.
    """
    with scope.controller(controller):
        ((number, key),) = ring(controller).make(1).items()
    return number, crypto.seal(key, plain, context=folk.context(controller, number, f"apart/{label}"))


def open_apart(*, controller: int, number: int, label: str, sealed: bytes) -> bytes | None:
    """Open what :func:`seal_apart` sealed; None once its key is gone."""
    with scope.controller(controller):
        key = ring(controller).of([number]).get(number)
    with suppress(CannotOpen):
        return crypto.open_sealed(key, sealed, context=folk.context(controller, number, f"apart/{label}")) if key else None
    return None


def forget_apart(*, controller: int, numbers: Sequence[int]) -> int:
    """Destroy keys that :func:`seal_apart` made, and return how many there were. A person's own key is never one of them."""
    with scope.controller(controller):
        people = set(models.Subject.objects.filter(id__in=list(numbers)).values_list("id", flat=True))
        return ring(controller).destroy([number for number in numbers if number not in people])


def faults(*, controller: int, identifiers: Mapping[str, str]) -> list[BadIdentifier]:
    """Say which values can't be what their fields say, and how to mend them, before anything is done with them."""
    found: list[BadIdentifier] = []
    for name, value in identifiers.items():
        try:
            rules.normalise(Field(name), value, _country(controller, Field(name)))
        except BadIdentifier as fault:
            found.append(fault)
    return found


def derive(*, identifiers: Mapping[str, str], at: date) -> dict[str, str]:
    """
    Return what segments may know of identifiers: ``age_band``, ``birthday`` (month and day), ``county`` (Romanian).

    Pure; what is missing or can't be read has no derived attribute.
    """
    found: dict[str, str] = {}
    with suppress(BadIdentifier):
        if born := rules.normalise(Field.BIRTH_DATE, identifiers.get(Field.BIRTH_DATE) or "", ""):
            found = {"age_band": rules.age_band(born, at), "birthday": rules.birthday(born)}
    found["county"] = rules.county(identifiers.get(Field.POSTAL_CODE) or "")
    return {name: value for name, value in found.items() if value}


def begin_erasure(*, controller: int, subjects: Sequence[int], by: Actor, at: datetime) -> None:
    """
    Let nothing more be done with people who are to be erased. Repeating it, or naming the unknown, changes nothing.

    :raises NotYet: if one of them is part of a merge that can't be finished now
    """
    with scope.controller(controller):
        finish_merges_of(controller, list(subjects), at=at)
        for portion in rows.portions(list(subjects), rows.MOST_PER_QUERY):
            with transaction.atomic():
                rows.take_turn(controller)
                active = models.Subject.objects.filter(id__in=portion, state=State.ACTIVE)
                begun = sorted(active.values_list("id", flat=True))
                models.Subject.objects.filter(id__in=begun).update(state=State.ERASING)
                note(Did.ERASURE_BEGUN, controller, begun, by=by, at=at)


def finish_erasure(*, controller: int, subjects: Sequence[int]) -> int:
    """
    Delete all that is left of people whose erasure has begun, their ids last, and return how many records went.

    Called when every other store is done; repeating it after a crash deletes what is left.

    :raises django.db.IntegrityError: if another room still has rows of theirs
    """
    with scope.controller(controller):
        return erasure.forget(controller, erasure.leaving(controller, subjects))
