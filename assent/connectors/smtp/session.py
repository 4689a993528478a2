"""
One SMTP connection, and what each answer on it means for a message (RFC 5321, RFC 2920, RFC 3463).

Until the final dot has left, nothing can have been delivered: every failure before it is safe to try again. Once it may
have left, only an answer tells; without one the outcome is unknown and the message is never sent a second time.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass
from time import monotonic
from urllib.parse import parse_qs, unquote, urlsplit

from assent.dispatch.contracts import Handover, Outcome
from assent.foundation.clock import millis, now

__all__ = ["Address", "CannotConnect", "Late", "Session"]

LAST_PIECE = 16_384  # bytes held back with the final dot: they go out in one write, right after the look at the clock
ANSWER_AFTER_DOT = 30.0  # seconds; longer than the claim, because an answer that comes late is still better than "unknown"
IDLE_AT_MOST = 5.0  # seconds after which a kept connection is asked whether it still lives
TCP, NO_DELAY = 6, 1  # protocol and option numbers, the same on every system: small packets are not held back

OK, GO_AHEAD, TEMPORARY, PERMANENT, CLOSING = 200, 354, 400, 500, 421
ENHANCED = re.compile(rb"([245])\.(\d{1,3})\.(\d{1,3})\b")
QUEUED_AS = re.compile(rb"queued as ([A-Za-z0-9._-]{1,64})")
NO_SUCH_MAILBOX = {550, 551, 553}


class CannotConnect(Exception):
    """The server can't be reached, or will not talk to us; the argument is stage and code."""


class Late(Exception):
    """The claim ran out before the last byte left."""


@dataclass(frozen=True, slots=True)
class Address:
    """
    Where and how to connect: ``smtp://user:password@host:587`` (STARTTLS demanded) or ``smtps://host``.

    ``?tls=none`` sends in clear, for a server on this machine; ``?connections=16`` says how many at once (default 8).
    """

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""
    connections: int = 8

    @classmethod
    def read(cls, url: str) -> "Address":
        """
        Read an address.

        :raises ValueError: naming what is wrong and how to write it; the password is not repeated
        """
        parts = urlsplit(url)
        asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        tls = asked.get("tls", "starttls" if parts.scheme == "smtp" else "implicit")
        connections = asked.get("connections", "8")
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or tls not in {"none", "starttls", "implicit"}:
            message = "a mail server is written smtp://user:password@host:587, smtps://host:465 or smtp://host:25?tls=none"
            raise ValueError(message)
        if not connections.isdigit() or not 1 <= int(connections) <= 64:
            message = f"connections={connections}: write a number from 1 to 64"
            raise ValueError(message)
        port = parts.port or (465 if tls == "implicit" else 587)
        return cls(parts.hostname, port, tls, unquote(parts.username or ""), unquote(parts.password or ""), int(connections))


