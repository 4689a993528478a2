"""How people are told where their data came from: a letter of the house that only informs, and stands outside marketing."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from assent.audit.contracts import Actor
from assent.config.tongues import spoken
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter, UndeclaredPurpose
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as people
from assent.tenancy import api as tenancy

__all__ = ["tell_sources"]

CHANNEL = "email"


def tell_sources(*, controller: int, source: str, subjects: Sequence[int], by: Actor, at: datetime) -> set[int]:
    """
    Put a letter about a source to each person on its way, once, and return to whom one is on its way or came.

    It goes for the purpose that answers people about their data: no consent is asked for, and no marketing suppression
    holds it back. The gate adds the source and writes down that they were told, as in every first message.
    """
    compiled = policy.current(controller=controller)
    reachable = people.addresses(controller=controller, subjects=list(subjects), field=CHANNEL)
    languages = documents.languages(compiled.policy)
    if not reachable or not languages:
        return set()
    info = tenancy.controller_by_id(id=controller)
    base = settings.ASSENT_PUBLIC_URL.rstrip("/")
    notice, choices = (base + reverse(view, kwargs={"slug": info.slug}) for view in ("public-privacy", "portal-choices"))
    letters: dict[str, Letter] = {}
    for language in languages:
        one = documents.origin_letter(compiled.policy, language, source, choices)
        letters[language] = Letter(language, one.subject, one.lines, link=notice, link_words=one.link_words)
    own = spoken(controller=controller, people=list(reachable), written=languages)
    to = [(subject, letters[language]) for subject, language in own.items()]
    occasion = f"source:{source}"
    try:
        dispatch.tell(controller=controller, occasion=occasion, letters_to=to, by=by, at=at)
    except UndeclaredPurpose:
        return set()
    lost = dispatch.undelivered(controller=controller, occasion=occasion, channel=CHANNEL, subjects=list(reachable))
    return set(reachable) - lost
