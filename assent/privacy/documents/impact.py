"""The impact assessment (GDPR art. 35): the signs that call for one, and its beginning, with the facts a policy knows."""

from collections.abc import Iterator, Mapping

from assent.privacy.documents.annexes import keeping, measures_table, officer_runs, what_then
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
    Section,
)
from assent.privacy.documents.phrases import country, day, language_name, sentence
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, items, plain, table
from assent.privacy.impact import api as impact
from assent.privacy.impact.contracts import Findings
from assent.privacy.policy.contracts import Basis, Policy, RecipientRole, Right, Storage
from assent.privacy.ropa import api as ropa

__all__ = ["CONTEXT", "PRINCIPLES", "answers", "impact_assessment"]

CONTEXT = ("context_processing", "context_parties", "context_standards", "context_data", "context_life", "context_support")
PRINCIPLES = (
    "principles_purposes", "principles_basis", "principles_minimal", "principles_exact", "principles_kept",
    "rights_informed", "rights_consent", "rights_access", "rights_correct", "rights_stop", "rights_processors", "rights_abroad",
)  # fmt: skip
RISKS = ("risk_access", "risk_change", "risk_loss")
OPEN = 5


def impact_assessment(edition: Edition, language: str) -> Document:
    """Build the assessment."""
    policy, say = edition.policy.policy, words(language, "impact").say
    told = answers(policy, language)
    return Document(
        kind=Kind.IMPACT_ASSESSMENT,
        of=policy.controller.slug,
        language=language,
        title=say("title", controller=policy.controller.name),
        lead=(Run(say("lead")), article("gdpr:35", language)),
        stamp=edition.stamp,
        sections=(
            _found(policy, impact.findings(policy), language),
            Section("context", say("context"), (), _questions(CONTEXT, told, language)),
            Section("principles", say("principles"), (), _questions(PRINCIPLES, told, language)),
            _risks(policy, language),
            Section("open", say("open"), items(*(say(f"open_{at}") for at in range(1, OPEN + 1)))),
        ),
    )


def answers(policy: Policy, language: str) -> Mapping[str, tuple[str, ...]]:
    """Return what a policy answers to each question of an assessment, as lines of text; the key is the question's."""
    return {
        "context_processing": (_processing(policy, language),),
        "context_parties": tuple(_parties(policy, language)),
        "context_standards": (words(language, "impact").say("answer_standards"),),
        "context_data": tuple(_data(policy, language)),
        "context_life": tuple(_life(policy, language)),
        "context_support": (_support(policy, language),),
        **{f"principles_{name}": lines for name, lines in _principles(policy, language).items()},
        **{f"rights_{name}": lines for name, lines in _rights(policy, language).items()},
    }


def _found(policy: Policy, found: Findings, language: str) -> Section:
    say = words(language, "impact").say
    rows = []
    for one in found.triggers:
        titles = ", ".join(policy.purposes[key].title.say(language) for key in one.purposes)
        rows.append(cells(say(one.criterion), (code(one.leaf),), (code(one.value),), titles or say("all_purposes")))
    head = say("sign"), say("where"), say("says"), say("concerns")
    return Section(
        "found",
        say("found"),
        (
            Callout(CalloutKind.NOTE, plain(say("started"))),
            Paragraph((Run(say(f"verdict_{found.verdict}"), strong=True), article("gdpr:35(1)", language))),
            *table(say("triggers_caption"), head, *rows),
            Paragraph((code(say("criteria_note")),)),
        ),
    )


def _questions(names: tuple[str, ...], told: Mapping[str, tuple[str, ...]], language: str) -> tuple[Section, ...]:
    say = words(language, "impact").say
    found = []
    for name in names:
        lines = told[name]
        block: Block = Items(cells(*lines)) if len(lines) > 1 else Paragraph(plain(lines[0]))
        found.append(Section(name.replace("_", "-"), say(name), (block,)))
    return tuple(found)


def _risks(policy: Policy, language: str) -> Section:
    say = words(language, "impact").say
    measures = measures_table(say("measures"), ropa.measures(policy, language), language)
    return Section(
        "risks", say("risks"), (Paragraph(plain(say("risks_told"))), *items(*(say(risk) for risk in RISKS)), *measures)
    )


def _processing(policy: Policy, language: str) -> str:
    titles = "; ".join(one.title.say(language) for one in policy.purposes.values())
    return words(language, "impact").say("answer_processing", controller=policy.controller.name, purposes=titles)


