"""
Who sits at this desk, and for which controller: the console's only way to rows.

A view behind :func:`desk` runs with that controller in scope and in its time zone; without a role for it, or without the
permission the page asks for, the view does not run.
"""

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from assent.audit.contracts import Actor
from assent.entrypoints.console.places import ACTIONS, Place, open_to
from assent.foundation import scope
from assent.privacy.lawfulness.contracts import NotAgreed
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo, Permission

__all__ = ["Desk", "DeskRequest", "desk", "enter", "seat", "show"]

IN_SESSION = "controller"


@dataclass(frozen=True, slots=True)
class Desk:
    """A member of staff at work for one controller."""

    staff: int
    name: str
    controller: ControllerInfo
    permissions: frozenset[Permission]
    controllers: tuple[ControllerInfo, ...]

    @property
    def actor(self) -> Actor:
        """Who the audit trail will name."""
        return Actor.staff(self.staff)

    @property
    def can(self) -> dict[str, bool]:
        """Permissions for templates: ``desk.can.people_erase``."""
        return {permission.name.lower(): permission in self.permissions for permission in Permission}

    @property
    def others(self) -> tuple[ControllerInfo, ...]:
        """The other controllers this member works for."""
        return tuple(found for found in self.controllers if found.id != self.controller.id)


class DeskRequest(HttpRequest):
    """A request of somebody at a desk; made by :func:`desk` and the htmx middleware."""

    desk: Desk
    htmx: HtmxDetails


def seat(request: HttpRequest) -> Desk | None:
    """Return the desk of this session, or None for someone without any role."""
    staff: Any = request.user  # the doors let nobody in who is not logged in; without a pk this fails, and rightly
    mine = tenancy.roles(staff=int(staff.pk))
    known = tuple(info for info in tenancy.controllers() if info.id in mine)
    if not known:
        return None
    chosen = request.session.get(IN_SESSION)
    at = next((info for info in known if info.id == chosen), known[0])
    permissions = tenancy.permissions(staff=int(staff.pk), controller=at.id)
    return Desk(int(staff.pk), staff.get_full_name(), at, permissions, known)


def enter(request: HttpRequest, controller: int) -> bool:
    """Change the controller of this session; say whether the member may."""
    if controller not in tenancy.roles(staff=int(cast("Any", request.user).pk)):
        return False
    request.session[IN_SESSION] = controller
    return True


def desk(permission: Permission | None = None) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Open a view to staff who hold the permission for the controller in session."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @never_cache
        @login_required
        def opened(request: HttpRequest, *args: Any, **rest: Any) -> HttpResponse:
            found = seat(request)
            if found is None:
                return render(request, "console/no_role.html", status=403)
            asked = cast("DeskRequest", request)
            asked.desk = found
            # The zone is entered with the scope: a day on a page is a day where the brand is.
            zone = zoneinfo.ZoneInfo(found.controller.time_zone)
            with scope.controller(found.controller.id), timezone.override(zone):
                if permission is not None and permission not in found.permissions:
                    return show(asked, "console/not_yours.html", status=403)
                try:
                    return view(asked, *args, **rest)
                except NotAgreed as error:
                    return _not_agreed(asked, error)

        opened.asks = permission.value if permission else "role"  # type: ignore[attr-defined]
        return opened

    return wrap


def show(request: DeskRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200) -> HttpResponse:
    """Render a page with the desk's frame around it."""
    at = request.desk
    places = open_to(at.permissions)
    frame = {
        "desk": at,
        "places": places,
        "nearby": places[:4],
        "further": places[4:],
        "actions": open_to(at.permissions, ACTIONS),
        "here": _here(request, places),
    }
    return render(request, template, frame | (context or {}), status=status)


def _not_agreed(request: DeskRequest, error: NotAgreed) -> HttpResponse:
    """Say that no agreement carries what was asked for. A dialog draws only answers that are 200."""
    context = {
        "frame": "console/fragment.html" if request.htmx else "console/base.html",
        "unagreed": error.why.sentence((get_language() or "en")[:2]),
    }
    return show(request, "console/not_agreed.html", context, status=200 if request.htmx else 409)


def _here(request: HttpRequest, places: tuple[Place, ...]) -> str:
    name = request.resolver_match.url_name if request.resolver_match else ""
    return next((place.key for place in places if place.url.endswith(f":{name}")), (name or "").split("-")[0])
