"""The notice's section on what sites and apps send, and what is noted of it."""

from collections.abc import Iterator, Sequence

from assent.privacy.documents.contracts import Block, Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import count, listed
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import cells, code, facts, lines, plain, reference, table
from assent.privacy.policy.contracts import EventType, Fold, Policy, PropertyRule, PropertyType, Trait

__all__ = ["intake"]


def intake(policy: Policy, language: str) -> Iterator[Section]:
    """Yield the section on messages taken in, each with its properties and what is added up, and the one on details noted."""
    say = words(language, "notice").say
    if policy.events:
        each = tuple(_event(policy, key, event, language) for key, event in policy.events.items())
        yield Section("intake", say("intake"), (Paragraph(plain(say("intake_lead"))),), each)
    if policy.traits:
        rows = [_trait(policy, key, trait, language) for key, trait in policy.traits.items()]
        head = say("attribute"), say("datum"), say("form"), say("where_from")
        blocks: tuple[Block, ...] = (Paragraph(plain(say("traits_lead"))), *table(say("traits_caption"), head, *rows))
        yield Section("attributes", say("traits"), blocks)


def _event(policy: Policy, key: str, event: EventType, language: str) -> Section:
    say, term = words(language, "notice").say, words(language, "terms").say
    named = say("event_any") if event.name == "*" else event.name
    # Lines, not a table of properties: as short on paper as on a phone, where four columns can't be read.
    told = facts(
        (say("event_for"), lines(*(_taken(policy, name, kept, language) for name, kept in event.purposes.items()))),
        (say("event_kept"), lines(*_kept(policy, event, language))) if event.properties else None,
        (say("event_added"), lines(*(_fold(policy, fold, language) for fold in event.folds))) if event.folds else None,
        (say("event_contact"), say("event_interaction")) if event.counts_as_interaction else None,
        (say("event_name"), (code(f"{event.type} · {named}"), Run(f" · {term(f'event_{event.type}')}", quiet=True))),
    )
    return Section(f"event-{key}", event.title.say(language), told)


def _taken(policy: Policy, purpose: str, kept: Sequence[str], language: str) -> Runs:
    said = code(listed(kept, language)) if kept else Run(words(language, "notice").say("event_only_fact"))
    return (_purpose(policy, purpose, language), Run(": "), said)


def _kept(policy: Policy, event: EventType, language: str) -> Iterator[Runs]:
    """Yield for each category of data the properties that hold it, with the form each must have."""
    rules = [(name, rule) for outer, rule in event.properties.items() for name, rule in _with_inner(outer, rule)]
    for datum in dict.fromkeys(rule.data for _, rule in rules):
        held = [(code(name), Run(f" ({_form_of(rule, language)})")) for name, rule in rules if rule.data == datum]
        between = [run for at, one in enumerate(held) for run in ((Run(", "), *one) if at else one)]
        yield (Run(f"{policy.data[datum].title.say(language)}: "), *between)


def _with_inner(name: str, rule: PropertyRule) -> Iterator[tuple[str, PropertyRule]]:
    yield name, rule
    for inner, each in rule.of.items():
        yield f"{name}.{inner}", each


def _form_of(rule: PropertyRule, language: str) -> str:
    form = _form(rule.type, rule.max_length, language)
    return f"{form}; {words(language, 'notice').say('identifying')}" if rule.identifying else form


def _fold(policy: Policy, fold: Fold, language: str) -> Runs:
    say, how = words(language, "notice").say, words(language, "terms").say(f"fold_{fold.kind}")
    told = say("fold_of", how=how, property=fold.property) if fold.property else how
    return (code(fold.attribute), Run(f": {told}, {say('added_for')} "), _purpose(policy, fold.purpose, language), Run("."))


def _form(kind: PropertyType, longest: int, language: str) -> str:
    type_ = words(language, "terms").say(f"type_{kind}")
    of = {PropertyType.LIST: "entry", PropertyType.STRING: "sign", PropertyType.CODE: "sign"}.get(kind)
    # Only texts, codes and lists are as long as somebody makes them; a default says nothing of a number or a day.
    if of is None and longest == PropertyRule.model_fields["max_length"].default:
        return type_
    return words(language, "notice").say("form_said", type=type_, length=count(longest, of or "sign", language))


def _trait(policy: Policy, key: str, trait: Trait, language: str) -> tuple[Runs, ...]:
    say, term = words(language, "notice").say, words(language, "terms").say
    name: Runs = (code(key),)
    if trait.wire:
        name = (*name, code(f" {say('also_sent_as', names=listed(trait.wire, language))}"))
    derived = trait.derived
    origin = term(f"derived_{derived.how}", trait=derived.trait) if derived else say("sent")
    return cells(name, policy.data[trait.data].title.say(language), _form(trait.type, trait.max_length, language), origin)


def _purpose(policy: Policy, key: str, language: str) -> Run:
    return reference(f"purpose-{key}", policy.purposes[key].title.say(language))
