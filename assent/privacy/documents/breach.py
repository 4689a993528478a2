"""
What is written about a breach: to the authority (art. 33(3)), to the controller a platform works for (33(2)).

The fields of the first are those of the Romanian authority's form. What is not known yet is said to be open, so that a first
notification can leave in time and be completed later (art. 33(4)).
"""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from assent.privacy.breaches.contracts import Account, BreachInfo, Nature, Risk, Severity
from assent.privacy.documents.annexes import measures_table, officer_runs
from assent.privacy.documents.contracts import (
    Block,
    Callout,
    CalloutKind,
    Document,
    Edition,
    Kind,
    Paragraph,
    Run,
    Runs,
    Section,
)
from assent.privacy.documents.phrases import country, day, listed, sentence, span
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, facts, items, mail, paragraphs, plain, table
from assent.privacy.policy.contracts import Policy
from assent.privacy.ropa import api as ropa

__all__ = ["account_in", "gaps", "to_authority", "to_controller"]


def to_authority(edition: Edition, language: str, breach: BreachInfo, *, at: datetime) -> Document:
    """Build the notification to the supervisory authority."""
    policy, say = edition.policy.policy, words(language, "breach").say
    authority = policy.controller.authority.name.say(language)
    return _document(
        Kind.BREACH_TO_AUTHORITY,
        edition,
        language,
        title=say("title_authority", authority=authority),
        lead=(Run(say("lead_authority", controller=policy.controller.name)), article("gdpr:33", language)),
        sections=(
            Section("notification", say("notification"), tuple(_notification(policy, language, breach, at))),
            Section("controller", say("controller"), tuple(_controller(policy, language))),
            *_middle(policy, language, breach, at),
            Section("telling", say("telling"), paragraphs(_telling(policy, language, breach))),
            Section("border", say("border"), paragraphs(_border(language, breach))),
        ),
    )


def to_controller(edition: Edition, language: str, breach: BreachInfo, *, at: datetime) -> Document:
    """
    Build the word of the platform to the controller it works for.

    :raises LookupError: if nobody works for this controller
    """
    policy, say = edition.policy.policy, words(language, "breach").say
    if policy.platform is None:
        raise LookupError("this policy has no platform that works for the controller")
    platform = ropa.operator(policy, language).name
    duty = say("duty_controller", span=span(policy.rights.deadlines.breach, language))
    lead = say("lead_controller", platform=platform, controller=policy.controller.name)
    return _document(
        Kind.BREACH_TO_CONTROLLER,
        edition,
        language,
        title=say("title_controller", controller=policy.controller.name),
        lead=(Run(lead), article("gdpr:33(2)", language)),
        sections=(
            Section(
                "notification",
                say("notification"),
                (
                    *_open(language, breach, at),
                    *facts(
                        (say("drawn_up"), _moment(at, policy, language)),
                        (say("processor"), platform),
                        (say("controller"), policy.controller.name),
                    ),
                    Paragraph(plain(duty)),
                ),
            ),
            *_middle(policy, language, breach, at),
        ),
    )


def gaps(breach: BreachInfo, *, language: str, at: datetime) -> list[str]:
    """Return what a notification still lacks (art. 33(3)), as codes."""
    account = account_in(breach, language)
    found = [name for name in ("what", "causes", "effects", "measures") if not getattr(account, name).strip()]
    found += [
        name
        for name, there in (
            ("nature", breach.nature),
            ("people", breach.people or breach.stated),
            ("data", breach.data),
            ("assessment", breach.risk),
        )
        if not there
    ]
    late = breach.due_at is not None and not breach.notified and at > breach.due_at
    return [*found, *(("late",) if late else ())]


def _document(
    kind: Kind, edition: Edition, language: str, *, title: str, lead: Runs, sections: tuple[Section, ...]
) -> Document:
    slug = edition.policy.policy.controller.slug
    return Document(
        kind, slug, language, title, lead, edition.stamp, tuple(one for one in sections if one.blocks or one.sections)
    )


