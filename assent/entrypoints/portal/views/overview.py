"""The first page of somebody who is in: where everything is, with a figure or two."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from assent.entrypoints.portal import choices, held
from assent.entrypoints.portal.place import Visit, show
from assent.foundation import clock
from assent.privacy.consent import api as consent
from assent.privacy.rights import api as rights

__all__ = ["overview"]


def overview(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what one can do here."""
    at = clock.now()
    known = held.identity(controller=visit.controller, subject=visit.subject, at=at)
    all_switches = [one for each in choices.switches(visit, at=at) for one in each.switches]
    facts: dict[str, Any] = {
        "name": known.get("first_name") or known.get("name", ""),
        "on": sum(one.on for one in all_switches),
        "of": len(all_switches),
        "again": sum(bool(one.again) for one in all_switches),
        "open": sum(
            one.state.open for one in rights.requests(controller=visit.controller, subject=visit.subject, at=at, limit=100)
        ),
        "receipts": len(consent.receipted(controller=visit.controller, subject=visit.subject, at=at)),
    }
    return show(request, visit, "overview", **facts)
