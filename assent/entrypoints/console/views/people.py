"""People: found by name, e-mail or phone, or paged through in the order they came. Never sorted by what is sealed."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.faces import faces
from assent.foundation import clock
from assent.privacy.subjects import api as subjects
from assent.tenancy.contracts import Permission

__all__ = ["people", "search"]

A_PAGE = 50


@desk(Permission.PEOPLE_READ)
def people(request: DeskRequest) -> HttpResponse:
    """List people by cursor: a million opens as fast as ten."""
    at = request.desk
    after = request.GET.get("after", "")
    found = subjects.page(controller=at.controller.id, limit=A_PAGE + 1, after=int(after) if after.isdecimal() else 0)
    shown = found[:A_PAGE]
    context = {
        "people": faces(at, shown, at=clock.now(), why="console.people"),
        "total": subjects.count(controller=at.controller.id),
        "next": shown[-1] if len(found) > A_PAGE else None,
        "text": "",
    }
    return show(request, "console/people.html", context)


@require_POST
@desk(Permission.PEOPLE_IDENTIFY)
def search(request: DeskRequest) -> HttpResponse:
    """Find people by what a form says; posted, so that no name stands in an address, a log or a history."""
    at = request.desk
    text, after = request.POST.get("text", "").strip(), request.POST.get("after", "")
    found = []
    if text:
        found = subjects.search(
            controller=at.controller.id, text=text, limit=A_PAGE + 1, after=int(after) if after.isdecimal() else 0
        )
    shown = found[:A_PAGE]
    context = {
        "people": faces(at, shown, at=clock.now(), why="console.search"),
        "total": subjects.count(controller=at.controller.id),
        "next": shown[-1] if len(found) > A_PAGE else None,
        "text": text,
        "searched": True,
    }
    return show(request, "console/people.html", context)