def _notification(policy: Policy, language: str, breach: BreachInfo, at: datetime) -> Iterator[Block]:
    say = words(language, "breach").say
    yield from _open(language, breach, at)
    first = breach.notified[0] if breach.notified else None
    kind = say("kind_new")
    if first:
        kind = say("kind_completion", reference=first.reference or "–", phase=len(breach.notified) + 1)
    ends = say("clock_waiting")
    if breach.due_at:
        length = span(policy.rights.deadlines.breach, language)
        ends = say("clock_ends", moment=_moment(breach.due_at, policy, language), span=length)
    sent = "; ".join(
        say("sent_line", moment=_moment(one.at, policy, language), reference=one.reference or "–") for one in breach.notified
    )
    yield from facts(
        (say("kind"), kind),
        (say("drawn_up"), _moment(at, policy, language)),
        (say("clock"), ends),
        (say("late"), _late(breach, language, at)),
        (say("sent"), sent) if sent else None,
    )


def _open(language: str, breach: BreachInfo, at: datetime) -> Iterator[Block]:
    say = words(language, "breach").say
    if missing := gaps(breach, language=language, at=at):
        told = listed([say(f"gap_{name}") for name in missing], language)
        yield Callout(CalloutKind.NOTE, plain(say("open", gaps=told)))


def _late(breach: BreachInfo, language: str, at: datetime) -> str:
    say = words(language, "breach").say
    if breach.notified and breach.notified[0].why_late:
        return breach.notified[0].why_late
    late = breach.due_at is not None and not breach.notified and at > breach.due_at
    return say("unwritten") if late else say("late_none")


def _controller(policy: Policy, language: str) -> Iterator[Block]:
    say, at = words(language, "breach").say, policy.controller
    yield from facts(
        (say("name"), " ".join(filter(None, (at.name, at.legal_form)))),
        (say("registration"), at.registration or say("unknown")),
        (say("address"), at.address),
        (say("country"), country(at.country, language)),
        (say("email"), (mail(str(at.contact.email)),)),
        (say("phone"), at.contact.phone) if at.contact.phone else None,
        (say("officer"), officer_runs(ropa.holder(policy, language).officer, language)),
        (say("authority"), at.authority.name.say(language)),
    )


def _middle(policy: Policy, language: str, breach: BreachInfo, at: datetime) -> tuple[Section, ...]:
    say, account = words(language, "breach").say, account_in(breach, language)
    return (
        Section("incident", say("incident"), tuple(_incident(policy, language, breach))),
        Section("data", say("data"), tuple(_data(policy, language, breach))),
        Section("people", say("people"), tuple(_people(policy, language, breach))),
        Section("consequences", say("consequences"), _text(account.effects, language), _severity(language, breach)),
        Section(
            "measures",
            say("measures"),
            (
                *facts((say("measures_taken"), sentence(account.measures) if account.measures.strip() else say("unwritten"))),
                *measures_table(say("measures_before"), ropa.measures(policy, language), language),
            ),
        ),
    )


def _incident(policy: Policy, language: str, breach: BreachInfo) -> Iterator[Block]:
    say, account = words(language, "breach").say, account_in(breach, language)
    contained = next((one.at for one in breach.steps if one.deed == "contained"), None)
    yield from facts(
        (say("began"), _moment(breach.began_at, policy, language) if breach.began_at else say("unknown")),
        (say("ended"), _moment(breach.ended_at, policy, language) if breach.ended_at else say("going_on")),
        (say("detected"), _moment(breach.found_at, policy, language)),
        (say("aware"), _moment(breach.aware_at, policy, language) if breach.aware_at else say("unknown")),
        (say("contained"), _moment(contained, policy, language) if contained else say("not_contained")),
        (say("account"), account.what.strip() or say("unwritten")),
        (say("causes"), account.causes.strip() or say("unwritten")),
    )
    nature = [say(f"nature_{one}") for one in Nature if one in breach.nature]
    yield from items(*nature) if nature else (Paragraph(plain(f"{say('nature')}: {say('unwritten')}")),)


def _data(policy: Policy, language: str, breach: BreachInfo) -> Iterator[Block]:
    say, term = words(language, "breach").say, words(language, "codes").say
    rows = [
        cells(
            policy.data[key].title.say(language),
            term(f"kind_{policy.data[key].kind}"),
            say("yes" if policy.data[key].special else "no"),
        )
        for key in breach.data
        if key in policy.data
    ]
    yield from table(say("data_caption"), (say("category"), say("sort"), say("special")), *rows)
    yield Paragraph(plain(say("data_unintelligible" if breach.unintelligible else "data_plain")))


