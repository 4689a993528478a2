"""
What the house does under a policy, as one fingerprint per kind of deed.

Each is asked of the code that does it at runtime: the question, the plans of the gate in, the folding of profiles, the
writing down of choices, the ends of keeping. A policy and its mutant are probed with the same questions.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assent.backups import rules as copies
from assent.backups.contracts import Kind as CopyKind
from assent.dispatch.links import links
from assent.ingest import choices as wishes, people, rows, steps
from assent.ingest.arrival import LogEntry
from assent.ingest.contracts import ChoiceEvent
from assent.ingest.desk import Desk, Item
from assent.ingest.plans import Plan, Plans
from assent.ingest.wire import Consent, Context, Message
from assent.privacy.consent.contracts import BadChoice, Choice, ChoiceInput, Method
from assent.privacy.consent.rules import prepare
from assent.privacy.lawfulness.rules import Agreed, frame, table, unagreed
from assent.privacy.policy.contracts import CHANNEL_CODES, Compiled, Counted, Operation, Policy
from assent.privacy.policy.spans import Span
from assent.records.profiles.rules import declared

__all__ = ["Probes", "deeds"]

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
METHODS = (Method.BANNER, Method.WEB_FORM, Method.DOUBLE_OPT_IN)
Deed = dict[str, str]


@dataclass(frozen=True, slots=True)
class Probes:
    """What to ask about: all that either of two policies names."""

    purposes: tuple[str, ...]
    data: tuple[str, ...]
    recipients: tuple[str, ...]
    features: tuple[str, ...]
    days: tuple[date, ...]
    events: tuple[tuple[str, str], ...]
    properties: tuple[str, ...]
    parts: tuple[str, ...]
    lengths: tuple[int, ...]
    longest: tuple[int, ...]
    traits: tuple[str, ...]
    overrides: tuple[str, ...]
    solutions: tuple[str, ...]

    @property
    def signed(self) -> list[tuple[str, str]]:
        """Every agreement there could be."""
        return [(key, kind) for key in self.solutions for kind in ("processing", "joint")]

    @classmethod
    def of(cls, *policies: Policy) -> "Probes":
        """Read policies."""
        days = {NOW.date()}
        found: dict[str, set[Any]] = {name: set() for name in cls.__slots__}
        for policy in policies:
            found["purposes"] |= set(policy.purposes)
            found["data"] |= set(policy.data)
            found["recipients"] |= set(policy.recipients)
            found["solutions"] |= set(policy.solutions)
            for purpose in policy.purposes.values():
                found["overrides"] |= set(purpose.retention.overrides)
                if purpose.starts_on:
                    days.add(purpose.starts_on)
            for recipient in policy.recipients.values():
                if recipient.instructions:
                    found["features"] |= set(recipient.instructions.excluded_features)
                if recipient.safeguard:
                    days.add(recipient.safeguard.valid_until)
            for event in policy.events.values():
                found["events"].add((event.type.value, event.name))
                for name, rule in event.properties.items():
                    found["properties"].add(name)
                    found["parts"] |= set(rule.of)
                    found["lengths"] |= {rule.max_length, *(each.max_length for each in rule.of.values())}
            for name, trait in policy.traits.items():
                found["traits"] |= {name, *trait.wire}
                found["longest"].add(trait.max_length)
        found["days"] = {day + timedelta(days=step) for day in days for step in (0, 1)}
        return cls(**{name: tuple(sorted(values)) for name, values in found.items()})


def deeds(compiled: Compiled, probes: Probes) -> Deed:
    """Return the fingerprint of each kind of deed."""
    return {
        name: fingerprint(said(compiled, probes))
        for name, said in (
            ("gate decisions", decisions),
            ("refused features", features),
            ("minimised rows", minimised),
            ("identifiers and attributes", identified),
            ("attributes segments see", attributes),
            ("choices", choices),
            ("choices sent as events", wished),
            ("lines in messages", lines),
            ("due dates", dues),
            ("agreements", agreements),
        )
    }


def fingerprint(said: Iterator[object]) -> str:
    found = hashlib.sha256()
    for each in said:
        found.update(each if isinstance(each, bytes) else repr(each).encode())
        found.update(b"\n")
    return found.hexdigest()


def decisions(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Ask about every purpose, operation, channel and data item, for all 2,048 states of a person at once."""
    for purpose in probes.purposes:
        for operation in Operation:
            about: dict[str, Any] = {
                "purpose": purpose, "operation": operation, "recipient": None, "agreed": frozenset(probes.signed),
            }  # fmt: skip
            for channel, day in (*((channel, NOW.date()) for channel in CHANNEL_CODES), *(("any", day) for day in probes.days)):
                ask = frame(compiled.policy, **about, channel=channel, data=frozenset(), today=day)
                yield table(ask).tobytes()
            for item in probes.data:
                ask = frame(compiled.policy, **about, channel="any", data=frozenset({item}), today=NOW.date())
                yield table(ask).tobytes()


