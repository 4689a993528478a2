"""
Signatures of OpenDSR (specification 2.0, 4 and 8.8): RSASSA-PKCS1-v1_5 with SHA-256 over the bytes of the body.

Whose key it is, a certificate says that the other end publishes: it must be issued for exactly its domain by an authority
we trust, and a signature is checked before a byte of the body is read for what it says.
"""

import base64
import binascii
import ssl
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.verification import PolicyBuilder, Store, Subject, VerificationError

__all__ = ["FAMILIES", "BadSignature", "Signer", "chain_of", "header", "signed", "trusted", "unsaid", "verify"]

# The specification was called OpenGDPR and OpenCompliance before; the old names of headers are honoured (10.1).
FAMILIES = ("OpenDSR", "OpenCompliance", "OpenGDPR")
LEAST_BITS = 2048


class BadSignature(ValueError):
    """The body was not signed by whom it says, or their certificate is not to be trusted; says which, and no more."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with a key that a certificate for ``domain`` goes with."""

    domain: str
    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: bytes = field(repr=False)

    @classmethod
    def read(cls, *, domain: str, certificate: Path, key: Path) -> "Signer":
        """
        Read certificate (with those between it and its authority) and key from PEM files.

        :raises ValueError: if they are none, or the certificate is not for the domain, or the key not its own
        """
        chain, pem = chain_of(certificate.read_bytes()), key.read_bytes()
        private = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            message = f"{key}: OpenDSR is signed with RSA here; this is another kind of key"
            raise ValueError(message)  # noqa: TRY004 - the value of a setting is wrong, not a type of ours
        if chain[0].public_key() != private.public_key():
            message = f"{key}: is not the key of {certificate}"
            raise ValueError(message)
        if not _is_for(chain[0], domain):
            message = f"{certificate}: is not issued for {domain}, the host of ASSENT_PUBLIC_URL"
            raise ValueError(message)
        return cls(domain, private, certificate.read_bytes())

    def sign(self, body: bytes) -> str:
        """Return the signature of a body, in base64."""
        return base64.b64encode(self.key.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the headers that a signed body goes with, under each name the specification ever had."""
        signature = self.sign(body)
        return {
            name: value
            for family in FAMILIES
            for name, value in (
                (f"X-{family}-Processor-Domain", self.domain),
                (f"X-{family}-Signature", signature),
            )
        }


def header(headers: Mapping[str, str], which: str) -> str:
    """Return a header under its newest name that is there: ``Processor-Domain`` or ``Signature``."""
    names = [f"X-{family}-{which}" for family in FAMILIES]
    return next((value for name in names if (value := headers.get(name) or headers.get(name.lower()))), "")


def unsaid(method: str, path: str) -> bytes:
    """Return what stands for the body where a request has none: ``GET requests/<id>``. The specification leaves it open."""
    return f"{method} {path}".encode()


def signed(headers: Mapping[str, str]) -> bool:
    """Say whether headers claim a signature."""
    return bool(header(headers, "Processor-Domain") or header(headers, "Signature"))


def chain_of(pem: bytes) -> list[x509.Certificate]:
    """
    Return the certificates of a PEM file, the owner's first.

    :raises ValueError: if there is none
    """
    return x509.load_pem_x509_certificates(pem)


@lru_cache(maxsize=4)
def trusted(extra: str = "") -> Store:
    """Return the authorities this system trusts, and those in a file of further ones."""
    context = ssl.create_default_context()
    if extra:
        context.load_verify_locations(extra)
    found = []
    with warnings.catch_warnings():
        # Some old authorities have serial numbers that today's rules forbid. One the library can't read vouches for nobody.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for der in context.get_ca_certs(binary_form=True):
            with suppress(ValueError):
                found.append(x509.load_der_x509_certificate(der))
    if not found:
        message = "no certificate authority is known: install the system's, or name a file in ASSENT_HTTP_CA"
        raise ValueError(message)
    return Store(found)


def verify(*, certificate: bytes, domain: str, body: bytes, signature: str, trust: Store, at: datetime) -> None:
    """
    Check that a body was signed with the key of a certificate for a domain, issued by somebody trusted, at a moment.

    :raises BadSignature: if not
    """
    try:
        leaf, *between = chain_of(certificate)
        verifier = PolicyBuilder().store(trust).time(at).build_server_verifier(_name(domain))
        verifier.verify(leaf, between)
    except (ValueError, VerificationError):
        raise BadSignature("the certificate is not issued for this domain by an authority that is trusted") from None
    key = leaf.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_BITS:
        raise BadSignature("the certificate's key is not RSA with 2,048 bits or more")
    try:
        key.verify(base64.b64decode(signature, validate=True), body, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise BadSignature("the signature is not that of this body") from None


def _name(domain: str) -> Subject:
    try:
        return x509.IPAddress(ip_address(domain))
    except ValueError:
        return x509.DNSName(domain)


def _is_for(certificate: x509.Certificate, domain: str) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return _name(domain) in list(names)
