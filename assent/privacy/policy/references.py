"""Names that lead nowhere, words missing in a language, and things declared that nothing uses."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import EventType, Local, Model, Policy, Severity
from assent.privacy.policy.faults import Fault, Path

__all__ = ["broken_references"]

# Where each kind of thing is named; what stands there in a wrong shape may name anything.
USED_IN: dict[str, tuple[Path, ...]] = {
    "data": (("purposes", "*", "data", "*"),),
    "sources": (("purposes", "*", "sources", "*"),),
    "subjects": (("purposes", "*", "subjects", "*"),),
    "recipients": (("purposes", "*", "recipients", "*"), ("cookies", "*", "supplier"), ("platform", "recipient")),
    "texts": (
        *(("purposes", "*", line) for line in ("confirmation", "source_line", "opt_out", "ask_again")),
        ("purposes", "*", "wording", "*"),
        ("purposes", "*", "soft_opt_in", "opt_out_at_collection"),
        ("notice_summary",),
    ),
    "consent_categories": (("purposes", "*", "consent_category"), ("cookies", "*", "category")),
}
# Letters of Turkish that old keyboards put in the place of the Romanian ones.
CEDILLAS = set("şţŞŢ")


def broken_references(policy: Policy) -> Iterator[Fault]:
    """Name every key that leads nowhere, every missing translation, and what nothing uses."""
    yield from of_purposes(policy)
    yield from of_events(policy)
    yield from of_the_rest(policy)
    yield from languages(policy, policy.controller.languages, ())
    yield from unused(policy)


def known(path: Path, key: str, among: Collection[str], what: str, section: str) -> Iterator[Fault]:
    """Check that a key is declared, and suggest the one that was probably meant."""
    if key in among:
        return
    near = get_close_matches(key, among, 1)
    cure = f"write {near[0]!r}" if near else f"declare it under `{section}:`"
    declared: Path = tuple(section.split("."))
    rests_on = (*declared, key.partition(".")[0])
    yield Fault(path, f"there is no {what} {key!r}", cure, Code.UNKNOWN_KEY, rests_on=(rests_on,))


def all_known(path: Path, keys: Collection[str], among: Collection[str], what: str, section: str) -> Iterator[Fault]:
    """Check each entry of a list."""
    for at, key in enumerate(keys):
        yield from known((*path, at), key, among, what, section)


def of_purposes(policy: Policy) -> Iterator[Fault]:
    """Check what purposes name."""
    for key, purpose in policy.purposes.items():
        path: Path = ("purposes", key)
        yield from all_known((*path, "subjects"), purpose.subjects, policy.subjects, "group of people", "subjects")
        yield from all_known((*path, "data"), purpose.data, policy.data, "data item", "data")
        yield from all_known((*path, "sources"), purpose.sources, policy.sources, "source", "sources")
        yield from all_known((*path, "recipients"), purpose.recipients, policy.recipients, "recipient", "recipients")
        if purpose.consent_category:
            where = (*path, "consent_category")
            yield from known(
                where, purpose.consent_category, policy.consent_categories, "consent category", "consent_categories"
            )
        for channel, text in purpose.wording.items():
            yield from known((*path, "wording", channel.value), text, policy.texts, "text", "texts")
        for line in ("confirmation", "source_line", "opt_out", "ask_again"):
            if text := getattr(purpose, line):
                yield from known((*path, line), text, policy.texts, "text", "texts")
        if soft := purpose.soft_opt_in:
            yield from all_known((*path, "soft_opt_in", "sale"), soft.sale, policy.events, "event", "events")
            where = (*path, "soft_opt_in", "opt_out_at_collection")
            yield from known(where, soft.opt_out_at_collection, policy.texts, "text", "texts")


def of_events(policy: Policy) -> Iterator[Fault]:
    """Check what events name."""
    for key, event in policy.events.items():
        path: Path = ("events", key)
        for name, rule in event.properties.items():
            yield from known((*path, "properties", name, "data"), rule.data, policy.data, "data item", "data")
            for inner, inner_rule in rule.of.items():
                where = (*path, "properties", name, "of", inner, "data")
                yield from known(where, inner_rule.data, policy.data, "data item", "data")
        for purpose, allowed in event.purposes.items():
            where = (*path, "purposes", purpose)
            yield from known(where, purpose, policy.purposes, "purpose", "purposes")
            yield from all_known(where, allowed, property_paths(event), "property", f"events.{key}.properties")
        for at, fold in enumerate(event.folds):
            where = (*path, "folds", at)
            yield from known(
                (*where, "purpose"), fold.purpose, event.purposes, "purpose of this event", f"events.{key}.purposes"
            )
            if fold.property:
                allowed = event.purposes.get(fold.purpose, ())
                section = f"events.{key}.purposes.{fold.purpose}"
                yield from known((*where, "property"), fold.property, allowed, "property allowed for that purpose", section)


def property_paths(event: EventType) -> set[str]:
    """Return the properties of an event, those inside lists as ``products.category``."""
    inner = {f"{name}.{each}" for name, rule in event.properties.items() for each in rule.of}
    return inner | set(event.properties)


def of_the_rest(policy: Policy) -> Iterator[Fault]:
    """Check what traits, cookies, solutions and the platform name."""
    for key, trait in policy.traits.items():
        yield from known(("traits", key, "data"), trait.data, policy.data, "data item", "data")
        if trait.derived:
            yield from known(("traits", key, "derived", "trait"), trait.derived.trait, policy.traits, "trait", "traits")
    for key, cookie in policy.cookies.items():
        suppliers = {"controller", *policy.recipients}
        yield from known(("cookies", key, "supplier"), cookie.supplier, suppliers, "recipient", "recipients")
        category = ("cookies", key, "category")
        yield from known(category, cookie.category, policy.consent_categories, "consent category", "consent_categories")
        yield from known(("cookies", key, "purpose"), cookie.purpose, policy.purposes, "purpose", "purposes")
    for key, solution in policy.solutions.items():
        yield from all_known(("solutions", key, "purposes"), solution.purposes, policy.purposes, "purpose", "purposes")
    if policy.platform:
        where = ("platform", "recipient")
        yield from known(where, policy.platform.recipient, policy.recipients, "recipient", "recipients")
    yield from known(("notice_summary",), policy.notice_summary, policy.texts, "text", "texts")


def languages(part: Any, wanted: tuple[str, ...], path: Path) -> Iterator[Fault]:
    """Check that all words stand in every language of the policy and in no other."""
    if isinstance(part, Local):
        yield from words(part, wanted, path)
        return
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(part, Model):
        inner = ((name, getattr(part, name)) for name in type(part).model_fields)
    elif isinstance(part, dict):
        inner = ((str(key), value) for key, value in part.items())
    elif isinstance(part, tuple):
        inner = enumerate(part)
    for name, value in inner:
        yield from languages(value, wanted, (*path, name))


def words(local: Local, wanted: tuple[str, ...], path: Path) -> Iterator[Fault]:
    """Check the words in one place."""
    for missing in sorted(set(wanted) - set(local.root)):
        yield Fault(path, f"the words are missing in {missing!r}", f"add `{missing}: …`", Code.MISSING_LANGUAGE, "gdpr:12(1)")
    for extra in sorted(set(local.root) - set(wanted)):
        cure = "add the language to `controller.languages`, or remove the words"
        yield Fault((*path, extra), f"{extra!r} is no language of this policy", cure, Code.EXTRA_LANGUAGE)
    if set(local.root.get("ro", "")) & CEDILLAS:
        yield Fault((*path, "ro"), "ş or ţ is written with a cedilla", "write ș and ț with a comma below", Code.CEDILLA)


def unused(policy: Policy) -> Iterator[Fault]:
    """Warn of what is declared and never used: a notice should not speak of it."""
    purposes = policy.purposes.values()
    for_cookies = {cookie.supplier for cookie in policy.cookies.values()}
    operators = {policy.platform.recipient} if policy.platform else set()
    used: dict[str, Collection[Any]] = {
        "data": {item for purpose in purposes for item in purpose.data},
        "sources": {source for purpose in purposes for source in purpose.sources},
        "subjects": {group for purpose in purposes for group in purpose.subjects},
        "recipients": {recipient for purpose in purposes for recipient in purpose.recipients} | for_cookies | operators,
        "texts": {text for purpose in purposes for text in purpose.texts} | {policy.notice_summary},
        "consent_categories": {purpose.consent_category for purpose in purposes}
        | {c.category for c in policy.cookies.values()},
    }
    for section, names in used.items():
        for key in getattr(policy, section):
            if key not in names:
                yield never_used((section, key), USED_IN[section])
    for key, trait in policy.traits.items():
        if trait.data in policy.data and trait.data not in used["data"]:
            yield never_used(("traits", key), USED_IN["data"])


def never_used(path: Path, used_in: tuple[Path, ...]) -> Fault:
    """Return the warning that something is declared in vain."""
    cure = "remove it, or name it where it is used"
    return Fault(path, "is declared and never used", cure, Code.UNUSED, "gdpr:5(1)(c)", Severity.WARNING, used_in)
