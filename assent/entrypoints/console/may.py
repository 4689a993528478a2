"""What may be done with a person, as one line each: purpose, channel, a word, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import reasons, words
from assent.pieces.clauses import clause
from assent.privacy.consent.contracts import ANY
from assent.privacy.lawfulness.contracts import Answer, ExplainedRow, Why
from assent.privacy.policy.contracts import Basis, Compiled

__all__ = ["Group", "Line", "groups"]

SHORT: Mapping[Why, tuple[Any, str]] = {
    Why.NO_CONSENT: (_("Never asked"), "refused"),
    Why.NO_PRIOR_CONSENT: (_("Never asked"), "refused"),
    Why.NO_EXPLICIT_CONSENT: (_("Not explicit"), "refused"),
    Why.WITHDRAWN: (_("Said no"), "refused"),
    Why.OBJECTED: (_("Objected"), "refused"),
    Why.UNSUBSCRIBED: (_("Unsubscribed"), "refused"),
    Why.ADDRESS_STOPPED: (_("Address gone"), "refused"),
    Why.EXPIRED: (_("Expired"), "waiting"),
    Why.CONSENT_OUTDATED: (_("Ask again"), "waiting"),
    Why.NOT_YET: (_("Not yet"), "waiting"),
    Why.SOURCE_NOT_NAMED: (_("To be told first"), "waiting"),
    Why.SOURCE_NOT_TOLD: (_("To be told first"), "waiting"),
    Why.RESTRICTED: (_("Restricted"), "held"),
    Why.LEGAL_STOP: (_("Legal stop"), "held"),
    Why.ERASING: (_("Being erased"), "held"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of a purpose."""

    channel: str
    word: Any
    meaning: str
    because: str
    withdraw_from: str
    """the channel a withdrawal would be for; empty if there is nothing to withdraw"""


@dataclass(frozen=True, slots=True)
class Group:
    """One purpose: its basis, and its channels."""

    purpose: str
    title: str
    basis: str
    lines: tuple[Line, ...]

    @property
    def reasons(self) -> list[str]:
        """Why, each reason once."""
        return list(dict.fromkeys(line.because for line in self.lines if line.because))


def groups(rows: list[ExplainedRow], policy: Compiled) -> list[Group]:
    """Return what may be done, what people can choose first."""
    purposes = policy.policy.purposes
    found = sorted(rows, key=lambda row: (not purposes[row.purpose].direct_marketing, row.basis is not Basis.CONSENT))
    by_purpose: dict[str, list[ExplainedRow]] = {}
    for row in found:
        by_purpose.setdefault(row.purpose, []).append(row)
    return [
        Group(
            key,
            words.purpose(policy, key),
            f"{words.BASES[mine[0].basis]}, {clause(mine[0].basis.clause)}",
            tuple(_line(row, policy) for row in mine),
        )
        for key, mine in by_purpose.items()
    ]


def _line(row: ExplainedRow, policy: Compiled) -> Line:
    verdict = row.use
    if verdict.yes:
        word, meaning, because = _("Yes"), "permitted", ""
    else:
        word, meaning = SHORT.get(verdict.why, (_("Not declared") if verdict.answer is Answer.GAP else _("No"), "held"))
        because = reasons.reason(verdict.why)
    withdraw_from = ""
    if row.basis is Basis.CONSENT and row.choice in {"given", "outdated"}:
        withdraw_from = row.channel if policy.policy.purposes[row.purpose].per_channel_choice else ANY
    return Line(
        channel="" if row.channel == ANY else str(words.CHANNELS[row.channel]),
        word=word,
        meaning=meaning,
        because=because,
        withdraw_from=withdraw_from,
    )
