"""
The decision. Everything it needs is an argument: no clock, no database, no settings.

What the policy says is settled first (:func:`frame`), what the person said is packed into eleven bits (:func:`assemble`),
and :func:`decide` answers for one state. Run over all 2,048 it becomes a table, and a million answers are a look-up.

The order of the reasons is the order of the law: what ends everything (erasure), what freezes it (a legal stop,
restriction), the person's own no (objection, opt-out), whether a basis carries it, and last whether a person whose data came
from elsewhere may be approached before they know it (art. 14).
"""

from collections.abc import Collection
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from assent.privacy.consent.contracts import Choice
from assent.privacy.lawfulness.contracts import ANY, NOBODY_ELSE, Answer, Codes, EndingSafeguard, Verdict, Why, code_of
from assent.privacy.lawfulness.facts import Ask, State
from assent.privacy.policy.contracts import (
    CHANNEL_CODES,
    EEA,
    Basis,
    Operation,
    Policy,
    Purpose,
    Recipient,
    SafeguardKind,
    SpecialCondition,
)
from assent.privacy.suppression.contracts import BITS, Kind

__all__ = ["STATES", "Agreed", "assemble", "decide", "ending_safeguards", "frame", "table", "tabulate", "unagreed"]

STATES = 2048

# A person's no ends these (arts. 7(3), 21(1); ePrivacy 13(2)). A contract, a legal duty and a life at stake go on.
OPEN_TO_A_NO = {Basis.CONSENT, Basis.SOFT_OPT_IN, Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK}
AGREED = {Basis.CONSENT, Basis.SOFT_OPT_IN}

# "Electronic mail" (ePrivacy art. 2(h)) is text, voice or image kept until fetched: e-mail and text messages.
ELECTRONIC_MAIL = {"email", "sms"}

# Over these somebody is approached; on a site it is they who come.
APPROACHES = {"email", "sms", "push", "phone", "post"}

Agreed = Collection[tuple[str, str]]
"""Solutions with an agreement in force, each with its kind: ``processing`` or ``joint``."""

Ints = npt.NDArray[np.int64]
Rows = dict[str, Ints]


def decide(ask: Ask, state: int) -> Verdict:
    """Say yes or no, and always why."""
    if ask.fault is not None:
        return _refuse(ask.fault)
    if ask.basis is None:
        return _refuse(Why.UNDECLARED_PURPOSE)
    return _stopped(ask, ask.basis, state) or _not_carried(ask, ask.basis, state) or _not_told(ask, state) or _allow(ask.basis)


def _stopped(ask: Ask, basis: Basis, state: int) -> Verdict | None:
    """A stop beats every basis, within what the law lets it stop."""
    using = ask.operation is not Operation.STORE
    open_to_a_no = ask.direct_marketing or basis in OPEN_TO_A_NO
    # An opt-out takes agreement back. It ends messages, not the keeping of what another basis or channel still needs.
    agreed = ask.direct_marketing or basis in AGREED
    stops = (
        (State.ERASING, True, Why.ERASING),
        (State.LEGAL_STOP, using, Why.LEGAL_STOP),
        (State.RESTRICTED, using and not ask.despite_restriction, Why.RESTRICTED),
        (State.OBJECTED, open_to_a_no, Why.OBJECTED),
        (State.ADDRESS_STOPPED, using, Why.ADDRESS_STOPPED),
        (State.UNSUBSCRIBED, using and agreed, Why.UNSUBSCRIBED),
    )
    return next((_refuse(why) for bit, applies, why in stops if applies and state & bit), None)


def _not_carried(ask: Ask, basis: Basis, state: int) -> Verdict | None:
    """Say why the basis does not carry it, if it does not."""
    choice = state & State.CHOICE
    given, by_consent = choice == Choice.GIVEN, basis is Basis.CONSENT
    faults = (
        (choice == Choice.WITHDRAWN and (ask.direct_marketing or basis in OPEN_TO_A_NO), Why.WITHDRAWN),
        (by_consent and choice == Choice.EXPIRED, Why.EXPIRED),
        (by_consent and choice == Choice.OUTDATED, Why.CONSENT_OUTDATED),
        # Also for a number that is no choice at all: memory nobody has written to allows nothing.
        (by_consent and not given, Why.NO_CONSENT),
        # No other basis of the GDPR replaces the prior consent that ePrivacy asks for.
        (ask.advertises and basis not in AGREED and not given, Why.NO_PRIOR_CONSENT),
        (ask.needs_explicit_consent and not (given and state & State.EXPLICIT), Why.NO_EXPLICIT_CONSENT),
    )
    return next((_refuse(why) for applies, why in faults if applies), None)


def _not_told(ask: Ask, state: int) -> Verdict | None:
    """Say what the person has to know first, if they do not: a basis would carry it."""
    return _refuse(ask.untold) if ask.untold is not None and state & State.UNTOLD else None


