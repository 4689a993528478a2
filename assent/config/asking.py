"""How people are asked for a consent again: a message of that purpose, through the gate out, in their own language."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from assent.audit.contracts import Actor
from assent.config.tongues import spoken
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter
from assent.privacy.policy import api as policy
from assent.privacy.subjects import api as people
from assent.tenancy import api as tenancy

__all__ = ["ask_again"]

CHANNEL = "email"


def ask_again(*, controller: int, purpose: str, subjects: Mapping[int, datetime], by: Actor, at: datetime) -> Sequence[int]:
    """
    Put the policy's text that asks again into the outbox, once per person and period, and return to whom it goes.

    It is a message of the purpose itself: the gate sends it only while that consent stands, with source and way out in it.
    """
    compiled = policy.current(controller=controller)
    asked = compiled.policy.purposes[purpose]
    if asked.ask_again is None or CHANNEL not in {str(one) for one in asked.channels}:
        return []
    reachable = people.addresses(controller=controller, subjects=list(subjects), field=CHANNEL)
    languages = [str(one) for one in compiled.policy.controller.languages]
    info = tenancy.controller_by_id(id=controller)
    link = settings.ASSENT_PUBLIC_URL.rstrip("/") + reverse("portal-choices", kwargs={"slug": info.slug})
    letters: dict[str, Letter] = {}
    for language in languages:
        with translation.override(language):
            words = compiled.text(asked.ask_again, language)
            lines = tuple(" ".join(part.split()) for part in words.split("\n\n") if part.strip())
            heading = gettext("Shall we go on writing to you?")
            letters[language] = Letter(language, heading, lines, link=link, link_words=gettext("Say yes or no"))
    by_day: dict[str, list[tuple[int, Letter]]] = {}
    for subject, language in spoken(controller=controller, people=list(reachable), written=languages).items():
        by_day.setdefault(subjects[subject].date().isoformat(), []).append((subject, letters[language]))
    for day, some in by_day.items():
        dispatch.tell(
            controller=controller, occasion=f"ask-again:{purpose}:{day}", letters_to=some, purpose=purpose, by=by, at=at
        )
    return list(reachable)
