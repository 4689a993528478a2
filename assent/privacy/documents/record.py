"""The records of processing as documents: a controller's (GDPR art. 30(1)) and its platform's (art. 30(2))."""

from collections.abc import Iterator

from assent.privacy.documents.annexes import (
    Pairs,
    data_table,
    holder_facts,
    joined,
    keeping,
    measures_table,
    receivers_table,
    transfer_runs,
    transfers_table,
    what_then,
)
from assent.privacy.documents.contracts import Document, Edition, Kind, Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import country, day, sentence, span
from assent.privacy.documents.retention import copies
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, facts, link, mail, plain, table, telephone
from assent.privacy.policy.contracts import Policy
from assent.privacy.ropa import api as ropa
from assent.privacy.ropa.contracts import Activity, ControllerRecord, Receiver, Service, WorksFor

__all__ = ["record_controller", "record_processor"]


def record_controller(edition: Edition, language: str) -> Document:
    """Build the controller's record."""
    record = ropa.controller_record(edition.policy, language, edition.stamp.published_at)
    say = words(language, "record").say
    return Document(
        kind=Kind.RECORD_CONTROLLER,
        of=record.slug,
        language=language,
        title=say("title", controller=record.controller.name),
        lead=(Run(say("lead")), article("gdpr:30(1)", language)),
        stamp=edition.stamp,
        sections=(
            _controller(record),
            Section(
                "purposes", say("purposes"), sections=tuple(_activity(one, edition, language) for one in record.activities)
            ),
            _categories(record, edition.policy.policy),
            *_receivers(edition.policy.policy, language),
            Section(
                "security",
                say("security"),
                (
                    *measures_table(say("security_caption"), record.measures, language),
                    Paragraph(plain(copies(edition.policy.policy.backups, language))),
                ),
            ),
            _decisions(record),
        ),
    )


def record_processor(edition: Edition, language: str) -> Document:
    """Build the platform's record for this controller."""
    record = ropa.processor_record([edition.policy], language)
    say, behalf = words(language, "record").say, record.controllers[0]
    return Document(
        kind=Kind.RECORD_PROCESSOR,
        of=behalf.slug,
        language=language,
        title=say("processor_title", platform=record.processor.name, controller=behalf.controller.name),
        lead=(Run(say("processor_lead")), article("gdpr:30(2)", language)),
        stamp=edition.stamp,
        sections=(
            Section("processor", say("processor"), facts(*holder_facts(record.processor, language))),
            Section(
                "controller",
                say("on_behalf"),
                facts(*holder_facts(behalf.controller, language), *_instructed(behalf, language)),
            ),
            Section("services", say("services"), *_services(behalf, language)),
            Section("security", say("security"), measures_table(say("security_caption"), behalf.measures, language)),
        ),
    )


def _controller(record: ControllerRecord) -> Section:
    language, authority = record.language, record.authority
    say = words(language, "record").say
    told = joined(
        plain(f"{authority.name}, {country(authority.country, language)}"),
        plain(authority.address) if authority.address else (),
        (mail(authority.email),),
        (telephone(authority.phone),) if authority.phone else (),
        (link(authority.website),),
    )
    rows = [
        cells(
            one.name,
            country(one.country, language),
            joined(
                plain(one.address) if one.address else (),
                (mail(one.email),) if one.email else (),
                (link(one.website),) if one.website else (),
            ),
        )
        for one in record.joint
    ]
    name = words(language, "annex").say
    together = table(say("joint_caption"), (name("name"), name("country"), say("reached")), *rows)
    return Section(
        "controller",
        say("controller"),
        facts(*holder_facts(record.controller, language), (say("authority"), told)),
        (Section("joint", say("joint"), together or (Paragraph(plain(say("joint_none"))),)),),
    )


def _activity(one: Activity, edition: Edition, language: str) -> Section:
    return Section(f"purpose-{one.key}", one.title, facts(*_grounds(one, language), *_flows(one, edition, language)))


def _grounds(one: Activity, language: str) -> Iterator[tuple[str, str | Runs] | None]:
    say, term = words(language, "record").say, words(language, "codes").say
    yield say("what"), sentence(one.description)
    yield say("basis"), (Run(term(f"basis_{one.basis}")), article(one.basis.clause, language))
    if letter := one.special_condition:
        yield say("special"), (Run(term(f"special_{letter}")), article(f"gdpr:9(2)({letter})", language))
    for name in ("interest", "balancing", "law", "similar", "obligatory"):
        if told := getattr(one, name):
            yield say(name), told
    if one.former:
        basis, until = term(f"basis_{one.former.was}"), day(one.former.on, language)
        yield say("former"), say("former_told", basis=basis, day=until, reason=sentence(one.former.reason))
    if one.starts_on:
        yield say("starts"), day(one.starts_on, language)


