"""People taken in, thousands at once: recognised, made or changed, without a query per person."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.subjects import people as folk, rows
from assent.privacy.subjects.contracts import BadIdentifier, Field, PersonInput, Upserted
from assent.privacy.subjects.index import KIND, NAME, Blind, Token, find, learned
from assent.privacy.subjects.keys import Spare, ring
from assent.privacy.subjects.models import State
from assent.privacy.subjects.people import Person
from assent.privacy.subjects.rules import (
    IDS,
    LOOKED_UP,
    NAMES,
    name_words,
    normalise_all,
    same_household_member,
)
from assent.tenancy import api as tenancy

__all__ = ["note", "upsert_many"]

NOBODY = UUID(int=0)
PREPARED = 1_000  # people in memory in normal form, and how long another import in this process waits for its turn
Within = Callable[[Sequence[Upserted]], None]
BULK = 50  # of so many people and more, imports of one process take turns
_PERSON = "person"
LEAVING = BadIdentifier(_PERSON, "this person is being erased or merged", "send it again when that is done")
NO_ID = BadIdentifier(_PERSON, "nothing in it says who it is", f"send one of {', '.join(LOOKED_UP)}")
SHARED = BadIdentifier(_PERSON, "several people share this address", "send a user_id, or the person's name")
PUBLIC = BadIdentifier(_PERSON, "a public key can't name people by address", "send an anonymous_id or a user_id with its hash")

# Of two threads that compute, each gives the interpreter away at every small call into the database or a cipher, and gets it
# back when the other's slice has run out: together they took a fifth longer than one after the other.
_turn = Lock()


@dataclass(slots=True)
class _Given:
    """One input in normal form with all it can be found by."""

    values: dict[Field, str]
    refused: tuple[BadIdentifier, ...]
    exact: dict[Field, Token]
    tokens: set[Token]


class _Known:
    """Those people the tables and this portion know who might be meant."""

    def __init__(self, behind: dict[Token, list[int]], people: dict[int, Person], blind: Blind, spare: Spare) -> None:
        self.behind = behind
        self.people = people
        self.blind = blind
        self.spare = spare

    def recognise(self, given: _Given, *, may_change: bool) -> Person | BadIdentifier | None:
        """
        Return who is meant: by user id, then by anonymous id; by e-mail or phone only when there is no id at all.

        None is somebody new; a ``BadIdentifier`` is why it can't be said.
        """
        for field in IDS:
            subjects = self.behind.get(given.exact[field], []) if field in given.exact else []
            if not subjects:
                continue
            person = self.people[subjects[0]]
            if person.state != State.ACTIVE:
                return LEAVING
            # One browser, two customers who log in after each other: its anonymous id stays with the first.
            if field is Field.ANONYMOUS_ID and Field.USER_ID in given.values and person.values.get(Field.USER_ID):
                continue
            return person
        if any(field in given.exact for field in IDS):
            return None
        return self._behind_address(given, may_change=may_change)

    def _behind_address(self, given: _Given, *, may_change: bool) -> Person | BadIdentifier | None:
        address = given.exact.get(Field.EMAIL) or given.exact.get(Field.PHONE)
        if address is None:
            return NO_ID
        if not may_change:
            return PUBLIC
        sharing = [self.people[subject] for subject in self.behind.get(address, [])]
        if any(person.state != State.ACTIVE for person in sharing):
            return LEAVING
        names = {field: [text] for field, text in given.values.items() if field in NAMES}
        meant = same_household_member(names, {person.id: person.values for person in sharing})
        if len(meant) > 1:
            return SHARED
        return self.people[meant[0]] if meant else None

    def change(self, person: Person, given: _Given, *, may_change: bool) -> None:
        """
        Add and replace values.

        Without ``may_change`` only somebody of whom nothing but anonymous ids is known is completed; anybody else may at
        most gain an anonymous id.
        """
        complete = may_change or set(person.values) <= {Field.ANONYMOUS_ID}
        for field, text in given.values.items():
            known = person.values.get(field, [])
            if text in known or not (complete or field is Field.ANONYMOUS_ID):
                continue
            if field not in IDS:
                person.values[field] = [text, *known[1:]]
                if known and field in KIND:
                    self._forget(person, field, known[0])
            elif self.behind.get(given.exact[field]) or not folk.add_id(person, field, text):
                continue
            if field in given.exact:
                self.behind.setdefault(given.exact[field], []).append(person.id)

    def _forget(self, person: Person, field: Field, replaced: str) -> None:
        token = (KIND[field], self.blind.token(KIND[field], replaced))
        self.behind[token] = [subject for subject in self.behind.get(token, []) if subject != person.id]

    def make(self, given: _Given) -> Person:
        """Return somebody new with these values, but without an id that is somebody else's."""
        person = folk.make(*self.spare.take())
        self.people[person.id] = person
        taken = {field for field in IDS if field in given.exact and self.behind.get(given.exact[field])}
        person.values = {field: [text] for field, text in given.values.items() if field not in taken}
        for field, token in given.exact.items():
            if field not in taken:
                self.behind.setdefault(token, []).append(person.id)
        if not taken:
            person.tokens = given.tokens
        return person


