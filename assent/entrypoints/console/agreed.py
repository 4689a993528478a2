"""Where a brand's agreements stand, in words and colours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext_lazy as _

from assent.entrypoints.console import words
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy.contracts import Compiled
from assent.privacy.retention.contracts import ClosingState
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo, AgreementRefused, AgreementState, ControllerInfo

__all__ = ["CLOSING", "STATES", "Line", "hindrance", "lines", "owed", "today"]

STATES: Mapping[AgreementState, tuple[Any, str]] = {
    AgreementState.OFFERED: (_("Waiting for acceptance"), "waiting"),
    AgreementState.WITHDRAWN: (_("Replaced before acceptance"), "plain"),
    AgreementState.TO_COME: (_("Begins later"), "waiting"),
    AgreementState.IN_FORCE: (_("In force"), "permitted"),
    AgreementState.SUPERSEDED: (_("Superseded"), "plain"),
    AgreementState.ENDED: (_("Ended"), "refused"),
    AgreementState.OVERDUE: (_("Deadline passed"), "refused"),
    AgreementState.SETTLED: (_("Ended and settled"), "plain"),
}
CLOSING: Mapping[ClosingState, tuple[Any, str]] = {
    ClosingState.PACKING: (_("Being packed for you to fetch"), "waiting"),
    ClosingState.READY: (_("Ready for you to fetch"), "waiting"),
    ClosingState.TELLING: (_("Recipients are being told"), "waiting"),
    ClosingState.DELETING: (_("Being deleted"), "waiting"),
    ClosingState.DONE: (_("Deleted"), "permitted"),
}
NONE_YET = (_("None yet"), "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """
    One solution, and where its agreement stands.

    :param holds: the version in force
    :param newest: the latest version, whatever became of it
    :param waits: the latest version waits for acceptance
    :param behind: the policy has moved on since the latest version was drawn up
    :param refused: purposes nothing is done for now
    """

    solution: str
    title: str
    joint: bool
    word: Any
    meaning: str
    holds: AgreementInfo | None
    newest: AgreementInfo | None
    waits: bool
    behind: bool
    purposes: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def can_draw_up(self) -> bool:
        """Whether a new version would be of use: there is none to accept or end, or its words are behind."""
        return self.behind or not (self.waits or self.holds)


def today(controller: ControllerInfo, at: datetime) -> date:
    """Return the day, where the controller is."""
    return at.astimezone(ZoneInfo(controller.time_zone)).date()


def hindrance(refused: AgreementRefused) -> str:
    """Say in the reader's language why something could not be done."""
    return refused.hindrance.sentence((get_language() or "en")[:2])


def lines(controller: ControllerInfo, compiled: Compiled, *, at: datetime) -> list[Line]:
    """Return the solutions of a policy that need an agreement, as they stand."""
    known = tenancy.agreements(controller=controller.id)
    missing = lawfulness.unagreed(controller=controller.id, purposes=compiled.policy.purposes, at=at)
    day, found = today(controller, at), []
    for key, said in compiled.policy.solutions.items():
        if said.agreement == "none":
            continue
        mine = {info: tenancy.standing(info, at=at, today=day) for info in known if info.solution == key}
        fitting = {info: state for info, state in mine.items() if info.kind == said.agreement}
        holds = next((info for info, state in fitting.items() if state is AgreementState.IN_FORCE), None)
        newest = next(iter(fitting), None)
        word, meaning = STATES[AgreementState.IN_FORCE] if holds else STATES[fitting[newest]] if newest else NONE_YET
        found.append(
            Line(
                solution=key,
                title=words.local(said.title),
                joint=said.agreement == "joint",
                word=word,
                meaning=meaning,
                holds=holds,
                newest=newest,
                waits=newest is not None and fitting[newest] is AgreementState.OFFERED,
                behind=newest is not None and newest.policy_digest != compiled.digest,
                purposes=tuple(words.purpose(compiled, purpose) for purpose in said.purposes),
                refused=tuple(words.purpose(compiled, purpose) for purpose in said.purposes if purpose in missing),
            )
        )
    return found


def owed(controller: ControllerInfo, compiled: Compiled, *, at: datetime) -> list[tuple[AgreementInfo, str, bool]]:
    """Return ended agreements whose data are still to be returned or deleted, about what, and whether the day has passed."""
    day = today(controller, at)
    states = [(info, tenancy.standing(info, at=at, today=day)) for info in tenancy.agreements(controller=controller.id)]
    late = {AgreementState.ENDED: False, AgreementState.OVERDUE: True}
    titles = {key: words.local(said.title) for key, said in compiled.policy.solutions.items()}
    return [(info, titles.get(info.solution, info.solution), late[state]) for info, state in states if state in late]
