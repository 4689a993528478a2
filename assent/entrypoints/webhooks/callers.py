"""Who may pass requests on: the controller's own systems by an API key, and its registered recipients by their signature."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.http import HttpRequest

from assent.audit.contracts import Actor
from assent.connectors.opendsr import house
from assent.connectors.opendsr.client import Endpoint
from assent.connectors.opendsr.signing import BadSignature, header, signed
from assent.connectors.opendsr.wire import BadMessage
from assent.foundation.http import CannotCall
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import WayTo
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission

__all__ = ["Caller", "NotAllowed", "caller", "partner"]

NEEDS = {
    "access": Permission.PEOPLE_EXPORT,
    "portability": Permission.PEOPLE_EXPORT,
    "erasure": Permission.PEOPLE_ERASE,
    "rectification": Permission.PEOPLE_WRITE,
    "restriction": Permission.CONSENT_WRITE,
    "objection": Permission.CONSENT_WRITE,
}


class NotAllowed(Exception):
    """The caller is unknown (401) or may not do this (403)."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Caller:
    """
    A system that calls.

    :param name: ``key`` for the controller's own, else the domain that signed
    """

    name: str
    by: Actor
    verbs: frozenset[Permission] | None

    def may(self, kind: str) -> bool:
        """Say whether it may pass on a request of this type; whoever signs was registered for all of them."""
        return self.verbs is None or NEEDS[kind] in self.verbs

    def sees(self, name: str) -> bool:
        """Say whether it may know of a request that ``name`` passed on."""
        return self.name in {"key", name}


def caller(request: HttpRequest, *, controller: int, body: bytes, at: datetime) -> Caller:
    """
    Return who calls, before anything of the body is read for what it says.

    :raises NotAllowed: if it is nobody this controller knows
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        info = tenancy.api_key(clear=token)
        if info is None or info.controller != controller:
            raise NotAllowed(401, "this API key is not one of this controller's, or was revoked")
        return Caller("key", Actor.key(info.id), info.verbs)
    if not signed(request.headers):
        raise NotAllowed(401, "sign the request (X-OpenDSR-Processor-Domain, X-OpenDSR-Signature) or send an API key")
    way = partner(request, controller=controller, body=body, at=at)
    return Caller(urlsplit(way.address).hostname or "", Actor.system("opendsr"), None)


def partner(request: HttpRequest, *, controller: int, body: bytes, at: datetime) -> WayTo:
    """
    Return the registered recipient that signed a request. Nobody else's address is ever called to find out.

    :raises NotAllowed: if none did
    """
    domain, signature = header(request.headers, "Processor-Domain"), header(request.headers, "Signature")
    known = [one for one in disclosures.ways(controller=controller) if one.way == "opendsr"]
    way = next((one for one in known if urlsplit(one.address).hostname == domain), None)
    if way is None:
        raise NotAllowed(403, "no recipient of this controller is registered with this domain")
    try:
        Endpoint(way.address, house.trust()).check(body, domain=domain, signature=signature, at=at)
    except BadSignature as error:
        raise NotAllowed(403, str(error)) from None
    except (BadMessage, CannotCall):
        raise NotAllowed(403, "the certificate can't be had from this domain's discovery now") from None
    return way
