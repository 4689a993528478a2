"""The SMTP sender: a few connections, each kept for many messages."""

import smtplib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from assent.connectors.smtp.mime import BadAddress, envelope, mail
from assent.connectors.smtp.session import Address, CannotConnect, Late, Session
from assent.dispatch.contracts import Cleared, Handover, Outcome
from assent.foundation.clock import millis, now

__all__ = ["SmtpSender"]

MESSAGES_PER_CONNECTION = 1000  # a relay behind one address changes; so does what a server allows on one connection
CONNECT_WITHIN = 5.0  # seconds


class SmtpSender:
    """Hands e-mail to a mail server. One instance per process; several threads may call it at once."""

    channel = "email"

    def __init__(self, url: str, *, recipient: str = "self") -> None:
        """
        Read where to connect; nothing is opened before the first message.

        :param recipient: the recipient's key in the policy when the server is a processor's, else ``"self"``
        :raises ValueError: if the address is not one
        """
        self.recipient = recipient
        self._address = Address.read(url)
        self._idle: deque[Session] = deque()
        self._threads = ThreadPoolExecutor(self._address.connections, thread_name_prefix="smtp")

    def hand_over(self, messages: Sequence[Cleared]) -> Iterator[Handover]:
        """Send messages over the pooled connections and yield what became of each, as it becomes known."""
        todo = deque(messages)
        lanes = min(self._address.connections, len(messages))
        for lane in as_completed([self._threads.submit(self._lane, todo) for _ in range(lanes)]):
            yield from lane.result()

    def close(self) -> None:
        """Hang up everywhere."""
        self._threads.shutdown()
        while self._idle:
            self._idle.pop().close()

    def _lane(self, todo: deque[Cleared]) -> list[Handover]:
        """Take messages one by one until none is left. A server that can't be reached is not asked again in this round."""
        done: list[Handover] = []
        session: Session | None = None
        down = ""
        while True:
            try:
                message = todo.popleft()
            except IndexError:
                break
            left = (message.deadline_ms - millis(now())) / 1000
            if left <= 0:
                done.append(Handover(message.id, Outcome.UNTRIED, code="claim", named=False))
                continue
            if down:
                done.append(Handover(message.id, Outcome.TEMPORARY, code=down, named=False))
                continue
            try:
                session = self._session(session, min(left, CONNECT_WITHIN))
                done.append(self._one(session, message))
            except CannotConnect as error:
                down = str(error)
                done.append(Handover(message.id, Outcome.TEMPORARY, code=down, named=False))
        if session:
            self._idle.append(session)
        return done

    def _session(self, session: Session | None, timeout: float) -> Session:
        """Return the session in hand if it lives, else a kept one that does, else a new one."""
        while session or self._idle:
            try:
                session = session or self._idle.pop()
            except IndexError:
                break
            if session.used < MESSAGES_PER_CONNECTION and session.alive:
                return session
            session.close()
            session = None
        return Session(self._address, timeout=timeout)

    @staticmethod
    def _one(session: Session, message: Cleared) -> Handover:
        try:
            to = envelope(message.address)
            sender = envelope(message.rendered.from_address)
            if not session.takes_unicode and not (to + sender).isascii():
                return Handover(message.id, Outcome.PERMANENT, code="no smtputf8", named=False)
            data = mail(message, to=to, at=now())
        except BadAddress:
            return Handover(message.id, Outcome.PERMANENT, code="address", address_refused=False, named=False)
        try:
            return session.deliver(message.id, sender=sender, to=to, data=data, deadline_ms=message.deadline_ms)
        except Late:
            return Handover(message.id, Outcome.UNTRIED, code="claim")
        except (smtplib.SMTPException, OSError):
            session.drop()
            return Handover(message.id, Outcome.TEMPORARY, code="disconnected")