def features(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Ask whether a recipient may have the data, and for which of its features."""
    for purpose in probes.purposes:
        for recipient in probes.recipients:
            for operation in (Operation.DISCLOSE, Operation.TRANSFER):
                asks = [(day, "") for day in probes.days] + [(NOW.date(), feature) for feature in probes.features]
                for day, feature in asks:
                    ask = frame(
                        compiled.policy, purpose=purpose, operation=operation, channel="any", data=frozenset(), today=day,
                        recipient=recipient, feature=feature, agreed=frozenset(probes.signed),
                    )  # fmt: skip
                    yield table(ask).tobytes()


def values(probes: Probes) -> list[Any]:
    """Return one value of each sort a client may send, texts at each length that a policy names and just above."""
    lengths = sorted({length + more for length in probes.lengths for more in (0, 1)})
    whole = dict.fromkeys(probes.parts, "word")
    return [
        "two words", "CODE-1", 12, 12.5, True, "2026-01-31", "yes",
        *("a" * length for length in lengths),
        *(["a"] * length for length in lengths),
        [whole], [dict.fromkeys(probes.parts, 12.5)], [dict.fromkeys(probes.parts, 12)],
        *([dict.fromkeys(probes.parts, "a" * length)] for length in lengths),
    ]  # fmt: skip


def minimised(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Take sample messages of each event through the gate's own step, and what stays into profiles."""
    plans = Plans(compiled)
    sent = values(probes)
    for kind, name in probes.events:
        plan = plans.plan(kind, name)
        yield (kind, name, plan and (plan.key, plan.kind, plan.name, plan.purposes, plan.special, plan.value, plan.currency))
        if plan is None:
            continue
        masks = [*plan.bits.values(), plan.wanted]
        for mask in masks:
            yield from kept(plan, mask, plans, sent, probes)


def kept(plan: Plan, mask: int, plans: Plans, sent: list[Any], probes: Probes) -> Iterator[object]:
    items = []
    for value in sent:
        values_of = dict.fromkeys(probes.properties, value)
        message = Message(type=plan.kind, event=plan.name, properties=values_of, traits=values_of)
        items.append(item(message, plan.kind, plan=plan, mask=mask))
    desk = Desk(controller=1, at=NOW, plans=plans)
    done, _ = steps.minimise(items, desk)
    done, _ = steps.stamp(done, desk)
    yield [(each.properties, each.value, each.currency, each.kept.bases if each.kept else "") for each in done]
    yield sorted(map(repr, desk.gaps.items()))
    for each in done:
        yield sorted(map(repr, rows.deltas([each])))


def item(message: Message, kind: str, *, plan: Plan | None, mask: int) -> Item:
    entry = LogEntry("p", 1, 1_793_000_000_000, 1, True, "batch", False, "", b"")
    return Item(entry, 0, b"", message, 0, kind=kind, plan=plan, mask=mask, subject=1, claim=("user_id", "u1"), proved=True)


def identified(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Send every trait under every name, and see what would be sealed and what would stand in plain."""
    plans = Plans(compiled)
    desk = Desk(controller=1, at=NOW, plans=plans)
    samples = ["Ada", "ada@customers.example", "1990-04-17", "400123", 12, 12.5, True, "two words"]
    samples += ["a" * (length + more) for length in probes.longest for more in (0, 1)]
    asks = [(sum(plans.bits.values()), value) for value in samples]
    asks += [(bit, "Ada") for bit in plans.bits.values()]  # what each purpose may have does not hang on the value
    for mask, value in asks:
        for name in probes.traits:
            first, _, rest = name.partition(".")
            traits = {first: {rest: value} if rest else value}
            one = item(Message(type="identify", traits=traits, context=Context()), "identify", plan=None, mask=mask)
            yield people._identifiers(one, traits, desk), people._attributes(one, traits, desk)
    for data in probes.data:
        found = compiled.policy.data.get(data)
        yield data, found and (found.storage.value, found.special)


def attributes(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Return what a segment may ask about, for which purposes."""
    for info in declared(compiled.policy):
        yield info.name, info.type.value, sorted(info.purposes), info.source


def choices(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Write down a yes of each kind, and see whether it counts and until when; and what the banner's switches take away."""
    for purpose in probes.purposes:
        for channel in CHANNEL_CODES:
            for method in METHODS:
                wording = next(iter(sorted(compiled.policy.texts)))
                choice = ChoiceInput(1, purpose, Choice.GIVEN, method, "probe", channel, wording)
                try:
                    facts = prepare(choice, at=NOW, policy=compiled)
                except BadChoice as refused:
                    yield purpose, channel, method.value, str(refused).partition(":")[0]
                else:
                    yield purpose, channel, method.value, facts.explicit, facts.expires_ms
    plans = Plans(compiled)
    for category in sorted(compiled.policy.consent_categories):
        allowed = {other: other != category for other in compiled.policy.consent_categories}
        yield category, plans.narrowed(allowed, gpc=False), plans.narrowed(None, gpc=True)


def wished(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Send each choice event without a purpose, and the banner's with each category, and see which purposes they reach."""
    plans = Plans(compiled)
    desk = Desk(controller=1, at=NOW, plans=plans)
    for event in ChoiceEvent:
        for category in (None, *compiled.policy.consent_categories):
            context = Context(consent=Consent({category: True} if category else None))
            one = item(Message(type="track", properties={}, context=context), "track", plan=None, mask=0)
            one.choice = event
            yield event.value, category, [(wish.purpose, wish.choice, wish.channel) for wish in wishes._wishes(one, desk)]


def lines(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Return what every message for a purpose must carry."""
    for key in probes.purposes:
        purpose = compiled.policy.purposes.get(key)
        for language in compiled.policy.controller.languages if purpose else ():
            yield key, language, links(compiled, purpose, language=language)


def dues(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Return when each purpose's data end, counted from moments a day apart, and when each legal clock runs out."""
    moments = {counted: NOW + timedelta(days=100 * at) for at, counted in enumerate(Counted)}
    for key in probes.purposes:
        purpose = compiled.policy.purposes.get(key)
        if purpose is None:
            continue
        for circumstance in ("", *probes.overrides):
            yield key, circumstance, purpose.retention.ends(moments, circumstance=circumstance)
    deadlines = compiled.policy.rights.deadlines
    yield [Span.read(getattr(deadlines, name)).after(NOW) for name in type(deadlines).model_fields]
    kept = copies.strictest([compiled.policy.backups], at=NOW)
    yield [copies.ends_at(NOW, kind, kept) for kind in CopyKind]


def agreements(compiled: Compiled, probes: Probes) -> Iterator[object]:
    """Return which purposes may be worked for while one agreement is in force, or none."""
    agreed: list[Agreed] = [frozenset(), *(frozenset({signed}) for signed in probes.signed)]
    for purpose in probes.purposes:
        yield purpose, [unagreed(compiled.policy, purpose, each) for each in agreed]
