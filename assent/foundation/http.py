"""
The only way out over http, for everything but connectors' own clients.

It is meant to be aimed by settings that staff or other systems write, so it trusts no address: https only, no address that
is private, no redirect, no proxy from the environment, a bounded answer within a bounded time. A host is resolved once and
called at the address that was checked, so that a name which changes in between leads nowhere else.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import httpx

__all__ = ["Answer", "CannotCall", "call"]

MOST_BYTES = 1_048_576
WITHIN = 10.0  # seconds, from the first packet to the last
CONNECT_WITHIN = 5.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CannotCall(Exception):
    """
    Nothing usable came back; says the host and why, and never the address's path, the headers or what was sent.

    :param code: ``address``, ``https``, ``private``, ``resolve``, ``connect``, ``tls``, ``time``, ``large``, ``encoded`` or
        ``broken``
    :param reached: whether the other end may have read the request
    """

    def __init__(self, code: str, host: str, why: str, *, reached: bool = False) -> None:
        self.code = code
        self.reached = reached
        super().__init__(f"{host}: {why}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def call(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    within: float = WITHIN,
    most: int = MOST_BYTES,
) -> Answer:
    """
    Make one request and return the answer, whatever its status; a redirect is an answer, too.

    :param within: seconds for all of it
    :param most: bytes of an answer's body
    :raises CannotCall: if the address may not be called, nothing came back in time, or too much did
    """
    import httpx

    parts, host = _parts(url)
    ends = time.monotonic() + within
    address = _address(host, parts.port or (443 if parts.scheme == "https" else 80), secure=parts.scheme == "https")
    timeout = httpx.Timeout(within, connect=min(CONNECT_WITHIN, within))
    request = httpx.Request(
        method,
        parts.copy_with(host=str(address)),
        content=body,
        headers={
            "User-Agent": "Assent",
            **(headers or {}),
            "Host": parts.netloc.decode("ascii"),
            "Accept-Encoding": "identity",
        },
        # The certificate must be the name's, although the address is called.
        extensions={"sni_hostname": host, "timeout": timeout.as_dict()},
    )
    client = httpx.Client(verify=_trust(str(settings.ASSENT_HTTP_CA)), trust_env=False, follow_redirects=False)
    try:
        with client:
            answer = client.send(request, stream=True)
            try:
                return Answer(answer.status_code, dict(answer.headers), _read(answer, host, ends=ends, most=most))
            finally:
                answer.close()
    except httpx.ConnectTimeout:
        raise CannotCall("connect", host, "no connection in time") from None
    except httpx.ConnectError as error:
        tls = _is_tls(error)
        why = "the certificate is not trusted, or not this host's" if tls else "no connection"
        raise CannotCall("tls" if tls else "connect", host, why) from None
    except httpx.TimeoutException:
        raise CannotCall("time", host, f"no answer within {within:g} seconds", reached=True) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise CannotCall("broken", host, "the answer broke off or is no http", reached=True) from None


def _parts(url: str) -> "tuple[httpx.URL, str]":
    import httpx

    try:
        parts = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        raise CannotCall("address", "the address", "is no web address: write https://host/path") from None
    host = parts.raw_host.decode("ascii")
    if parts.scheme not in {"http", "https"} or not host:
        raise CannotCall("address", "the address", "is no web address: write https://host/path")
    if parts.userinfo:
        raise CannotCall("address", host, "an address with a password in it is not called")
    return parts, host


def _address(host: str, port: int, *, secure: bool) -> Address:
    """Return the address to call, all of the host's having been looked at."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotCall("resolve", host, "no such host") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    allowed = _networks(tuple(settings.ASSENT_HTTP_ALLOW))
    ours = [any(one.version == network.version and one in network for network in allowed) for one in addresses]
    if not all(mine or _public(one) for one, mine in zip(addresses, ours, strict=True)):
        raise CannotCall("private", host, "leads into a private network; ASSENT_HTTP_ALLOW names the exceptions")
    if not secure and not all(ours):
        raise CannotCall("https", host, "only https is called: write https://")
    return addresses[0]


def _public(address: Address) -> bool:
    """Whether an address, and the one it may carry inside, belongs to the open internet."""
    inside: list[Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        embedded = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        inside += [one for one in embedded if one is not None]
        if address in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 (RFC 6052)
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return all(one.is_global and not one.is_multicast for one in inside)


@lru_cache(maxsize=8)
def _networks(words: Sequence[str]) -> list[Network]:
    return [ipaddress.ip_network(word) for word in words]


@lru_cache(maxsize=8)
def _trust(bundle: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if bundle:
        context.load_verify_locations(bundle)
    return context


def _is_tls(error: BaseException | None) -> bool:
    """Whether a certificate stood behind a failed connection: the library wraps it twice."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error is not None


def _read(answer: "httpx.Response", host: str, *, ends: float, most: int) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise CannotCall("encoded", host, "the answer is packed although it was asked not to be", reached=True)
    parts, size = [], 0
    for part in answer.iter_raw():
        size += len(part)
        if size > most:
            raise CannotCall("large", host, f"the answer is longer than {most} bytes", reached=True)
        if time.monotonic() > ends:
            raise CannotCall("time", host, "the answer did not end in time", reached=True)
        parts.append(part)
    return b"".join(parts)