def _people(policy: Policy, language: str, breach: BreachInfo) -> Iterator[Block]:
    say = words(language, "breach").say
    kinds = [policy.subjects[key].say(language) for key in breach.subjects if key in policy.subjects]
    number = say("people_stated" if breach.stated else "people_computed", people=_grouped(breach.people, language))
    yield from facts(
        (say("people_kinds"), listed(kinds, language) if kinds else say("unwritten")),
        (say("people_number"), number),
        (say("records_number"), _grouped(breach.records, language)),
    )
    if breach.unnamed:
        yield Paragraph(plain(sentence(say("people_unnamed", unnamed=_grouped(breach.unnamed, language)))))
    if breach.altered:
        yield Paragraph(plain(sentence(say("people_altered", lines=breach.altered))))
    rows = [
        cells(say(f"reading_{name}"), _grouped(records, language), _grouped(people, language))
        for name, (records, people) in breach.readings.items()
    ]
    yield from table(say("reads_caption"), (say("reading"), say("records"), say("affected")), *rows)
    if breach.reach:
        doers = listed([_doer(one, language) for one in breach.reach.by], language) or say("everybody")
        since, until = (_moment(one, policy, language) for one in (breach.reach.since, breach.reach.until))
        yield Paragraph(plain(say("reach", doers=doers, since=since, until=until)))


def _severity(language: str, breach: BreachInfo) -> tuple[Section, ...]:
    say, found = words(language, "breach").say, breach.severity
    if found is None or breach.risk is None:
        return ()
    rows = [cells(say(name), _number(value, language)) for name, value in _terms(found)]
    rows.append(cells(say("result"), f"{_formula(found, language)} · {say(f'level_{found.level}')}"))
    judged = (Paragraph(plain(say("risk_reason", reason=breach.risk_reason))),) if breach.risk_reason else ()
    blocks: tuple[Block, ...] = (
        *table(say("severity_caption"), (say("part"), say("score")), *rows),
        *(Paragraph(plain(say(f"flag_{flag}"))) for flag in found.flags),
        *facts((say("risk"), say(f"risk_{breach.risk}"))),
        *judged,
    )
    return (Section("severity", say("severity"), blocks),)


def _terms(found: Severity) -> Iterator[tuple[str, float]]:
    yield "context", found.context
    yield "ease", found.ease
    for name in ("confidentiality", "integrity", "availability"):
        yield f"loss_{name}", getattr(found, name)
    yield "malicious", found.malicious


def _formula(found: Severity, language: str) -> str:
    numbers = {name: _number(getattr(found, name), language) for name in ("context", "ease", "circumstances", "score")}
    return words(language, "breach").say("formula", **numbers)


def _telling(policy: Policy, language: str, breach: BreachInfo) -> str:
    say = words(language, "breach").say
    if breach.telling_since:
        return say("telling_since", moment=_moment(breach.telling_since, policy, language))
    if breach.why_not_told:
        return say("telling_why", reason=sentence(breach.why_not_told))
    return say("telling_due" if breach.risk is Risk.HIGH else "telling_none") if breach.risk else say("unwritten")


def _border(language: str, breach: BreachInfo) -> str:
    say = words(language, "breach").say
    names = [country(code, language) for code in breach.countries]
    return say("border_some", countries=listed(names, language)) if names else say("border_none")


def account_in(breach: BreachInfo, language: str) -> Account:
    """Return the account in a language, else the one that is written."""
    written = [one for one in (breach.accounts.get(language), *breach.accounts.values()) if one and one.what.strip()]
    return written[0] if written else breach.accounts.get(language, Account())


def _text(text: str, language: str) -> tuple[Block, ...]:
    return paragraphs(text) or (Paragraph(plain(words(language, "breach").say("unwritten"))),)


def _doer(by: str, language: str) -> str:
    kind, _, number = by.partition(":")
    return words(language, "breach").say(f"doer_{kind}", number=number)


def _moment(at: datetime, policy: Policy, language: str) -> str:
    here = at.astimezone(ZoneInfo(policy.controller.time_zone))
    return f"{day(here.date(), language)}, {here:%H:%M} ({here:%Z})"


def _number(value: float, language: str) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if language == "ro" else text


def _grouped(number: int, language: str) -> str:
    text = f"{number:,}"
    return text.replace(",", ".") if language == "ro" else text
