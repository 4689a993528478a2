"""What ends and when, what the last runs did, and the holds that keep data past their end."""

from datetime import date, timedelta
from itertools import pairwise

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from assent.entrypoints.console import words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.forms.retention import REASONS, HoldForm
from assent.foundation import clock
from assent.pieces import charts, days
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import BadHold, HoldReason, RetentionRun, UnknownHold, Why
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["make_hold", "overview", "release_hold"]

MONTHS = 12
WHYS = {
    Why.PERIOD: gettext_lazy("the period is over"),
    Why.WITHDRAWN: gettext_lazy("consent taken back"),
    Why.EXPIRED: gettext_lazy("consent ran out"),
    Why.OBJECTED: gettext_lazy("objected"),
    Why.UNANSWERED: gettext_lazy("asked again, no answer"),
    Why.AGREEMENT: gettext_lazy("the agreement ended"),
}
KEPT = {
    "restricted": gettext_lazy("restricted at the person’s wish"),
    "policy": gettext_lazy("held by the policy for you to decide"),
    "waiting": gettext_lazy("asked again, answer awaited"),
}


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show what will end, what ended, and what is held."""
    return _page(request, None)


@require_POST
@desk(Permission.PEOPLE_ERASE)
def make_hold(request: DeskRequest) -> HttpResponse:
    """Put data on hold; what can't be is said beside the form, and nothing that was typed is lost."""
    at = request.desk
    form = HoldForm(request.POST, purposes=_purposes(_policy(request)))
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        person = given["person"]
        whom = None if person is None else [subjects.by_public_id(controller=at.controller.id, public_id=person)]
        retention.hold(
            controller=at.controller.id, subjects=whom, reason=HoldReason(given["reason"]), reference=given["reference"],
            until=given["until"], purpose=given["purpose"], by=at.actor, at=clock.now(),
        )  # fmt: skip
    except UnknownSubject:
        form.add_error("person", _("Nobody has this id. Copy it from the address of the person’s page."))
        return _page(request, form, status=422)
    except BadHold as refused:
        form.add_error(None, str(refused))
        return _page(request, form, status=422)
    messages.success(request, _("On hold. Nothing it is on will end before that day."))
    return redirect("console:retention")


@require_POST
@desk(Permission.PEOPLE_ERASE)
def release_hold(request: DeskRequest, number: int) -> HttpResponse:
    """Release a hold."""
    at = request.desk
    try:
        retention.release(controller=at.controller.id, hold=number, by=at.actor, at=clock.now())
        messages.success(request, _("Released. What is past its end goes with the next run."))
    except UnknownHold:
        messages.warning(request, _("This hold was released before."))
    return redirect("console:retention")


def _policy(request: DeskRequest) -> Compiled | None:
    try:
        return policy.current(controller=request.desk.controller.id)
    except NoPolicy:
        return None


def _purposes(found: Compiled | None) -> list[tuple[str, str]]:
    return [(key, words.purpose(found, key)) for key in found.policy.purposes] if found else []


def _page(request: DeskRequest, form: HoldForm | None, status: int = 200) -> HttpResponse:
    here, at = request.desk.controller.id, clock.now()
    found = _policy(request)
    if found is None:
        return show(request, "console/retention.html", {"no_policy": True})
    today = at.date()
    given = {
        "holds": [
            (one, REASONS[one.reason], words.purpose(found, one.purpose) if one.purpose else "", one.holds(today))
            for one in retention.holds(controller=here, at=at)
        ],
        "runs": [_told(found, one) for one in retention.runs(controller=here, limit=5)],
        "left": _left(here),
        "form": form or HoldForm(initial={"person": request.GET.get("person", "")}, purposes=_purposes(found)),
        **_ahead(found, here, request.GET.get("by", ""), today),
    }
    answer = show(request, "console/retention.html", given)
    answer.status_code = status
    return answer


def _left(controller: int) -> dict[str, object]:
    """Return what the last look found without a live purpose, as the worker counted it; empty before the first."""
    seen = retention.found_left(controller=controller)
    if seen is None:
        return {}
    rows = [(words.STORES.get(one.store, one.store), words.HELD.get(one.kind, one.kind), one) for one in seen.remains]
    return {"as_of": seen.as_of, "rows": rows}


def _ahead(found: Compiled, controller: int, asked: str, today: date) -> dict[str, object]:
    try:
        by = date.fromisoformat(asked)
    except ValueError:
        by = today + timedelta(days=30)
    seen = retention.preview(controller=controller, by=by)
    if seen is None:
        return {"by": by}
    months = [_month(today, ahead) for ahead in range(1, MONTHS + 2)]
    counted = []
    for first, following in pairwise(months):
        until, then = (retention.preview(controller=controller, by=day - timedelta(days=1)) for day in (first, following))
        counted.append((days.day(first, year=False), [(then.people if then else 0) - (until.people if until else 0)]))
    return {
        "by": by,
        "seen": seen,
        "ending": [(words.purpose(found, key), count) for key, count in sorted(seen.purposes.items(), key=lambda x: -x[1])],
        "chart": charts.columns(
            title=_("People of whom nothing will be left, by month"),
            description=_("Counted by the last run; each month from the day named."),
            series=[_("People")],
            rows=counted,
            every=2,
        ),
    }


def _month(today: date, ahead: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
    return date(years, month + 1, 1)


def _told(found: Compiled, run: RetentionRun) -> tuple[RetentionRun, list[str]]:
    lines = []
    for name, count in run.ended.items():
        key, _colon, why = name.rpartition(":")
        lines.append(f"{words.purpose(found, key)}: {count} ({WHYS[Why(why)]})")
    for key, count in run.asked.items():
        lines.append(f"{words.purpose(found, key)}: " + ngettext("%d asked again", "%d asked again", count) % count)
    for why, count in run.kept.items():
        told = REASONS[HoldReason(why.removeprefix("hold:"))] if why.startswith("hold:") else KEPT[why]
        lines.append(ngettext("%d person’s data stay", "%d people’s data stay", count) % count + f" ({told})")
    for store, count in run.removed.items():
        lines.append(f"{words.STORES.get(store, store)}: " + ngettext("%d record removed", "%d records removed", count) % count)
    return run, lines
