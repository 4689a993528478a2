"""A certificate authority of a test's own, and what it issues: keys and certificates on disk, as PEM."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assent.foundation.clock import now


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """Issues certificates for names; ``file`` is its own certificate."""

    def __init__(self, folder, name="Test authority"):
        self.folder = Path(folder)
        self.name = _name(name)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.file = self.folder / f"{name.replace(' ', '-').lower()}.pem"
        self.certificate = self._sign(self.name, self.key.public_key(), [], authority=True)
        self.file.write_bytes(_pem(self.certificate))

    def issue(self, *names, from_days=-1, days=30):
        """Return the paths of certificate and key for a name (or address)."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._sign(_name(names[0]), key.public_key(), names, from_days=from_days, days=days)
        stem = self.folder / f"{names[0]}-{certificate.serial_number:x}"[:80]
        cert_file, key_file = stem.with_suffix(".crt"), stem.with_suffix(".key")
        cert_file.write_bytes(_pem(certificate))
        key_file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        key_file.chmod(0o600)
        return cert_file, key_file

    def _sign(self, subject, public, names, *, authority=False, from_days=-1, days=30):
        begins = now() + timedelta(days=from_days)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
            False,
        )
        built = built.add_extension(
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage), critical=True
        )
        if names:
            built = built.add_extension(x509.SubjectAlternativeName([_alternative(one) for one in names]), critical=False)
            built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return built.sign(self.key, hashes.SHA256())


def _alternative(name):
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
