"""The record of processing (GDPR art. 30): read, and taken along."""

from django.http import Http404, HttpResponse

from assent.entrypoints.console import papers, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.pieces.clauses import clause
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Document, Edition, Kind, Section
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.ropa import api as ropa
from assent.privacy.ropa.contracts import Activity, Ending
from assent.tenancy.contracts import Permission

__all__ = ["overview", "take"]

KINDS = {kind.value: kind for kind in (Kind.RECORD_CONTROLLER, Kind.RECORD_PROCESSOR)}
# Shown as rows of their own, not section by section.
TABULATED = {"purposes", "services"}


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show the controller's record, or the platform's that works for it, from the policy in force."""
    try:
        edition = papers.current(request.desk)
    except NoPolicy:
        return show(request, "console/record.html", {"edition": None})
    platform = edition.policy.policy.platform
    on_behalf = request.GET.get("of") == "platform" and platform is not None
    kind = Kind.RECORD_PROCESSOR if on_behalf else Kind.RECORD_CONTROLLER
    language = papers.language(edition)
    document = documents.build(edition=edition, kind=kind, language=language)
    record = ropa.controller_record(edition.policy, language, edition.stamp.published_at)
    return show(
        request,
        "console/record.html",
        {
            "edition": edition,
            "kind": kind.value,
            "on_behalf": on_behalf,
            "platform": edition.policy.policy.recipients[platform.recipient].name if platform else "",
            "spoken": language,
            "record": record,
            "abroad": {one.key for activity in record.activities for one in activity.transfers},
            "special": [one for one in record.activities if any(item.special for item in one.data)],
            "activities": [] if on_behalf else _activities(record.activities, document),
            "services": _part(document, "services").sections if on_behalf else (),
            "parts": [papers.shown(section) for section in document.sections if section.id not in TABULATED],
        },
    )


@desk(Permission.POLICY_READ)
def take(request: DeskRequest, kind: str, form: str) -> HttpResponse:
    """Hand over one of the records as a workbook, as JSON or as PDF."""
    try:
        edition = papers.current(request.desk)
        data = _file(edition, KINDS[kind], form)
    except (NoPolicy, LookupError):
        raise Http404 from None
    return papers.attached(data, at=request.desk, edition=edition, name=kind, form=form)


def _file(edition: Edition, kind: Kind, form: str) -> bytes:
    language = papers.language(edition)
    if form == "json":
        if kind is Kind.RECORD_CONTROLLER:
            return ropa.as_json(ropa.controller_record(edition.policy, language, edition.stamp.published_at))
        return ropa.as_json(ropa.processor_record([edition.policy], language))
    document = documents.build(edition=edition, kind=kind, language=language)
    return {"xlsx": documents.to_xlsx, "pdf": documents.to_pdf}[form](document)


def _activities(activities: tuple[Activity, ...], document: Document) -> list[dict[str, object]]:
    facts = {section.id: papers.blocks(section) for section in _part(document, "purposes").sections}
    return [
        {
            "is": one,
            "basis": words.BASES[one.basis],
            "asks": one.basis.value == "consent",
            "clause": clause(one.basis.clause),
            "kept": _kept(one.ending),
            "special": any(item.special for item in one.data),
            "facts": facts[f"purpose-{one.key}"],
        }
        for one in activities
    ]


def _kept(ending: Ending) -> str:
    return f"{words.span(ending.duration)} {words.COUNTED[ending.counted_from]}, {words.THEN[ending.then]}"


def _part(document: Document, name: str) -> Section:
    return next(section for section in document.sections if section.id == name)
