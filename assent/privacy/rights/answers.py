"""What a person is told: composed in their language, sealed with the request, and put on its way."""

from collections.abc import Sequence
from datetime import datetime

from django.template.loader import render_to_string
from django.utils import translation

from assent.audit.contracts import Actor
from assent.privacy.deadlines import api as deadlines
from assent.privacy.policy.contracts import Policy
from assent.privacy.rights import models, ports, rows
from assent.privacy.rights.contracts import Held, Outcome, RequestKind, RequestState, StepKind, TaskKind, Told

__all__ = ["ask", "extended", "nobody", "read", "release", "said_what_stays", "send"]

# The message about what came to be held after the answer said that everything goes.
HELD = "held"
# What ends keeping for a purpose, so that the answer says what is deleted and what stays.
ENDING = {RequestKind.OBJECTION, RequestKind.WITHDRAWAL}


def nobody(row: models.Request, *, by: Actor, at: datetime) -> None:
    """Answer somebody of whom nothing is held; the text is the same for everybody and is written when it is read."""
    row.outcome, row.state = Outcome.NOBODY.value, RequestState.ANSWERED.value
    row.answered_at, row.waits_for_staff = at, False
    row.save()
    rows.step(row, StepKind.ANSWERED, by=by, at=at, codes={"outcome": row.outcome})
    rows.close_if_done(row, by=by, at=at)
    row.save()


def ask(row: models.Request, state: RequestState, words: str, *, by: Actor, at: datetime) -> None:
    """Ask the person something, where it is known who they may be; else staff ask by the way the request came."""
    _say(row, state.value, words, by=by, at=at)


def extended(row: models.Request, words: str, *, by: Actor, at: datetime) -> None:
    """Tell the person until when it takes, and why."""
    _say(row, "extension", words, by=by, at=at)


def release(row: models.Request, words: str, *, by: Actor, at: datetime) -> None:
    """Tell the person that data are used again (art. 18(3))."""
    _say(row, "release", words, by=by, at=at)


def _say(row: models.Request, message: str, words: str, *, by: Actor, at: datetime) -> None:
    if row.subject is None:
        return
    rows.put_words(row, message, _text(row, message, words))
    rows.plan(row, [(TaskKind.TELL, message)], by=by, at=at)


def send(row: models.Request, message: str, *, by: Actor, at: datetime) -> Told:
    """Put a message on its way, or say what became of it; the answer is composed when it is first sent."""
    if row.subject is None:
        return Told.NO_WAY
    known = rows.words_of([row])
    if (row.pk, message) not in known:
        decided = models.Step.objects.filter(request=row, kind=StepKind.DECIDED.value).order_by("-id").first()
        words = known.get((row.pk, f"step:{decided.pk}"), "") if decided else ""
        held: Sequence[Held] = ()
        if RequestKind(row.kind) is RequestKind.ERASURE and message in {"answer", HELD} and row.outcome != Outcome.REFUSED:
            held = ports.holds(controller=row.controller_id, subjects=[row.subject], at=at).get(row.subject, ())
        if held:
            row.outcome, row.refusals = Outcome.PARTLY.value, sorted({*row.refusals, *(one.refusal.value for one in held)})
        after = ""
        if RequestKind(row.kind) in ENDING and message == "answer" and row.outcome != Outcome.REFUSED:
            after = ports.follows(controller=row.controller_id, subject=row.subject, language=row.language, by=by, at=at)
        text = _text(row, message, words, held=held, after=after)
        rows.put_words(row, message, text)
    else:
        text = known[row.pk, message]
    heading, _, body = text.partition("\n\n")
    return ports.tell(
        controller=row.controller_id,
        subject=row.subject,
        occasion=f"request:{row.number}:{message}",
        language=row.language,
        heading=heading,
        text=body,
        by=by,
        at=at,
    )


def said_what_stays(row: models.Request, *, by: Actor, at: datetime) -> bool:
    """Tell somebody whose answer promised all of it what came to be held since; true once nobody waits for that message."""
    if row.outcome != Outcome.GRANTED and (row.pk, HELD) not in rows.words_of([row]):
        return True  # the answer said it
    return send(row, HELD, by=by, at=at) is not Told.WAITING


def read(row: models.Request, known: dict[tuple[int, str], str], message: str = "answer") -> tuple[str, str]:
    """Return heading and text of a message that was composed; both empty if there is none, or it opens no more."""
    text = known.get((row.pk, message), "")
    if not text and message == "answer" and row.outcome == Outcome.NOBODY:
        text = _text(row, message, "")
    heading, _, body = text.partition("\n\n")
    return heading, body


def _title(found: Policy, purpose: str, language: str) -> str:
    """Return what a purpose is called; by its key where the policy pinned does not have it yet."""
    known = found.purposes.get(purpose)
    return known.title.say(language) if known else purpose


def _text(row: models.Request, message: str, words: str, *, held: Sequence[Held] = (), after: str = "") -> str:
    """Return a heading, and paragraphs parted by empty lines."""
    found = rows.pinned(row).policy
    zone = found.controller.time_zone
    with translation.override(row.language):
        text = render_to_string(
            f"rights/message_{message}.txt",
            {
                "row": row,
                "kind": row.kind,
                "words": words.strip(),
                "after": after,
                "held": bool(held),
                "held_whole": any(not one.purpose for one in held),
                "stays": [(_title(found, one.purpose, row.language), one) for one in held],
                "refusals": row.refusals,
                "asked": rows.asked_of(row),
                "controller": found.controller,
                "contact": found.rights.contact.email,
                "authority": found.controller.authority,
                "authority_name": found.controller.authority.name.say(row.language),
                "received_on": deadlines.last_day(row.received_at, zone=zone),
                "due_on": deadlines.last_day(row.due_at, zone=zone),
            },
        )
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
