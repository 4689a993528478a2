"""
A mail as bytes: the frame once per sender of a campaign, filled per person (RFC 5322, RFC 2045 to 2047).

The standard library needs 0.3 ms to write a whole message; its parts that differ per person take a tenth of that.
Whatever goes into a header is free of control characters first, so that no value can begin a line of its own.
"""

import binascii
import os
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from assent.dispatch.contracts import Cleared

__all__ = ["BadAddress", "envelope", "mail"]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What may stand unquoted before and after the @ (RFC 5321, 4.1.2; letters beyond ASCII: RFC 6531).
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})*", re.UNICODE)
BYTES_PER_WORD = 39  # 52 letters of base64, 12 around them: with "Subject: " below the 76 of a line
PLAIN_SUBJECT = 66  # with "Subject: " the 76 characters of a line that no encoded word may pass (RFC 2047, 2)


class BadAddress(ValueError):
    """The address can't stand in an SMTP envelope."""


def envelope(address: str) -> str:
    """
    Return an address fit for the envelope: its domain in ASCII (IDNA), the rest as it is.

    :raises BadAddress: if it is no plain address; the message does not repeat it
    """
    local, _, domain = address.rpartition("@")
    if not ADDRESS.fullmatch(address):
        message = "not a plain mail address"
        raise BadAddress(message)
    if domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        message = "a domain that IDNA does not know"
        raise BadAddress(message) from error


def mail(message: Cleared, *, to: str, at: datetime) -> bytes:
    """
    Return the mail in wire form: CRLF lines, leading dots doubled (RFC 5321, 4.5.2), without the final dot.

    :param to: the recipient as :func:`envelope` returned it
    :raises BadAddress: if the sender's address is none
    """
    words = message.rendered
    frame, domain = _frame(words.from_name, words.from_address, words.reply_to)
    lines = [
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{message.reference}@{domain}>",
        f"To: {to}",
        f"Subject: {_subject(words.subject)}",
        *(f"{_clean(name)}: {_clean(value)}" for name, value in message.headers.items()),
    ]
    head = frame + "\r\n".join(lines).encode() + b"\r\n"
    text, html = _part("plain", words.text), _part("html", words.html)
    if not words.html:
        whole = head + text
    else:
        boundary = os.urandom(16).hex().encode()
        whole = b"".join((
            head, b'Content-Type: multipart/alternative; boundary="', boundary, b'"\r\n\r\n--', boundary, b"\r\n", text,
            b"\r\n--", boundary, b"\r\n", html, b"\r\n--", boundary, b"--\r\n",
        ))  # fmt: skip
    return whole.replace(b"\r\n.", b"\r\n..")


@lru_cache(maxsize=256)
def _frame(name: str, address: str, reply_to: str) -> tuple[bytes, str]:
    """Return the header lines all mails of a sender share, and the domain of their Message-ID."""
    sender = envelope(address)
    frame = EmailMessage(policy=SMTP)
    frame["From"] = Address(display_name=_clean(name), addr_spec=sender)
    if reply_to:
        frame["Reply-To"] = Address(addr_spec=envelope(reply_to))
    frame["MIME-Version"] = "1.0"
    return frame.as_bytes().removesuffix(b"\r\n"), sender.rpartition("@")[2]


def _clean(value: str) -> str:
    return CONTROL.sub(" ", value).strip()


def _subject(value: str) -> str:
    """
    Return a subject on ASCII lines. One that looks like an encoded word is encoded, so that it stays what it says.

    Encoded words end between characters (RFC 2047, 5). The standard library's way takes 0.1 ms, half of the whole mail.
    """
    clean = _clean(value)
    if clean.isascii() and len(clean) <= PLAIN_SUBJECT and "=?" not in clean:
        return clean
    words, part = [], b""
    for letter in clean:
        coded = letter.encode(errors="replace")
        if len(part) + len(coded) > BYTES_PER_WORD:
            words.append(part)
            part = b""
        part += coded
    return "\r\n ".join(f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in (*words, part))


def _part(subtype: str, body: str) -> bytes:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace") + b"\n"
    coded = binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
    kind = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return kind.encode() + coded
