"""The notice's sections on purposes, on the data they use, and on where data come from."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Block, Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import beginning, day, enumerated, listed, sentence, span
from assent.privacy.documents.retention import keeping, what_then
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import article, cells, code, facts, lines, link_list, plain, reference, table
from assent.privacy.policy.contracts import Basis, Compiled, DataKind, Policy, Purpose, SourceKind

__all__ = ["data", "purposes", "sources"]

Pair = tuple[str, str | Runs]


def purposes(compiled: Compiled, language: str) -> Section:
    """Return the section that says everything of every purpose."""
    say = words(language, "notice").say
    each = tuple(_purpose(compiled, key, language) for key in compiled.policy.purposes)
    return Section("purposes", say("purposes"), (Paragraph(plain(say("purposes_lead"))),), each)


def data(policy: Policy, language: str) -> Section:
    """Return the section on every kind of data: how it is kept, and what for."""
    say, term = words(language, "notice").say, words(language, "terms").say
    rows = []
    for key, item in policy.data.items():
        terms = f"\n{item.category}" + (f" · {item.dpv}" if item.dpv else "")
        kind = term(f"kind_{item.kind}") + (f"\n{term('special')}" if item.special else "")
        used = [
            reference(f"purpose-{name}", purpose.title.say(language))
            for name, purpose in policy.purposes.items()
            if key in purpose.data
        ]
        title = Run(item.title.say(language))
        rows.append(cells((title, code(terms)), kind, term(f"storage_{item.storage}"), link_list(used)))
    head = say("datum"), say("kind"), say("kept_how"), say("used_for")
    return Section("data", say("data"), (Paragraph(plain(say("data_lead"))), *table(say("data_caption"), head, *rows)))


def sources(policy: Policy, language: str) -> Section:
    """Return the section on where data come from (art. 14(2)(f))."""
    say, term = words(language, "notice").say, words(language, "terms").say
    pairs: list[Pair] = []
    for source in policy.sources.values():
        said = term(f"source_{source.kind}")
        pairs.append((source.title.say(language), f"{said}, {say('named', name=source.named)}" if source.named else said))
    lead = Paragraph((Run(say("sources_lead")), article("gdpr:14(2)(f)", language)))
    return Section("sources", say("sources"), (lead, *facts(*pairs)))


def _purpose(compiled: Compiled, key: str, language: str) -> Section:
    policy = compiled.policy
    purpose = policy.purposes[key]
    pairs = [
        *_what(policy, purpose, language),
        *_why(compiled, purpose, language),
        *_choice(policy, purpose, language),
        *_end(policy, purpose, language),
        *_terms(purpose, language),
    ]
    blocks: tuple[Block, ...] = (Paragraph(plain(purpose.description.say(language))), *facts(*pairs))
    return Section(f"purpose-{key}", purpose.title.say(language), blocks)


def _what(policy: Policy, purpose: Purpose, language: str) -> Iterator[Pair]:
    say, term = words(language, "notice").say, words(language, "terms").say
    yield say("whose"), enumerated([policy.subjects[key].say(language) for key in purpose.subjects], language)
    groups = []
    for kind in DataKind:
        titles = [policy.data[key].title.say(language) for key in purpose.data if policy.data[key].kind is kind]
        if titles:
            groups.append((code(f"{beginning(term(f'kind_{kind}'))}: "), Run(sentence(enumerated(titles, language)))))
    yield say("which"), lines(*groups)
    yield say("where_from"), enumerated([policy.sources[key].title.say(language) for key in purpose.sources], language)
    yield say("do"), beginning(sentence(listed([term(f"operation_{operation}") for operation in purpose.operations], language)))


def _why(compiled: Compiled, purpose: Purpose, language: str) -> Iterator[Pair]:
    policy, say, term = compiled.policy, words(language, "notice").say, words(language, "terms").say
    yield say("basis"), (Run(term(f"because_{purpose.basis}")), article(purpose.basis.clause, language))
    if letter := purpose.special_condition:
        yield say("special"), (Run(term(f"condition_{letter}")), article(f"gdpr:9(2)({letter})", language))
    for name, told in (("interest", purpose.interest), ("balancing", purpose.balancing), ("law", purpose.law)):
        if told:
            yield say(name), told.say(language)
    if soft := purpose.soft_opt_in:
        events = [policy.events[event].title.say(language) for event in soft.sale]
        yield say("sale"), say("sale_said", events=enumerated(events, language))
        yield say("similar"), soft.similar.say(language)
        yield say("way_out"), compiled.text(soft.opt_out_at_collection, language)
    if change := purpose.basis_changed:
        was = (f"basis_{change.was}", change.was.clause)
        fields = {"day": day(change.on, language), "was": term(was[0]), "reason": change.reason.say(language)}
        yield say("basis_changed"), (Run(say("basis_changed_said", **fields)), article(was[1], language))
    if purpose.obligatory:
        yield say("obligatory"), purpose.obligatory.say(language)
    elif any(policy.sources[key].kind is SourceKind.PERSON for key in purpose.sources):
        yield say("obligatory"), say("obligatory_no_consent" if purpose.basis is Basis.CONSENT else "obligatory_no")


def _choice(policy: Policy, purpose: Purpose, language: str) -> Iterator[Pair]:
    say, term = words(language, "notice").say, words(language, "terms").say
    if purpose.channels:
        ways = sentence(beginning(listed([term(f"channel_{channel}") for channel in purpose.channels], language)))
        yield say("channels"), " ".join([ways, *([say("per_channel")] if purpose.per_channel_choice else [])])
    if purpose.direct_marketing:
        yield say("marketing"), (Run(say("direct_marketing")), article("gdpr:21(2)", language))
    if in_messages := [policy.texts[key].title.say(language) for key in (purpose.source_line, purpose.opt_out) if key]:
        yield say("messages"), sentence(enumerated(in_messages, language))
    told = []
    if purpose.consent_category:
        told.append(say("category", title=policy.consent_categories[purpose.consent_category].title.say(language)))
    for channel, key in purpose.wording.items():
        told.append(say("wording", channel=term(f"channel_{channel}"), title=policy.texts[key].title.say(language)))
    if purpose.double_opt_in:
        told.append(say("double_opt_in"))
    if purpose.confirmation:
        told.append(say("confirmation_text", title=policy.texts[purpose.confirmation].title.say(language)))
    if purpose.consent_expires:
        told.append(say("consent_expires", span=span(purpose.consent_expires, language)))
    if told:
        yield say("agreeing"), "\n".join(told)


def _end(policy: Policy, purpose: Purpose, language: str) -> Iterator[Pair]:
    say, rule = words(language, "notice").say, purpose.retention
    period = beginning(sentence(keeping(rule, language)))
    told: list[Runs] = [(Run(f"{period} {what_then(rule, language)}"), article("gdpr:13(2)(a)", language))]
    for name, override in rule.overrides.items():
        fields = {"when": sentence(override.when.say(language)), "period": keeping(override, language)}
        told.append((Run(say("override", then=what_then(override, language), **fields)), code(f" · {name}")))
    if purpose.ask_again:
        told.append(plain(say("asked_again", title=policy.texts[purpose.ask_again].title.say(language))))
    yield say("period"), lines(*told)
    if purpose.starts_on:
        yield say("starts_on"), say("starts_on_said", day=day(purpose.starts_on, language))
    if purpose.told_at_collection:
        yield say("told_at_collection"), purpose.told_at_collection.say(language)
    received = [reference(f"recipient-{key}", policy.recipients[key].name) for key in purpose.recipients]
    yield say("receives"), link_list(received) or plain(f"{say('nobody')}.")


def _terms(purpose: Purpose, language: str) -> Iterator[Pair]:
    if terms := [*(f"DPV {term}" for term in purpose.dpv), *(f"fideslang {term}" for term in purpose.fideslang)]:
        yield words(language, "notice").say("terms"), (code(" · ".join(terms)),)
