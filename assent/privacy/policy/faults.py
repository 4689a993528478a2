"""The one word that all checks speak in."""

from typing import NamedTuple

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Severity

__all__ = ["Fault", "Path"]

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """Something wrong at a path of the policy, with its cure and, where a law says so, its clause."""

    path: Path
    message: str
    cure: str
    code: Code
    clause: str = ""
    severity: Severity = Severity.ERROR
    rests_on: tuple[Path, ...] = ()
    """other parts this stands on, ``*`` for any key: where one of them is missing or wrong, nothing is said"""
