"""What art. 15(1) wants said beside the copy: why, which data, from where, to whom, how long, and what one may do about it."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from assent.foundation.personal import Page
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy, Right

__all__ = ["pages"]


def pages(*, controller: int, subject: int, language: str, at: datetime) -> Iterator[Page]:
    """Return pages of the policy in force as it bears on one person: only purposes for which data of theirs may be kept."""
    try:
        found = policy.current(controller=controller)
    except NoPolicy:
        return
    kept = {row.purpose for row in lawfulness.explain(controller=controller, subject=subject, at=at) if row.keep.yes}
    with translation.override(language):
        yield Page("about/processing.json", _("Why your data are processed"), list(_purposes(found, kept, language)))
        yield Page("about/recipients.json", _("Who receives your data"), list(_recipients(found, kept, language)))
        yield Page("about/rights.json", _("What you may do"), list(_rights(found, language)))
        yield Page("about/automated.json", _("Decisions made by machines"), list(_automated(found, language)))


def _purposes(found: Compiled, kept: set[str], language: str) -> Iterator[dict[str, object]]:
    for key, purpose in found.policy.purposes.items():
        if key not in kept:
            continue
        yield {
            "purpose": purpose.title.say(language),
            "description": purpose.description.say(language),
            "basis": purpose.basis.clause,
            "data": [found.policy.data[item].title.say(language) for item in purpose.data],
            "sources": [found.policy.sources[source].called(language) for source in purpose.sources],
            "kept_for": purpose.retention.duration,
            "counted_from": purpose.retention.counted_from.value,
            "policy": found.digest,
        }


def _recipients(found: Compiled, kept: set[str], language: str) -> Iterator[dict[str, object]]:
    purposes = found.policy.purposes
    for key, who in found.policy.recipients.items():
        theirs = [purposes[one].title.say(language) for one in purposes if one in kept and key in purposes[one].recipients]
        if theirs:
            yield {
                "recipient": who.name,
                "role": who.role.value,
                "country": who.country,
                "services": who.services.say(language),
                "safeguard": who.safeguard.kind.value if who.safeguard else "",
                "purposes": theirs,
            }


def _rights(found: Compiled, language: str) -> Iterator[dict[str, object]]:
    explained = found.policy.rights.explained
    for right in Right:
        if right in explained:
            yield {"right": right.value, "explained": explained[right].say(language)}
    authority = found.policy.controller.authority
    yield {"right": "authority", "explained": f"{authority.name.say(language)}, {authority.website}"}
    yield {"right": "contact", "explained": found.policy.rights.contact.email}


def _automated(found: Compiled, language: str) -> Iterator[dict[str, object]]:
    stated = found.policy.automated_decisions
    yield {"decision": "", "logic": stated.statement.say(language), "consequences": "", "safeguards": ""}
    for one in stated.decisions:
        yield {
            "decision": one.title.say(language),
            "logic": one.logic.say(language),
            "consequences": one.consequences.say(language),
            "safeguards": one.safeguards.say(language),
        }
