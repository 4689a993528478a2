"""What staff do for a person: a copy, an end, a halt, a no."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.faces import faces
from assent.entrypoints.console.views.person import find
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method, NoReceipt
from assent.privacy.rights import api as rights
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy.contracts import Permission

__all__ = ["erase", "export", "lift", "object_to_marketing", "receipt", "restrict", "withdraw"]

SOURCE = "console"
BOOK = "audit"


def _frame(request: DeskRequest) -> str:
    """Return the page to draw in: the dialog that asked, or a whole page where no script runs."""
    return "console/fragment.html" if request.htmx else "console/base.html"


def _name(at: Desk, subject: int) -> str:
    return faces(at, [subject], at=clock.now(), why="console.person")[0].name


@require_POST
@desk(Permission.PEOPLE_EXPORT)
def export(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Hand over a zip of all that is held."""
    at = request.desk
    data = rights.export_person(
        controller=at.controller.id,
        subject=find(at, public_id),
        by=at.actor,
        at=clock.now(),
        language=(get_language() or at.controller.language)[:2],
    )
    name = f"{at.controller.slug}-{public_id}.zip"
    return HttpResponse(data, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@desk(Permission.PEOPLE_EXPORT)
def receipt(request: DeskRequest, public_id: UUID, number: UUID) -> HttpResponse:
    """Hand over the receipt of one choice, and write that down."""
    at = request.desk
    try:
        found = consent.receipt(
            controller=at.controller.id, subject=find(at, public_id), id=number, by=at.actor, at=clock.now()
        )
    except NoReceipt:
        raise Http404 from None
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return HttpResponse(found.data, content_type="application/ld+json", headers=headers)


@desk(Permission.PEOPLE_ERASE)
def erase(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Say what an erasure would end; erase when told to, and report store by store."""
    at = request.desk
    here, subject = at.controller.id, find(at, public_id)
    if request.method == "POST":
        report = rights.erase_unheld(controller=here, subjects=[subject], by=at.actor, at=clock.now())[0]
        stores = [(words.STORES.get(done.store, done.store), done) for done in report.stores]
        return show(request, "console/erased.html", {"report": report, "stores": stores, "public_id": public_id})
    # The book stays: it holds no name, and proves that the erasure took place.
    held = [item for item in rights.inventory(controller=here, subject=subject) if item.store != BOOK]
    context = {
        "frame": _frame(request),
        "public_id": public_id,
        "name": _name(at, subject),
        "held": [(words.HELD.get(item.kind, item.kind), item.count) for item in held],
        "total": sum(item.count for item in held),
    }
    return show(request, "console/erase.html", context)


@desk(Permission.PEOPLE_WRITE)
def restrict(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Keep everything and use nothing (art. 18)."""
    at = request.desk
    here, subject = at.controller.id, find(at, public_id)
    if request.method == "POST":
        now = clock.now()
        suppression.suppress(controller=here, kind=Kind.RESTRICTION, subject=subject, reason=SOURCE, by=at.actor, at=now)
        suppression.acknowledge(controller=here, subject=subject, at=now)
        messages.success(request, _("Restricted. Nothing is done with these data until you lift it."))
        return redirect("console:person", public_id)
    context = {"frame": _frame(request), "public_id": public_id, "name": _name(at, subject)}
    return show(request, "console/restrict.html", context)


@require_POST
@desk(Permission.PEOPLE_WRITE)
def lift(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Lift a restriction; every other stop stays."""
    at = request.desk
    here, subject = at.controller.id, find(at, public_id)
    for found in suppression.active(controller=here, subject=subject):
        if found.kind is Kind.RESTRICTION:
            suppression.lift(controller=here, suppression=found.id, reason=SOURCE, by=at.actor, at=clock.now())
    messages.success(request, _("The restriction is lifted."))
    return redirect("console:person", public_id)


@require_POST
@desk(Permission.CONSENT_WRITE)
def withdraw(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Write down that the person takes a consent back, and wait until nothing of it is on its way."""
    at, now = request.desk, clock.now()
    here, subject = at.controller.id, find(at, public_id)
    consent.withdraw(
        controller=here,
        subject=subject,
        purpose=request.POST.get("purpose", ""),
        channel=request.POST.get("channel", "any"),
        method=Method.CONSOLE,
        source=SOURCE,
        by=at.actor,
        at=now,
    )
    _acknowledge(request, here, subject)
    return redirect("console:person", public_id)


@require_POST
@desk(Permission.CONSENT_WRITE)
def object_to_marketing(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Write down an objection to direct marketing (art. 21(2)): it stops all of it, whatever the basis."""
    at, now = request.desk, clock.now()
    here, subject = at.controller.id, find(at, public_id)
    suppression.suppress(controller=here, kind=Kind.OBJECTION, subject=subject, reason=SOURCE, by=at.actor, at=now)
    _acknowledge(request, here, subject)
    return redirect("console:person", public_id)


def _acknowledge(request: DeskRequest, controller: int, subject: int) -> None:
    if suppression.acknowledge(controller=controller, subject=subject, at=clock.now()):
        messages.success(request, _("Written down. Nothing of it is on its way any more."))
    else:
        messages.warning(request, _("Written down. A message that was already leaving may still arrive."))
