"""Why an impact assessment may be due: nine criteria, and the declared leaf that meets each."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Criterion", "Findings", "Trigger", "Verdict"]


class Criterion(StrEnum):
    """The nine signs of a high risk (guidelines WP248 rev.01 of the data protection authorities, on GDPR art. 35)."""

    SCORING = "scoring"
    """people are rated, or their behaviour foretold"""
    DECISIONS = "decisions"
    """machines decide with legal or similar effect (art. 35(3)(a))"""
    MONITORING = "monitoring"
    """people are watched systematically (in public places: art. 35(3)(c))"""
    SENSITIVE = "sensitive"
    """special data, or data as personal as where somebody is (art. 35(3)(b))"""
    SCALE = "scale"
    """on a large scale"""
    MATCHING = "matching"
    """data sets of different origins or controllers are combined"""
    VULNERABLE = "vulnerable"
    """people who can hardly say no"""
    INNOVATION = "innovation"
    """technology is used in a new way"""
    EXCLUSION = "exclusion"
    """people may be kept from a service, a contract or a right"""


class Verdict(StrEnum):
    """What follows from the criteria that are met."""

    REQUIRED = "required"
    """a case that art. 35(3) names"""
    EXPECTED = "expected"
    """two criteria or more: in most cases an assessment is needed"""
    CONSIDER = "consider"
    """one: say in writing why one is made or not"""
    NONE = "none"
    """no criterion is met by what is declared"""


@dataclass(frozen=True, slots=True)
class Trigger:
    """
    One declared leaf that meets a criterion.

    :param leaf: where it stands in the policy, as ``purposes.location_offers.data``
    :param value: what stands there
    :param purposes: the purposes it concerns, by their keys; none if it concerns all
    """

    criterion: Criterion
    leaf: str
    value: str
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, criterion by criterion."""

    verdict: Verdict
    triggers: tuple[Trigger, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria that are met, each once, in their own order."""
        met = {trigger.criterion for trigger in self.triggers}
        return tuple(criterion for criterion in Criterion if criterion in met)
