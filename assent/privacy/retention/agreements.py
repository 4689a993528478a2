"""Which purposes ended with an agreement (art. 28(3)(g)): what follows from it is worked out with every other end."""

from collections.abc import Sequence
from datetime import datetime

from assent.foundation import scope
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy.contracts import Basis, Compiled, Policy
from assent.privacy.retention import models
from assent.privacy.retention.contracts import ClosingState

__all__ = ["closed", "ending_with"]

OVER = [ClosingState.TELLING.value, ClosingState.DELETING.value, ClosingState.DONE.value]


def closed(*, controller: int, compiled: Compiled, at: datetime) -> dict[str, int]:
    """
    Return the purposes that ended with an agreement, with the millisecond it ended.

    Data that are to be returned end only when they are ready to be fetched. An agreement that holds again brings them back.
    """
    with scope.controller(controller):
        rows = list(models.Closing.objects.filter(state__in=OVER).values_list("purposes", "until_ms"))
    found = {key: until for purposes, until in rows for key in purposes if key in compiled.policy.purposes}
    if not found:
        return {}
    refused = lawfulness.unagreed(controller=controller, purposes=list(found), at=at)
    return {key: until for key, until in found.items() if key in refused}


def ending_with(found: Policy, solution: str, refused: Sequence[str]) -> tuple[list[str], list[str]]:
    """
    Return the purposes of a solution that nothing else carries: what is given back, and what of it ends.

    What a law obliges to keep is given back too, and stays until its own day: art. 28(3)(g) excepts it, and so does whoever
    is still owed an answer.

    :param refused: purposes that no agreement carries now
    """
    given = [key for key in (found.solutions[solution].purposes if solution in found.solutions else ()) if key in refused]
    return given, [key for key in given if found.purposes[key].basis is not Basis.LEGAL_OBLIGATION]
