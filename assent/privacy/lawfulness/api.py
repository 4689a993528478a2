"""Lawfulness: ask the one question, about one person, some, or everyone. One rule answers all three."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from assent.foundation.clock import millis
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice
from assent.privacy.lawfulness import rules
from assent.privacy.lawfulness.contracts import (
    ANY,
    Codes,
    Columns,
    EndingSafeguard,
    ExplainedRow,
    NotAgreed,
    Operation,
    Question,
    Verdict,
    Why,
    code_of,
    is_yes,
    verdict_of,
)
from assent.privacy.lawfulness.facts import State
from assent.privacy.lawfulness.rules import Agreed, Rows, assemble, frame, table, tabulate
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import CHANNEL_CODES, Compiled, NoPolicy
from assent.privacy.sources import api as sources
from assent.privacy.subjects import api as people
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import BITS
from assent.tenancy import api as tenancy

__all__ = [
    "WARN_DAYS", "allowed", "ask_many", "decide", "ending_safeguards", "explain", "is_yes", "require_agreement", "unagreed",
    "verdict_of",
]  # fmt: skip

Ints = npt.NDArray[np.int64]

# Checking a safeguard anew means writing to the recipient and waiting for counsel: weeks, and months are seldom needed.
WARN_DAYS = 60

NOTHING_PUBLISHED = code_of(Verdict(Why.NO_POLICY.answer, Why.NO_POLICY, Why.NO_POLICY.clause))
NOTHING: Ints = np.empty(0, np.int64)


def decide(*, controller: int, question: Question) -> Verdict:
    """Answer for one person, from what is committed at this moment (and what the caller's own transaction has written)."""
    codes = ask_many(
        controller=controller,
        subjects=np.array([question.subject], np.int64),
        purposes=[question.purpose],
        channel=question.channel,
        operation=question.operation,
        at=question.at,
        data=question.data,
        recipient=question.recipient,
        feature=question.feature,
        tokens=[question.tokens],
    )
    return verdict_of(int(codes[0, 0]))


def ask_many(
    *,
    controller: int,
    subjects: Ints,
    purposes: Sequence[str],
    channel: str,
    operation: Operation | str,
    at: datetime,
    data: frozenset[str] | Mapping[str, frozenset[str]] = frozenset(),
    recipient: str = "",
    feature: str = "",
    tokens: Sequence[Sequence[bytes]] = (),
) -> Codes:
    """
    Answer for some people and purposes at once: codes by purpose (rows) and subject (columns), in the order given.

    Subject 0 stands for somebody nobody knows: no choice, no stop.

    :param data: data items concerned, or those per purpose; none named means all that the purpose declares
    :param recipient: as in :class:`Question`; asked about disclosing, an empty one is a gap
    :param tokens: keyed hashes of the addresses concerned, aligned with ``subjects``; without them stops that hold by
        address are not seen
    """
    answer = np.full((len(purposes), len(subjects)), NOTHING_PUBLISHED, np.uint8)
    try:
        found = policy.current(controller=controller)
    except NoPolicy:
        return answer
    agreed = _agreed(controller, at)
    asks = [
        frame(
            found.policy,
            purpose=purpose,
            operation=Operation(operation),
            channel=channel,
            data=data.get(purpose, frozenset()) if isinstance(data, Mapping) else data,
            today=_today(found, at),
            agreed=agreed,
            recipient=recipient,
            feature=feature,
        )
        for purpose in purposes
    ]
    unique, place = np.unique(subjects, return_inverse=True)
    matters = any(ask.untold for ask in asks)
    said = _said(controller, unique, at=at, tokens=_by_subject(subjects, tokens), untold=matters)
    for row, (purpose, ask) in enumerate(zip(purposes, asks, strict=True)):
        codes = table(ask)
        if ask.fault is None:
            answer[row] = codes[said.state(found, purpose, channel, ask.untold)][place]
        else:
            answer[row] = codes[0]
    return answer


def allowed(
    *,
    controller: int,
    purpose: str,
    channel: str,
    at: datetime,
    operation: Operation | str = Operation.USE,
    data: frozenset[str] = frozenset(),
) -> Columns:
    """
    Answer for everyone of a controller: a code for each person about whom something is written down, one for all others.

    Recipients are left out (they do not differ between people), and so are stops by address: both are asked at hand-over.
    """
    try:
        found = policy.current(controller=controller)
    except NoPolicy:
        return Columns(NOTHING, np.empty(0, np.uint8), NOTHING_PUBLISHED)
    today = _today(found, at)
    operation = Operation(operation)
    ask = frame(
        found.policy,
        purpose=purpose,
        operation=operation,
        channel=channel,
        data=data,
        today=today,
        agreed=_agreed(controller, at),
        recipient=None,
    )
    codes = table(ask)
    if ask.fault is not None:
        return Columns(NOTHING, np.empty(0, np.uint8), int(codes[0]))
    outdated = found.outdated.get(purpose, frozenset())
    choices = _arrays(consent.columns(controller=controller, purpose=purpose, channel=channel, at=at, outdated=outdated))
    stops = _arrays(suppression.columns(controller=controller, purpose=purpose, channel=channel))
    leaving = np.array(people.leaving(controller=controller), np.int64)
    untold = NOTHING if ask.untold is None else sources.untold(controller=controller, named=_named(found, purpose, ask.untold))
    subjects = _union(choices["subject"], stops["subject"], leaving, untold)
    state = assemble(subjects, choices=choices, stops=stops, leaving=leaving, untold=untold)
    # When somebody agreed matters only where a no of theirs may have been overtaken: few, so read for them alone.
    unsure = (state & State.EXPLICIT != 0) & (state & (State.OBJECTED | State.RESTRICTED | State.UNSUBSCRIBED) != 0)
    if unsure.any():
        said = _said(controller, subjects[unsure], at=at, tokens={}, untold=ask.untold is not None)
        state[unsure] = said.state(found, purpose, channel, ask.untold)
    return Columns(subjects, codes[state], int(codes[0]))


def explain(*, controller: int, subject: int, at: datetime) -> list[ExplainedRow]:
    """Return what may be done with a person, purpose by purpose and channel by channel, with every reason."""
    try:
        found = policy.current(controller=controller)
    except NoPolicy:
        return []
    said = _said(controller, np.array([subject], np.int64), at=at, tokens={}, untold=True)
    tables = tabulate(found.policy, today=_today(found, at), agreed=_agreed(controller, at))
    rows = []
    for key, purpose in found.policy.purposes.items():
        for channel in [str(channel) for channel in purpose.channels] or [ANY]:
            untold = Why.SOURCE_NOT_NAMED if channel != ANY else None
            state = int(said.state(found, key, channel, untold)[0])
            bits = said.bits(found.purpose_codes[key], CHANNEL_CODES[channel])
            rows.append(
                ExplainedRow(
                    purpose=key,
                    channel=channel,
                    basis=purpose.basis,
                    keep=verdict_of(tables[key, Operation.STORE, channel][state]),
                    use=verdict_of(tables[key, Operation.USE, channel][state]),
                    choice=Choice(state & State.CHOICE).name.lower(),
                    explicit=bool(state & State.EXPLICIT),
                    stops=tuple(kind.value for kind, bit in BITS.items() if bits & bit),
                )
            )
    return rows


def unagreed(*, controller: int, purposes: Iterable[str], at: datetime) -> dict[str, Why]:
    """
    Return for which of some purposes the platform may not work at a moment, because no agreement carries it, and why.

    :raises NoPolicy: if the controller has published none
    """
    found, agreed = policy.current(controller=controller).policy, _agreed(controller, at)
    whys = {purpose: rules.unagreed(found, purpose, agreed) for purpose in purposes}
    return {purpose: why for purpose, why in whys.items() if why is not None}


def require_agreement(*, controller: int, at: datetime, purpose: str = "") -> None:
    """
    Go on only if the platform may work for a purpose, or for any at all if none is named.

    :raises NotAgreed: if no agreement that carries it is in force
    :raises NoPolicy: if the controller has published none
    """
    asked = [purpose] if purpose else list(policy.current(controller=controller).policy.purposes)
    missing = unagreed(controller=controller, purposes=asked, at=at)
    if len(missing) == len(asked):
        raise NotAgreed(asked[0], missing[asked[0]])


def ending_safeguards(*, controller: int, at: datetime, within: int = WARN_DAYS) -> list[EndingSafeguard]:
    """
    Return the recipients whose safeguard ends within some days or has ended, the most urgent first.

    :raises NoPolicy: if the controller has published none
    """
    found = policy.current(controller=controller)
    return rules.ending_safeguards(found.policy, today=_today(found, at), within=within)


@dataclass(frozen=True, slots=True)
class _Said:
    """What some people chose and stopped, as read once; good for any purpose and channel."""

    subjects: Ints
    choices: Rows
    stops: Rows
    leaving: Ints
    untold: Sequence[tuple[int, str]]

    def state(self, policy: Compiled, purpose: str, channel: str, untold: Why | None) -> Ints:
        """
        Return the state of each of them for a purpose and channel.

        :param untold: as in :class:`facts.Ask`: whether, and in which way, it matters who was told where the data came from
        """
        code, way = policy.purpose_codes[purpose], CHANNEL_CODES[channel]
        mine = self.choices["purpose"] == code
        choices = {name: column[mine] for name, column in self.choices.items()}
        order = np.argsort(choices["subject"], kind="stable")
        choices = {name: column[order] for name, column in choices.items()}
        choices = consent.outdate(choices, versions=policy.outdated.get(purpose, ()))
        choices = consent.effective(choices, channel=way)
        stops = suppression.merge(suppression.apply(self.stops, purpose=code, channel=way))
        named = _named(policy, purpose, untold)
        waiting = np.array([subject for subject, source in self.untold if source not in named], np.int64) if untold else None
        return assemble(self.subjects, choices=choices, stops=stops, leaving=self.leaving, untold=waiting)

    def bits(self, purpose: int, channel: int) -> int:
        """Return the kinds of stops that bear on a purpose and channel, of all of them together."""
        return int(np.bitwise_or.reduce(suppression.apply(self.stops, purpose=purpose, channel=channel)["bit"], initial=0))


def _said(controller: int, subjects: Ints, *, at: datetime, tokens: Mapping[bytes, Sequence[int]], untold: bool) -> _Said:
    """
    Read what some people chose and stopped.

    :param untold: read also who has not been told where the data came from; keeping asks for none of it
    """
    known = [int(subject) for subject in subjects if subject]
    choices = consent.expire(consent.rows_for(controller=controller, subjects=known), at_ms=millis(at))
    stops = suppression.rows_for(controller=controller, subjects=known)
    if tokens:
        whose, of_addresses = suppression.rows_of_addresses(controller=controller, tokens=list(tokens))
        # One address may be several people's: the stop is repeated for each.
        rows = [(place, subject) for place, token in enumerate(whose) for subject in tokens[token]]
        places = np.array([place for place, _ in rows], np.int64)
        of_addresses = {name: column[places] for name, column in of_addresses.items()}
        of_addresses["subject"] = np.array([subject for _, subject in rows], np.int64)
        stops = {name: np.concatenate([column, of_addresses[name]]) for name, column in stops.items()}
    leaving = np.array(sorted(people.erasing(controller=controller, subjects=known)), np.int64)
    waiting = sources.open_sources(controller=controller, subjects=known) if untold else []
    return _Said(subjects, choices, stops, leaving, waiting)


def _named(found: Compiled, purpose: str, untold: Why | None) -> tuple[str, ...]:
    """Return the sources that people may have whom nobody told yet: those a first message for the purpose can name."""
    return found.policy.purposes[purpose].sources if untold is Why.SOURCE_NOT_NAMED else ()


def _by_subject(subjects: Ints, tokens: Sequence[Sequence[bytes]]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for subject, theirs in zip(subjects.tolist(), tokens, strict=True) if len(tokens) else ():
        for token in theirs:
            found.setdefault(token, []).append(subject)
    return found


def _agreed(controller: int, at: datetime) -> Agreed:
    return frozenset((term.solution, term.kind.value) for term in tenancy.terms(controller=controller) if term.covers(at))


def _today(found: Compiled, at: datetime) -> date:
    return at.astimezone(ZoneInfo(found.policy.controller.time_zone)).date()


def _union(*parts: Ints) -> Ints:
    """Merge sorted runs; `np.unique` would hash them, which takes five times as long."""
    whole = np.sort(np.concatenate(parts), kind="stable")
    return whole[np.append(True, whole[1:] != whole[:-1])] if len(whole) else whole


def _arrays(found: pa.Table) -> Rows:
    rows = {name: found[name].to_numpy() for name in found.column_names}
    rows = {name: column.astype(np.int64, copy=False) for name, column in rows.items()}
    return rows if "bits" in rows else {**rows, "at_ms": np.zeros(len(rows["subject"]), np.int64)}