def _parties(policy: Policy, language: str) -> Iterator[str]:
    say, term, at = words(language, "impact").say, words(language, "codes").say, policy.controller
    yield say("answer_controller", controller=at.name, address=at.address, email=at.contact.email)
    officer = "".join(run.text for run in officer_runs(ropa.holder(policy, language).officer, language))
    yield say("answer_officer", officer=officer.rstrip("."))
    if policy.platform:
        works = " ".join(f"{one.title.say(language)}: {term(f'as_{one.role}')}." for one in policy.solutions.values())
        yield say("answer_platform", platform=ropa.operator(policy, language).name, solutions=works)
    for one in policy.recipients.values():
        yield say(
            "answer_recipient", name=one.name, role=term(f"role_{one.role}"), services=sentence(one.services.say(language))
        )


def _data(policy: Policy, language: str) -> Iterator[str]:
    say, term = words(language, "impact").say, words(language, "codes").say
    for key, item in policy.data.items():
        uses = ", ".join(one.title.say(language) for one in policy.purposes.values() if key in one.data)
        kept = f"{term(f'kind_{item.kind}')}, {term(f'storage_{item.storage}')}"
        yield say("answer_data", title=item.title.say(language), kept=kept, purposes=uses or say("answer_nothing"))


def _life(policy: Policy, language: str) -> Iterator[str]:
    say, term = words(language, "impact").say, words(language, "codes").say
    for one in policy.purposes.values():
        yield say(
            "answer_life",
            title=one.title.say(language),
            sources=", ".join(policy.sources[key].title.say(language) for key in one.sources),
            operations=", ".join(term(f"operation_{each}") for each in one.operations),
            recipients=", ".join(policy.recipients[key].name for key in one.recipients) or say("answer_nobody"),
            keeping=keeping(one.retention, language),
            then=what_then(one.retention, language),
        )


def _support(policy: Policy, language: str) -> str:
    say = words(language, "impact").say
    kept = {
        name: ", ".join(item.title.say(language) for item in policy.data.values() if item.storage is storage)
        or say("answer_nothing")
        for name, storage in (("sealed", Storage.SEALED), ("plain", Storage.PLAIN))
    }
    if policy.platform:
        return say("answer_support", platform=ropa.operator(policy, language).name, **kept)
    return say("answer_support_own", **kept)


def _principles(policy: Policy, language: str) -> dict[str, tuple[str, ...]]:
    say, term = words(language, "impact").say, words(language, "codes").say
    found: dict[str, list[str]] = {"purposes": [], "basis": [], "minimal": [], "kept": []}
    for one in policy.purposes.values():
        title = one.title.say(language)
        data = ", ".join(policy.data[key].title.say(language) for key in one.data)
        found["purposes"].append(say("answer_purpose", title=title, description=one.description.say(language)))
        found["basis"].append(say("answer_basis", title=title, basis=term(f"basis_{one.basis}")))
        found["minimal"].append(say("answer_minimal", title=title, data=data))
        rule = one.retention
        found["kept"].append(say("answer_kept", title=title, keeping=keeping(rule, language), then=what_then(rule, language)))
    exact = policy.rights.explained[Right.RECTIFICATION].say(language)
    return {name: tuple(lines) for name, lines in found.items()} | {"exact": (exact,)}


def _rights(policy: Policy, language: str) -> dict[str, tuple[str, ...]]:
    say, term, told = words(language, "impact").say, words(language, "codes").say, policy.rights.explained
    consents = tuple(
        say(
            "answer_consent",
            title=one.title.say(language),
            channels=", ".join(term(f"channel_{each}") for each in one.channels),
        )
        for one in policy.purposes.values()
        if one.basis is Basis.CONSENT
    )
    processors = tuple(
        say("answer_processor", name=one.name, instructions=told_to.say(language))
        for one in policy.recipients.values()
        if one.role in {RecipientRole.PROCESSOR, RecipientRole.SUB_PROCESSOR}
        for told_to in [one.instructions.text if one.instructions else one.services]
    )
    abroad = tuple(
        say(
            "answer_abroad",
            name=one.name,
            country=country(one.country, language),
            safeguard=term(f"safeguard_{one.safeguard.kind}"),
            day=day(one.safeguard.valid_until, language),
        )
        for one in policy.recipients.values()
        if one.safeguard
    )
    spoken = ", ".join(language_name(each, language) for each in policy.controller.languages)
    return {
        "informed": (say("answer_informed", languages=spoken), told[Right.COMPLAINT].say(language)),
        "consent": consents or (say("answer_consent_none"),),
        "access": (told[Right.ACCESS].say(language), told[Right.PORTABILITY].say(language)),
        "correct": (told[Right.RECTIFICATION].say(language), told[Right.ERASURE].say(language)),
        "stop": (told[Right.RESTRICTION].say(language), told[Right.OBJECTION].say(language)),
        "processors": processors or (say("answer_processor_none"),),
        "abroad": abroad or (say("answer_abroad_none"),),
    }
