"""What lets a brand of the tests work: an agreement for each solution its policy uses, accepted by its administrator."""

from datetime import datetime, timedelta

from assent.audit.contracts import Actor
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementKind, AgreementText, EndChoice, Role

__all__ = ["administrator", "agree", "part"]

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


def part(*, controller: int, solution: str, at: datetime, until_at: datetime | None = None) -> None:
    """End the agreement about a solution."""
    held = tenancy.in_force(controller=controller, solution=solution, at=at)
    assert held is not None, f"nothing is in force about {solution}"
    due_on = ((until_at or at) + timedelta(days=30)).date()
    tenancy.end_agreement(
        controller=controller, agreement=held.id, choice=EndChoice.DELETE, due_on=due_on,
        reason="They part.", by=administrator(controller=controller, at=at), at=at, until_at=until_at,
    )  # fmt: skip