def upsert_many(
    *,
    controller: int,
    people: Sequence[PersonInput],
    by: Actor,
    at: datetime,
    may_change: bool = True,
    within: Within | None = None,
) -> list[Upserted]:
    """
    Take people in and return what became of each, in order.

    A value that can't be is left out and named in ``refused``; the others count. Each portion of at most 1,500 rows is a
    transaction of its own, so an interrupted import is repeated, not undone; repeating it changes nothing.

    :param may_change: False under a public key, which anyone may have copied: nobody known is changed
    :param within: called with what became of each portion, in its transaction: what must never be there without the person
    """
    done: list[Upserted] = []
    with scope.controller(controller):
        country = tenancy.controller_by_id(id=controller).country
        blind = Blind(ring(controller).indexing)
        spare = Spare(controller, len(people))
        try:
            for prepared in rows.portions(people, PREPARED):
                with _turn if len(people) >= BULK else nullcontext():
                    given = [_given(person, blind, country) for person in prepared]
                    spare.stock(_strangers(controller, given))
                    for portion in _portions(controller, given, blind, beside=within is not None):
                        done += _upsert(controller, portion, blind, spare, by=by, at=at, may_change=may_change, within=within)
                    blind.rest()
        finally:
            spare.give_back()
    return done


def _given(person: PersonInput, blind: Blind, country: str) -> _Given:
    values, refused = normalise_all(person.identifiers, country)
    exact = {field: (KIND[field], blind.token(KIND[field], values[field])) for field in LOOKED_UP if field in values}
    words = name_words(values[field] for field in NAMES if field in values)
    return _Given(values, refused, exact, {(NAME, blind.word(word)) for word in words}.union(exact.values()))


def _strangers(controller: int, people: Sequence[_Given]) -> int:
    """Return how many seem to be new, by the first thing each is looked up by. A guess, to make keys for them at once."""
    first = {next(iter(given.exact.values())) for given in people if given.exact}
    asked: dict[int, list[bytes]] = {}
    for kind, token in first:
        asked.setdefault(kind, []).append(token)
    return len(first) - sum(len(find(controller, kind, tokens)) for kind, tokens in asked.items())


def _portions(controller: int, people: Sequence[_Given], blind: Blind, *, beside: bool) -> Iterator[list[_Given]]:
    """Cut into what may become as many rows as a transaction may write: people, sealed values, tokens, names not met before."""
    met = learned(controller, {token for given in people for kind, token in given.tokens if kind == NAME})
    portion: list[_Given] = []
    weight = 0
    for given in people:
        new = {token for kind, token in given.tokens if kind == NAME} - met
        adds = 2 + beside + len(given.tokens) + sum(len(blind.starts(word)) for word in new)
        if portion and weight + adds > rows.MOST_PER_TRANSACTION:
            yield portion
            portion, weight = [], 0
        portion.append(given)
        weight += adds
        met |= new
    if portion:
        yield portion


@transaction.atomic
def _upsert(
    controller: int,
    portion: Sequence[_Given],
    blind: Blind,
    spare: Spare,
    *,
    by: Actor,
    at: datetime,
    may_change: bool,
    within: Within | None,
) -> list[Upserted]:
    rows.take_turn(controller)
    keys = ring(controller)
    behind: dict[Token, list[int]] = {}
    for field, kind in KIND.items():
        tokens = [given.exact[field][1] for given in portion if field in given.exact]
        behind |= {(kind, token): subjects for token, subjects in find(controller, kind, tokens).items()}
    known = _Known(behind, folk.load(keys, {subject for subjects in behind.values() for subject in subjects}), blind, spare)
    done: list[Upserted] = []
    touched: dict[int, Person] = {}
    for given in portion:
        person = known.recognise(given, may_change=may_change)
        if isinstance(person, BadIdentifier):
            done.append(Upserted(0, NOBODY, created=False, changed=False, refused=(*given.refused, person)))
            continue
        created = person is None
        if person is None:
            person = known.make(given)
            changed = True
        else:
            before = dict(person.values)
            known.change(person, given, may_change=may_change)
            changed = person.values != before
            if changed:
                person.tokens = None
        if changed:
            touched[person.id] = person
        done.append(Upserted(person.id, person.public_id, created=created, changed=changed, refused=given.refused))
    folk.save(keys, blind, touched.values(), at=at)
    made = {result.subject for result in done if result.created}
    note(Did.SUBJECTS_MADE, controller, sorted(made), by=by, at=at)
    note(Did.SUBJECTS_CHANGED, controller, sorted(touched.keys() - made), by=by, at=at)
    if within is not None:
        within(done)
    return done


def note(did: Did, controller: int, subjects: Sequence[int], *, by: Actor, at: datetime, why: str = "") -> None:
    """Write one audit line: about the person if it is one, else how many with a digest of who."""
    detail = {"why": why} if why else None
    if len(subjects) == 1:
        audit.write(did, controller=controller, by=by, at=at, about=subjects[0], detail=detail)
    elif subjects:
        audit.write_bulk(did, controller=controller, by=by, at=at, subjects=subjects, detail=detail)
