"""The impact assessment (GDPR art. 35): the signs of a high risk, and the assessment that is begun from them."""

from itertools import groupby

from django.http import Http404, HttpResponse

from assent.entrypoints.console import papers, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Kind
from assent.privacy.impact import api as impact
from assent.privacy.impact.contracts import Findings, Verdict
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.tenancy.contracts import Permission

__all__ = ["overview", "take"]

TONES = {Verdict.REQUIRED: "refused", Verdict.EXPECTED: "waiting", Verdict.CONSIDER: "waiting", Verdict.NONE: "permitted"}
# Drawn by this page from the findings themselves.
FOUND = "found"


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show what was found, and what the policy already answers."""
    try:
        edition = papers.current(request.desk)
    except NoPolicy:
        return show(request, "console/impact.html", {"edition": None})
    language = papers.language(edition)
    document = documents.build(edition=edition, kind=Kind.IMPACT_ASSESSMENT, language=language)
    found = impact.findings(edition.policy.policy)
    return show(
        request,
        "console/impact.html",
        {
            "edition": edition,
            "spoken": language,
            "verdict": found.verdict.value,
            "verdict_word": words.VERDICTS[found.verdict],
            "tone": TONES[found.verdict],
            "signs": _signs(edition.policy, found),
            "parts": [papers.shown(section) for section in document.sections if section.id != FOUND],
        },
    )


@desk(Permission.POLICY_READ)
def take(request: DeskRequest, form: str) -> HttpResponse:
    """Hand over the assessment: JSON for the CNIL's PIA software, or PDF."""
    try:
        edition = papers.current(request.desk)
    except NoPolicy:
        raise Http404 from None
    language = papers.language(edition)
    if form == "json":
        data = documents.to_cnil(edition, language)
    elif form == "pdf":
        data = documents.to_pdf(documents.build(edition=edition, kind=Kind.IMPACT_ASSESSMENT, language=language))
    else:
        raise Http404
    return papers.attached(data, at=request.desk, edition=edition, name=Kind.IMPACT_ASSESSMENT.value, form=form)


def _signs(policy: Compiled, found: Findings) -> list[dict[str, object]]:
    """Return the criteria that are met, each with the leaves that meet it."""
    return [
        {
            "title": words.CRITERIA[criterion],
            "leaves": [
                {"leaf": one.leaf, "value": one.value, "purposes": [words.purpose(policy, key) for key in one.purposes]}
                for one in triggers
            ],
        }
        for criterion, triggers in groupby(found.triggers, key=lambda trigger: trigger.criterion)
    ]
