"""The one word that both kinds of checks speak in."""

from typing import NamedTuple

from assent.privacy.policy.contracts import Severity

__all__ = ["Fault", "Path"]

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """Something wrong at a path of the policy, with its cure and, where a law says so, its clause."""

    path: Path
    message: str
    cure: str
    code: str
    clause: str = ""
    severity: Severity = Severity.ERROR
