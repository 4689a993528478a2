"""Why something stays after an erasure, in words for whoever reads it."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy as _

from assent.pieces.clauses import clause
from assent.privacy.rights.contracts import Stays

__all__ = ["why"]

HELD: Mapping[str, Any] = {
    "claim": _("held for a legal claim"),
    "authority": _("held because an authority or a court asked for it"),
    "obligation": _("held because a law says so"),
}


def why(one: Stays) -> str:
    """Return the reason, until when it holds as far as that is known, and the article."""
    if one.held is None:
        return gettext(one.because)  # each store's own sentence
    said = str(HELD[one.held.reason])
    if one.held.until:
        until = {"why": said, "day": date_format(one.held.until, "j.m.Y")}
        said = gettext("%(why)s, until %(day)s at the latest") % until
    return f"{said} ({clause(one.held.refusal.clause)})"
