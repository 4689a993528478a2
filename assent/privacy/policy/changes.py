"""
Whether a consent still covers its purpose after the policy changed. Pure.

A person agreed to *terms*: which data, from where, to whom, over which channels, for how long, in which words. What takes
less of them, or is told apart from them, changes nothing. What takes more is asked for again. Words are held against each
other by their digests: changed words mean something else unless an officer said that they mean the same.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from assent.foundation.crypto import digest
from assent.privacy.policy.contracts import EEA, Basis, Local, Model, Override, Policy, Purpose, Retention, Span, Then
from assent.privacy.policy.reasons import Reason, What

__all__ = [
    "Agreed", "Reworded", "Said", "agreed", "material", "no_longer_taken_in", "outdated", "reworded", "same_words",
]  # fmt: skip

Texts = Mapping[tuple[str, str], str]
Words = Mapping[tuple[str, str], str]
"""(path, language) → words"""

# Months are not equally long, so two lengths are held against each other from the first of each month of a leap cycle.
STARTS = [datetime(year, month, 1, tzinfo=UTC) for year in range(2023, 2027) for month in range(1, 13)]


class Said(Protocol):
    """A version of a policy: what it declares, and its texts."""

    @property
    def policy(self) -> Policy:
        """The statement."""
        ...

    @property
    def texts(self) -> Texts:
        """(key, language) → text."""
        ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """A recipient as people were told of it."""

    role: str
    abroad: str
    """its country, if outside the European Economic Area"""
    excluded: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody agrees to who consents to a purpose."""

    basis: Basis
    condition: str
    marketing: bool
    data: frozenset[str]
    special: frozenset[str]
    sources: frozenset[str]
    operations: frozenset[str]
    parties: Mapping[str, Receiver]
    channels: frozenset[str]
    per_channel: bool
    retention: Retention
    words: Words


def agreed(said: Said, key: str) -> Agreed:
    """Return the terms of one purpose."""
    policy, purpose = said.policy, said.policy.purposes[key]
    known = [one for one in purpose.recipients if one in policy.recipients]
    return Agreed(
        basis=purpose.basis,
        condition=purpose.special_condition or "",
        marketing=purpose.direct_marketing,
        data=frozenset(purpose.data),
        special=frozenset(item for item in purpose.data if item in policy.data and policy.data[item].special),
        sources=frozenset(purpose.sources),
        operations=frozenset(map(str, purpose.operations)),
        parties={one: _receiver(policy, one) for one in known},
        channels=frozenset(map(str, purpose.channels)),
        per_channel=purpose.per_channel_choice,
        retention=purpose.retention,
        words=dict(_words(said, key, purpose)),
    )


def _receiver(policy: Policy, key: str) -> Receiver:
    found = policy.recipients[key]
    excluded = frozenset(found.instructions.excluded_features) if found.instructions else frozenset[str]()
    return Receiver(found.role.value, "" if found.country in EEA else found.country, excluded)


def _words(said: Said, key: str, purpose: Purpose) -> Iterator[tuple[tuple[str, str], str]]:
    """Name all words a person has before them who agrees: of the purpose, of what it names, of the banner it stands in."""
    policy = said.policy
    yield ("controller.name", ""), policy.controller.name
    yield from _words_of_purpose(said, f"purposes.{key}", purpose)
    for item in purpose.data:
        if item in policy.data:
            yield from _of(policy.data[item].title, f"data.{item}.title")
            yield (f"data.{item}.category", ""), policy.data[item].category
    for one in purpose.recipients:
        if found := policy.recipients.get(one):
            yield (f"recipients.{one}.name", ""), found.name
            yield from _of(found.services, f"recipients.{one}.services")
            yield from _of(found.instructions, f"recipients.{one}.instructions")
    category = policy.consent_categories.get(purpose.consent_category or "")
    if category:
        yield from _of(category, f"consent_categories.{purpose.consent_category}")
        yield from _of(policy.banner, "banner")


def _words_of_purpose(said: Said, at: str, purpose: Purpose) -> Iterator[tuple[tuple[str, str], str]]:
    for name in ("title", "description", "obligatory"):
        yield from _of(getattr(purpose, name), f"{at}.{name}")
    for name in ("dpv", "fideslang"):
        yield (f"{at}.{name}", ""), ", ".join(sorted(getattr(purpose, name)))
    for channel, text in purpose.wording.items():
        for language in said.policy.controller.languages:
            if (text, language) in said.texts:
                yield (f"{at}.wording.{channel}", language), said.texts[text, language]
    for name, override in purpose.retention.overrides.items():
        yield from _of(override.when, f"{at}.retention.overrides.{name}.when")


