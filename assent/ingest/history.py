"""
What was allowed when an event arrived, for the few whose answer has changed since.

An event waits in the log for a moment, longer when something is down. A yes given, a policy published, or an agreement
accepted while it waited does not make it lawful to have been collected.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np

from assent.foundation.clock import millis
from assent.ingest.desk import Desk, Item
from assent.ingest.plans import Plans
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import ANY, Choice, ConsentRecord
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import CHANNEL_CODES, Compiled
from assent.tenancy import api as tenancy

__all__ = ["consented", "narrow_to_receipt", "plans_of"]

ANY_CODE = CHANNEL_CODES[ANY]
MOST_PLANS = 256
BEFORE = timedelta(milliseconds=1)
ROW = ("subject", "purpose", "channel", "choice", "at_ms")


def narrow_to_receipt(items: Sequence[Item], desk: Desk) -> list[Item]:
    """Take from each event the purposes that were not allowed when it arrived; return those that have none left."""
    _by_policy([item for item in items if item.entry.received_ms < desk.plans.since_ms], desk)
    _by_agreement(items, desk)
    _by_consent([item for item in items if item.mask & desk.plans.consent and item.subject], desk)
    return [item for item in items if not item.mask]


def _by_policy(items: Iterable[Item], desk: Desk) -> None:
    versions = None
    for item in items:
        versions = versions or policies.versions(controller=desk.controller)
        then = [version for version in versions if millis(version.published_at) <= item.entry.received_ms]
        plan = None
        if then:
            newest = max(then, key=lambda version: version.number)
            compiled = policies.at_digest(controller=desk.controller, digest=newest.digest)
            plan = plans_of(desk.controller, compiled).plan(item.kind, item.name)
        item.mask &= plan.wanted if plan is not None else 0


def _by_agreement(items: Iterable[Item], desk: Desk) -> None:
    terms = tenancy.terms(controller=desk.controller)
    moments = {moment for term in terms for moment in (term.from_at, term.until_at) if moment is not None}
    changes = sorted(moment for moment in moments if moment <= desk.at)
    if not changes:
        return
    changes_ms = list(map(millis, changes))
    # Between two changes the answer is one, so each stretch of time is asked about once.
    masks: dict[int, int] = {}
    for item in items:
        received_ms = item.entry.received_ms
        if received_ms < changes_ms[-1]:
            stretch = bisect_right(changes_ms, received_ms)
            if stretch not in masks:
                masks[stretch] = _agreed_mask(desk, changes[stretch - 1] if stretch else changes[0] - BEFORE)
            item.mask &= masks[stretch]


def _agreed_mask(desk: Desk, at: datetime) -> int:
    names = desk.plans.compiled.policy.purposes
    missing = lawfulness.unagreed(controller=desk.controller, purposes=names, at=at)
    return desk.plans.compiled.mask(*(name for name in names if name not in missing))


def _by_consent(items: Sequence[Item], desk: Desk) -> None:
    if not items:
        return
    since = _standing_since(items, desk)
    if not since:
        return
    histories: dict[int, list[ConsentRecord]] = {}
    for item in items:
        for purpose, bit, at_ms in since.get(item.subject, ()):
            if not item.mask & bit or at_ms <= item.moment:
                continue
            if item.subject not in histories:
                histories[item.subject] = consent.records(controller=desk.controller, subject=item.subject)
            if not consented(histories[item.subject], purpose, item.moment, outdated=_outdated(desk, purpose)):
                item.mask &= ~bit


def _standing_since(items: Sequence[Item], desk: Desk) -> dict[int, list[tuple[str, int, int]]]:
    """Return purpose, bit and since when, by person, of each yes that was given after the oldest of these events arrived."""
    oldest = min(item.moment for item in items)
    # Nearly always nobody chose since, and two short answers cost less than everyone's choices.
    since = consent.rows_for(controller=desk.controller, subjects=list({item.subject for item in items}), after_ms=oldest)
    recent = np.unique(since["subject"]).tolist()
    if not recent:
        return {}
    held = consent.rows_for(controller=desk.controller, subjects=recent)
    columns = [held[name].tolist() for name in ROW]
    rows = [dict(zip(ROW, values, strict=True)) for values in zip(*columns, strict=True)]
    general = {(row["subject"], row["purpose"]): row for row in rows if row["channel"] == ANY_CODE}
    first: dict[tuple[int, int], int] = {}
    for row in rows:
        key = (row["subject"], row["purpose"])
        over = general.get(key)
        spoken_over = over is not None and over["choice"] != Choice.GIVEN and over["at_ms"] >= row["at_ms"]
        if row["choice"] == Choice.GIVEN and not spoken_over:
            first[key] = min(row["at_ms"], first.get(key, row["at_ms"]))
    names = {code: purpose for purpose, code in desk.plans.compiled.purpose_codes.items()}
    found: dict[int, list[tuple[str, int, int]]] = {}
    for (subject, code), at_ms in first.items():
        if code in names:
            found.setdefault(subject, []).append((names[code], 1 << code, at_ms))
    return found


def _outdated(desk: Desk, purpose: str) -> frozenset[str]:
    """Return the digests of the policies under which a yes to a purpose no longer covers it."""
    numbers = desk.plans.compiled.outdated.get(purpose)
    if not numbers:
        return frozenset()
    versions = policies.versions(controller=desk.controller)
    return frozenset(version.digest for version in versions if version.number in numbers)


def consented(
    records: Iterable[ConsentRecord], purpose: str, moment_ms: int, *, outdated: frozenset[str] = frozenset()
) -> bool:
    """
    Return whether a person's yes to a purpose stood at a moment, on any channel; of two choices at once the no counts.

    A choice for any channel replaces what was said of single ones before it.

    :param outdated: digests of policies under which a yes does not count
    """
    said = [record for record in records if record.purpose == purpose and millis(record.at) <= moment_ms]
    standing: dict[str, ConsentRecord] = {}
    for record in sorted(said, key=lambda one: (one.at, one.choice is not Choice.GIVEN)):
        if record.channel == ANY:
            standing.clear()
        standing[record.channel] = record
    return any(
        record.choice is Choice.GIVEN
        and record.policy_digest not in outdated
        and (record.expires_at is None or millis(record.expires_at) > moment_ms)
        for record in standing.values()
    )


_made: dict[tuple[int, str], Plans] = {}


def plans_of(controller: int, compiled: Compiled) -> Plans:
    """Return the plans of a published policy, made once; a policy never changes."""
    key = (controller, compiled.digest)
    if key not in _made:
        if len(_made) >= MOST_PLANS:
            _made.clear()
        versions = policies.versions(controller=controller)
        since = next((millis(one.published_at) for one in versions if one.number == compiled.number), 0)
        _made[key] = Plans(compiled, since_ms=since)
    return _made[key]
