"""Solutions in use and what binds their parties: the platform, its terms, and who does what when both decide."""

# ruff: noqa: RUF012 - pydantic copies a default before it hands it out

from enum import StrEnum
from typing import Annotated

from assent.privacy.policy.parts import Contact, DataProtectionOfficer, Duration, Key, Local, Model, Once, Shape, Words

__all__ = ["Duty", "Party", "Platform", "Solution", "SolutionRole", "Terms"]


class SolutionRole(StrEnum):
    """What the platform is to the controller in a solution."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    JOINT_CONTROLLER = "joint_controller"


class Duty(StrEnum):
    """What joint controllers must allot among themselves (art. 26(1))."""

    CONTACT = "contact"
    """the contact point people may turn to"""
    INFORMATION = "information"
    """arts. 13 and 14"""
    CONSENT = "consent"
    """arts. 7 and 8: asking, proving, taking back"""
    REQUESTS = "requests"
    """arts. 15 to 22"""
    SECURITY = "security"
    """art. 32"""
    BREACHES = "breaches"
    """arts. 33 and 34"""
    ASSESSMENT = "assessment"
    """arts. 35 and 36"""
    PROCESSORS = "processors"
    """art. 28: choosing and watching those who work for both"""


class Party(StrEnum):
    """Who of two joint controllers does it."""

    CONTROLLER = "controller"
    PLATFORM = "platform"
    EACH = "each"
    """each for its own part"""


class Solution(Model):
    """A solution in use: the platform's role, and for which purposes it works."""

    title: Local
    role: SolutionRole
    agreement: Annotated[str, Shape(r"(none|processing|joint)", "none, processing or joint", ("none", "processing", "joint"))]
    """``processing`` (art. 28), ``joint`` (art. 26), or ``none`` for the controller's own use"""
    purposes: Once[Key]
    duties: dict[Duty, Party] = {}
    """who does what, when the platform is a joint controller"""


class Terms(Model):
    """The spans of time an agreement speaks of."""

    sub_processors: Duration
    """how long before a new sub-processor begins the controller is told (art. 28(2))"""
    breach: Duration
    """from the platform's awareness of a breach to the controller's (art. 33(2))"""
    ending: Duration
    """after the end of an agreement, until the data are returned or deleted (art. 28(3)(g))"""


class Platform(Model):
    """Who operates the software for the controller, as one of its recipients: the other party of its agreements."""

    recipient: Key
    """its name, country and instructions stand there"""
    address: Words
    registration: Words | None = None
    contact: Contact
    data_protection_officer: DataProtectionOfficer | None = None
    terms: Terms
