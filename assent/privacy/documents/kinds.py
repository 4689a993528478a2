"""Which documents there are, who writes each, and for which policies. The only such list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assent.privacy.documents.agreement import processed_solutions, processing_agreement
from assent.privacy.documents.arrangement import arrangement_essence, joint_arrangement, joint_solutions
from assent.privacy.documents.banner import banner_file
from assent.privacy.documents.changes import change_log
from assent.privacy.documents.contracts import Document, Edition, Kind
from assent.privacy.documents.cookies import cookie_policy
from assent.privacy.documents.files import assessment_files, record_files, record_workbooks
from assent.privacy.documents.impact import impact_assessment
from assent.privacy.documents.notice import privacy_notice
from assent.privacy.documents.record import record_controller, record_processor
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


def always(_policy: Policy) -> bool:
    """Say that every policy needs it."""
    return True


def has_platform(policy: Policy) -> bool:
    """Say whether somebody operates the software for the controller."""
    return policy.platform is not None


@dataclass(frozen=True, slots=True)
class Written:
    """
    A kind of document and who writes it: one for the policy, or one for each of some solutions.

    :param solutions: the solutions a policy needs it for
    :param needed: whether a policy needs it at all
    """

    build: Builder | None = None
    build_for: SolutionBuilder | None = None
    solutions: Callable[[Policy], Sequence[str]] = none
    needed: Callable[[Policy], bool] = always


KINDS: Mapping[Kind, Written] = {
    Kind.PRIVACY_NOTICE: Written(privacy_notice),
    Kind.COOKIE_POLICY: Written(cookie_policy),
    Kind.CONSENT_WORDING: Written(consent_wording),
    Kind.RETENTION_SCHEDULE: Written(retention_schedule),
    Kind.CHANGE_LOG: Written(change_log),
    Kind.RECORD_CONTROLLER: Written(record_controller),
    Kind.RECORD_PROCESSOR: Written(record_processor, needed=has_platform),
    Kind.PROCESSING_AGREEMENT: Written(build_for=processing_agreement, solutions=processed_solutions),
    Kind.JOINT_ARRANGEMENT: Written(build_for=joint_arrangement, solutions=joint_solutions),
    Kind.ARRANGEMENT_ESSENCE: Written(build_for=arrangement_essence, solutions=joint_solutions),
    Kind.IMPACT_ASSESSMENT: Written(impact_assessment),
}

FILES: tuple[Callable[[Edition], Mapping[str, bytes]], ...] = (
    banner_file,
    record_files,
    record_workbooks,
    assessment_files,
)
"""What is no document but a file all the same: path → content."""
