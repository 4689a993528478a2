"""The tables that records, agreements and assessments share: parties, data, recipients, transfers, measures."""

from collections.abc import Mapping, Sequence

from assent.privacy.documents.contracts import Run, Runs, Table
from assent.privacy.documents.phrases import beginning, country, day, sentence, span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import cells, code, lines, link, mail, plain, table, telephone
from assent.privacy.policy.contracts import Override, Policy, Retention, Span
from assent.privacy.ropa.contracts import Data, Holder, Measure, Officer, Receiver

__all__ = [
    "Pairs",
    "data_table",
    "holder_facts",
    "joined",
    "keeping",
    "measures_table",
    "officer_runs",
    "receivers_table",
    "retention_table",
    "said_country",
    "transfer_runs",
    "transfers_table",
    "what_then",
]

Pairs = tuple[tuple[str, str | Runs] | None, ...]


def keeping(rule: Retention | Override, language: str) -> str:
    """Return how long data are kept, counted from what, as one office says it to another."""
    say = words(language, "codes").say
    start = say(f"from_{rule.counted_from}")
    nothing = Span.read(rule.duration) == Span()
    return say("at_once", start=start) if nothing else say("keeping", span=span(rule.duration, language), start=start)


def what_then(rule: Retention | Override, language: str) -> str:
    """Return what happens at the end, in a sentence."""
    return words(language, "codes").say(f"then_{rule.then}")


def joined(*parts: Runs, between: str = ", ") -> Runs:
    """Return running text with something between its parts."""
    told = [part for part in parts if part]
    return tuple(run for at, part in enumerate(told) for run in ((Run(between),) if at else ()) + part)


def holder_facts(found: Holder, language: str) -> Pairs:
    """Return who somebody is and where to reach them, as pairs for a definition list."""
    say = words(language, "annex").say
    told = (
        ("legal_form", plain(found.legal_form)),
        ("registration", plain(found.registration)),
        ("address", plain(found.address)),
        ("country", plain(country(found.country, language))),
        ("website", (link(found.website),)),
        ("email", (mail(found.email),)),
        ("phone", (telephone(found.phone),)),
        ("postal", plain(found.postal)),
    )
    return (
        (say("name"), found.name),
        *((say(name), runs) for name, runs in told if runs[0].text),
        (say("officer"), officer_runs(found.officer, language)),
    )


def officer_runs(officer: Officer | None, language: str) -> Runs:
    """Return the data protection officer and how to reach them, or why there is none."""
    say = words(language, "annex").say
    if officer is None:
        return plain(say("officer_unnamed"))
    if officer.none_because:
        return plain(say("officer_none", because=officer.none_because))
    reached = (mail(officer.email),) if officer.email else ()
    called = (telephone(officer.phone),) if officer.phone else ()
    return joined(
        plain(officer.name) if officer.name else (), reached, called, plain(officer.address) if officer.address else ()
    )


def said_country(found: Receiver, language: str) -> str:
    """Return a recipient's country, and whether it is outside the European Economic Area."""
    named = country(found.country, language)
    return words(language, "annex").say("abroad", country=named) if found.abroad else named


def data_table(caption: str, data: Sequence[Data], language: str, *, uses: Mapping[str, str]) -> tuple[Table, ...]:
    """
    Return categories of data with their terms in fideslang and DPV, their kinds and how they are kept.

    :param uses: what each category serves, by its key
    """
    say, term = words(language, "annex").say, words(language, "codes").say
    rows = []
    for one in data:
        named = Run(one.title), code(f" · {' · '.join(filter(None, (one.category, one.dpv)))}")
        kept = f"{term(f'kind_{one.kind}')}; {term(f'storage_{one.storage}')}"
        rows.append(cells(named, kept, term("yes" if one.special else "no"), uses.get(one.key, "")))
    return table(caption, (say("data"), say("kept"), say("special"), say("purposes")), *rows)


def receivers_table(caption: str, found: Sequence[Receiver], language: str) -> tuple[Table, ...]:
    """Return recipients with what each may do and may not."""
    say, term = words(language, "annex").say, words(language, "codes").say
    rows = []
    for one in found:
        named = Run(one.name), code(f" · {term(f'role_{one.role}')}")
        policy = (code(" · "), link(one.privacy_policy)) if one.privacy_policy else ()
        excluded = (code(f" · {say('excluded', features=', '.join(one.excluded_features))}"),) if one.excluded_features else ()
        told = (*plain(one.instructions or "–"), *excluded)
        rows.append(cells(named, said_country(one, language), (*plain(one.services), *policy), told))
    return table(caption, (say("recipient"), say("country"), say("does"), say("instructions")), *rows)


def transfers_table(caption: str, found: Sequence[Receiver], language: str) -> tuple[Table, ...]:
    """Return the safeguard of each recipient that has one or would need one."""
    say, term = words(language, "annex").say, words(language, "codes").say
    rows = []
    for one in found:
        if held := one.safeguard:
            kind = Run(term(f"safeguard_{held.kind}")), code(f" · {held.reference}")
            days = say("valid", checked=day(held.checked_on, language), until=day(held.valid_until, language))
            rows.append(
                cells(
                    one.name,
                    said_country(one, language),
                    kind,
                    days,
                    term(f"safeguard_{held.fallback}") if held.fallback else say("nothing"),
                )
            )
        elif one.abroad:
            rows.append(cells(one.name, said_country(one, language), say("none"), "–", "–"))
    return table(caption, (say("recipient"), say("country"), say("safeguard"), say("validity"), say("fallback")), *rows)


def transfer_runs(one: Receiver, language: str) -> Runs:
    """Return a recipient abroad and its safeguard on one line."""
    held, say = one.safeguard, words(language, "annex").say
    kind = words(language, "codes").say(f"safeguard_{held.kind}") if held else say("none")
    return (Run(f"{one.name}, {country(one.country, language)}: {kind}"), *((code(f" · {held.reference}"),) if held else ()))


def measures_table(caption: str, measures: Sequence[Measure], language: str) -> tuple[Table, ...]:
    """Return measures of security, each with the check that shows it."""
    say = words(language, "annex").say
    rows = [cells(one.title, (code(one.check),)) for one in measures]
    return table(caption, (say("measure"), say("check")), *rows)


def retention_table(caption: str, policy: Policy, purposes: Sequence[str], language: str) -> tuple[Table, ...]:
    """Return how long data are kept for these purposes, with every exception."""
    say = words(language, "annex").say
    rows = []
    for key in purposes:
        rule = policy.purposes[key].retention
        exceptions = [f"{each.when.say(language)}: {_until(each, language)}" for each in rule.overrides.values()]
        ends = [beginning(_until(rule, language)), *exceptions]
        rows.append(cells(policy.purposes[key].title.say(language), lines(*map(plain, ends))))
    return table(caption, (say("purpose"), say("kept_for")), *rows)


def _until(rule: Retention | Override, language: str) -> str:
    return f"{sentence(keeping(rule, language))} {what_then(rule, language)}"