def _refuse(why: Why) -> Verdict:
    return Verdict(why.answer, why, why.clause)


def _allow(basis: Basis) -> Verdict:
    return Verdict(Answer.YES, Why.ALLOWED, basis.clause, basis)


@lru_cache(maxsize=4096)
def table(ask: Ask) -> Codes:
    """Return the code of the verdict for every state. Asks that are equal share one, whatever policy they come from."""
    codes = np.fromiter((code_of(decide(ask, state)) for state in range(STATES)), np.uint8, STATES)
    codes.setflags(write=False)
    return codes


def tabulate(policy: Policy, *, today: date, agreed: Agreed) -> dict[tuple[str, Operation, str], Codes]:
    """Return the tables of a policy: purpose, operation, channel → 2,048 codes, about all the data the purpose declares."""
    return {
        (key, operation, channel): table(
            frame(
                policy,
                purpose=key,
                operation=operation,
                channel=channel,
                data=frozenset(),
                today=today,
                agreed=agreed,
                recipient=None,
            )
        )
        for key in policy.purposes
        for operation in Operation
        for channel in CHANNEL_CODES
    }


def frame(
    policy: Policy,
    *,
    purpose: str,
    operation: Operation,
    channel: str,
    data: frozenset[str],
    today: date,
    agreed: Agreed,
    recipient: str | None,
    feature: str = "",
) -> Ask:
    """
    Settle what the policy says about a question, whoever it is about.

    :param today: the day, where the controller is
    :param agreed: the agreements in force
    :param recipient: None leaves recipients out of the question
    """
    found = policy.purposes.get(purpose)
    if found is None:
        return Ask(operation, fault=Why.UNDECLARED_PURPOSE)
    special = any(policy.data[item].special for item in data or found.data if item in policy.data)
    fault = unagreed(policy, purpose, agreed) or _fault_of_purpose(found, operation, channel, data, today)
    if fault is None and special and found.special_condition is None:
        fault = Why.SPECIAL_WITHOUT_CONDITION
    if fault is None and recipient is not None:
        fault = _fault_of_recipient(policy, found, operation, recipient=recipient, feature=feature, today=today)
    if fault is not None:
        return Ask(operation, fault=fault)
    return Ask(
        operation,
        basis=found.basis,
        direct_marketing=found.direct_marketing,
        advertises=found.direct_marketing and operation is not Operation.STORE and channel in ELECTRONIC_MAIL,
        needs_explicit_consent=special and found.special_condition is SpecialCondition.EXPLICIT_CONSENT,
        despite_restriction=_despite_restriction(found),
        untold=_untold(found, operation, channel),
    )


def _despite_restriction(found: Purpose) -> bool:
    """
    Say whether a purpose goes on with restricted data: legal claims (art. 18(2)), and answering the person's own requests.

    Who restricts wants an answer, and has to be told before the restriction ends (art. 18(3)).
    """
    claims = "DisputeManagement" in found.dpv or found.special_condition is SpecialCondition.LEGAL_CLAIMS
    return claims or found.answers_people


def _untold(found: Purpose, operation: Operation, channel: str) -> Why | None:
    """
    Say what somebody has to know first whose data came from elsewhere.

    A first message says where they came from (art. 14(3)(b)), so it only needs a source that the purpose names; without a
    message nobody else gets the data before the person was told (art. 14(3)(c)). Claims, and answers to the person's own
    requests, wait for nothing.
    """
    if _despite_restriction(found) or operation is Operation.STORE:
        return None
    if channel in APPROACHES:
        return Why.SOURCE_NOT_NAMED
    return Why.SOURCE_NOT_TOLD if operation in {Operation.DISCLOSE, Operation.TRANSFER} else None


def unagreed(policy: Policy, purpose: str, agreed: Agreed) -> Why | None:
    """
    Say why the platform may not work for a purpose at all, if it may not (arts. 26, 28(3), 29).

    A purpose that several solutions serve is carried by any one of them: an agreement in force, or the controller's own use.
    """
    serving = {key: found.agreement for key, found in policy.solutions.items() if purpose in found.purposes}
    if not serving:
        return Why.NO_SOLUTION
    if any(kind == "none" or (key, kind) in agreed for key, kind in serving.items()):
        return None
    return Why.NO_PROCESSING_AGREEMENT if "processing" in serving.values() else Why.NO_JOINT_ARRANGEMENT


def _fault_of_purpose(found: Purpose, operation: Operation, channel: str, data: frozenset[str], today: date) -> Why | None:
    if operation not in found.operations:
        return Why.UNDECLARED_OPERATION
    if data - set(found.data):
        return Why.UNDECLARED_DATA
    if channel != ANY and channel not in found.channels:
        return Why.CHANNEL_NOT_DECLARED
    if found.starts_on is not None and today < found.starts_on:
        return Why.NOT_YET
    return None