class Session:
    """A connection that says hello once and then takes message after message. Used by one thread at a time."""

    def __init__(self, address: Address, *, timeout: float) -> None:
        """
        Connect, encrypt and log in.

        :raises CannotConnect: if any of that fails
        """
        self.used = 0
        self._since = monotonic()
        stage = "connect"
        self._smtp = smtplib.SMTP()
        try:
            if address.tls == "implicit":
                context = ssl.create_default_context()
                self._smtp = smtplib.SMTP_SSL(address.host, address.port, timeout=timeout, context=context)
            else:
                self._smtp = smtplib.SMTP(address.host, address.port, timeout=timeout)
            if self._smtp.sock:
                self._smtp.sock.setsockopt(TCP, NO_DELAY, 1)
            if address.tls == "starttls":
                stage = "starttls"
                self._smtp.starttls(context=ssl.create_default_context())
            stage = "hello"
            self._smtp.ehlo_or_helo_if_needed()
            if address.user:
                stage = "login"
                self._smtp.login(address.user, address.password)
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            code = getattr(error, "smtp_code", "")
            raise CannotConnect(f"{stage} {code}".strip()) from error
        self._pipelines = self._smtp.has_extn("pipelining")
        self.takes_unicode = self._smtp.has_extn("smtputf8")

    @property
    def alive(self) -> bool:
        """Whether the server still answers; asked of the server only after a pause."""
        if self._smtp.sock is None:
            return False
        if monotonic() - self._since < IDLE_AT_MOST:
            return True
        try:
            self._wait_at_most(IDLE_AT_MOST)
            self._since = monotonic()
            return self._smtp.noop()[0] == 250  # the only good answer (RFC 5321, 4.3.2)
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Hang up."""
        try:
            self._wait_at_most(1.0)
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def drop(self) -> None:
        """Hang up without a word: whatever was begun is void."""
        self._smtp.close()

    def deliver(self, number: int, *, sender: str, to: str, data: bytes, deadline_ms: int) -> Handover:
        """
        Send one message.

        :param data: the mail as :func:`~assent.connectors.smtp.mime.mail` returns it
        :raises Late: if the deadline passed before the last byte left
        :raises smtplib.SMTPException, OSError: if the connection broke before the last byte left
        """
        self.used += 1
        left = self._left(deadline_ms)
        self._wait_at_most(left)
        refused = self._open(number, sender, to)
        if refused:
            return refused
        if len(data) > LAST_PIECE:
            self._smtp.send(data[:-LAST_PIECE])
        self._left(deadline_ms)
        return self._finish(number, data[-LAST_PIECE:] + b".\r\n")

    def _wait_at_most(self, seconds: float) -> None:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("hung up")
        self._smtp.sock.settimeout(seconds)

    def _left(self, deadline_ms: int) -> float:
        left = (deadline_ms - millis(now())) / 1000
        if left <= 0:
            self.drop()
            raise Late
        return left

    def _open(self, number: int, sender: str, to: str) -> Handover | None:
        """Name sender and recipient and ask to send; return why not, or None: go ahead."""
        options = "" if (sender + to).isascii() else " SMTPUTF8"
        lines = [f"MAIL FROM:<{sender}>{options}", f"RCPT TO:<{to}>", "DATA"]
        if self._pipelines:
            self._smtp.send(("\r\n".join(lines) + "\r\n").encode())
        failed: Handover | None = None
        for stage, line in zip(("mail", "rcpt", "data"), lines, strict=True):
            if not self._pipelines:
                if failed:
                    break
                self._smtp.send((line + "\r\n").encode())
            code, text = self._smtp.getreply()
            if failed is None and code != GO_AHEAD and (stage == "data" or not OK <= code < GO_AHEAD):
                failed = _refusal(number, stage, code, text)
        if failed is None:
            return None
        self._since = monotonic()
        if code in {GO_AHEAD, CLOSING}:
            # A server that wants the data although it took no recipient gets none: hanging up voids the transaction.
            self.drop()
        else:
            self._smtp.rset()
        return failed

    def _finish(self, number: int, last: bytes) -> Handover:
        try:
            self._wait_at_most(ANSWER_AFTER_DOT)
            self._smtp.send(last)
            code, text = self._smtp.getreply()
        except (smtplib.SMTPException, OSError):
            self.drop()
            return Handover(number, Outcome.UNKNOWN, code="dot")
        self._since = monotonic()
        if OK <= code < GO_AHEAD:
            queued = QUEUED_AS.search(text)
            return Handover(number, Outcome.SENT, queued[1].decode() if queued else "", _code("dot", code, text))
        if code == CLOSING:
            self.drop()
        return _refusal(number, "dot", code, text)


def _code(stage: str, code: int, text: bytes) -> str:
    enhanced = ENHANCED.match(text)
    return f"{stage} {code} {enhanced[0].decode()}" if enhanced else f"{stage} {code}"


def _refusal(number: int, stage: str, code: int, text: bytes) -> Handover:
    """
    Say what a refusal means.

    A refused MAIL is about us, not about the person (our log-in, our address): it is tried again. A mailbox that does not
    exist is said at RCPT, or with an enhanced code 5.1.x later; policy (5.7.x) and full mailboxes (5.2.2) are no bounces.
    """
    shown = _code(stage, code, text)
    if code < PERMANENT or stage == "mail":
        return Handover(number, Outcome.TEMPORARY, code=shown)
    enhanced = ENHANCED.match(text)
    if enhanced:
        gone = enhanced[2] == b"1" or (enhanced[2], enhanced[3]) == (b"2", b"1")
    else:
        gone = stage == "rcpt" and code in NO_SUCH_MAILBOX
    return Handover(number, Outcome.PERMANENT, code=shown, address_refused=gone)
