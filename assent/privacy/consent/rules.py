"""
Which of several choices stands. Pure: the same answer for one person and for a million.

The later choice stands; at a tie the no, then the one that is less (not explicit, ending earlier). A choice for ``any``
channel speaks for each of them. A question that names no channel is about the purpose as such, and a person who said yes
to one channel of it has said yes to the purpose.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from assent.foundation.canonical import dumps
from assent.foundation.crypto import digest
from assent.privacy.consent.contracts import ANY, BadChoice, Choice, ChoiceInput, Method
from assent.privacy.policy.contracts import CHANNEL_CODES, Basis, Compiled, Purpose, Span

__all__ = ["NEVER_MS", "OVERRULES", "UNKNOWN_VERSION", "Facts", "Rows", "effective", "expire", "outdate", "prepare", "rank"]

NEVER_MS = 0
"""Written where a consent has no end."""
UNKNOWN_VERSION = 0

# Choices that nobody has checked yet; where the policy asks for a double opt-in, only the confirmation counts.
UNCONFIRMED = {Method.WEB_FORM, Method.BANNER, Method.API, Method.EVENT, Method.ONE_CLICK}
# What rests on these goes on whatever a person says, so asking for a yes would be a false choice (EDPB 05/2020, 121).
NOTHING_TO_CHOOSE = {Basis.CONTRACT, Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS}
DIGEST_LETTERS = 64
LATEST_MS = (1 << 62) - 1

CODE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

Rows = dict[str, npt.NDArray[np.int64]]

_RANK = (
    "{0}.at_ms, {0}.choice, 1 - {0}.explicit, -(CASE WHEN {0}.expires_ms = 0 THEN 4611686018427387903 ELSE {0}.expires_ms END)"
)
OVERRULES = f"({_RANK.format('excluded')}) > ({_RANK.format('{table}')})"
"""The rule as SQL, for an engine that must decide it inside one statement. A test holds it against :func:`rank`."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A choice with everything it stands on, ready to be written down."""

    choice: ChoiceInput
    source: str
    at_ms: int
    explicit: bool
    expires_ms: int
    purpose_code: int
    channel_code: int
    version: int
    policy_digest: str
    purpose_digest: str
    text_digest: str
    notice_digest: str


def rank(*, at_ms: int, choice: int, explicit: int, expires_ms: int) -> tuple[int, int, int, int]:
    """Return what decides between two choices of the same person, purpose and channel: the higher one stands."""
    return (at_ms, choice, 1 - explicit, -(LATEST_MS if expires_ms == NEVER_MS else expires_ms))


def expire(rows: Rows, *, at_ms: int) -> Rows:
    """Turn consents that have ended by ``at_ms`` into expired ones; the end itself is already over."""
    ended = (rows["choice"] == Choice.GIVEN) & (rows["expires_ms"] != NEVER_MS) & (rows["expires_ms"] <= at_ms)
    return {**rows, "choice": np.where(ended, Choice.EXPIRED, rows["choice"])}


def outdate(rows: Rows, *, versions: Collection[int]) -> Rows:
    """
    Turn consents of one purpose into outdated ones where they were given under one of these versions of the policy.

    A consent whose version nobody knows is outdated as soon as any is: unknown means no.
    """
    if not versions:
        return rows
    old = (rows["choice"] == Choice.GIVEN) & np.isin(rows["version"], [UNKNOWN_VERSION, *versions])
    return {**rows, "choice": np.where(old, Choice.OUTDATED, rows["choice"])}


def effective(rows: Rows, *, channel: int) -> Rows:
    """
    Return one row per subject, sorted by subject: what holds for a channel of one purpose.

    :param rows: arrays ``subject, channel, choice, explicit, at_ms`` of one purpose, already through :func:`expire` and
        :func:`outdate`
    :param channel: code of the channel asked about; 0 for the purpose as such
    """
    if channel != CHANNEL_CODES[ANY]:
        spoken = _pick(rows, (rows["channel"] == CHANNEL_CODES[ANY]) | (rows["channel"] == channel))
        return _last(spoken, _order(spoken))
    general = _pick(rows, rows["channel"] == CHANNEL_CODES[ANY])
    if len(general["subject"]) < len(rows["subject"]):
        rows = _pick(rows, ~_spoken_over(rows, general))
    # A yes that still stands on some channel is a yes to the purpose; of several the latest.
    return _last(rows, (rows["choice"] == Choice.GIVEN, *_order(rows)))


def _pick(rows: Rows, which: npt.NDArray[np.bool_]) -> Rows:
    return rows if which.all() else {name: column[which] for name, column in rows.items()}


def _order(rows: Rows) -> tuple[npt.NDArray[np.int64], ...]:
    over = (rows["choice"] == Choice.EXPIRED) | (rows["choice"] == Choice.OUTDATED)
    no = (rows["choice"] == Choice.WITHDRAWN) * 2 + over
    return (rows["at_ms"], no, 1 - rows["explicit"])


def _last(rows: Rows, order: tuple[npt.NDArray[np.int64] | npt.NDArray[np.bool_], ...]) -> Rows:
    """Keep, of each subject, the row that comes last in ``order`` (most weighty key first)."""
    subjects = rows["subject"]
    if len(subjects) < 2 or bool((subjects[:-1] < subjects[1:]).all()):
        return rows
    sorting = np.lexsort((*reversed(order), subjects))
    ordered = subjects[sorting]
    last = np.append(ordered[:-1] != ordered[1:], True)
    return {name: column[sorting[last]] for name, column in rows.items()}


