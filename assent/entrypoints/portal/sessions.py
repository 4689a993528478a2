"""Sessions of people: a cookie of their own, opaque and signed, good for one controller; of it the house keeps a hash."""

from dataclasses import dataclass
from datetime import datetime

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.entrypoints.portal import models, rules
from assent.foundation import ids, scope
from assent.foundation.clock import from_millis, millis
from assent.privacy.subjects import api as subjects

__all__ = ["Open", "begin", "end", "end_all", "find", "forget_other", "speak"]

SEEN_EVERY_MS = 60_000  # a page view a minute writes; more would make every reader a writer


@dataclass(frozen=True, slots=True)
class Open:
    """A session: whose, since when, in which language, and the address it was opened with (``email``, ``phone``)."""

    id: int
    subject: int
    field: str
    language: str
    began_at: datetime


def begin(*, controller: int, subject: int, field: str, language: str, how: str, at: datetime) -> str:
    """Let a person in and return the cookie's value, new each time so that none can be planted beforehand."""
    clear = ids.token()
    with scope.controller(controller):
        models.Session.objects.create(
            controller_id=controller, subject_id=subject, digest=rules.handle_digest(clear), field=field, language=language,
            began_ms=millis(at), seen_ms=millis(at),
        )  # fmt: skip
        audit.write(
            Did.PORTAL_ENTERED, controller=controller, by=Actor.person(), at=at, about=subject,
            detail={"with": how, "over": field},
        )  # fmt: skip
    return clear


def find(*, controller: int, clear: str, at: datetime) -> Open | None:
    """Return the session a cookie stands for; None if it is over, another controller's, or the person is being erased."""
    with scope.controller(controller):
        row = models.Session.objects.filter(digest=rules.handle_digest(clear)).first()
        if row is None or rules.session_over(began_ms=row.began_ms, seen_ms=row.seen_ms, at_ms=millis(at)):
            return None
        if subjects.erasing(controller=controller, subjects=[row.subject_id]):
            return None
        if millis(at) - row.seen_ms >= SEEN_EVERY_MS:
            models.Session.objects.filter(pk=row.pk).update(seen_ms=millis(at))
    return Open(row.pk, row.subject_id, row.field, row.language, from_millis(row.began_ms))


def speak(*, controller: int, session: int, language: str) -> None:
    """Go on in another language."""
    with scope.controller(controller):
        models.Session.objects.filter(pk=session).update(language=language)


def end(*, controller: int, session: Open, at: datetime) -> None:
    """Let a person out."""
    with scope.controller(controller):
        if models.Session.objects.filter(pk=session.id).delete()[0]:
            audit.write(Did.PORTAL_LEFT, controller=controller, by=Actor.person(), at=at, about=session.subject)


def end_all(*, controller: int, subject: int, at: datetime) -> int:
    """End every session of a person, and every code and link on its way to them; return how many sessions that were."""
    with scope.controller(controller):
        models.Knock.objects.filter(subject=subject).delete()
        ended = models.Session.objects.filter(subject=subject).delete()[0]
        audit.write(Did.PORTAL_LEFT, controller=controller, by=Actor.person(), at=at, about=subject, detail={"sessions": ended})
    return ended


def forget_other(*, controller: int, into: int, other: int, **_: object) -> None:
    """Let nobody stay in as ``other``, who turned out to be ``into``: whoever it is asks again."""
    del into
    with scope.controller(controller):
        models.Knock.objects.filter(subject=other).delete()
        models.Session.objects.filter(subject=other).delete()
