"""Requests in the words of the person who makes them: which there are, what each asks for, how a form becomes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.portal import words
from assent.entrypoints.portal.place import Visit
from assent.privacy.policy.contracts import Policy, Right, Storage
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import (
    Asked,
    Clock,
    Ground,
    Outcome,
    Refusal,
    RequestInfo,
    RequestKind,
    RequestState,
    StepKind,
)
from assent.privacy.subjects.contracts import Field

__all__ = ["GROUNDS", "KINDS", "REFUSALS", "STEPS", "Kind", "asked", "correctable", "explained", "purposes", "standing"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What one may ask for: as a verb, in a sentence, and the article in small print."""

    kind: RequestKind
    verb: Any
    what: Any
    article: Any


KINDS: Mapping[RequestKind, Kind] = {
    one.kind: one
    for one in (
        Kind(RequestKind.ACCESS, _("Get a copy of my data"), _("Everything that is held, with why, in one file."), "15"),
        Kind(RequestKind.RECTIFICATION, _("Correct my data"), _("Something is wrong or missing."), "16"),
        Kind(RequestKind.ERASURE, _("Erase my data"), _("Everything that no law obliges us to keep."), "17"),
        Kind(RequestKind.RESTRICTION, _("Keep my data, but do not use them"), _("While something is being settled."), "18"),
        Kind(RequestKind.PORTABILITY, _("Take my data along"), _("As files that other companies can read."), "20"),
        Kind(RequestKind.OBJECTION, _("Object to a use of my data"), _("Against marketing it needs no reason."), "21"),
        Kind(RequestKind.WITHDRAWAL, _("Take a consent back"), _("All of it at once; single ones under Choices."), "7(3)"),
        Kind(RequestKind.HUMAN_REVIEW, _("Ask for a human"), _("A person looks at what a machine decided."), "22(3)"),
    )
}

GROUNDS: Mapping[Ground, Any] = {
    Ground.ACCURACY: _("The data are wrong, and you are looking into it"),
    Ground.UNLAWFUL: _("You may not have them, but I do not want them erased"),
    Ground.CLAIMS: _("I need them for a legal claim"),
    Ground.OBJECTION: _("I have objected, and it is not settled yet"),
}

STEPS: Mapping[StepKind, Any] = {
    StepKind.RECEIVED: _("We received it"),
    StepKind.REPEATED: _("You asked again; it is one request"),
    StepKind.IDENTITY_ASKED: _("We asked you to show who you are"),
    StepKind.IDENTITY_CONFIRMED: _("It is settled who asks"),
    StepKind.CLARIFICATION_ASKED: _("We asked you to say more"),
    StepKind.CLARIFIED: _("You said more"),
    StepKind.EXTENDED: _("We need more time, and said why"),
    StepKind.DECIDED: _("It was decided"),
    StepKind.DONE: _("Part of it was carried out"),
    StepKind.FAILED: _("Something did not work; it is tried again by itself"),
    StepKind.HELD: _("Some data must stay for a claim"),
    StepKind.ANSWERED: _("We answered"),
    StepKind.REFUSED: _("We said no, and why"),
    StepKind.LETTER_SENT: _("A letter was sent"),
    StepKind.COPY_HANDED_OVER: _("You downloaded the copy"),
    StepKind.RELEASED: _("Your data are used again"),
    StepKind.TAKEN_BACK: _("You took it back"),
    StepKind.CLOSED: _("Everything is done"),
}

REFUSALS: Mapping[Refusal, Any] = {
    Refusal.IDENTITY_NOT_SHOWN: _("It could not be made sure who asks."),
    Refusal.UNFOUNDED: _("It is plainly without ground."),
    Refusal.EXCESSIVE: _("It was made again and again."),
    Refusal.LEGAL_OBLIGATION: _("A law obliges us to keep these data."),
    Refusal.CLAIMS: _("The data are needed for legal claims."),
    Refusal.LEGAL_HOLD: _("The data are held for a claim that is under way."),
    Refusal.OTHERS: _("It would give away data of somebody else."),
    Refusal.COMPELLING: _("There are grounds that weigh more than your objection."),
    Refusal.CORRECT: _("The data were checked and are right."),
    Refusal.NOT_COVERED: _("This right does not reach this case."),
}

