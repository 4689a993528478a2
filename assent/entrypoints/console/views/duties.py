"""What is owed: every open duty with its end, the most urgent first, and the lists behind each figure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _, ngettext

from assent.entrypoints.console import agreed, request_words, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.notes import notes
from assent.entrypoints.console.request_words import Left
from assent.entrypoints.console.views import sources as source_pages
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import State
from assent.privacy.disclosures import api as disclosures
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.retention import api as retention
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Selection
from assent.privacy.sources import api as sources
from assent.tenancy.contracts import EndChoice, Permission

__all__ = ["overview"]

MOST = 12


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that has an end."""

    title: str
    about: str
    href: str
    due_at: datetime
    left: Left


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the list it leads to; one that is late is written in red."""

    label: str
    value: int
    note: str
    href: str
    late: bool = False


@desk(Permission.REQUESTS_ANSWER)
def overview(request: DeskRequest) -> HttpResponse:
    """Show what is owed to people, recipients and the authority."""
    at, now = request.desk, clock.now()
    found = [duty for part in PARTS for duty in part(at, now)]
    context: dict[str, Any] = {
        "figures": [figure for part in FIGURES for figure in part(at, now)],
        "duties": sorted(found, key=lambda duty: duty.due_at)[:MOST],
        "more": max(len(found) - MOST, 0),
    }
    try:
        context |= notes(policy.current(controller=at.controller.id), at.controller, at=now)
    except NoPolicy:
        context["no_policy"] = True
    return show(request, "console/duties.html", context)


def _answers(at: Desk, now: datetime) -> list[Duty]:
    """Return the requests that an answer is owed to; those whose clock stands wait for the person, and are no duty now."""
    found = rights.requests(controller=at.controller.id, which=Selection.OPEN, limit=MOST, at=now)
    return [
        Duty(
            _("Answer: %(what)s") % {"what": request_words.KINDS[one.kind]},
            one.number,
            reverse("console:request", args=[one.number]),
            one.due_at,
            request_words.left(one, at=now),
        )
        for one in found
    ]


def _notifications(at: Desk, now: datetime) -> list[Duty]:
    """Return the breaches whose clock runs."""
    found = []
    for one in breaches.breaches(controller=at.controller.id, states=[State.CONFIRMED, State.CONTAINED]):
        state, rest = breaches.clock(one, at=now)
        if rest is not None and one.due_at is not None and one.aware_at is not None and state in {"running", "late"}:
            hours = int(abs(rest).total_seconds() // 3600)
            if state == "late":
                left = Left(ngettext("%d hour late", "%d hours late", hours) % hours, "refused", 100)
            else:
                share = round(100 * (rest / (one.due_at - one.aware_at)))
                left = Left(ngettext("%d hour left", "%d hours left", hours) % hours, "waiting", share)
            href = reverse("console:breach", args=[one.id])
            found.append(Duty(_("Tell the authority of a breach"), one.title, href, one.due_at, left))
    return found


def _telling(at: Desk, now: datetime) -> list[Duty]:
    """Return the groups of people who have still to be told where their data came from."""
    try:
        found = policy.current(controller=at.controller.id).policy
    except NoPolicy:
        found = None
    return [
        Duty(
            _("Tell people where their data came from"),
            f"{source_pages.title(found, one.source)} · " + ngettext("%d person", "%d people", one.people) % one.people,
            f"{reverse('console:sources-group', args=[one.number])}?{urlencode({'source': one.source})}",
            one.due_at,
            source_pages.left(one, at=now),
        )
        for one in sources.groups(controller=at.controller.id)
    ]


def _requests(at: Desk, now: datetime) -> list[Figure]:
    counts = rights.counts(controller=at.controller.id, at=now)
    href = reverse("console:requests")
    late = ngettext("%d overdue", "%d overdue", counts.overdue) % counts.overdue
    mine = ngettext("%d waits for you", "%d wait for you", counts.for_staff) % counts.for_staff
    found = [Figure(_("Requests to answer"), counts.open, late if counts.overdue else mine, href, counts.overdue > 0)]
    if counts.waiting:
        note = _("for a hold to end, or a recipient to confirm")
        found.append(Figure(_("Answered, not closed"), counts.waiting, note, f"{href}?show={Selection.WAITING}"))
    return found


def _breaches(at: Desk, now: datetime) -> list[Figure]:
    owing = breaches.owing(controller=at.controller.id, at=now)
    note = ngettext("%d alarm to look at", "%d alarms to look at", owing.alarms) % owing.alarms
    found = [Figure(_("Open breaches"), owing.open, note, reverse("console:breaches"), owing.overdue > 0)]
    if owing.orders_to_tell:
        note = _("people are still to be told")
        found.append(Figure(_("Demands by authorities"), owing.orders_to_tell, note, reverse("console:demands")))
    return found


def _recipients(at: Desk, now: datetime) -> list[Figure]:
    waiting = disclosures.open_count(controller=at.controller.id, at=now)
    lost = ngettext("%d has no way to be told", "%d have no way to be told", waiting.without_way) % waiting.without_way
    note = lost if waiting.without_way else _("until each has confirmed")
    return [Figure(_("Notices to recipients"), waiting.notices, note, reverse("console:recipients"), waiting.without_way > 0)]


def _kept(at: Desk, now: datetime) -> list[Figure]:
    counts = retention.counts(controller=at.controller.id, at=now)
    href = reverse("console:retention")
    note = ngettext("%d ends within a month", "%d end within a month", counts.ending) % counts.ending
    found = [Figure(_("Legal holds"), counts.holds, note if counts.holds else _("nothing is held for a claim"), href)]
    if counts.to_decide:
        note = _("their time is over; the policy leaves it to you")
        found.append(Figure(_("People whose data you decide about"), counts.to_decide, note, href, late=True))
    return [*found, *_ahead(at, now, href)]


def _ahead(at: Desk, now: datetime, href: str) -> list[Figure]:
    """Return what will have ended by the first of next month, and what is left over: both as the worker counted them last."""
    found = []
    first = _first_of_next_month(now.date())
    if seen := retention.preview(controller=at.controller.id, by=first):
        note = _("no purpose ends for anybody by then")
        if seen.purposes:
            key, many = max(seen.purposes.items(), key=lambda pair: pair[1])
            told = {"purpose": words.purpose(policy.current(controller=at.controller.id), key), "many": many}
            note = _("most ends: %(purpose)s, for %(many)d") % told
        label = _("People erased by %(day)s") % {"day": date_format(first, "j E")}
        found.append(Figure(label, seen.people, note, f"{href}?by={first.isoformat()}#by-day"))
    if left := retention.found_left(controller=at.controller.id):
        note = _("looked at on %(when)s") % {"when": date_format(localtime(left.as_of), "j E, H:i")}
        found.append(Figure(_("Records without a live purpose"), left.records, note, f"{href}#left", left.records > 0))
    return found


def _sources(at: Desk, now: datetime) -> list[Figure]:
    counts = sources.counts(controller=at.controller.id, at=now)
    if not counts.open:
        return []
    late = ngettext("%d overdue", "%d overdue", counts.overdue) % counts.overdue
    mine = ngettext("%d waits for you", "%d wait for you", counts.for_staff) % counts.for_staff
    note = late if counts.overdue else mine if counts.for_staff else _("told by themselves, in time")
    href = reverse("console:sources")
    return [Figure(_("People to be told of a source"), counts.open, note, href, counts.overdue > 0)]


def _first_of_next_month(today: date) -> date:
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _agreements(at: Desk, now: datetime) -> list[Duty]:
    """Return ended agreements whose data are still to be returned or deleted."""
    try:
        compiled = policy.current(controller=at.controller.id)
    except NoPolicy:
        return []
    zone = ZoneInfo(at.controller.time_zone)
    found = []
    for info, title, late in agreed.owed(at.controller, compiled, at=now):
        ending = info.ending
        if ending is None:
            continue
        due_at = datetime.combine(ending.due_on, time.max, zone)
        days = abs((ending.due_on - now.astimezone(zone).date()).days)
        if late:
            left = Left(ngettext("%d day late", "%d days late", days) % days, "refused", 100)
        else:
            rest = round(100 * ((due_at - now) / (due_at - ending.until_at)))
            left = Left(ngettext("%d day left", "%d days left", days) % days, "waiting", rest)
        what = _("Return the data: %(what)s") if ending.choice is EndChoice.RETURN else _("Delete the data: %(what)s")
        about = _("an agreement has ended")
        found.append(Duty(what % {"what": title}, about, reverse("console:agreement", args=[info.id]), due_at, left))
    return found


PARTS: tuple[Callable[[Desk, datetime], list[Duty]], ...] = (_answers, _notifications, _telling, _agreements)
FIGURES: tuple[Callable[[Desk, datetime], list[Figure]], ...] = (_requests, _breaches, _sources, _recipients, _kept)
