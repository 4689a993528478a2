"""The notice's sections on who is responsible, who receives data, and how they are protected."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import beginning, country, day, enumerated, language_name, listed, sentence, span
from assent.privacy.documents.retention import copies
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import (
    article,
    cells,
    code,
    facts,
    lines,
    link,
    link_list,
    mail,
    plain,
    reference,
    table,
    telephone,
)
from assent.privacy.policy.contracts import Contact, Policy, Recipient, Safeguard

__all__ = ["contact", "controller", "feature", "officer", "recipients", "safeguard", "security", "solutions", "versions"]


def contact(how: Contact, *more: Runs) -> Runs:
    """Return every way to reach someone, a line each."""
    phone = ((telephone(how.phone),),) if how.phone else ()
    address = (plain(how.address),) if how.address else ()
    return lines((mail(how.email),), *phone, *address, *more)


def feature(key: str, language: str) -> str:
    """Return an excluded feature in words; one that nobody wrote words for by its key."""
    terms = words(language, "terms")
    return terms.say(f"feature_{key}") if terms.has(f"feature_{key}") else key.replace("_", " ")


def safeguard(found: Safeguard, language: str) -> Runs:
    """Return what protects data outside the European Economic Area, until when, and what takes its place."""
    say, term = words(language, "notice").say, words(language, "terms").say
    said = say(
        "safeguard_said",
        kind=beginning(term(f"safeguard_{found.kind}")),
        reference=found.reference,
        checked=day(found.checked_on, language),
        valid=day(found.valid_until, language),
    )
    told: list[Runs] = [(Run(said), article(term(f"safeguard_article_{found.kind}"), language))]
    if found.fallback:
        fallback = say("safeguard_fallback", kind=term(f"safeguard_{found.fallback}"))
        told.append((Run(fallback), article(term(f"safeguard_article_{found.fallback}"), language)))
    return lines(*told)


def recipients(policy: Policy, language: str) -> Section:
    """Return the section on everyone who receives data (arts. 13(1)(e) and (f))."""
    say = words(language, "notice").say
    each = tuple(_recipient(policy, key, one, language) for key, one in policy.recipients.items())
    lead = Run(say("recipients_lead" if each else "no_recipients"))
    return Section("recipients", say("recipients"), (Paragraph((lead, article("gdpr:13(1)(e)", language))),), each)


def _recipient(policy: Policy, key: str, one: Recipient, language: str) -> Section:
    say, term = words(language, "notice").say, words(language, "terms").say
    used = [
        reference(f"purpose-{name}", purpose.title.say(language))
        for name, purpose in policy.purposes.items()
        if key in purpose.recipients
    ]
    instructions = one.instructions
    excluded = [feature(name, language) for name in instructions.excluded_features] if instructions else []
    told = facts(
        (say("role"), (Run(sentence(beginning(term(f"role_{one.role}")))), code(f" {term(f'role_name_{one.role}')}"))),
        (say("country"), country(one.country, language)),
        (say("services"), one.services.say(language)),
        (say("instructions"), instructions.text.say(language)) if instructions else None,
        (say("excluded"), sentence(beginning(listed(excluded, language)))) if excluded else None,
        (say("safeguard"), safeguard(one.safeguard, language)) if one.safeguard else None,
        (say("own_policy"), (link(one.privacy_policy),)) if one.privacy_policy else None,
        (say("serves"), link_list(used)) if used else None,
    )
    return Section(f"recipient-{key}", one.name, told)


def controller(policy: Policy, language: str) -> Section:
    """Return the section on who decides (art. 13(1)(a))."""
    say, who = words(language, "notice").say, policy.controller
    told = facts(
        (say("name"), who.name),
        (say("legal_form"), who.legal_form) if who.legal_form else None,
        (say("registration"), who.registration) if who.registration else None,
        (say("address"), who.address),
        (say("country"), country(who.country, language)),
        (say("contact"), contact(who.contact)),
        (say("website"), (link(who.website),)) if who.website else None,
        (say("dated"), day(policy.dated, language)) if policy.dated else None,
    )
    return Section("controller", say("controller"), told)


def officer(policy: Policy, language: str) -> Section:
    """Return the section on the data protection officer, or on why there is none (art. 37)."""
    say, found = words(language, "notice").say, policy.controller.data_protection_officer
    if found.none_because:
        because = Run(found.none_because.say(language))
        return Section("officer", say("officer"), (Paragraph((because, article("gdpr:37(1)", language))),))
    told = facts(
        (say("name"), found.name) if found.name else None,
        (say("contact"), contact(found.contact)) if found.contact else None,
    )
    return Section("officer", say("officer"), told)


def security(policy: Policy, language: str) -> Section:
    """Return the section on measures, on what happens when they fail, and on copies (arts. 32 to 34)."""
    say = words(language, "notice").say
    rows = [cells(measure.title.say(language), (code(measure.check),)) for measure in policy.measures.values()]
    breach = Run(say("breach_said", span=span(policy.rights.deadlines.breach, language)))
    return Section(
        "security",
        say("security"),
        table(say("security_caption"), (say("measure"), say("check")), *rows),
        (
            Section(
                "breaches", say("breach"), (Paragraph((breach, article("gdpr:33", language), article("gdpr:34", language))),)
            ),
            Section("copies", say("copies"), (Paragraph(plain(copies(policy.backups, language))),)),
        ),
    )


def solutions(policy: Policy, language: str) -> Iterator[Section]:
    """Yield the section on the solutions in use and what the platform is in each (arts. 26, 28), if there are any."""
    say, term = words(language, "notice").say, words(language, "terms").say
    rows = []
    for solution in policy.solutions.values():
        role = sentence(beginning(term(f"solution_role_{solution.role}")))
        used = [reference(f"purpose-{key}", policy.purposes[key].title.say(language)) for key in solution.purposes]
        agreement = sentence(beginning(term(f"agreement_{solution.agreement}")))
        rows.append(cells(solution.title.say(language), f"{role} {agreement}", link_list(used)))
    if rows:
        head = say("solution"), say("role"), say("serves")
        operator: tuple[Paragraph, ...] = ()
        if policy.platform:
            who = reference(f"recipient-{policy.platform.recipient}", policy.recipients[policy.platform.recipient].name)
            operator = (Paragraph((Run(say("operated")), Run(" "), who, Run("."))),)
        yield Section("solutions", say("solutions"), (*operator, *table(say("solutions_caption"), head, *rows)))


def versions(policy: Policy, language: str) -> Section:
    """Return the section on the notice itself."""
    say = words(language, "notice").say
    names = enumerated([language_name(code, language) for code in policy.controller.languages], language)
    return Section("versions", say("versions"), (Paragraph(plain(say("versions_said", languages=names))),))