def _flows(one: Activity, edition: Edition, language: str) -> Iterator[tuple[str, str | Runs] | None]:
    say, term = words(language, "record").say, words(language, "codes").say
    retention = edition.policy.policy.purposes[one.key].retention
    yield say("people"), ", ".join(one.subjects)
    yield say("data"), ", ".join(item.title for item in one.data)
    yield (
        say("sources"),
        ", ".join(
            say("source", title=source.title, kind=term(f"source_{source.kind}"))
            if not source.named
            else say("source_named", title=source.title, kind=term(f"source_{source.kind}"), named=source.named)
            for source in one.sources
        ),
    )
    yield say("operations"), ", ".join(term(f"operation_{each}") for each in one.operations)
    if one.channels:
        yield say("channels"), ", ".join(term(f"channel_{each}") for each in one.channels)
    yield say("marketing"), term("yes" if one.direct_marketing else "no")
    yield say("recipients"), ", ".join(_receiver(each, language) for each in one.receivers) or say("none")
    if one.transfers:
        yield say("transfers"), joined(*(transfer_runs(each, language) for each in one.transfers), between="; ")
    limits = [f"{_capital(keeping(retention, language))}. {what_then(retention, language)}"]
    limits += [
        say("exception", case=rule.when.say(language), keeping=f"{keeping(rule, language)}.", then=what_then(rule, language))
        for rule in retention.overrides.values()
    ]
    yield say("time_limit"), " ".join(limits)
    if one.consent_expires:
        yield say("consent_lasts"), span(one.consent_expires, language)
    works = [
        say("solution", title=each.title, role=term(f"as_{each.role}"), agreement=term(f"agreement_{each.agreement}"))
        for each in one.solutions
    ]
    yield say("solutions"), "; ".join(works) or say("none")
    yield say("dpv"), (code(", ".join(one.dpv) or say("none")),)
    yield say("fideslang"), (code(", ".join(one.fideslang) or say("none")),)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _receiver(one: Receiver, language: str) -> str:
    return f"{one.name} ({words(language, 'codes').say(f'role_{one.role}')})"


def _categories(record: ControllerRecord, policy: Policy) -> Section:
    say = words(record.language, "record").say
    found = [ropa.data_item(policy, key, record.language) for key in policy.data]
    uses = {
        item.key: ", ".join(one.title for one in record.activities if item.key in {each.key for each in one.data})
        for item in found
    }
    return Section("data", say("categories"), data_table(say("categories_caption"), found, record.language, uses=uses))


def _receivers(policy: Policy, language: str) -> tuple[Section, Section]:
    say = words(language, "record").say
    found = [ropa.receiver(recipient, key, language) for key, recipient in policy.recipients.items()]
    abroad = transfers_table(say("abroad_caption"), found, language)
    return (
        Section("recipients", say("receivers"), receivers_table(say("receivers_caption"), found, language)),
        Section("transfers", say("abroad"), abroad or (Paragraph(plain(say("abroad_none"))),)),
    )


def _decisions(record: ControllerRecord) -> Section:
    say = words(record.language, "record").say
    head = say("decision"), say("logic"), say("consequences"), say("safeguards")
    rows = [cells(one.title, one.logic, one.consequences, one.safeguards) for one in record.decisions]
    statement = Paragraph((Run(record.decisions_statement), article("gdpr:22", record.language)))
    return Section("decisions", say("decisions"), (statement, *table(say("decisions_caption"), head, *rows)))


def _instructed(behalf: WorksFor, language: str) -> Pairs:
    say = words(language, "record").say
    return (
        (say("instructed"), behalf.instructions) if behalf.instructions else None,
        (say("excluded"), (code(", ".join(behalf.excluded_features)),)) if behalf.excluded_features else None,
    )


def _services(behalf: WorksFor, language: str) -> tuple[tuple[Paragraph, ...], tuple[Section, ...]]:
    say = words(language, "record").say
    if not behalf.services:
        return (Paragraph(plain(say("service_none"))),), ()
    return (), tuple(_service(one, language) for one in behalf.services)


def _service(one: Service, language: str) -> Section:
    say, term = words(language, "record").say, words(language, "codes").say
    abroad = joined(*(transfer_runs(each, language) for each in one.transfers), between="; ")
    return Section(
        f"solution-{one.key}",
        one.title,
        facts(
            (say("service_purposes"), ", ".join(title for _key, title in one.under)),
            (say("operations"), ", ".join(term(f"operation_{each}") for each in one.operations)),
            (say("people"), ", ".join(one.subjects)),
            (say("data"), ", ".join(item.title for item in one.data)),
            (say("recipients"), ", ".join(_receiver(each, language) for each in one.receivers) or say("none")),
            (say("transfers"), abroad or say("none")),
        ),
    )
