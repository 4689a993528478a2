"""Where one can go: the pages of the console, and which permission opens each."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.tenancy.contracts import Permission

__all__ = ["ACTIONS", "PLACES", "Place", "open_to"]


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the rail, the bottom bar and the command palette."""

    key: str
    title: Any
    icon: str
    url: str
    permission: Permission | None
    group: Any = ""


PLACES = (
    Place("overview", _("Overview"), "overview", "console:overview", None),
    Place("people", _("People"), "people", "console:people", Permission.PEOPLE_READ),
    Place("segments", _("Segments"), "segments", "console:segments", Permission.SEGMENTS_READ),
    Place("campaigns", _("Campaigns"), "campaigns", "console:campaigns", Permission.CAMPAIGNS_READ),
    Place("events", _("Events"), "events", "console:events", Permission.EVENTS_READ),
    Place("mail", _("Mail"), "mail", "console:mail", Permission.CAMPAIGNS_SEND),
    Place("duties", _("Duties"), "duties", "console:duties", Permission.REQUESTS_ANSWER, _("Privacy")),
    Place("requests", _("Requests"), "requests", "console:requests", Permission.REQUESTS_ANSWER, _("Privacy")),
    Place("sources", _("Sources"), "people", "console:sources", Permission.REQUESTS_ANSWER, _("Privacy")),
    Place("recipients", _("Recipients"), "share", "console:recipients", Permission.POLICY_READ, _("Privacy")),
    Place("policy", _("Policy"), "policy", "console:policy", Permission.POLICY_READ, _("Privacy")),
    Place("agreements", _("Agreements"), "agreements", "console:agreements", Permission.POLICY_READ, _("Privacy")),
    Place("record", _("Record"), "record", "console:record", Permission.POLICY_READ, _("Privacy")),
    Place("retention", _("Retention"), "record", "console:retention", Permission.POLICY_READ, _("Privacy")),
    Place("impact", _("Impact"), "impact", "console:impact", Permission.POLICY_READ, _("Privacy")),
    Place("breaches", _("Breaches"), "breach", "console:breaches", Permission.BREACHES_READ, _("Privacy")),
    Place("measures", _("Measures"), "seal", "console:measures", Permission.BREACHES_READ, _("Privacy")),
    Place("audit", _("Audit"), "audit", "console:audit", Permission.AUDIT_READ, _("Privacy")),
    Place("backups", _("Backups"), "backups", "console:backups", Permission.AUDIT_READ, _("Privacy")),
    Place("settings", _("Settings"), "settings", "console:settings", Permission.SETTINGS_WRITE, _("House")),
)

ACTIONS = (
    Place("request-new", _("Register a request"), "plus", "console:request-new", Permission.REQUESTS_REGISTER),
    Place("segment-new", _("New segment"), "plus", "console:segment-new", Permission.SEGMENTS_WRITE),
    Place("campaign-new", _("New campaign"), "plus", "console:campaign-new", Permission.CAMPAIGNS_WRITE),
    Place("breach-new", _("Suspect a breach"), "plus", "console:breach-new", Permission.BREACHES_WRITE),
    Place("template-new", _("New message template"), "plus", "console:template-new", Permission.CAMPAIGNS_WRITE),
)


def open_to(permissions: Collection[Permission], among: Collection[Place] = PLACES) -> tuple[Place, ...]:
    """Return the places these permissions open."""
    return tuple(place for place in among if place.permission is None or place.permission in permissions)
