"""A living page of every piece, for whoever builds pages. Only in development."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from assent.entrypoints.console.forms.settings import PropertyForm
from assent.pieces import charts

__all__ = ["pieces"]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADMITTED = (12_040, 13_210, 11_020, 14_400, 15_110, 9_020, 8_300, 13_040, 14_220, 15_090, 16_150, 15_020, 10_110, 16_951)
REFUSED = (3_010, 2_620, 2_800, 2_210, 2_400, 1_810, 1_500, 2_010, 2_050, 1_620, 1_500, 1_710, 1_100, 1_451)


def pieces(request: HttpRequest) -> HttpResponse:
    """Show all pieces with invented numbers."""
    if not settings.DEBUG:
        raise Http404
    days = [f"{(NOON - timedelta(days=13 - n)):%-d %b}" for n in range(14)]
    return render(
        request,
        "console/styleguide.html",
        {
            "chart": charts.columns(
                title="Admitted and refused, 14 days",
                description="Between 8,300 and 16,951 events a day were admitted; about one in eight was refused.",
                series=("admitted", "refused"),
                rows=list(zip(days, zip(ADMITTED, REFUSED, strict=True), strict=True)),
            ),
            "reasons": [("No consent for performance", 1102), ("Property not declared", 287), ("Objected to marketing", 49)],
            "entries": [
                {"at": NOON, "title": "Bought 3 items", "amount": "312.40 RON", "detail": "for: service", "meaning": "active"},
                {"at": NOON - timedelta(hours=1), "title": "Read “Autumn”", "detail": "for: offers", "meaning": "permitted"},
                {"at": NOON - timedelta(days=1), "title": "SMS not sent", "detail": "refused: withdrawn", "meaning": "refused"},
                {"at": NOON - timedelta(days=2), "title": "Withdrew consent", "detail": "SMS", "meaning": "held"},
            ],
            "before": "We keep your address for three years.\nYou may object.",
            "after": "We keep your address for two years.\nYou may object.\nIt costs nothing.",
            "form": PropertyForm(),
            "wrong": PropertyForm({"name": "", "slug": "not a slug"}),
            "statuses": [
                ("permitted", "Allowed"), ("waiting", "Waiting"), ("refused", "Withdrawn"), ("held", "Sealed"),
                ("active", "Sending"), ("plain", "Draft"),
            ],
        },
    )  # fmt: skip
