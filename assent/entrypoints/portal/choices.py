"""A person's switches: what each means, whether it is on, and what turning it does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from assent.audit.contracts import Actor
from assent.entrypoints.portal import entrance, words
from assent.entrypoints.portal.place import Visit
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, Method
from assent.privacy.documents import api as documents
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import ExplainedRow, Why
from assent.privacy.policy.contracts import Basis, Channel, Purpose
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import ToldBy
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind

__all__ = ["Switch", "Switches", "object_to_marketing", "switches", "turn", "what_follows"]

SOURCE = "portal"
JUST_NOW = timedelta(minutes=10)  # what a page says that was loaded again after the choice
# Where nothing but the person's own word decides: what they may turn here. The rest is asked for as a request.
OF_ONES_OWN = {Basis.CONSENT, Basis.SOFT_OPT_IN}


@dataclass(frozen=True, slots=True)
class Switch:
    """
    One purpose on one channel.

    :param words: what saying yes agrees to, empty where no consent is asked for
    :param again: a yes was given that no longer counts: under older terms, or too long ago
    :param fixed: it can be turned off here and not on: ``never`` asked for, or another address has to be ``confirmed``
    """

    key: str
    channel: str
    name: str
    words: str
    on: bool
    again: str = ""
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Switches:
    """A purpose with its switches."""

    purpose: str
    title: str
    description: str
    marketing: bool
    switches: Sequence[Switch]


def switches(visit: Visit, *, at: datetime) -> list[Switches]:
    """Return every purpose a person's own word decides about, as it stands at this moment."""
    policy = visit.place.compiled.policy
    rows: dict[str, list[ExplainedRow]] = {}
    for row in lawfulness.explain(controller=visit.controller, subject=visit.subject, at=at):
        rows.setdefault(row.purpose, []).append(row)
    found = []
    for key, purpose in policy.purposes.items():
        if purpose.basis in OF_ONES_OWN or purpose.direct_marketing:
            each = [_switch(visit, key, purpose, row) for row in rows.get(key, []) if row.channel in CHANNELS]
            if each:
                language = visit.place.language
                title, about = purpose.title.say(language), purpose.description.say(language)
                found.append(Switches(key, title, about, purpose.direct_marketing, each))
    # What fills a mailbox comes first.
    return sorted(found, key=lambda one: not one.marketing)


CHANNELS = {channel.value for channel in Channel}


def _switch(visit: Visit, key: str, purpose: Purpose, row: ExplainedRow) -> Switch:
    place = visit.place
    wording = purpose.wording.get(Channel(row.channel))
    by_consent = purpose.basis is Basis.CONSENT
    on = row.use.yes or (by_consent and row.choice == Choice.GIVEN.name.lower() and row.use.why not in NOS)
    fixed = ""
    if not on and not (by_consent and wording):
        fixed = "never"
    elif not on and purpose.double_opt_in and entrance.CHANNEL[visit.session.field] != row.channel:
        fixed = "confirm"
    again = row.choice if row.choice in {Choice.EXPIRED.name.lower(), Choice.OUTDATED.name.lower()} else ""
    controller = place.compiled.policy.controller
    text = place.compiled.text(wording, place.language) if by_consent and wording else ""
    text = text.replace("{controller}", controller.name).replace("{contact}", str(controller.contact.email))
    return Switch(f"{key}.{row.channel}", row.channel, str(words.CHANNELS[row.channel]), text, on, again, fixed)


# A yes that stands shows as on even while something else (a restriction, no agreement) keeps it from being used: the switch
# is about what the person said.
NOS = {Why.OBJECTED, Why.UNSUBSCRIBED, Why.WITHDRAWN, Why.EXPIRED, Why.CONSENT_OUTDATED, Why.NO_CONSENT}


def turn(visit: Visit, *, wanted: Collection[str], shown: Collection[str], at: datetime) -> int:
    """
    Set switches as a form says, and return how many were turned; when this returns, what was stopped is stopped.

    :param wanted: keys (``purpose.channel``) of those that are to be on
    :param shown: keys of those that were on the form: what it did not show it does not turn
    """
    turned = 0
    with transaction.atomic():
        for each in switches(visit, at=at):
            for one in each.switches:
                wish = one.key in wanted
                if one.key in shown and wish != one.on and not (wish and one.fixed):
                    _set(visit, each.purpose, one.channel, on=wish, at=at)
                    turned += 1
    if turned:
        _acknowledge(visit, at)
    return turned


def object_to_marketing(visit: Visit, *, at: datetime) -> bool:
    """
    End all direct marketing in one act (art. 21(2), (3)); return whether nothing of it is on its way any more.

    The objection holds until the person themselves agrees again. What they had agreed to is taken back with it.
    """
    purposes = visit.place.compiled.policy.purposes
    with transaction.atomic():
        for key, purpose in purposes.items():
            if not purpose.direct_marketing:
                continue
            person: dict[str, Any] = _person(visit, key, at)
            suppression.suppress(**person, kind=Kind.OBJECTION, channel="any", reason=SOURCE)
            if purpose.basis is Basis.CONSENT:
                consent.withdraw(**person, channel="any", method=Method.WEB_FORM, source=SOURCE)
    return _acknowledge(visit, at)


def what_follows(visit: Visit, *, at: datetime) -> documents.Ended | None:
    """Return what goes and what stays after what was just turned off, and note that the person is told; None if nothing."""
    found = retention.explain(controller=visit.controller, people=[visit.subject], since=at - JUST_NOW, at=at)
    if visit.subject not in found:
        return None
    retention.note_told(controller=visit.controller, subjects_=[visit.subject], how=ToldBy.PAGE, by=Actor.person(), at=at)
    return documents.ended(visit.place.compiled.policy, visit.place.language, found[visit.subject])


def _acknowledge(visit: Visit, at: datetime) -> bool:
    return suppression.acknowledge(
        controller=visit.controller, subject=visit.subject, at=at, timeout=float(settings.ASSENT_SEND_TIMEOUT)
    )


def _person(visit: Visit, purpose: str, at: datetime) -> dict[str, Any]:
    who = {"controller": visit.controller, "subject": visit.subject, "purpose": purpose}
    return {**who, "by": Actor.person(), "at": at}


def _set(visit: Visit, key: str, channel: str, *, on: bool, at: datetime) -> None:
    purpose, person = visit.place.compiled.policy.purposes[key], _person(visit, key, at)
    if on:
        # Whoever is in has just opened a letter to this address: that is the second of the two opt-ins.
        confirmed = purpose.double_opt_in and entrance.CHANNEL[visit.session.field] == channel
        consent.give(
            **person, channel=channel, wording=purpose.wording[Channel(channel)], source=SOURCE,
            language=visit.place.language, method=Method.DOUBLE_OPT_IN if confirmed else Method.WEB_FORM, explicit=True,
        )  # fmt: skip
    elif purpose.basis is Basis.CONSENT:
        consent.withdraw(**person, channel=channel, method=Method.WEB_FORM, source=SOURCE)
    else:
        suppression.suppress(**person, kind=Kind.UNSUBSCRIBE, channel=channel, reason=SOURCE)
