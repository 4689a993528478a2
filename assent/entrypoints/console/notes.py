"""What can't wait: solutions that stand still, data owed after an end, safeguards that run out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import agreed, words
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy.contracts import Compiled, SafeguardKind
from assent.tenancy.contracts import ControllerInfo

__all__ = ["SAFEGUARDS", "Ending", "endings", "notes"]

SAFEGUARDS: Mapping[SafeguardKind, Any] = {
    SafeguardKind.ADEQUACY: _("a decision of the Commission that the country protects data enough"),
    SafeguardKind.DATA_PRIVACY_FRAMEWORK: _("the EU-US Data Privacy Framework"),
    SafeguardKind.STANDARD_CLAUSES: _("the Commission’s standard clauses"),
    SafeguardKind.BINDING_RULES: _("binding corporate rules"),
    SafeguardKind.PRIVACY_SHIELD: _("the Privacy Shield, which is void"),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """
    A recipient whose safeguard ends soon, or has.

    :param fallback: the safeguard the policy plans to use then; empty if it names none
    """

    name: str
    country: str
    last_day: date | None
    days: int
    lapsed: bool
    purposes: tuple[str, ...]
    safeguard: Any
    fallback: Any


def endings(compiled: Compiled, controller: ControllerInfo, *, at: datetime) -> list[Ending]:
    """Return them, the most urgent first."""
    found = []
    for one in lawfulness.ending_safeguards(controller=controller.id, at=at):
        who = compiled.policy.recipients[one.recipient]
        safe = who.safeguard
        found.append(
            Ending(
                name=who.name,
                country=who.country,
                last_day=one.last_day,
                days=one.days,
                lapsed=one.lapsed,
                purposes=tuple(words.purpose(compiled, purpose) for purpose in one.purposes),
                safeguard=SAFEGUARDS[safe.kind] if safe else "",
                fallback=SAFEGUARDS[safe.fallback] if safe and safe.fallback else "",
            )
        )
    return found


def notes(compiled: Compiled, controller: ControllerInfo, *, at: datetime) -> dict[str, Any]:
    """Return all of it, for a page."""
    lines = agreed.lines(controller, compiled, at=at)
    return {
        "still": [line.title for line in lines if line.holds is None],
        "late": [(info, title) for info, title, late in agreed.owed(controller, compiled, at=at) if late],
        "endings": endings(compiled, controller, at=at),
    }
