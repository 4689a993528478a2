"""How a request moves, what is done for it, and how its clock runs. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from assent.privacy.deadlines.contracts import Pause
from assent.privacy.policy.contracts import Basis, Policy
from assent.privacy.rights.contracts import Asked, BadRequest, Clock, RequestKind, RequestState, StepKind, TaskKind
from assent.privacy.subjects.contracts import Field

__all__ = [
    "AUTOMATIC", "LETTERS", "PAUSED", "backoff", "check", "clock", "decided_by_staff", "duties", "number_from", "objectable",
    "pauses", "refused_duties", "spent", "topic", "withdrawable",
]  # fmt: skip

# Read aloud on the telephone, none of these is taken for another (Crockford's base 32).
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

PAUSED = {RequestState.IDENTITY, RequestState.CLARIFICATION}

# Who is one's own can be told, taken along, erased, kept unused, and given back their consent without anybody's judgement.
AUTOMATIC = {
    RequestKind.ACCESS,
    RequestKind.PORTABILITY,
    RequestKind.ERASURE,
    RequestKind.RESTRICTION,
    RequestKind.WITHDRAWAL,
}

# A person's no ends these (arts. 7(3), 21(1)): what is done in the public interest, in somebody's own, or to advertise.
OBJECTABLE = {Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK}

DEEDS = {
    RequestKind.RESTRICTION: (TaskKind.RESTRICT,),
    # What was halted while it was weighed is now stopped for good, so the halt itself ends.
    RequestKind.OBJECTION: (TaskKind.OBJECT, TaskKind.RELEASE),
    RequestKind.WITHDRAWAL: (TaskKind.WITHDRAW,),
}

# What recipients are told of (art. 19), and a no, so that it ends at agencies and platforms, too.
PASSED_ON = {
    RequestKind.RECTIFICATION,
    RequestKind.ERASURE,
    RequestKind.RESTRICTION,
    RequestKind.OBJECTION,
    RequestKind.WITHDRAWAL,
}

STARTS = {StepKind.IDENTITY_ASKED: StepKind.IDENTITY_CONFIRMED, StepKind.CLARIFICATION_ASKED: StepKind.CLARIFIED}
LONGEST_WORDS = 10_000
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=1)


def number_from(random: int) -> str:
    """Return forty random bits as a number people can quote: ``K3M7-9QX2``. It tells neither who nor how many asked."""
    letters = "".join(LETTERS[random >> 5 * place & 31] for place in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def check(kind: RequestKind, asked: Asked, policy: Policy) -> None:
    """
    Go on only with a request that says what it is about.

    :raises BadRequest: if something is missing or is not in the policy
    """
    unknown = sorted(set(asked.purposes) - set(policy.purposes))
    if unknown:
        raise BadRequest(
            "the policy has no purpose %(purpose)r: name some of %(known)s",
            purpose=unknown[0][:63], known=", ".join(sorted(policy.purposes)),
        )  # fmt: skip
    correctable = (set(Field) - {Field.USER_ID, Field.ANONYMOUS_ID}) | set(policy.traits)
    if odd := sorted(set(asked.fields) - correctable):
        raise BadRequest(
            "there is no field %(field)r to correct: use some of %(known)s",
            field=odd[0][:63], known=", ".join(sorted(correctable)),
        )  # fmt: skip
    if kind is RequestKind.RECTIFICATION and not asked.fields and not asked.statement.strip():
        raise BadRequest("say what is to be corrected: fields with their right values, or a statement that completes them")
    if kind is RequestKind.RESTRICTION and asked.ground is None:
        raise BadRequest("name the ground of the restriction: accuracy, unlawful, claims or objection (art. 18(1))")
    if kind is RequestKind.HUMAN_REVIEW and not (asked.decision or asked.words).strip():
        raise BadRequest("say which decision a person is to look at again")
    refused = sorted(set(asked.purposes) - set(_reached(kind, policy)))
    if refused:
        raise BadRequest(
            "this right does not reach the purpose %(purpose)r: its basis is %(basis)s",
            purpose=refused[0], basis=_basis(policy, refused[0]),
        )  # fmt: skip
    texts = (asked.statement, asked.words, asked.decision, asked.hand_over_to, *asked.fields, *asked.fields.values())
    if sum(len(text) for text in texts) > LONGEST_WORDS:
        raise BadRequest("that is more than %(most)d letters: say it shorter, or send the rest in a file", most=LONGEST_WORDS)


def _basis(policy: Policy, purpose: str) -> str:
    return policy.purposes[purpose].basis.value.replace("_", " ")


def _reached(kind: RequestKind, policy: Policy) -> Sequence[str]:
    if kind is RequestKind.OBJECTION:
        return objectable(policy)
    if kind is RequestKind.WITHDRAWAL:
        return withdrawable(policy)
    return tuple(policy.purposes)


def objectable(policy: Policy) -> tuple[str, ...]:
    """Return the purposes a person may object to: all marketing, and what rests on an interest or a public task (art. 21)."""
    return tuple(key for key, one in policy.purposes.items() if one.direct_marketing or one.basis in OBJECTABLE)


def withdrawable(policy: Policy) -> tuple[str, ...]:
    """Return the purposes that rest on consent."""
    return tuple(key for key, one in policy.purposes.items() if one.basis is Basis.CONSENT)


def topic(kind: RequestKind, asked: Asked) -> str:
    """Return what makes two requests of a kind the same one: no value and no word of the person is in it."""
    if kind is RequestKind.RECTIFICATION:
        return ",".join(sorted(asked.fields)) or "statement"
    if kind is RequestKind.RESTRICTION:
        return ",".join(filter(None, [asked.ground or "", *sorted(asked.purposes)]))
    if kind in {RequestKind.OBJECTION, RequestKind.WITHDRAWAL}:
        return ",".join(sorted(asked.purposes))
    return ""


def decided_by_staff(kind: RequestKind, asked: Asked, policy: Policy) -> bool:
    """
    Say whether somebody must look at it before it is granted.

    Against direct marketing an objection is absolute (art. 21(3)): nobody weighs it. A statement is added as it stands.
    """
    if kind in AUTOMATIC:
        return False
    if kind is RequestKind.OBJECTION:
        purposes = asked.purposes or objectable(policy)
        return any(not policy.purposes[key].direct_marketing for key in purposes)
    return not (kind is RequestKind.RECTIFICATION and not asked.fields)


def duties(kind: RequestKind, asked: Asked) -> tuple[TaskKind, ...]:
    """Return what is done for a request that is granted, in this order."""
    if kind is RequestKind.ERASURE:
        # Recipients and the person are told while it is still known whom it is about and how to reach them.
        return (TaskKind.PASS_ON, TaskKind.TELL, TaskKind.ERASE, TaskKind.ACKNOWLEDGED)
    deeds = DEEDS.get(kind, ())
    if kind is RequestKind.RECTIFICATION and asked.fields:
        deeds = (TaskKind.RECTIFY,)
    if kind in PASSED_ON:
        # Before the deed: recipients know the person by what a rectification replaces.
        return (TaskKind.PASS_ON, *deeds, TaskKind.TELL, TaskKind.ACKNOWLEDGED)
    if kind is RequestKind.PORTABILITY and asked.hand_over_to:
        # The person has their copy at once; how long the other controller's service takes is not theirs to wait for.
        return (TaskKind.TELL, TaskKind.HAND_OVER)
    return (*deeds, TaskKind.TELL)


def refused_duties(kind: RequestKind) -> tuple[TaskKind, ...]:
    """Return what is done for one that is refused: the halt an objection's weighing needed ends once the person is told."""
    return (TaskKind.TELL, TaskKind.RELEASE) if kind is RequestKind.OBJECTION else (TaskKind.TELL,)


def pauses(steps: Sequence[tuple[StepKind, datetime]], *, at: datetime) -> list[Pause]:
    """Return when the clock stood, up to ``at`` if it still does."""
    found: list[Pause] = []
    asked: dict[StepKind, datetime] = {}
    for kind, moment in steps:
        if kind in STARTS:
            asked.setdefault(STARTS[kind], moment)
        elif kind in asked:
            found.append(Pause(asked.pop(kind), moment))
    return found + [Pause(since, max(since, at)) for since in asked.values()]


def clock(state: RequestState, due_at: datetime, *, at: datetime) -> Clock:
    """Say how the time runs."""
    if not state.open:
        return Clock.STOPPED
    if state in PAUSED:
        return Clock.STANDING
    return Clock.OVERDUE if at > due_at else Clock.RUNNING


def spent(received_at: datetime, due_at: datetime, *, at: datetime) -> float:
    """Return which share of the time is gone."""
    return min(max((at - received_at) / (due_at - received_at), 0.0), 1.0)


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: longer each time, but never so long that a day passes in vain."""
    longer: int = 2 ** min(attempts, 20)
    return min(SHORTEST_WAIT * longer, LONGEST_WAIT)
