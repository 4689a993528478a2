"""
The steps an event takes through the gate. Each takes a batch and returns who goes on and who is refused, with the reason.

A step changes nothing but the messages it is given, so taking it again with fewer of them is harmless.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from assent.audit.contracts import Actor
from assent.ingest.contracts import CHOICE_EVENTS, GapKind, Refusal
from assent.ingest.desk import Desk, Item, Refused
from assent.ingest.history import narrow_to_receipt
from assent.ingest.rules import NOTHING, occurred
from assent.ingest.verdicts import Verdicts
from assent.ingest.wire import text
from assent.privacy.policy.contracts import EventKind
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field, PersonInput
from assent.tenancy import api as tenancy

__all__ = ["INGEST", "STEPS", "ask_lawfulness", "claim", "match_event", "minimise", "pseudonymise", "recognise", "stamp"]

INGEST = Actor.system("ingest")
# Reached by name a million times: a member of an enumeration costs half a microsecond to look up.
USER_ID, ANONYMOUS_ID = Field.USER_ID.value, Field.ANONYMOUS_ID.value
KINDS = frozenset(kind.value for kind in EventKind)

Stepped = tuple[list[Item], Refused]


def match_event(items: list[Item], desk: Desk) -> Stepped:
    """Find what the policy says of each event. What it does not declare goes no further; its name is noted."""
    kept: list[Item] = []
    refused: Refused = []
    plan_of = desk.plans.plan
    for item in items:
        message = item.message
        kind = item.kind = message.type or ""
        if kind == "track":
            item.name = text(message.event)
            item.choice = CHOICE_EVENTS.get(item.name)
        elif kind in KINDS:
            item.name = text(message.name)
        else:
            item.kind = "alias" if kind == "alias" else ""
            refused.append((item, Refusal.ALIAS_IGNORED if kind == "alias" else Refusal.MALFORMED))
            continue
        if item.choice is None:
            item.plan = plan_of(kind, item.name)
            if item.plan is None:
                desk.gap(GapKind.EVENT, kind, item.name)
                refused.append((item, Refusal.UNDECLARED_EVENT))
                continue
        kept.append(item)
    return kept, refused


def claim(items: list[Item], desk: Desk) -> Stepped:
    """
    Read whom each message speaks of.

    A server's word is taken. A page's key is known to anybody, so a page names a person by the device's random number,
    and by a user id only together with the hash its server made of it (`tenancy.identity_hash`).
    """
    kept: list[Item] = []
    refused: Refused = []
    for item in items:
        message = item.message
        user = text(message.user_id)
        anonymous = text(message.anonymous_id)
        if user and (item.entry.secret or _proof_holds(item, user)):
            item.proved = True
            item.claim = (USER_ID, user)
        elif anonymous:
            item.proved = item.entry.secret
            item.claim = (ANONYMOUS_ID, anonymous)
        else:
            refused.append((item, Refusal.UNVERIFIED_IDENTITY if user else Refusal.NO_IDENTITY))
            continue
        kept.append(item)
    return kept, refused


def _proof_holds(item: Item, user: str) -> bool:
    context = item.message.context
    said = text(context.identity_hash) if context is not None else ""
    return len(said) == 64 and said.lower() == _identity_hash(item.entry.property, user)


@lru_cache(maxsize=8192)
def _identity_hash(property: int, user: str) -> str:  # noqa: A002 - the domain's word
    return tenancy.identity_hash(property=property, user_id=user)


def recognise(items: list[Item], desk: Desk) -> Stepped:
    """Find the person behind each claim, all of a kind at once. People who are being erased send nothing more."""
    behind = _behind(items, desk)
    leaving = set(subjects.leaving(controller=desk.controller)) & set(behind.values())
    if leaving:
        # Somebody half merged is soon somebody else; whoever is still leaving after that is being erased.
        subjects.sweep_merges(controller=desk.controller, at=desk.at)
        behind = _behind(items, desk)
        leaving = set(subjects.leaving(controller=desk.controller))
    for item in items:
        item.subject = behind[item.claim]
    if not leaving:
        return items, []
    refused: Refused = [(item, Refusal.ERASED) for item in items if item.subject in leaving]
    return [item for item in items if item.subject not in leaving], refused


def _behind(items: list[Item], desk: Desk) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    claims = {item.claim for item in items}
    for kind in (USER_ID, ANONYMOUS_ID):
        mine = [claim for claim in claims if claim[0] == kind]
        if mine:
            people = subjects.recognise(controller=desk.controller, kind=kind, values=[value for _, value in mine])
            found.update(zip(mine, people, strict=True))
    return found


def ask_lawfulness(items: list[Item], desk: Desk) -> Stepped:
    """
    Ask the question for everyone at once, for the purposes of each event, now and as it stood at receipt.

    A message's own signals (the banner's categories, Global Privacy Control) narrow the answer and never widen it.
    """
    verdicts = Verdicts.ask(items, desk)
    kept: list[Item] = []
    refused: Refused = []
    for item in items:
        assert item.plan is not None  # noqa: S101 - match_event saw to it
        plan = item.plan
        allowed = verdicts.with_special(item.subject, plan.special) if plan.special else verdicts.allowed[item.subject]
        item.mask = plan.wanted & allowed
        if not item.mask:
            refused.append((item, verdicts.why(item)))
            continue
        context = item.message.context
        categories = context.consent.categories if context is not None and context.consent is not None else None
        if item.entry.gpc or categories is not None:
            by_banner, by_gpc = desk.plans.narrowed(categories, gpc=item.entry.gpc)
            before, item.mask = item.mask, item.mask & ~by_banner & ~by_gpc
            if not item.mask:
                refused.append((item, Refusal.GPC if before & ~by_banner else Refusal.CATEGORY_REFUSED))
                continue
        kept.append(item)
    late = narrow_to_receipt(kept, desk)
    if late:
        refused += [(item, Refusal.NOT_WHEN_RECEIVED) for item in late]
        kept = [item for item in kept if item.mask]
    return kept, refused


def minimise(items: list[Item], desk: Desk) -> Stepped:
    """Keep of each event the properties its purposes may keep, read as declared. All else is dropped; its names are noted."""
    strange: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for item in items:
        plan = item.plan
        assert plan is not None  # noqa: S101 - match_event saw to it
        item.kept = kept = plan.kept(item.mask)
        sent = (item.message.properties or {}) if item.kind == "track" else _sent(item)
        readers, unknown = kept.of(tuple(sent))
        if unknown:
            strange[plan.key, unknown] += 1
        out: dict[str, Any] = {}
        for name, read in readers:
            value = sent[name]
            if value is not None:
                value = read(value)
                if value is NOTHING:
                    desk.gap(GapKind.VALUE, plan.key, name)
                else:
                    out[name] = value
        item.properties = out
    for (event, names), count in strange.items():
        for name in names:
            desk.gap(GapKind.PROPERTY, event, name, count)
    return items, []


def _sent(item: Item) -> dict[str, Any]:
    message = item.message
    if item.kind in {"identify", "group"}:
        return message.traits or {}
    sent = message.properties or {}
    # The name of a page or screen stands beside its properties; a policy may declare it as one of them.
    plan = item.plan
    if plan is not None and item.kind != "track" and item.name and "name" in plan.known and "name" not in sent:
        return {**sent, "name": item.name}
    return sent


def pseudonymise(items: list[Item], desk: Desk) -> Stepped:
    """Give people who are met for the first time, and of whom something may be kept, a random number to be known by."""
    new = {item.claim: item for item in items if not item.subject}
    if not new:
        return items, []
    people = [PersonInput({kind: value}) for kind, value in new]
    made = subjects.upsert_many(controller=desk.controller, people=people, by=INGEST, at=desk.at, may_change=False)
    number = dict(zip(new, (one.subject for one in made), strict=True))
    kept: list[Item] = []
    refused: Refused = []
    for item in items:
        item.subject = item.subject or number[item.claim]
        if item.subject:
            kept.append(item)
        else:
            refused.append((item, Refusal.UNKNOWN_PERSON))
    return kept, refused


def stamp(items: list[Item], desk: Desk) -> Stepped:
    """Write beside each event when it happened and what it is worth; purposes, bases and policy follow from its mask."""
    for item in items:
        plan = item.plan
        assert plan is not None  # noqa: S101 - match_event saw to it
        item.occurred_ms = occurred(received_ms=item.entry.received_ms, said_ms=item.said_ms, sent_ms=item.sent_ms)
        if plan.value is not None:
            amount = item.properties.get(plan.value)
            # In hundredths, so that sums of many are exact and do not depend on their order.
            item.value = None if amount is None else round(amount * 100)
            item.currency = item.properties.get("currency") if plan.currency else None
    return items, []


STEPS: tuple[Callable[[list[Item], Desk], Stepped], ...] = (
    recognise,  # whose choices apply?
    ask_lawfulness,  # may we, for which purposes, now?
    minimise,  # keep the named properties only
    pseudonymise,  # known from here on by a random number
    stamp,  # purposes, bases, policy, time
)
