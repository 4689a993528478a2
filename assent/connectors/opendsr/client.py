"""Calls a processor's OpenDSR endpoint, and believes only what it has signed."""

import time
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.x509.verification import Store

from assent.connectors.opendsr.signing import BadSignature, Signer, header, unsaid, verify
from assent.connectors.opendsr.wire import Answer, BadMessage, Discovery, Request, Status, write_request
from assent.foundation.http import Answer as Response, call

__all__ = ["Endpoint", "Refused", "certificate_of"]

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
KNOWN_FOR = 300.0  # seconds a processor's certificate is remembered; the answer to a signature that fails is to ask anew

_known: dict[str, tuple[float, Discovery, bytes]] = {}
_lock = Lock()


class Refused(Exception):
    """The processor does not take it; ``code`` is its status, or what it does not support."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def certificate_of(base: str, *, fresh: bool = False) -> tuple[Discovery, bytes]:
    """
    Return what a processor says it can do, and its certificate, which lies under the same host.

    :raises CannotCall: if it can't be reached
    :raises BadMessage: if it says something else
    """
    with _lock:
        seen = _known.get(base)
    if seen and not fresh and time.monotonic() - seen[0] < KNOWN_FOR:
        return seen[1], seen[2]
    told = call("GET", f"{base}/discovery", headers=JSON)
    if told.status != 200:
        raise BadMessage(("discovery", f"answered {told.status}"))
    discovery = Discovery.read(told.body)
    if urlsplit(discovery.certificate).netloc != urlsplit(base).netloc:
        raise BadMessage(("processor_certificate", "lies under another host"))
    found = call("GET", discovery.certificate)
    if found.status != 200:
        raise BadMessage(("processor_certificate", f"answered {found.status}"))
    with _lock:
        _known[base] = (time.monotonic(), discovery, found.body)
    return discovery, found.body


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    A processor's endpoint: ``https://privacy.agency.example/v2``.

    :param signer: signs our requests, so that a processor that knows our domain knows us; it may do without
    """

    base: str
    trust: Store
    signer: Signer | None = None

    @property
    def domain(self) -> str:
        """The host that must stand in its certificate."""
        return urlsplit(self.base).hostname or ""

    def verified(self, response: Response, *, at: datetime) -> bytes:
        """
        Return the body of a signed answer.

        :raises BadSignature: if it is not signed by this processor
        """
        domain, signature = header(response.headers, "Processor-Domain"), header(response.headers, "Signature")
        self.check(response.body, domain=domain, signature=signature, at=at)
        return response.body

    def check(self, body: bytes, *, domain: str, signature: str, at: datetime) -> None:
        """
        Check that a body was signed by this processor.

        :raises BadSignature: if not
        """
        if domain != self.domain:
            raise BadSignature("the answer names another domain than the one that was called")
        for fresh in (False, True):
            try:
                _, certificate = certificate_of(self.base, fresh=fresh)
                verify(certificate=certificate, domain=domain, body=body, signature=signature, trust=self.trust, at=at)
            except BadSignature:
                # A processor may have a new certificate since; asked once more, it is asked for good.
                if fresh:
                    raise
            else:
                return

    def send(self, request: Request, *, at: datetime) -> None:
        """
        Hand a request over.

        :raises Refused: if the processor does not take it
        :raises CannotCall, BadMessage, BadSignature: if it can't be reached, or what it says is no proof that it took it
        """
        discovery, _ = certificate_of(self.base)
        if request.type not in discovery.types:
            raise Refused(f"no {request.type}")
        usable = [one for one in request.identities if (one.type, one.format) in discovery.identities]
        if not usable:
            raise Refused("no identity")
        body = write_request(
            Request(
                request.id, request.type, request.regulation, request.submitted_at, usable, request.callbacks,
                request.purpose, request.changes, request.ground,
            ),
            domain=self.domain,
        )  # fmt: skip
        told = self._call("POST", "requests", body)
        if told.status >= 500 or told.status in {408, 429}:
            raise BadMessage(("answer", str(told.status)))
        if told.status != 201:
            raise Refused(str(told.status))
        answer = Answer.read(self.verified(told, at=at))
        if answer.id != request.id or answer.encoded != body:
            raise BadMessage(("answer", "is about another request"))

    def status(self, number: UUID, *, at: datetime) -> str:
        """
        Return how far a request is: a status of the specification, or empty if the processor does not know it.

        :raises CannotCall, BadMessage, BadSignature: as :meth:`send`
        """
        told = self._call("GET", f"requests/{number}")
        if told.status == 404:
            return ""
        if told.status != 200:
            raise BadMessage(("status", str(told.status)))
        found = Status.read(self.verified(told, at=at))
        if found.id != number:
            raise BadMessage(("status", "is about another request"))
        return found.status

    def _call(self, method: str, path: str, body: bytes = b"") -> Response:
        signed = self.signer.headers(body or unsaid(method, path)) if self.signer else {}
        return call(method, f"{self.base}/{path}", body=body, headers={**JSON, **signed})
