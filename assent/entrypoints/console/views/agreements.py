"""Agreements: under what the platform works for the brand, solution by solution, and what it refuses without."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from assent.entrypoints.console import words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.foundation import clock
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo, AgreementState, Permission

__all__ = ["STATES", "overview"]

STATES: dict[AgreementState, tuple[Any, str]] = {
    AgreementState.OFFERED: (_("Waiting for acceptance"), "waiting"),
    AgreementState.WITHDRAWN: (_("Replaced before acceptance"), "plain"),
    AgreementState.TO_COME: (_("Begins later"), "waiting"),
    AgreementState.IN_FORCE: (_("In force"), "permitted"),
    AgreementState.SUPERSEDED: (_("Superseded"), "plain"),
    AgreementState.ENDED: (_("Ended"), "refused"),
    AgreementState.OVERDUE: (_("Deadline passed"), "refused"),
    AgreementState.SETTLED: (_("Ended and settled"), "plain"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One solution, and where its agreement stands."""

    solution: str
    title: str
    joint: bool
    word: Any
    meaning: str
    holds: AgreementInfo | None
    newest: AgreementInfo | None
    waits: bool
    """a later version waits for acceptance"""
    behind: bool
    """the policy has moved on since the version in force, or since the one that waits, was drawn up"""
    purposes: tuple[str, ...]
    refused: tuple[str, ...]
    """purposes nothing is done for now"""


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show every solution that needs an agreement."""
    try:
        compiled = policy.current(controller=request.desk.controller.id)
    except NoPolicy:
        return show(request, "console/agreements.html", {"no_policy": True})
    return show(request, "console/agreements.html", {"lines": lines(request.desk, compiled, at=clock.now())})


def lines(at_desk: Desk, compiled: Compiled, *, at: datetime) -> list[Line]:
    """Return the solutions of a policy that need an agreement, as they stand."""
    here = at_desk.controller.id
    known = tenancy.agreements(controller=here)
    needed = {key: said for key, said in compiled.policy.solutions.items() if said.agreement != "none"}
    missing = lawfulness.unagreed(controller=here, purposes=compiled.policy.purposes, at=at)
    today = at.astimezone(ZoneInfo(compiled.policy.controller.time_zone)).date()
    found = []
    for key, said in needed.items():
        mine = [info for info in known if info.solution == key and info.kind == said.agreement]
        states = [tenancy.standing(info, at=at, today=today) for info in mine]
        holds = next((info for info, state in zip(mine, states, strict=True) if state is AgreementState.IN_FORCE), None)
        word, meaning = (_("In force"), "permitted") if holds else STATES[states[0]] if mine else (_("None yet"), "refused")
        found.append(
            Line(
                solution=key,
                title=words.local(said.title),
                joint=said.agreement == "joint",
                word=word,
                meaning=meaning,
                holds=holds,
                newest=mine[0] if mine else None,
                waits=bool(mine) and states[0] is AgreementState.OFFERED,
                behind=bool(mine) and mine[0].policy_digest != compiled.digest,
                purposes=tuple(words.purpose(compiled, purpose) for purpose in said.purposes),
                refused=tuple(words.purpose(compiled, purpose) for purpose in said.purposes if purpose in missing),
            )
        )
    return found
