"""Tells recipients of changes over OpenDSR: one request per person, known again by a number made of the notice's own token."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.x509.verification import Store

from assent.connectors.opendsr.client import Endpoint, Refused
from assent.connectors.opendsr.signing import BadSignature, Signer
from assent.connectors.opendsr.wire import BadMessage, Identity, Request
from assent.foundation.clock import now
from assent.foundation.http import CannotCall
from assent.privacy.disclosures.ports import BadWay, Form, Notice, Told, ToldHow, What

__all__ = ["OpenDsrNotifier"]

TYPES = {
    What.ERASURE: "erasure",
    What.RECTIFICATION: "rectification",
    What.RESTRICTION: "restriction",
    What.OBJECTION: "objection",
    What.WITHDRAWAL: "objection",
}
IDENTITIES = {"email": "email", "phone": "phone", "user_id": "controller_customer_id"}


class OpenDsrNotifier:
    """The way ``opendsr``. Takes what makes our signer and the trusted authorities, asked at the first call."""

    way = "opendsr"
    most = 1
    first_question = timedelta(hours=1)

    def __init__(
        self, signer: Callable[[], Signer | None], trust: Callable[[], Store], callback: Callable[[int], str],
        clock: Callable[[], datetime] = now,
    ) -> None:  # fmt: skip
        """
        Keep them.

        :param callback: the address at which a controller hears of a changed status
        """
        self._signer, self._trust, self._callback, self._clock = signer, trust, callback, clock

    def check(self, address: str) -> str:
        """
        Return the endpoint's address without a slash at its end.

        :raises BadWay: if it is none
        """
        parts = urlsplit(address)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise BadWay("write the address of its OpenDSR endpoint with the version, as https://privacy.agency.example/v2")
        return address.rstrip("/")

    def endpoint(self, address: str) -> Endpoint:
        """Return what talks to a recipient."""
        return Endpoint(address, self._trust(), self._signer())

    def tell(self, notice: Notice) -> Told:
        """Hand the request over; taken is only what the recipient has signed for."""
        kind = TYPES.get(notice.what)
        if kind is None:
            return Told(ToldHow.REFUSED, code=f"no {notice.what.value}")
        (person,) = notice.people
        number = _number(notice.token)
        request = Request(
            id=number,
            type=kind,
            regulation="gdpr",
            submitted_at=notice.made_at,
            identities=[
                Identity(type_, str(person[name]), "sha256" if notice.form is Form.SHA256 else "raw")
                for name, type_ in IDENTITIES.items()
                if person.get(name)
            ],
            callbacks=[self._callback(notice.controller)],
            purpose=notice.purpose,
            changes=person.get("changes", {}),  # type: ignore[arg-type]
        )
        try:
            self.endpoint(notice.address).send(request, at=self._clock())
        except Refused as error:
            return Told(ToldHow.REFUSED, code=error.code)
        except CannotCall as error:
            return Told(ToldHow.LATER, code=error.code)
        except BadSignature:
            return Told(ToldHow.LATER, code="signature")
        except BadMessage as error:
            return Told(ToldHow.LATER, code=error.fields[0][0])
        return Told(ToldHow.SENT, reference=str(number), code="201")

    def ask(self, notice: Notice) -> Told:
        """Ask for the status; a recipient that does not know the request any more is told again."""
        try:
            status = self.endpoint(notice.address).status(UUID(notice.reference), at=self._clock())
        except CannotCall as error:
            return Told(ToldHow.LATER, code=error.code)
        except BadSignature:
            return Told(ToldHow.LATER, code="signature")
        except BadMessage as error:
            return Told(ToldHow.LATER, code=error.fields[0][0])
        if not status:
            return self.tell(notice)
        if status == "completed":
            return Told(ToldHow.ACKNOWLEDGED, code=status)
        return Told(ToldHow.REFUSED if status == "cancelled" else ToldHow.SENT, code=status)


def _number(token: str) -> UUID:
    """Return the UUID (version 4 in form) by which a notice is the same request, however often it is sent."""
    return UUID(bytes=hashlib.sha256(f"opendsr:{token}".encode()).digest()[:16], version=4)