def _fault_of_recipient(
    policy: Policy, found: Purpose, operation: Operation, *, recipient: str, feature: str, today: date
) -> Why | None:
    if recipient in {"", NOBODY_ELSE}:
        # Whoever discloses discloses to someone.
        return Why.UNDECLARED_RECIPIENT if operation in {Operation.DISCLOSE, Operation.TRANSFER} else None
    who = policy.recipients.get(recipient)
    if who is None or recipient not in found.recipients:
        return Why.UNDECLARED_RECIPIENT
    if who.instructions is not None and feature in who.instructions.excluded_features:
        return Why.EXCLUDED_FEATURE
    return None if _safeguarded(who, today) else Why.TRANSFER_WITHOUT_SAFEGUARD


def _safeguarded(who: Recipient, today: date) -> bool:
    """Whatever the operation is called, data that go to a third country are transferred (art. 44)."""
    if who.country in EEA:
        return True
    # Past its date a safeguard is unknown, and unknown means no. A fallback is a plan: it holds once a policy says so.
    safe = who.safeguard
    return safe is not None and safe.kind is not SafeguardKind.PRIVACY_SHIELD and today <= safe.valid_until


def ending_safeguards(policy: Policy, *, today: date, within: int) -> list[EndingSafeguard]:
    """Return recipients to whom nothing may be handed over now or after ``within`` days, the most urgent first."""
    found = []
    for key, who in policy.recipients.items():
        if who.country in EEA:
            continue
        holds = who.safeguard is not None and who.safeguard.kind is not SafeguardKind.PRIVACY_SHIELD
        last_day = who.safeguard.valid_until if who.safeguard is not None and holds else None
        days = (last_day - today).days if last_day is not None else -1
        if days <= within:
            purposes = tuple(name for name, purpose in policy.purposes.items() if key in purpose.recipients)
            found.append(EndingSafeguard(key, last_day, days, purposes))
    return sorted(found, key=lambda one: one.days)


def assemble(subjects: Ints, *, choices: Rows, stops: Rows, leaving: Ints, untold: Ints | None = None) -> Ints:
    """
    Return the state of each subject.

    A person's own no is overtaken by an explicit consent they gave later for the same purpose; at a tie the no stands. A
    restriction is, too: what is restricted may be used with the person's consent (art. 18(2)).

    :param choices: ``subject, choice, explicit, at_ms``, one row per subject, sorted
    :param stops: ``subject, bits, objected_ms, restricted_ms, unsubscribed_ms``, one row per subject, sorted
    :param leaving: those being erased
    :param untold: those who have not been told where their data came from, as far as it matters for what is asked
    """
    choice, explicit, chosen_ms = _spread(subjects, choices, ("choice", "explicit", "at_ms"))
    names = ("bits", "objected_ms", "restricted_ms", "unsubscribed_ms")
    bits, objected_ms, restricted_ms, unsubscribed_ms = _spread(subjects, stops, names)
    agreed_ms = np.where((choice == Choice.GIVEN) & (explicit != 0), chosen_ms, 0)
    own_no = BITS[Kind.UNSUBSCRIBE] | BITS[Kind.COMPLAINT]
    state: Ints = choice | np.where(explicit != 0, State.EXPLICIT, 0)
    state |= np.where((bits & BITS[Kind.OBJECTION] != 0) & (agreed_ms <= objected_ms), State.OBJECTED, 0)
    state |= np.where((bits & own_no != 0) & (agreed_ms <= unsubscribed_ms), State.UNSUBSCRIBED, 0)
    state |= np.where((bits & BITS[Kind.RESTRICTION] != 0) & (agreed_ms <= restricted_ms), State.RESTRICTED, 0)
    state |= np.where(bits & BITS[Kind.BOUNCE] != 0, State.ADDRESS_STOPPED, 0)
    state |= np.where(bits & BITS[Kind.LEGAL_STOP] != 0, State.LEGAL_STOP, 0)
    if len(leaving):
        state |= np.where(np.isin(subjects, leaving), State.ERASING, 0)
    if untold is not None and len(untold):
        state |= np.where(np.isin(subjects, untold), State.UNTOLD, 0)
    return state


def _spread(subjects: Ints, rows: Rows, names: tuple[str, ...]) -> list[Ints]:
    """Return columns of ``rows`` aligned with ``subjects``, 0 where a subject has no row."""
    known = rows["subject"]
    if len(known) == len(subjects) and bool((known == subjects).all()):
        return [rows[name] for name in names]
    if not len(known):
        return [np.zeros(len(subjects), np.int64) for _ in names]
    place = np.minimum(np.searchsorted(known, subjects), len(known) - 1)
    same = known[place] == subjects
    return [np.where(same, rows[name][place], 0) for name in names]
