"""
Choices that come with the events: given, withdrawn, objected, or the banner's whole state.

They are applied in the order in which they arrived, before the events of the same stretch are judged; what an event was
allowed when it arrived is then read from the times beside the choices (:mod:`assent.ingest.history`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from assent.foundation.clock import from_millis
from assent.ingest import positions
from assent.ingest.contracts import ChoiceEvent, Refusal
from assent.ingest.desk import Desk, Item, Refused
from assent.ingest.people import identified
from assent.ingest.steps import INGEST
from assent.ingest.wire import text
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import ANY, Choice, ChoiceInput, Method
from assent.privacy.policy.contracts import CHANNEL_CODES, Basis
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

__all__ = ["EFFECT", "apply", "order", "read", "trust"]

EFFECT = "choices"
# Ways of choosing that a page may claim for itself; a confirmed link, a paper form or a phone call takes a server's word.
PAGE_METHODS = frozenset({Method.WEB_FORM, Method.BANNER, Method.EVENT})
SERVER_METHODS = frozenset(Method) - {Method.CONSOLE, Method.ONE_CLICK}


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing a person wants; ``choice`` None is an objection."""

    purpose: str
    choice: Choice | None
    channel: str = ANY
    wording: str = ""
    notice: str = ""
    language: str = ""
    method: Method = Method.EVENT
    explicit: bool = False


def read(items: list[Item], desk: Desk) -> tuple[list[Item], Refused]:
    """Read what is wanted; refuse what the policy does not ask for, or its sender can't say."""
    kept: list[Item] = []
    refused: Refused = []
    wished = [(item, wish) for item in items for wish in _wishes(item, desk)]
    said = [_input(item, wish) for item, wish in wished if wish.choice is not None]
    faults = iter(consent.faults(controller=desk.controller, choices=said, at=desk.at))
    good: dict[Item, list[Wish]] = {}
    for item, wish in wished:
        if next(faults) == "" if wish.choice is not None else wish.purpose in desk.plans.bits and wish.channel in CHANNEL_CODES:
            good.setdefault(item, []).append(wish)
    for item in items:
        if item in good:
            item.wishes = good[item]
            kept.append(item)
        else:
            refused.append((item, Refusal.BAD_CHOICE))
    return kept, refused


def _wishes(item: Item, desk: Desk) -> Iterator[Wish]:
    policy = desk.plans.compiled.policy
    sent = item.message.properties or {}
    purpose, channel = _word(sent, "purpose"), _word(sent, "channel") or ANY
    match item.choice:
        case ChoiceEvent.GIVE:
            method = _method(item, _word(sent, "method"))
            if method is not None:
                yield Wish(
                    purpose,
                    Choice.GIVEN,
                    channel,
                    _word(sent, "wording"),
                    _word(sent, "notice"),
                    _word(sent, "language"),
                    method,
                    sent.get("explicit") is True,
                )
        case ChoiceEvent.WITHDRAW:
            # A no is never refused for its form: without a purpose it is meant for all that rest on consent.
            consented = [key for key, one in policy.purposes.items() if one.basis is Basis.CONSENT]
            for named in [purpose] if purpose else consented:
                yield Wish(named, Choice.WITHDRAWN, channel)
        case ChoiceEvent.OBJECT:
            marketing = [key for key, one in policy.purposes.items() if one.direct_marketing]
            for named in [purpose] if purpose else marketing:
                yield Wish(named, None, channel)
        case ChoiceEvent.PREFERENCES:
            yield from _preferences(item, desk)


def _preferences(item: Item, desk: Desk) -> Iterator[Wish]:
    """Read the banner's switches. A category that is not named keeps what was said of it before."""
    context = item.message.context
    named = (context.consent.categories if context is not None and context.consent is not None else None) or {}
    for key, purpose in desk.plans.compiled.policy.purposes.items():
        category = purpose.consent_category
        if category in named and category in desk.plans.by_category and purpose.basis is Basis.CONSENT:
            choice = Choice.GIVEN if named[category] is True else Choice.WITHDRAWN
            language = text(context.locale)[:2].lower() if context is not None else ""
            known = language if language in desk.plans.compiled.policy.controller.languages else ""
            yield Wish(key, choice, method=Method.BANNER, language=known)


def _word(sent: dict[str, object], name: str) -> str:
    value = sent.get(name)
    return value[:100] if isinstance(value, str) else ""


def _method(item: Item, word: str) -> Method | None:
    if not word:
        return Method.EVENT
    allowed = SERVER_METHODS if item.entry.secret else PAGE_METHODS
    return Method(word) if word in allowed else None


def trust(items: list[Item], desk: Desk) -> tuple[list[Item], Refused]:
    """
    Let no page say yes for a person it has not proved to speak for.

    A page's key can be copied from the page, and a device's number may be linked to somebody known. Without the hash such a
    person's yes is refused; a no is taken all the same, since withdrawing must be as easy as giving (art. 7(3)).
    """
    doubtful = {item.subject for item in items if item.subject and not item.proved}
    known = identified(desk.controller, doubtful)
    kept: list[Item] = []
    refused: Refused = []
    for item in items:
        if item.subject in known and not item.proved:
            item.wishes = [wish for wish in item.wishes if wish.choice is not Choice.GIVEN]
        if item.wishes:
            kept.append(item)
        else:
            refused.append((item, Refusal.UNVERIFIED_IDENTITY))
    return kept, refused


def order(items: Iterable[Item]) -> None:
    """
    Give the messages of people who choose something moments that keep their order even within one millisecond.

    A choice counts for what comes after it, so what came before it must lie earlier.
    """
    items = list(items)
    choosers = {item.claim for item in items if item.choice is not None}
    last: dict[tuple[str, str], int] = {}
    for item in items:
        if item.claim in choosers:
            before = last.get(item.claim, 0)
            item.moment = max(item.entry.received_ms, before + 1 if item.choice is not None else before)
            last[item.claim] = item.moment


def apply(items: list[Item], desk: Desk) -> tuple[list[Item], Refused]:
    """Write choices down, and in the same transaction how far into the log they came."""
    done = positions.get(desk.controller, EFFECT)
    fresh = [item for item in items if positions.of(item) > done.get(item.entry.partition, 0)]
    choices = [_input(item, wish) for item in fresh for wish in item.wishes if wish.choice is not None]
    with transaction.atomic():
        if choices:
            consent.apply_many(controller=desk.controller, choices=choices, by=INGEST, at=desk.at)
        for item in fresh:
            for wish in item.wishes:
                if wish.choice is None:
                    _object(desk.controller, item, wish)
        positions.put(desk.controller, EFFECT, fresh)
    return items, []


def _when(item: Item) -> datetime:
    return from_millis(item.moment)


def _input(item: Item, wish: Wish) -> ChoiceInput:
    return ChoiceInput(
        subject=item.subject,
        purpose=wish.purpose,
        choice=wish.choice or Choice.NONE,
        method=wish.method,
        source="event",
        channel=wish.channel,
        wording=wish.wording,
        notice=wish.notice,
        language=wish.language,
        property=item.entry.property,
        explicit=wish.explicit,
        at=_when(item),
    )


def _object(controller: int, item: Item, wish: Wish) -> None:
    suppression.suppress(
        controller=controller,
        kind=Kind.OBJECTION,
        subject=item.subject,
        purpose=wish.purpose,
        channel=wish.channel,
        reason="event",
        by=INGEST,
        at=_when(item),
    )
