"""People take their data along: the package of art. 20, and its way to another controller."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.http import CannotCall, call
from assent.foundation.ids import token
from assent.foundation.personal import Page, registered
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Basis
from assent.privacy.rights import portability
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import UnknownSubject

__all__ = ["hand_over", "portable_package"]

WITHIN = 30.0  # seconds a package may take to another controller


def portable_package(*, controller: int, subject: int, by: Actor, at: datetime) -> bytes:
    """
    Return what a person provided under consent or contract, as a zip for machines (art. 20(1)).

    :raises UnknownSubject: if there is no such person
    :raises NoPolicy: if the controller has published none
    """
    with scope.controller(controller):
        audit.write(Did.PERSON_EXPORTED, controller=controller, by=by, at=at, about=subject, detail={"package": "portability"})
        return _package(controller, subject, at)


def _package(controller: int, subject: int, at: datetime) -> bytes:
    if subject not in subjects.public_ids(controller=controller, subjects=[subject]):
        message = "nobody of this controller has that id (or they were erased)"
        raise UnknownSubject(message)
    found = policy.current(controller=controller)
    agreed = {one.purpose for one in consent.standing(controller=controller, subject=subject) if one.choice is Choice.GIVEN}
    given = frozenset(
        key
        for key, purpose in found.policy.purposes.items()
        if purpose.basis is Basis.CONTRACT or (purpose.basis is Basis.CONSENT and key in agreed)
    )
    return portability.build(
        _pages(controller, subject), policy=found, given=given, controller=found.policy.controller.name, at=at
    )


def _pages(controller: int, subject: int) -> Iterator[Page]:
    for store in registered():
        yield from store.export(controller=controller, subject=subject)


def hand_over(*, controller: int, subject: int, to: str, name: str, by: Actor, at: datetime) -> int:
    """
    Send a person's package to another controller's address (art. 20(2)) and return the status it answered with.

    The disclosure is written down before the call; if nothing left, it is none. Outside any transaction.

    :param to: an https address that takes a zip by POST
    :param name: who that is, as the person says; the host's name if they do not
    :raises CannotCall: if it can't be reached or did not answer
    """
    ref = f"package:{token()[:24]}"
    with scope.controller(controller):
        data = _package(controller, subject, at)
        found = policy.current(controller=controller).policy
        items = sorted({trait.data for trait in found.traits.values() if not trait.derived})
        with transaction.atomic():
            audit.write(
                Did.PERSON_EXPORTED, controller=controller, by=by, at=at, about=subject, detail={"package": "handed over"}
            )
            disclosures.record(
                controller=controller, subjects=[subject], named=name or urlsplit(to).hostname or "another controller",
                way=Way.HAND_OVER, part="https", purpose="", items=items, refs=[ref], leaving=True, by=by, at=at,
            )  # fmt: skip
        settled = {"left": [ref]}
        try:
            answer = call("POST", to, body=data, headers={"Content-Type": "application/zip"}, within=WITHIN)
        except CannotCall as error:
            settled = {"unknown" if error.reached else "stayed": [ref]}
            raise
        finally:
            disclosures.settle(controller=controller, by=by, at=at, **settled)
    return answer.status
