"""The catcher: real code for places where no mail may leave, the demo above all."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from assent.dispatch.contracts import Cleared, Handover, Outcome
from assent.foundation import canonical
from assent.foundation.clock import millis, now

__all__ = ["Catcher", "Keep"]

KIND = "mail"


class Keep(Protocol):
    """Keeps a file sealed under a person's key (``records.files``)."""

    def __call__(self, *, controller: int, subject: int, kind: str, name: str, data: bytes, at: datetime) -> object:
        """Keep it."""
        ...


class Catcher:
    """
    Keeps each mail as a JSON file of kind ``mail`` instead of sending it.

    The file has ``to, from_name, from_address, reply_to, subject, text, html, headers, purpose, language, message``.
    """

    recipient = "self"

    def __init__(self, keep: Callable[[], Keep], *, channel: str = "email") -> None:
        """Take what returns the keeper; it is asked at the first message, when all rooms are up."""
        self.channel = channel
        self._keep = keep

    def hand_over(self, messages: Sequence[Cleared]) -> Iterator[Handover]:
        """Keep messages; one whose claim ran out is let go, as any sender must."""
        keep = self._keep()
        for message in messages:
            at = now()
            if millis(at) >= message.deadline_ms:
                yield Handover(message.id, Outcome.UNTRIED, code="claim")
                continue
            words = message.rendered
            data = canonical.dumps({
                "to": message.address, "from_name": words.from_name, "from_address": words.from_address,
                "reply_to": words.reply_to, "subject": words.subject, "text": words.text, "html": words.html,
                "headers": dict(message.headers), "purpose": message.purpose, "language": message.language,
                "message": message.id if message.id < 2**53 else str(message.id),
            })  # fmt: skip
            name = f"{message.reference}.json"
            keep(controller=message.controller, subject=message.subject, kind=KIND, name=name, data=data, at=at)
            yield Handover(message.id, Outcome.SENT, name, "kept")
