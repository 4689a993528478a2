"""What is done about a breach, each deed a form that was posted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import breach_words as said, papers
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.forms import breaches as forms
from assent.entrypoints.console.views import breaches as pages
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import Account, BreachInfo, NamesSomebody, NotNow, Reach, UnknownBreach
from assent.privacy.documents import api as documents
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy.contracts import Permission

__all__ = ["act", "dismiss_alarm", "weigh"]

acts = desk(Permission.BREACHES_WRITE)
Deed = Callable[[DeskRequest, BreachInfo], HttpResponse | None]


@require_POST
@acts
def act(request: DeskRequest, number: int, deed: str) -> HttpResponse:
    """Do one thing; what can't be is said on the page, and nothing that was typed is lost."""
    info = pages.find(request.desk, number)
    if deed not in DEEDS:
        raise Http404
    try:
        refused = DEEDS[deed](request, info)
    except (NamesSomebody, NotNow, NoPolicy, LookupError) as problem:
        return _said(request, info, problem)
    return refused or redirect("console:breach", number)


def _said(request: DeskRequest, info: BreachInfo, problem: Exception) -> HttpResponse:
    codes = str(problem).split(", ")
    told = (
        "; ".join(str(said.LACKING[code]) for code in codes)
        if all(code in said.LACKING for code in codes)
        else said.told(problem)
    )
    typed = _typed(request, info)
    return pages.page(request, info.id, status=422, refused=told, **typed)


def _typed(request: DeskRequest, info: BreachInfo) -> dict[str, Any]:
    """Return the forms with what was typed, so that a refusal loses nothing."""
    data, given = request.POST, request.POST.get("form", "")
    edition = papers.current(request.desk)
    if given == "accounts":
        return {"accounts": forms.accounts(documents.languages(edition.policy.policy), info, data)}
    simple = {
        "assess": ("assess_form", forms.AssessForm), "confirm": ("confirm_form", forms.ConfirmForm),
        "notified": ("notified_form", forms.NotifiedForm), "note": ("note_form", forms.NoteForm),
    }  # fmt: skip
    if given in simple:
        name, form = simple[given]
        return {name: form(data)}
    return {}


def _how(request: DeskRequest, info: BreachInfo) -> dict[str, Any]:
    at = request.desk
    return {"controller": at.controller.id, "breach": info.id, "by": at.actor, "at": clock.now()}


def _describe(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    policy = papers.current(request.desk).policy.policy
    form = forms.DescribeForm(request.POST, data_items=pages.titles(policy.data), kinds=pages.titles(policy.subjects))
    if not form.is_valid():
        return pages.page(request, info.id, status=422, describe_form=form)
    given = dict(form.cleaned_data)
    breaches.describe(**_how(request, info), data=given.pop("touched"), **given)
    messages.success(request, _("Kept."))
    return None


def _tell_of(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    policy = papers.current(request.desk).policy.policy
    found = forms.accounts(documents.languages(policy), info, request.POST)
    if not all(form.is_valid() for form in found.values()):
        return pages.page(request, info.id, status=422, accounts=found)
    written = {language: Account(**form.cleaned_data) for language, form in found.items()}
    breaches.describe(**_how(request, info), accounts=written)
    messages.success(request, _("Kept."))
    return None


def _affected(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    here = request.desk.controller.id
    form = forms.AffectedForm(request.POST, doers=pages.doers(here, info, names(here)))
    if not form.is_valid():
        return pages.page(request, info.id, status=422, affected_form=form)
    given = form.cleaned_data
    reach = Reach(tuple(given["by"]), given["since"], given["until"], given["readings"])
    found = breaches.find_affected(**_how(request, info), reach=reach)
    messages.success(request, _("Found: %d people.") % found.people)
    return None


def _stated(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    form = forms.StatedForm(request.POST)
    if not form.is_valid():
        return pages.page(request, info.id, status=422, stated_form=form)
    breaches.state_affected(**_how(request, info), **form.cleaned_data)
    return None


def _assess(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    form = forms.AssessForm(request.POST)
    if not form.is_valid():
        return pages.page(request, info.id, status=422, assess_form=form)
    breaches.assess(**_how(request, info), inputs=form.inputs(), risk=form.chosen(), reason=form.cleaned_data["reason"])
    messages.success(request, _("The risk is written down."))
    return None


def _confirm(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    form = forms.ConfirmForm(request.POST)
    if not form.is_valid():
        return pages.page(request, info.id, status=422, confirm_form=form)
    breaches.confirm(**_how(request, info), **form.cleaned_data)
    messages.success(request, _("Confirmed. The clock is running."))
    return None


def _noted(verb: Callable[..., BreachInfo], word: str = "note") -> Deed:
    def do(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
        form = forms.NoteForm(request.POST)
        if not form.is_valid():
            return pages.page(request, info.id, status=422, note_form=form)
        verb(**_how(request, info), **{word: form.cleaned_data["note"]})
        return None

    return do


def _notified(request: DeskRequest, info: BreachInfo) -> HttpResponse | None:
    form = forms.NotifiedForm(request.POST)
    if not form.is_valid():
        return pages.page(request, info.id, status=422, notified_form=form)
    breaches.notified(**_how(request, info), **form.cleaned_data)
    return None


def _pass_on(request: DeskRequest, info: BreachInfo) -> None:
    breaches.pass_on(**_how(request, info))


def _tell(request: DeskRequest, info: BreachInfo) -> None:
    edition = papers.current(request.desk)
    letters = {
        language: documents.breach_letter(edition, language, info) for language in edition.policy.policy.controller.languages
    }
    breaches.tell_people(**_how(request, info), words=letters)
    messages.success(request, _("The letters are being written."))


def _close(request: DeskRequest, info: BreachInfo) -> None:
    breaches.close(**_how(request, info))


DEEDS: dict[str, Deed] = {
    "describe": _describe,
    "accounts": _tell_of,
    "affected": _affected,
    "stated": _stated,
    "assess": _assess,
    "confirm": _confirm,
    "contain": _noted(breaches.contain),
    "dismiss": _noted(breaches.dismiss, "reason"),
    "notified": _notified,
    "pass-on": _pass_on,
    "tell": _tell,
    "close": _close,
}


@require_POST
@acts
def weigh(request: DeskRequest, number: int) -> HttpResponse:
    """Draw the arithmetic of what is chosen in the form, before it is kept."""
    info, form = pages.find(request.desk, number), forms.AssessForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    weighed = breaches.severity(form.inputs(), people=info.people, unintelligible=info.unintelligible)
    return show(
        request, "console/breach_sum.html", {"weighed": weighed, "sum": said.sums(weighed), "level": said.LEVELS[weighed.level]}
    )


@require_POST
@acts
def dismiss_alarm(request: DeskRequest, number: int) -> HttpResponse:
    """Dismiss an alarm with a reason."""
    at = request.desk
    try:
        breaches.dismiss_alarm(
            controller=at.controller.id, alarm=number, reason=request.POST.get("reason", ""), by=at.actor, at=clock.now()
        )
    except UnknownBreach:
        raise Http404 from None
    except (NotNow, NamesSomebody) as refused:
        messages.error(request, said.told(refused))
    return redirect("console:breaches")
