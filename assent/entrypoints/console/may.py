"""What may be done with a person, as one line each: purpose, channel, a word, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import reasons, words
from assent.privacy.consent.contracts import ANY
from assent.privacy.lawfulness.contracts import Answer, ExplainedRow, Why
from assent.privacy.policy.contracts import Basis, Compiled

__all__ = ["Line", "lines"]

SHORT: Mapping[Why, tuple[Any, str]] = {
    Why.NO_CONSENT: (_("Never asked"), "refused"),
    Why.NO_PRIOR_CONSENT: (_("Never asked"), "refused"),
    Why.NO_EXPLICIT_CONSENT: (_("Not explicit"), "refused"),
    Why.WITHDRAWN: (_("Said no"), "refused"),
    Why.OBJECTED: (_("Objected"), "refused"),
    Why.UNSUBSCRIBED: (_("Unsubscribed"), "refused"),
    Why.ADDRESS_STOPPED: (_("Address gone"), "refused"),
    Why.EXPIRED: (_("Expired"), "waiting"),
    Why.NOT_YET: (_("Not yet"), "waiting"),
    Why.RESTRICTED: (_("Restricted"), "held"),
    Why.LEGAL_STOP: (_("Legal stop"), "held"),
    Why.ERASING: (_("Being erased"), "held"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One purpose on one channel."""

    purpose: str
    title: str
    channel: str
    word: Any
    meaning: str
    because: str
    clause: str
    withdraw_from: str
    """the channel a withdrawal would be for; empty if there is nothing to withdraw"""


def lines(rows: list[ExplainedRow], policy: Compiled | None) -> list[Line]:
    """Return what may be done, what people can choose first."""
    if policy is None:
        return []
    purposes = policy.policy.purposes
    found = sorted(rows, key=lambda row: (not purposes[row.purpose].direct_marketing, row.basis is not Basis.CONSENT))
    return [_line(row, policy) for row in found]


def _line(row: ExplainedRow, policy: Compiled) -> Line:
    verdict = row.use
    if verdict.yes:
        word, meaning, because = _("Yes"), "permitted", words.BASES[row.basis]
    else:
        word, meaning = SHORT.get(verdict.why, (_("Not declared") if verdict.answer is Answer.GAP else _("No"), "held"))
        because = reasons.reason(verdict.why)
    withdraw_from = ""
    if row.basis is Basis.CONSENT and row.choice == "given":
        withdraw_from = row.channel if policy.policy.purposes[row.purpose].per_channel_choice else ANY
    return Line(
        purpose=row.purpose,
        title=words.purpose(policy, row.purpose),
        channel="" if row.channel == ANY else str(words.CHANNELS[row.channel]),
        word=word,
        meaning=meaning,
        because=str(because),
        clause=words.clause(verdict.clause),
        withdraw_from=withdraw_from,
    )
