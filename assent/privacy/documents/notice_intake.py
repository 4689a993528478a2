"""The notice's section on what sites and apps send, and what is noted of it."""

from collections.abc import Iterator

from assent.privacy.documents.contracts import Block, Paragraph, Run, Runs, Section
from assent.privacy.documents.phrases import count, listed
from assent.privacy.documents.words import words
from assent.privacy.documents.writing import cells, code, facts, lines, link_list, plain, reference, table
from assent.privacy.policy.contracts import EventType, Policy, PropertyRule, PropertyType, Trait

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
    title = event.title.say(language)
    taken = [
        (_purpose(policy, name, language), *(() if kept else (Run(f" ({say('event_only_fact')})"),)))
        for name, kept in event.purposes.items()
    ]
    name = say("event_any") if event.name == "*" else event.name
    blocks: list[Block] = [
        *facts(
            (say("event_for"), lines(*taken)),
            (say("event_name"), (code(f"{event.type} · {name}"), Run(f" · {term(f'event_{event.type}')}", quiet=True))),
        )
    ]
    if event.counts_as_interaction:
        blocks.append(Paragraph(plain(say("event_interaction"))))
    rules = [(name, rule) for outer, rule in event.properties.items() for name, rule in _with_inner(outer, rule)]
    head = say("property"), say("datum"), say("form"), say("kept_for")
    rows = [_property(policy, event, name, rule, language) for name, rule in rules]
    blocks += table(say("properties_caption", event=title), head, *rows)
    folds = []
    for fold in event.folds:
        how = term(f"fold_{fold.kind}")
        told = say("fold_of", how=how, property=fold.property) if fold.property else how
        folds.append(cells((code(fold.attribute),), told, (_purpose(policy, fold.purpose, language),)))
    blocks += table(say("folds_caption", event=title), (say("attribute"), say("how"), say("kept_for")), *folds)
    return Section(f"event-{key}", title, tuple(blocks))


def _with_inner(name: str, rule: PropertyRule) -> Iterator[tuple[str, PropertyRule]]:
    yield name, rule
    for inner, each in rule.of.items():
        yield f"{name}.{inner}", each


def _property(policy: Policy, event: EventType, name: str, rule: PropertyRule, language: str) -> tuple[Runs, ...]:
    outer = name.split(".", maxsplit=1)[0]
    kept = [
        _purpose(policy, purpose, language)
        for purpose, listed_ in event.purposes.items()
        if name in listed_ or outer in listed_ or any(each.startswith(f"{name}.") for each in listed_)
    ]
    form = _form(rule.type, rule.max_length, language)
    if rule.identifying:
        form = f"{form}; {words(language, 'notice').say('identifying')}"
    return cells((code(name),), policy.data[rule.data].title.say(language), form, link_list(kept))


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
