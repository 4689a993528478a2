"""Demands of authorities: what they ask for, what they got, and whether the people know."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _, override
from django.views.decorators.http import require_POST

from assent.entrypoints.console import breach_words as said
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.forms.breaches import OrderAnswerForm, OrderForm
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import NamesSomebody, NotNow, OrderInfo, OrderState, UnknownBreach, Words
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["answer", "demands", "record"]

reads = desk(Permission.BREACHES_READ)
acts = desk(Permission.BREACHES_WRITE)


@reads
def demands(request: DeskRequest) -> HttpResponse:
    """List them, with a form for a new one."""
    return _page(request, OrderForm(initial={"received_at": clock.now()}))


def _page(request: DeskRequest, form: django_forms.Form, *, status: int = 200, refused: str = "") -> HttpResponse:
    found = breaches.orders(controller=request.desk.controller.id)
    context = {
        "lines": [(one, said.ORDER_STATES[one.state], _telling(one)) for one in found],
        "form": form,
        "answer_form": OrderAnswerForm(),
        "refused": refused,
    }
    return show(request, "console/demands.html", context, status=status)


def _telling(one: OrderInfo) -> tuple[str, str]:
    if one.told_at is not None:
        return _("told"), "permitted"
    if one.state is OrderState.REFUSED:
        return _("nothing to tell"), "plain"
    if one.secret:
        return _("forbidden for now"), "held"
    return _("once it is answered"), "waiting"


@require_POST
@acts
def record(request: DeskRequest) -> HttpResponse:
    """Write a demand down."""
    at, form = request.desk, OrderForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = dict(form.cleaned_data)
    try:
        people = [
            subjects.by_public_id(controller=at.controller.id, public_id=UUID(one)) for one in given.pop("people").split()
        ]
        words = _letters(at.controller.id, at.controller.name, given["authority"])
        breaches.record_order(controller=at.controller.id, subjects=people, words=words, by=at.actor, at=clock.now(), **given)
    except (UnknownSubject, ValueError) as problem:
        if isinstance(problem, NamesSomebody):
            return _page(request, form, status=422, refused=said.told(problem))
        form.add_error("people", _("One of these is the id of nobody here."))
        return _page(request, form, status=422)
    except (NotNow, NoPolicy) as problem:
        return _page(request, form, status=422, refused=said.told(problem))
    messages.success(request, _("Written down."))
    return redirect("console:demands")


def _letters(controller: int, name: str, authority: str) -> Mapping[str, Words]:
    """Return what the people will be told, in each language of the policy that this house speaks."""
    found = {}
    for language in policy.current(controller=controller).policy.controller.languages:
        with override(language):
            told: dict[str, Any] = {"brand": name, "authority": authority}
            found[language] = Words(
                _("%(brand)s: your data were given to an authority") % told,
                (
                    _("%(authority)s demanded data about you, and the law obliged us to hand them over.") % told,
                    _("What was handed over stands in the copy of your data that you can ask us for at any time."),
                    _("We tell you now because nothing forbids it, or no longer does."),
                ),
            )
    return found


@require_POST
@acts
def answer(request: DeskRequest, number: int) -> HttpResponse:
    """Write down what was handed over, or lift the ban on telling."""
    at, form = request.desk, OrderAnswerForm(request.POST)
    lifted = request.POST.get("lift") == "1"
    if not lifted and not form.is_valid():
        messages.error(request, _("Write down what was handed over, or why nothing was."))
        return redirect("console:demands")
    given = {"handed": "", "refused": False} if lifted else form.cleaned_data
    try:
        breaches.answer_order(
            controller=at.controller.id, order=number, by=at.actor, at=clock.now(), lift_secrecy=lifted, **given
        )
    except UnknownBreach:
        raise Http404 from None
    except (NotNow, NamesSomebody) as refused:
        messages.error(request, said.told(refused))
    return redirect("console:demands")
