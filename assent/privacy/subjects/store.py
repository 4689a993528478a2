"""Answers for what this room keeps of a person: who they are."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.personal import Erased, Held, Keep, Page, Surplus
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled
from assent.privacy.subjects import erasure, models, people as folk, rows, rules
from assent.privacy.subjects.contracts import BadIdentifier, Field, NotActive, UnknownSubject
from assent.privacy.subjects.index import Blind
from assent.privacy.subjects.keys import ring
from assent.privacy.subjects.models import State
from assent.privacy.subjects.upsert import note
from assent.tenancy import api as tenancy

__all__ = ["SubjectStore"]


class SubjectStore:
    """The store ``subjects``. Erasure walks it last: what others sealed is under its keys, and its ids stop late arrivals."""

    name = "subjects"

    def inventory(self, *, controller: int, subject: int) -> list[Held]:
        """Count sealed values and what the person is found by."""
        with scope.controller(controller):
            return [
                Held(self.name, "sealed identity", models.Identity.objects.filter(subject_id=subject).count()),
                Held(self.name, "index entries", models.BlindIndex.objects.filter(subject_id=subject).count()),
                Held(self.name, "keys", models.PersonKey.objects.filter(controller_id=controller, subject=subject).count()),
            ]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over every value in the clear, and since when the person is known."""
        with scope.controller(controller):
            known = models.Subject.objects.filter(id=subject).values_list("public_id", "created_at").first()
            person = folk.load(ring(controller), [subject]).get(subject)
        if known is None or person is None:
            return
        yield Page("person/record.json", "Your record", [{"id": str(known[0]), "known_since": known[1].isoformat()}])
        values = [{"field": field.value, "value": value} for field in Field for value in person.values.get(field, ())]
        yield Page("person/identifiers.json", "Who you are to us", values)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: str, at: datetime) -> int:
        """
        Replace identifiers (an empty value removes one) and return how many changed.

        Ids of the client's systems are no facts about the person and stay as they are.

        :raises BadIdentifier: before anything is changed, if a value can't be
        :raises UnknownSubject: if nobody has this id
        :raises NotActive: if the person is being erased or merged
        """
        wanted = {Field(name): value for name, value in changes.items() if name in set(Field) - set(rules.IDS)}
        if not wanted:
            return 0
        with scope.controller(controller):
            country = tenancy.controller_by_id(id=controller).country
            new = {field: _normal(field, value, country) for field, value in wanted.items()}
            with transaction.atomic():
                rows.take_turn(controller)
                keys = ring(controller)
                person = folk.load(keys, [subject]).get(subject)
                if person is None:
                    raise UnknownSubject("nobody has this id here")
                if person.state != State.ACTIVE:
                    raise NotActive("this person is being erased or merged: nothing can be corrected any more")
                for field, text in new.items():
                    person.values[field] = [text] if text else []
                changed = len(person.changed)
                folk.save(keys, Blind(keys.indexing), [person], at=at)
                if changed:
                    kind, _, number = str(by).partition(":")
                    note(Did.SUBJECTS_CHANGED, controller, [subject], by=Actor(kind, number), at=at)
        return changed

    def restrict(self, *, controller: int, subject: int, on: bool, by: str, at: datetime) -> int:
        """Do nothing: every use of an identifier passes the gate, where the restriction stands."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: str, at: datetime) -> Erased:
        """Destroy keys, sealed values and the name index; ids go with ``finish_erasure``, when nothing can arrive any more."""
        with scope.controller(controller):
            return Erased(self.name, erasure.destroy(controller, erasure.leaving(controller, subjects)))

    def narrow(self, *, controller: int, keep: Keep, remove: bool, by: str, at: datetime) -> list[Surplus]:
        """
        Find fields whose data item no live purpose names, and delete them with what they are found by.

        Ids of the client's systems say whose data the rest is; they go with the person.
        """
        found = policy.current(controller=controller)
        over: dict[int, set[Field]] = {}
        surplus = {live: _surplus(found, live) for live in set(keep.purposes.values())}
        with scope.controller(controller):
            keys = ring(controller)
            for subject, numbers in folk.numbers(keys, list(keep.purposes)).items():
                if fields := {folk.FIELD_OF[number] for number in numbers} & surplus[keep.purposes[subject]]:
                    over[subject] = fields
            for portion in rows.portions(list(over) if remove else [], rows.MOST_PER_TRANSACTION // 10):
                with transaction.atomic():
                    rows.take_turn(controller)
                    people = [one for one in folk.load(keys, portion).values() if one.state == State.ACTIVE]
                    for one in people:
                        one.values = {field: texts for field, texts in one.values.items() if field not in over[one.id]}
                    folk.save(keys, Blind(keys.indexing), people, at=at)
                    if people:
                        kind, _, number = str(by).partition(":")
                        note(Did.SUBJECTS_CHANGED, controller, [one.id for one in people], by=Actor(kind, number), at=at)
        records = sum(len(fields) for fields in over.values())
        return [Surplus(self.name, "identifier", records, len(over))] if records else []

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Hand over identifiers whose data item one of the purposes names, and the client's own ids."""
        found = policy.current(controller=controller)
        live = sum(1 << found.purpose_codes[key] for key in purposes)
        over = _surplus(found, live)
        with scope.controller(controller):
            people = folk.load(ring(controller), subjects)
        rows = {
            one.id: [
                {"field": field.value, "value": text}
                for field, texts in one.values.items()
                if field not in over
                for text in texts
            ]
            for one in people.values()
        }
        return {subject: values for subject, values in rows.items() if values}


def _surplus(found: Compiled, live: int) -> set[Field]:
    """Return the fields that declare a data item which none of these purposes names."""
    purposes = [one for key, one in found.policy.purposes.items() if live >> found.purpose_codes[key] & 1]
    data = {item for one in purposes for item in one.data}
    declared = {field: found.policy.traits.get(field.value) for field in set(Field) - set(rules.IDS)}
    return {field for field, trait in declared.items() if trait is not None and trait.data not in data}


def _normal(field: Field, value: Any, country: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadIdentifier(field, "it is not a text", "send a JSON string")
    return rules.normalise(field, value, country)
