"""The book: who did what, by whom, when; and whether it still holds together."""

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _

from assent.audit import api as audit
from assent.audit.contracts import Entry
from assent.entrypoints.console import deeds
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject
from assent.tenancy.contracts import Permission

__all__ = ["trail", "verify"]

A_PAGE = 50


@desk(Permission.AUDIT_READ)
def trail(request: DeskRequest) -> HttpResponse:
    """Show the lines of this brand, newest first, of one person if asked."""
    here = request.desk.controller.id
    person, about, wrong = request.GET.get("person", "").strip(), None, ""
    if person:
        about = _subject(here, person)
        wrong = "" if about else _("Nobody here has this id. It is the one in the address of a person’s page.")
    before = request.GET.get("before", "")
    found = (
        []
        if wrong
        else audit.entries(controller=here, about=about, before=int(before) if before.isdecimal() else None, limit=A_PAGE + 1)
    )
    shown = found[:A_PAGE]
    ids = subjects.public_ids(controller=here, subjects=sorted({line.about for _at, line in shown if line.about}))
    known = names(here)
    return show(
        request,
        "console/audit.html",
        {
            "lines": [_line(line, known, ids) for _at, line in shown],
            "older": shown[-1][0] if len(found) > A_PAGE else None,
            "person": person,
            "wrong": wrong,
        },
    )


@desk(Permission.AUDIT_READ)
def verify(request: DeskRequest) -> HttpResponse:
    """Read the whole book and its signed checkpoints, and say where they do not hold together."""
    context = {"problems": audit.verify(), "checked": True}
    if request.htmx:
        return show(request, "console/audit_verified.html", context)
    return show(request, "console/audit_verify.html", context)


def _subject(controller: int, written: str) -> int | None:
    try:
        return subjects.by_public_id(controller=controller, public_id=uuid.UUID(written))
    except (ValueError, UnknownSubject):
        return None


def _line(line: Entry, known: dict[str, str], ids: dict[int, uuid.UUID]) -> dict[str, object]:
    return {
        "line": line,
        "said": deeds.sentence(line),
        "tone": deeds.tone(line),
        "by": deeds.doer(line.by, known),
        "about": ids.get(line.about or 0),
        "gone": bool(line.about) and line.about not in ids,
        "detail": deeds.particulars(line),
    }
