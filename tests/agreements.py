"""What lets a brand of the tests work: an agreement for each solution its policy uses, accepted by its administrator."""

from datetime import datetime

from assent.audit.contracts import Actor
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementKind, AgreementText, Role

__all__ = ["administrator", "agree"]

SETTING_UP = Actor.system("test")


def administrator(*, controller: int, at: datetime) -> Actor:
    """Return somebody who may accept for the controller, making the account if there is none."""
    staff = tenancy.make_staff(
        email=f"dana@controller-{controller}.example", name="Dana", password=None, language="en", by=SETTING_UP, at=at
    )
    tenancy.grant(staff=staff, controller=controller, role=Role.ADMINISTRATOR, by=SETTING_UP, at=at)
    return Actor.staff(staff)


def agree(*, controller: int, at: datetime) -> None:
    """Offer and accept what the policy in force asks for, where nothing is in force yet."""
    compiled = policy.current(controller=controller)
    by = administrator(controller=controller, at=at)
    for solution, said in compiled.policy.solutions.items():
        if said.agreement != "none" and not tenancy.in_force(controller=controller, solution=solution, at=at):
            words = AgreementText(
                AgreementKind(said.agreement), f"About {solution}.", ("en",), compiled.number, compiled.digest
            )
            offered = tenancy.offer_agreement(controller=controller, solution=solution, text=words, by=by, at=at)
            tenancy.accept_agreement(
                controller=controller, agreement=offered.id, digest=offered.digest, name="Dana Pop", position="Director",
                by=by, at=at,
            )  # fmt: skip
