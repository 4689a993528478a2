"""
The processing agreement of one solution (GDPR art. 28(3)), on the structure of Implementing Decision (EU) 2021/915.

The clauses are ours, in plain words; each says which of the Commission's clauses it answers. The annexes are the policy.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assent.privacy.documents.annexes import (
    data_table,
    holder_facts,
    measures_table,
    receivers_table,
    retention_table,
    transfers_table,
)
from assent.privacy.documents.contracts import (
    Block,
    Callout,
    CalloutKind,
    Document,
    Edition,
    Items,
    Kind,
    Paragraph,
    Run,
    Runs,
    Section,
)
from assent.privacy.documents.phrases import span
from assent.privacy.documents.retention import copies
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, facts, items, plain, table
from assent.privacy.policy.contracts import Policy, RecipientRole, SolutionRole
from assent.privacy.ropa import api as ropa
from assent.privacy.ropa.contracts import Service

__all__ = ["processed_solutions", "processing_agreement", "purposes_table", "uses"]

# Part → the clause of 2021/915 it answers.
GENERAL = {"purpose": "1", "invariable": "2", "reading": "3", "hierarchy": "4", "docking": "5"}
OBLIGATIONS = {
    "description": "6",
    "instructions": "7.1",
    "limits": "7.2",
    "duration": "7.3",
    "security": "7.4",
    "sensitive": "7.5",
    "documentation": "7.6",
    "sub_processors": "7.7",
    "transfers": "7.8",
    "assistance": "8",
    "breaches": "9",
}
BREACHES = {"breaches_own": "9.1", "breaches_platform": "9.2"}
FINAL = {"ending": "10"}


class Parts(NamedTuple):
    """What every part of an agreement is written from."""

    policy: Policy
    language: str
    service: Service
    fields: dict[str, str]

    def say(self, key: str) -> str:
        """Return a sentence of the agreement with the parties, the solution and the terms filled in."""
        return words(self.language, "agreement").say(key, **self.fields)

    def has(self, key: str) -> bool:
        """Say whether the agreement has such a sentence."""
        return words(self.language, "agreement").has(key)


def processed_solutions(policy: Policy) -> Sequence[str]:
    """Return the solutions in which the platform works as processor."""
    return [key for key, solution in policy.solutions.items() if solution.role is SolutionRole.PROCESSOR]


def processing_agreement(edition: Edition, language: str, solution: str) -> Document:
    """
    Build the agreement for one solution.

    :raises NoPlatform: if the policy names nobody to agree with
    """
    parts = _parts(edition.policy.policy, language, solution)
    return Document(
        kind=Kind.PROCESSING_AGREEMENT,
        of=f"{edition.policy.policy.controller.slug}/{solution}",
        language=language,
        title=parts.say("title"),
        lead=(Run(parts.say("lead")), article("gdpr:28(3)", language)),
        stamp=edition.stamp,
        sections=(
            Section("general", parts.say("general"), _notices(parts), tuple(_clauses(parts, GENERAL))),
            Section("obligations", parts.say("obligations"), (), tuple(_clauses(parts, OBLIGATIONS))),
            Section("final", parts.say("final"), (), tuple(_clauses(parts, FINAL))),
            _annex_parties(parts),
            _annex_description(parts),
            _annex_measures(parts),
            _annex_sub_processors(parts),
        ),
    )


def purposes_table(caption: str, head: Sequence[str], service: Service, policy: Policy, language: str) -> tuple[Block, ...]:
    """Return the purposes of a solution with what is done and on which basis."""
    term = words(language, "codes").say
    rows = []
    for key, title in service.under:
        one = policy.purposes[key]
        basis: Runs = (Run(term(f"basis_{one.basis}")), article(one.basis.clause, language))
        if one.special_condition:
            basis += plain(f"; {term(f'special_{one.special_condition}')}")
        rows.append(cells(title, one.description.say(language), basis))
    return table(caption, tuple(head), *rows)


def uses(policy: Policy, service: Service, language: str) -> dict[str, str]:
    """Return for each category of data which purposes of a solution it serves."""
    return {
        item.key: ", ".join(
            policy.purposes[key].title.say(language) for key, _title in service.under if item.key in policy.purposes[key].data
        )
        for item in service.data
    }


def _parts(policy: Policy, language: str, solution: str) -> Parts:
    operator = ropa.operator(policy, language)
    terms = policy.platform.terms if policy.platform else None
    fields = {
        "controller": policy.controller.name,
        "platform": operator.name,
        "solution": policy.solutions[solution].title.say(language),
    }
    if terms:
        fields |= {name: span(getattr(terms, name), language) for name in ("sub_processors", "breach", "ending")}
    return Parts(policy, language, ropa.service(policy, solution, language), fields)


def _notices(parts: Parts) -> tuple[Block, ...]:
    return (
        Callout(CalloutKind.DRAFT, plain(parts.say("draft"))),
        Callout(CalloutKind.NOTE, plain(parts.say("note"))),
    )


def _clauses(parts: Parts, clauses: dict[str, str]) -> Iterator[Section]:
    for name, clause in clauses.items():
        said = list(_sentences(parts, name))
        answered = Paragraph((code(words(parts.language, "agreement").say("answers", clause=clause)),))
        told: Block = Items(tuple(said), ordered=True) if len(said) > 1 else Paragraph(said[0])
        more = _instructions(parts) if name == "instructions" else ()
        within = tuple(_clauses(parts, BREACHES)) if name == "breaches" else ()
        yield Section(name.replace("_", "-"), parts.say(name), (told, *more, answered), within)


def _sentences(parts: Parts, name: str) -> Iterator[tuple[Run, ...]]:
    at = 1
    while parts.has(key := f"{name}_{at}"):
        yield plain(parts.say(key))
        at += 1


def _instructions(parts: Parts) -> tuple[Block, ...]:
    policy = parts.policy
    told = policy.recipients[policy.platform.recipient].instructions if policy.platform else None
    excluded = (
        (code(", ".join(told.excluded_features)),) if told and told.excluded_features else plain(parts.say("excluded_none"))
    )
    return facts(
        (parts.say("instructed"), told.text.say(parts.language)) if told else None,
        (parts.say("excluded"), excluded),
    )


def _annex_parties(parts: Parts) -> Section:
    policy, language = parts.policy, parts.language
    controller = ropa.holder(policy, language)
    return Section(
        "annex-1",
        parts.say("parties"),
        (Paragraph(plain(parts.say("accepted"))),),
        (
            Section("party-controller", parts.say("party_controller"), facts(*holder_facts(controller, language))),
            Section(
                "party-platform",
                parts.say("party_platform"),
                facts(*holder_facts(ropa.operator(policy, language), language)),
            ),
        ),
    )


def _annex_description(parts: Parts) -> Section:
    policy, language, service = parts.policy, parts.language, parts.service
    purposes = [key for key, _title in service.under]
    special = ", ".join(item.title for item in service.data if item.special)
    about_special = words(language, "agreement").say("data_special", data=special) if special else parts.say("data_no_special")
    operations = ", ".join(words(language, "codes").say(f"operation_{each}") for each in service.operations)
    head = words(language, "annex").say("purpose"), parts.say("purpose_what"), parts.say("purpose_basis")
    return Section(
        "annex-2",
        parts.say("annex_2"),
        (),
        (
            Section("annex-2-people", parts.say("people"), items(*service.subjects)),
            Section(
                "annex-2-data",
                parts.say("data_caption"),
                (
                    *data_table(parts.say("data_caption"), service.data, language, uses=uses(policy, service, language)),
                    Paragraph(plain(about_special)),
                ),
            ),
            Section(
                "annex-2-nature",
                parts.say("nature"),
                (Paragraph(plain(words(language, "agreement").say("nature_told", operations=operations))),),
            ),
            Section(
                "annex-2-purposes",
                parts.say("purposes_caption"),
                purposes_table(parts.say("purposes_caption"), head, service, policy, language),
            ),
            Section(
                "annex-2-duration",
                parts.say("retention_caption"),
                retention_table(parts.say("retention_caption"), policy, purposes, language),
            ),
        ),
    )


def _annex_measures(parts: Parts) -> Section:
    found = ropa.measures(parts.policy, parts.language)
    return Section(
        "annex-3",
        parts.say("annex_3"),
        (
            *measures_table(parts.say("measures_caption"), found, parts.language),
            Paragraph(plain(copies(parts.policy.backups, parts.language))),
        ),
    )


def _annex_sub_processors(parts: Parts) -> Section:
    language, found = parts.language, parts.service.receivers
    under = [one for one in found if one.role is RecipientRole.SUB_PROCESSOR]
    others = [one for one in found if one.role is not RecipientRole.SUB_PROCESSOR]
    return Section(
        "annex-4",
        parts.say("annex_4"),
        (
            *(receivers_table(parts.say("sub_caption"), under, language) or (Paragraph(plain(parts.say("sub_none"))),)),
            *receivers_table(parts.say("others_caption"), others, language),
            *transfers_table(parts.say("safeguards_caption"), found, language),
        ),
    )
