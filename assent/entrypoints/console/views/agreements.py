"""Agreements: under what the platform works for the brand, solution by solution, and what it refuses without."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import agreed, deeds, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.forms.agreements import CHOICES, AcceptForm, EndForm
from assent.foundation import clock
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Document
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy, Span
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import NoParcel
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import (
    AgreementInfo,
    AgreementRefused,
    AgreementState,
    EndChoice,
    Permission,
    TextChanged,
    UnknownAgreement,
)

__all__ = ["accept", "agreement", "draw_up", "end", "overview", "parcel", "pdf", "settle"]

CAN_END = {AgreementState.IN_FORCE, AgreementState.TO_COME}
CAN_SETTLE = {AgreementState.ENDED, AgreementState.OVERDUE}

reads = desk(Permission.POLICY_READ)
decides = desk(Permission.AGREEMENTS_WRITE)


@reads
def overview(request: DeskRequest) -> HttpResponse:
    """Show every solution that needs an agreement, and what is still owed from those that ended."""
    at, here = clock.now(), request.desk.controller
    try:
        compiled = policy.current(controller=here.id)
    except NoPolicy:
        return show(request, "console/agreements.html", {"no_policy": True})
    context = {"lines": agreed.lines(here, compiled, at=at), "owed": agreed.owed(here, compiled, at=at)}
    return show(request, "console/agreements.html", context)


@require_POST
@decides
def draw_up(request: DeskRequest, solution: str) -> HttpResponse:
    """Draw the agreement about a solution up from the policy in force."""
    at = request.desk
    try:
        offered = documents.offer_agreement(controller=at.controller.id, solution=solution, by=at.actor, at=clock.now())
    except LookupError:
        raise Http404 from None
    except AgreementRefused as refused:
        messages.warning(request, agreed.hindrance(refused))
        return redirect("console:agreements")
    return redirect("console:agreement", offered.id)


@reads
def agreement(request: DeskRequest, number: int) -> HttpResponse:
    """Show one version: where it stands, what can be done with it, its words."""
    return _page(request, number)


def _page(request: DeskRequest, number: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    at, now = request.desk, clock.now()
    here, info = at.controller.id, _find(at, number)
    state = tenancy.standing(info, at=now, today=agreed.today(at.controller, now))
    compiled = _policy(here)
    said = compiled.policy.solutions.get(info.solution) if compiled else None
    kept = tenancy.agreement_text(controller=here, id=number)
    written = _written(kept)
    language = _chosen(request, written)
    word, meaning = agreed.STATES[state]
    known = names(here)
    context = {
        "info": info,
        "title": words.local(said.title) if said else info.solution,
        "word": word,
        "meaning": meaning,
        "can_accept": state is AgreementState.OFFERED,
        "can_end": state in CAN_END and info.ending is None,
        "can_settle": state in CAN_SETTLE,
        "overdue": state is AgreementState.OVERDUE,
        "ending_choice": CHOICES[info.ending.choice] if info.ending else "",
        "by": {
            "offered": deeds.doer(info.offered_by, known),
            "ended": deeds.doer(info.ending.by, known) if info.ending else "",
            "settled": deeds.doer(info.settlement.by, known) if info.settlement else "",
        },
        "closing": _closing(compiled, here, number),
        "behind": compiled is not None and said is not None and compiled.digest != info.policy_digest,
        "others": [other for other in tenancy.agreements(controller=here) if other.solution == info.solution],
        "language": language,
        "languages": list(written),
        "text": mark_safe(documents.to_html(written[language], level=2)) if language else "",  # noqa: S308 - escaped there
        "kept": kept,
        "accept_form": AcceptForm(initial={"digest": info.digest, "name": at.name}),
        "end_form": EndForm(initial={"due_on": _due(compiled, at, now)}),
        **forms,
    }
    return show(request, "console/agreement.html", context, status=status)


@reads
def pdf(request: DeskRequest, number: int) -> HttpResponse:
    """Hand the words over as a tagged PDF, in the language asked for."""
    at = request.desk
    info = _find(at, number)
    written = _written(tenancy.agreement_text(controller=at.controller.id, id=number))
    language = _chosen(request, written)
    if not language:
        raise Http404
    name = f"{at.controller.slug}-{info.solution}-v{info.version}-{language}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(documents.to_pdf(written[language]), content_type="application/pdf", headers=headers)


@require_POST
@decides
def accept(request: DeskRequest, number: int) -> HttpResponse:
    """Accept for the brand what was read; if the words have changed since, show the new ones instead."""
    at = request.desk
    info = _find(at, number)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _page(request, number, status=422, accept_form=form)
    wanted = {key: form.cleaned_data[key] for key in ("digest", "name", "position")}
    try:
        documents.accept_agreement(controller=at.controller.id, agreement=number, by=at.actor, at=clock.now(), **wanted)
    except TextChanged:
        newest = next(one for one in tenancy.agreements(controller=at.controller.id) if one.solution == info.solution)
        messages.error(request, _("Nothing was accepted: the text has changed since you opened it. This is the new one."))
        return redirect("console:agreement", newest.id)
    except AgreementRefused as refused:
        return _refused(request, number, refused)
    messages.success(request, _("Accepted. The solution works from now on."))
    return redirect("console:agreement", number)


@require_POST
@decides
def end(request: DeskRequest, number: int) -> HttpResponse:
    """End the agreement, with what becomes of the data."""
    at, form = request.desk, EndForm(request.POST)
    _find(at, number)
    if not form.is_valid():
        return _page(request, number, status=422, end_form=form)
    said = form.cleaned_data
    zone = ZoneInfo(at.controller.time_zone)
    try:
        tenancy.end_agreement(
            controller=at.controller.id,
            agreement=number,
            choice=EndChoice(said["choice"]),
            due_on=said["due_on"],
            reason=said["reason"],
            by=at.actor,
            at=clock.now(),
            until_at=datetime.combine(said["until"], time(), zone) if said["until"] else None,
        )
    except AgreementRefused as refused:
        return _refused(request, number, refused)
    messages.success(request, _("The end is written down, with what becomes of the data."))
    return redirect("console:agreement", number)


@require_POST
@decides
def parcel(request: DeskRequest, number: int, parcel: int) -> HttpResponse:
    """Hand over one file of data to be returned; that it was fetched, and by whom, is written in the book."""
    at = request.desk
    info = _find(at, number)
    try:
        data = retention.fetch(controller=at.controller.id, agreement=number, number=parcel, by=at.actor, at=clock.now())
    except NoParcel:
        raise Http404 from None
    headers = {"Content-Disposition": f'attachment; filename="{at.controller.slug}-{info.solution}-return-{parcel:03}.zip"'}
    return HttpResponse(data, content_type="application/zip", headers={**headers, "Cache-Control": "no-store"})


@require_POST
@decides
def settle(request: DeskRequest, number: int) -> HttpResponse:
    """Write down that what was chosen has been done."""
    at = request.desk
    _find(at, number)
    try:
        tenancy.settle_agreement(controller=at.controller.id, agreement=number, by=at.actor, at=clock.now())
    except AgreementRefused as refused:
        return _refused(request, number, refused)
    messages.success(request, _("Written down: the agreement is settled."))
    return redirect("console:agreement", number)


def _closing(compiled: Compiled | None, controller: int, number: int) -> dict[str, Any] | None:
    """Return how far it is with the data, in words; None while the agreement has not ended."""
    found = retention.closing(controller=controller, agreement=number)
    if found is None:
        return None
    return {
        "info": found,
        "state": agreed.CLOSING[found.state],
        "purposes": [words.purpose(compiled, key) for key in found.purposes] if compiled else list(found.purposes),
        "removed": [(words.STORES.get(store, store), count) for store, count in sorted(found.removed.items())],
    }


def _refused(request: DeskRequest, number: int, refused: AgreementRefused) -> HttpResponse:
    messages.error(request, agreed.hindrance(refused))
    return redirect("console:agreement", number)


def _find(at: Desk, number: int) -> AgreementInfo:
    try:
        return tenancy.agreement(controller=at.controller.id, id=number)
    except UnknownAgreement:
        raise Http404 from None


def _written(kept: str) -> dict[str, Document]:
    """Return the documents by language; none if another version of the software wrote them: then the page shows bare text."""
    try:
        return {document.language: document for document in documents.agreement_documents(kept)}
    except ValueError:
        return {}


def _chosen(request: DeskRequest, written: dict[str, Document]) -> str:
    wanted = (request.GET.get("language", ""), (get_language() or "")[:2], *written)
    return next((language for language in wanted if language in written), "")


def _policy(controller: int) -> Compiled | None:
    try:
        return policy.current(controller=controller)
    except NoPolicy:
        return None


def _due(compiled: Compiled | None, at: Desk, now: datetime) -> Any:
    """Return the day the policy's own terms give for returning or deleting, counted from today."""
    platform = compiled.policy.platform if compiled else None
    today = now.astimezone(ZoneInfo(at.controller.time_zone))
    return Span.read(platform.terms.ending).after(today).date() if platform else None
