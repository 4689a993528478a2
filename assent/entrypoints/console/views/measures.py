"""Security measures (art. 32): what the policy promises, and what the check of each found."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import breach_words as said, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy.contracts import Permission

__all__ = ["check", "measures"]


@desk(Permission.BREACHES_READ)
def measures(request: DeskRequest) -> HttpResponse:
    """Show each measure of the policy with what its check found last."""
    here = request.desk.controller.id
    try:
        declared = policy.current(controller=here).policy.measures
    except NoPolicy:
        return show(request, "console/measures.html", {"no_policy": True})
    found = {one.measure: one for one in breaches.measures(controller=here)}
    lines: list[tuple[str, str, str, str, str, datetime | None]] = []
    for key, measure in declared.items():
        one = found.get(key)
        if one is None or one.check != measure.check:
            lines.append((words.local(measure.title), measure.check, _("not checked yet"), "plain", "", None))
            continue
        word, tone = {True: (_("holds"), "permitted"), False: (_("does not hold"), "refused"), None: (_("not here"), "plain")}[
            one.holds
        ]
        told = said.measure(one.check, holds=one.holds, figures=one.figures)
        lines.append((words.local(measure.title), one.check, word, tone, told, one.at))
    return show(request, "console/measures.html", {"lines": lines})


@require_POST
@desk(Permission.BREACHES_WRITE)
def check(request: DeskRequest) -> HttpResponse:
    """Run the checks now."""
    at = request.desk
    try:
        shown = breaches.check_measures(controller=at.controller.id, by=at.actor, at=clock.now())
    except NoPolicy:
        return redirect("console:measures")
    failed = sum(one.holds is False for one in shown)
    messages.success(request, _("Checked. All measures hold.") if not failed else _("Checked. %d do not hold.") % failed)
    return redirect("console:measures")