def _of(part: Any, path: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Return the words in a part, however deep, with their paths."""
    if isinstance(part, Local):
        for language, text in part.root.items():
            yield (path, language), text
    elif isinstance(part, Model):
        for name in type(part).model_fields:
            yield from _of(getattr(part, name), f"{path}.{name}")


Same = Callable[[str, str], bool]
"""Whether two texts, by their digests, mean the same."""


def material(before: Agreed, now: Agreed, *, same: Same) -> tuple[Reason, ...]:
    """Return what people who agreed to ``before`` have not agreed to; nothing if their consent still covers it."""
    return tuple(sorted({*_more(before, now), *_wider(before, now), *_longer(before.retention, now.retention)}.union(
        Reason(What.WORDS, path) for path, _, old, new in _reworded(before.words, now.words) if not same(old, new)
    )))  # fmt: skip


def _more(before: Agreed, now: Agreed) -> Iterator[Reason]:
    if before.basis is not now.basis:
        yield Reason(What.BASIS, before.basis)
    if before.condition != now.condition:
        yield Reason(What.CONDITION, now.condition)
    if now.marketing and not before.marketing:
        yield Reason(What.MARKETING)
    for what, old, new in (
        (What.DATA, before.data, now.data),
        (What.SPECIAL_DATA, before.special, now.special),
        (What.SOURCE, before.sources, now.sources),
        (What.OPERATION, before.operations, now.operations),
    ):
        yield from (Reason(what, key) for key in new - old)
    # Where each channel is chosen for itself, nobody who chose one has chosen the new one, and nobody is asked twice.
    if not (before.per_channel and now.per_channel):
        yield from (Reason(What.CHANNEL, key) for key in now.channels - before.channels)


def _wider(before: Agreed, now: Agreed) -> Iterator[Reason]:
    for key, party in now.parties.items():
        was = before.parties.get(key)
        if was is None:
            yield Reason(What.RECIPIENT, key)
            continue
        if party.role != was.role:
            yield Reason(What.ROLE, key)
        if party.abroad and party.abroad != was.abroad:
            yield Reason(What.TRANSFER, key)
        if was.excluded - party.excluded:
            yield Reason(What.FEATURE, key)


def _longer(before: Retention, now: Retention) -> Iterator[Reason]:
    if _keeps_longer(before, now):
        yield Reason(What.RETENTION)
    for key in {*before.overrides, *now.overrides}:
        # Without an exception of its own, a circumstance falls under the rule.
        old: Retention | Override = before.overrides.get(key, before)
        if _keeps_longer(old, now.overrides.get(key, now)):
            yield Reason(What.RETENTION, key)


def _keeps_longer(old: Retention | Override, new: Retention | Override) -> bool:
    if old.counted_from is not new.counted_from:
        return True
    if new.then is not old.then and new.then is not Then.ERASE:
        return True
    was, will = Span.read(old.duration), Span.read(new.duration)
    return any(will.after(start) > was.after(start) for start in STARTS)


def _reworded(before: Words, now: Words) -> Iterator[tuple[str, str, str, str]]:
    """Return path, language and both digests of words that changed. A new translation changes nothing for anybody."""
    for (path, language), text in now.items():
        old = before.get((path, language))
        if old is not None and old != text:
            yield path, language, digest(old.encode()), digest(text.encode())


@dataclass(frozen=True, slots=True)
class Reworded:
    """
    Words that changed where people's consent rests on them: an officer says whether they mean the same.

    :param purposes: whose consents rest on them
    :param before: language → words; likewise ``after``
    """

    path: str
    purposes: tuple[str, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The digests, before and after, language by language."""
        return tuple((digest(self.before[lang].encode()), digest(self.after[lang].encode())) for lang in self.before)

    @property
    def mark(self) -> str:
        """The digest of these very words: what was said of them is not said of others."""
        return digest("".join(part for pair in self.pairs for part in pair).encode())


def reworded(before: Said, now: Said) -> list[Reworded]:
    """Return every change of words on which a consent of both versions rests, in the order of the policy."""
    found: dict[str, tuple[list[str], dict[str, str], dict[str, str]]] = {}
    for key, purpose in now.policy.purposes.items():
        was = before.policy.purposes.get(key)
        if was is None or not (was.basis is purpose.basis is Basis.CONSENT):
            continue
        old, new = agreed(before, key).words, agreed(now, key).words
        for path, language, _, _ in _reworded(old, new):
            purposes, said, says = found.setdefault(path, ([], {}, {}))
            if key not in purposes:
                purposes.append(key)
            said[language], says[language] = old[path, language], new[path, language]
    return [Reworded(path, tuple(purposes), said, says) for path, (purposes, said, says) in found.items()]


def same_words(pairs: Iterable[tuple[str, str]]) -> Same:
    """Return whether two digests mean the same, after officers said so of these pairs, directly or by way of others."""
    leads: dict[str, str] = {}

    def head(one: str) -> str:
        while one in leads:
            one = leads[one]
        return one

    for one, other in pairs:
        if head(one) != head(other):
            leads[head(one)] = head(other)
    return lambda one, other: head(one) == head(other)


def outdated(history: Sequence[tuple[int, Said]], now: Said, *, same: Same) -> dict[str, dict[int, tuple[Reason, ...]]]:
    """
    Return, per purpose that rests on consent, the versions under which a consent no longer covers it, and why.

    :param history: earlier versions, oldest first
    """
    found: dict[str, dict[int, tuple[Reason, ...]]] = {}
    for key, purpose in now.policy.purposes.items():
        if purpose.basis is not Basis.CONSENT:
            continue
        today = agreed(now, key)
        over: tuple[Reason, ...] = ()
        for number, said in reversed(history):
            was = said.policy.purposes.get(key)
            if not over and was is None:
                over = (Reason(What.ENDED),)
            elif not over and was is not None and was.basis is not Basis.CONSENT:
                over = (Reason(What.BASIS, was.basis),)
            if was is None:
                continue
            if reasons := over or material(agreed(said, key), today, same=same):
                found.setdefault(key, {})[number] = reasons
    return found


def no_longer_taken_in(before: Policy, now: Policy) -> list[tuple[str, tuple[str, ...]]]:
    """Return events that are no longer taken in, by key, with the purposes they were kept for and no longer are."""
    kept = {(event.type, event.name): event for event in now.events.values()}
    found = []
    for key, event in before.events.items():
        same = kept.get((event.type, event.name))
        lost = tuple(purpose for purpose in event.purposes if same is None or purpose not in same.purposes)
        if lost:
            found.append((key, lost))
    return found
