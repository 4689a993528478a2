"""What the law asks of solutions: an agreement that fits the role, a platform to sign it, every joint duty allotted."""

from collections.abc import Iterator

from assent.privacy.policy.agreements import Duty, SolutionRole
from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Policy, Severity
from assent.privacy.policy.faults import Fault, Path

__all__ = ["solutions"]

AGREEMENTS = {SolutionRole.CONTROLLER: "none", SolutionRole.PROCESSOR: "processing", SolutionRole.JOINT_CONTROLLER: "joint"}


def solutions(policy: Policy) -> Iterator[Fault]:
    """Check each solution, and who stands on the other side of its agreement."""
    for key, solution in policy.solutions.items():
        path: Path = ("solutions", key)
        if solution.agreement != (wanted := AGREEMENTS[solution.role]):
            message = f"as {solution.role} the platform works under the agreement {wanted!r}"
            yield Fault((*path, "agreement"), message, f"write {wanted!r}", Code.AGREEMENT, "gdpr:26, 28")
        if solution.role is not SolutionRole.CONTROLLER and policy.platform is None:
            cure = "add `platform`: who operates the software, its address, contact and terms"
            yield Fault(path, "there is nobody to agree with", cure, Code.AGREEMENT, "gdpr:26, 28")
        joint = solution.role is SolutionRole.JOINT_CONTROLLER
        for duty in Duty if joint else ():
            if duty not in solution.duties:
                cure = f"add `duties.{duty}`: controller, platform or each"
                yield Fault(path, f"nobody is named for {duty}", cure, Code.AGREEMENT, "gdpr:26(1)")
        if solution.duties and not joint:
            cure = "remove it, or make the role joint_controller"
            yield Fault((*path, "duties"), "only joint controllers share duties", cure, Code.AGREEMENT, "gdpr:26(1)")
    served = {purpose for solution in policy.solutions.values() for purpose in solution.purposes}
    for key in policy.purposes:
        if key not in served:
            message = "lies in no solution, so nothing is done for it"
            cure = "name it under `solutions`, in the one that serves it"
            named_in: Path = ("solutions", "*", "purposes", "*")
            yield Fault(("purposes", key), message, cure, Code.AGREEMENT, "gdpr:29", Severity.WARNING, (named_in,))
    officer = policy.platform.data_protection_officer if policy.platform else None
    if officer and (officer.contact is None) == (officer.none_because is None):
        cure = "give `contact` of the officer, or say in `none_because` why there is none"
        yield Fault(("platform", "data_protection_officer"), "must be one of the two", cure, Code.OFFICER, "gdpr:37")
