"""What the brand has promised: its purposes, whom it shares data with, and every version of the statement."""

from django.http import HttpResponse

from assent.entrypoints.console import deeds, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.notes import endings
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy, Purpose
from assent.tenancy.contracts import Permission

__all__ = ["overview"]


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show the policy in force in the reader's language, and the versions before it."""
    here = request.desk.controller.id
    try:
        now = policy.current(controller=here)
    except NoPolicy:
        return show(request, "console/policy.html", {"now": None})
    known = names(here)
    versions = [(version, deeds.doer(version.published_by, known)) for version in policy.versions(controller=here)]
    return show(
        request,
        "console/policy.html",
        {
            "now": now,
            "published": versions[0][0],
            "purposes": [_purpose(now, key, purpose) for key, purpose in now.policy.purposes.items()],
            "recipients": [(found, words.local(found.services)) for found in now.policy.recipients.values()],
            "cookies": [
                (found, words.local(now.policy.consent_categories[found.category].title), words.local(found.description))
                for found in now.policy.cookies.values()
            ],
            "versions": versions,
            "endings": endings(now, request.desk.controller, at=clock.now()),
        },
    )


def _purpose(now: Compiled, key: str, purpose: Purpose) -> dict[str, object]:
    kept = purpose.retention
    said = now.policy
    return {
        "key": key,
        "title": words.local(purpose.title),
        "description": words.local(purpose.description),
        "basis": words.BASES[purpose.basis],
        "clause": words.clause(purpose.basis.clause),
        "asks": purpose.basis.value == "consent",
        "channels": [words.CHANNELS[channel] for channel in purpose.channels],
        "kept": f"{words.span(kept.duration)} {words.COUNTED[kept.counted_from]}, {words.THEN[kept.then]}",
        "data": [words.local(said.data[item].title) for item in purpose.data],
        "recipients": [said.recipients[item].name for item in purpose.recipients],
        "interest": words.local(purpose.interest),
        "wordings": [(words.CHANNELS[channel], now.text(text, words.spoken(now))) for channel, text in purpose.wording.items()],
        "digest": now.purpose_digests[key],
    }