def _spoken_over(rows: Rows, general: Rows) -> npt.NDArray[np.bool_]:
    """Tell which rows of single channels a later choice for all channels has overruled."""
    if not len(general["subject"]):
        return np.zeros(len(rows["subject"]), np.bool_)
    sorting = np.argsort(general["subject"])
    place = np.minimum(np.searchsorted(general["subject"][sorting], rows["subject"]), len(sorting) - 1)
    same = general["subject"][sorting][place] == rows["subject"]
    over = np.zeros(len(rows["subject"]), np.bool_)
    equal = np.ones(len(rows["subject"]), np.bool_)
    for mine, theirs in zip(_order(rows), _order({name: c[sorting][place] for name, c in general.items()}), strict=True):
        over |= equal & (theirs > mine)
        equal &= theirs == mine
    overruled: npt.NDArray[np.bool_] = same & over & (rows["channel"] != CHANNEL_CODES[ANY])
    return overruled


def prepare(choice: ChoiceInput, *, at: datetime, policy: Compiled) -> Facts:
    """
    Return everything a choice stands on at this moment.

    :raises BadChoice: if it can't be written down; the message says why and how to mend it
    """
    if why := _fault(choice, policy=policy):
        raise BadChoice(why)
    given = choice.choice is Choice.GIVEN
    return Facts(
        choice=choice,
        source=choice.source if CODE.fullmatch(choice.source) else "unnamed",
        at_ms=int(at.timestamp() * 1000),
        explicit=given and (choice.explicit or choice.method is Method.DOUBLE_OPT_IN),
        expires_ms=_ends_ms(choice, at=at, policy=policy) if given else NEVER_MS,
        purpose_code=policy.purpose_codes[choice.purpose],
        channel_code=CHANNEL_CODES[choice.channel],
        version=policy.number,
        policy_digest=policy.digest,
        purpose_digest=policy.purpose_digests.get(choice.purpose, ""),
        text_digest=_agreed_to(choice, policy=policy) if given else "",
        notice_digest=_text_digest(choice.notice, language=choice.language, policy=policy) if choice.notice else "",
    )


def _fault(choice: ChoiceInput, *, policy: Compiled) -> str:
    # A no is never refused for its form: it needs a purpose the controller once had and a channel, and nothing else.
    purposes = policy.policy.purposes
    if choice.channel not in CHANNEL_CODES:
        return f"channel {choice.channel[:20]!r} is unknown: use one of {', '.join(CHANNEL_CODES)}"
    if choice.purpose not in policy.purpose_codes:
        return f"purpose {choice.purpose[:63]!r} is not in the policy: use one of {', '.join(purposes)}"
    if choice.choice not in {Choice.GIVEN, Choice.WITHDRAWN}:
        return "a choice is given or withdrawn; nothing else can be written down"
    if choice.choice is Choice.WITHDRAWN:
        return ""
    if choice.purpose not in purposes:
        return f"purpose {choice.purpose!r} is no longer in the policy, so nobody can agree to it"
    return _fault_of_yes(choice, purposes[choice.purpose], languages=policy.policy.controller.languages)


def _fault_of_yes(choice: ChoiceInput, purpose: Purpose, *, languages: tuple[str, ...]) -> str:
    channels = ", ".join(purpose.channels)
    nothing_to_choose = purpose.basis in NOTHING_TO_CHOOSE and not (purpose.special_condition or purpose.direct_marketing)
    not_its_channel = choice.channel != ANY and purpose.channels and choice.channel not in purpose.channels
    unconfirmed = purpose.double_opt_in and choice.method in UNCONFIRMED
    faults = (
        (not CODE.fullmatch(choice.source), "source must be a code of letters, digits and . _ : / - like `checkout`"),
        (nothing_to_choose, f"purpose {choice.purpose!r} rests on {purpose.basis.value}: there is nothing to consent to"),
        (not_its_channel, f"purpose {choice.purpose!r} has no channel {choice.channel!r}: use one of {channels}"),
        (
            choice.channel == ANY and purpose.per_channel_choice,
            f"{choice.purpose!r} is chosen per channel: name one of {channels}",
        ),
        (unconfirmed, f"purpose {choice.purpose!r} asks for a double opt-in: write it down once confirmed, as double_opt_in"),
        (
            choice.language and choice.language not in languages,
            f"the policy has no language {choice.language[:8]!r}: use one of {', '.join(languages)}",
        ),
    )
    return next((why for wrong, why in faults if wrong), "")


def _agreed_to(choice: ChoiceInput, *, policy: Compiled) -> str:
    if choice.wording:
        return _text_digest(choice.wording, language=choice.language, policy=policy)
    if choice.method is Method.BANNER and policy.policy.banner is not None:
        return digest(dumps(policy.policy.banner.model_dump(mode="json")))
    message = f"no wording: name the text the person agreed to for purpose {choice.purpose!r} (art. 7(1) asks for proof)"
    raise BadChoice(message)


def _text_digest(word: str, *, language: str, policy: Compiled) -> str:
    digests = policy.text_digests
    if len(word) == DIGEST_LETTERS and word in digests.values():
        return word
    found = digests.get((word, language or policy.policy.controller.languages[0]))
    if found is None:
        keys = ", ".join(sorted({key for key, _ in digests}))
        message = f"the policy has no text {word[:64]!r} in {language or 'its first language'}: use one of {keys}"
        raise BadChoice(message)
    return found


def _ends_ms(choice: ChoiceInput, *, at: datetime, policy: Compiled) -> int:
    lasts = policy.policy.purposes[choice.purpose].consent_expires
    return int(Span.read(lasts).after(at).timestamp() * 1000) if lasts else NEVER_MS