NOT_HERE = {Field.USER_ID, Field.ANONYMOUS_ID, Field.PHOTO, Field.NOTE, Field.SOCIAL}
LONGEST = 4_000


def explained(policy: Policy, kind: RequestKind, language: str) -> str:
    """Return what the controller's own policy says of a right; nothing for one it does not speak of."""
    found = policy.rights.explained.get(Right(kind.value)) if kind.value in set(Right) else None
    return found.say(language) if found else ""


def standing(info: RequestInfo) -> tuple[str, Any]:
    """Return where a request stands, as a colour and a word."""
    if info.state is RequestState.ANSWERED:
        found = {
            Outcome.GRANTED: ("permitted", _("done")),
            Outcome.PARTLY: ("waiting", _("done in part")),
            Outcome.NOBODY: ("plain", _("nothing is held")),
        }
        return found.get(info.outcome or Outcome.GRANTED, ("plain", _("answered")))
    if info.clock is Clock.OVERDUE:
        return "refused", _("late: you may complain")
    return {
        RequestState.RECEIVED: ("active", _("received")),
        RequestState.IDENTITY: ("waiting", _("waits for you")),
        RequestState.CLARIFICATION: ("waiting", _("waits for you")),
        RequestState.IN_PROGRESS: ("active", _("being worked on")),
        RequestState.REFUSED: ("refused", _("refused")),
        RequestState.TAKEN_BACK: ("plain", _("taken back")),
    }[info.state]


def purposes(policy: Policy, kind: RequestKind, language: str) -> list[tuple[str, str, bool]]:
    """Return the purposes a right reaches: key, title, and whether it is marketing."""
    reach = {
        RequestKind.OBJECTION: rights.objectable,
        RequestKind.WITHDRAWAL: rights.withdrawable,
        RequestKind.RESTRICTION: lambda policy: tuple(policy.purposes),
    }.get(kind)
    found: Sequence[str] = reach(policy) if reach else ()
    return [(key, policy.purposes[key].title.say(language), policy.purposes[key].direct_marketing) for key in found]


def correctable(policy: Policy, known: Mapping[str, str], attributes: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Return the fields a person can correct, with what is held: ``name``, ``title``, ``value``, ``type``."""
    fields = [
        {"name": one.value, "title": str(words.FIELDS[one]), "value": known.get(one, ""), "type": TYPES.get(one, "text")}
        for one in Field
        # Whoever is known by first and last name has no third one to fill in.
        if one not in NOT_HERE and (known.get(one) or (one in policy.traits and one is not Field.NAME))
    ]
    for name, trait in policy.traits.items():
        plain = policy.data[trait.data].storage is Storage.PLAIN and trait.derived is None
        if plain and name not in set(Field) and attributes.get(name) is not None:
            title = policy.data[trait.data].title.say(language)
            fields.append({"name": name, "title": title, "value": words.shown(attributes[name]), "type": "text"})
    return fields


TYPES = {Field.EMAIL: "email", Field.PHONE: "tel", Field.BIRTH_DATE: "date"}


def asked(visit: Visit, kind: RequestKind, form: QueryDict, held: Sequence[Mapping[str, str]]) -> Asked:
    """Return what a form asks for; of fields to correct only those that differ from what is held."""
    policy = visit.place.compiled.policy
    reach = {key for key, _title, _marketing in purposes(policy, kind, visit.place.language)}
    given = {one["name"]: form.get(f"field.{one['name']}", one["value"]).strip()[:LONGEST] for one in held}
    changed = {one["name"]: given[one["name"]] for one in held if given[one["name"]] != one["value"]}
    ground = form.get("ground", "")
    return Asked(
        fields=changed if kind is RequestKind.RECTIFICATION else {},
        statement=form.get("statement", "").strip()[:LONGEST] if kind is RequestKind.RECTIFICATION else "",
        ground=Ground(ground) if kind is RequestKind.RESTRICTION and ground in set(Ground) else None,
        purposes=tuple(key for key in form.getlist("purpose") if key in reach),
        decision=form.get("decision", "").strip()[:200] if kind is RequestKind.HUMAN_REVIEW else "",
        hand_over_to=form.get("to", "").strip()[:500] if kind is RequestKind.PORTABILITY else "",
        words=form.get("words", "").strip()[:LONGEST],
    )
