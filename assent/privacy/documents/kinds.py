"""Which documents there are, who writes each, and for which policies. The only such list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assent.privacy.documents.banner import banner_file
from assent.privacy.documents.changes import change_log
from assent.privacy.documents.contracts import Document, Edition, Kind
from assent.privacy.documents.cookies import cookie_policy
from assent.privacy.documents.notice import privacy_notice
from assent.privacy.documents.retention import retention_schedule
from assent.privacy.documents.wording import consent_wording
from assent.privacy.policy.contracts import Policy

__all__ = ["FILES", "KINDS", "Written"]


class Builder(Protocol):
    """Writes one document in one language. Pure: the same edition gives the same document."""

    def __call__(self, edition: Edition, language: str, /) -> Document:
        """Return the document."""
        ...


class SolutionBuilder(Protocol):
    """Writes one document about one solution in use."""

    def __call__(self, edition: Edition, language: str, solution: str, /) -> Document:
        """Return the document."""
        ...


def none(_policy: Policy) -> Sequence[str]:
    """Return no solutions: the document is about the policy as a whole."""
    return ()


@dataclass(frozen=True, slots=True)
class Written:
    """
    A kind of document and who writes it: one for the policy, or one for each of some solutions.

    :param solutions: the solutions a policy needs it for
    """

    build: Builder | None = None
    build_for: SolutionBuilder | None = None
    solutions: Callable[[Policy], Sequence[str]] = none


KINDS: Mapping[Kind, Written] = {
    Kind.PRIVACY_NOTICE: Written(privacy_notice),
    Kind.COOKIE_POLICY: Written(cookie_policy),
    Kind.CONSENT_WORDING: Written(consent_wording),
    Kind.RETENTION_SCHEDULE: Written(retention_schedule),
    Kind.CHANGE_LOG: Written(change_log),
}

FILES: tuple[Callable[[Edition], Mapping[str, bytes]], ...] = (banner_file,)
"""What is no document but a file all the same: path → content."""
