"""How people learn what ended for them and what stays: as a letter of the house, and as part of an answer to their request."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from assent.audit.contracts import Actor
from assent.config.tongues import spoken
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter, UndeclaredPurpose
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.privacy.retention import api as retention
from assent.privacy.retention.contracts import Consequence, ToldBy
from assent.privacy.subjects import api as subjects

__all__ = ["follows", "tell_what_stays"]

CHANNEL = "email"
# What a request ended, it ended moments ago: its deed and its answer come in one turn of the worker, tried again within a day.
LATELY = timedelta(days=1)


def tell_what_stays(
    *, controller: int, occasion: str, people: Mapping[int, Consequence], by: Actor, at: datetime
) -> Sequence[int]:
    """Put a letter to each who has an address into the outbox, under the purpose that answers people about their rights."""
    found = policy.current(controller=controller).policy
    reachable = sorted(subjects.addresses(controller=controller, subjects=list(people), field=CHANNEL))
    letters_to = []
    for subject, language in spoken(controller=controller, people=reachable, written=documents.languages(found)).items():
        told = documents.ended_letter(found, language, people[subject])
        letters_to.append((subject, Letter(language, told.subject, told.lines)))
    try:
        dispatch.tell(controller=controller, occasion=occasion, letters_to=letters_to, by=by, at=at)
    except UndeclaredPurpose:
        return []  # the policy lets nobody be written to about their rights: `policy check` has said so
    return reachable


def follows(*, controller: int, subject: int, language: str, by: Actor, at: datetime) -> str:
    """Return what follows from a request as paragraphs, and note that the person is told; empty where nothing ended."""
    found = retention.explain(controller=controller, people=[subject], since=at - LATELY, at=at).get(subject)
    if found is None:
        return ""
    told = documents.ended(policy.current(controller=controller).policy, language, found)
    retention.note_told(controller=controller, subjects_=[subject], how=ToldBy.ANSWER, by=by, at=at)
    staying = [f"{one.title}. {one.why} ({one.clause}) {one.until}".strip() for one in told.staying]
    return "\n\n".join([*told.over, told.gone, told.stays, *staying])
