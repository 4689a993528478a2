"""What dispatch needs done by others: a message rendered, a message handed over. ``config/wiring.py`` fills both."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from assent.dispatch.contracts import Cleared, Handover, Links, NotRendered, Outcome, Rendered

__all__ = [
    "Cleared", "Handover", "Links", "NotRendered", "NotWired", "Outcome", "Rendered", "Renderer", "Sender",
    "renderer", "senders", "wire",
]  # fmt: skip


class Sender(Protocol):
    """
    Hands messages of one channel to the outside.

    ``recipient`` is the recipient's key in the policy, or ``"self"`` for the controller's own server.
    """

    channel: str
    recipient: str

    def hand_over(self, messages: Sequence[Cleared]) -> Iterable[Handover]:
        """
        Send each message at most once and say what is known of it; a message left out counts as unknown.

        The last byte of a message leaves before its ``deadline_ms`` or not at all.
        """
        ...


class Renderer(Protocol):
    """Turns a template and a person's variables into words."""

    def render(
        self, *, controller: int, template: int, language: str, variables: Mapping[str, object], links: Links
    ) -> Rendered:
        """
        Return the message in the person's language, with everything in ``links`` that is not empty.

        :raises NotRendered: if there is no such template or it fails on these variables
        """
        ...


class NotWired(RuntimeError):
    """Nothing stands behind a port: ``config/wiring.py`` names what does."""


_renderer: list[Renderer] = []
_senders: dict[str, Sender] = {}


def wire(*, renderer: Renderer | None = None, senders: Iterable[Sender] = ()) -> None:
    """Put an implementation behind the ports; a later one takes the place of an earlier."""
    if renderer is not None:
        _renderer[:] = [renderer]
    _senders.update({sender.channel: sender for sender in senders})


def renderer() -> Renderer:
    """
    Return what renders messages.

    :raises NotWired: if nothing does
    """
    if not _renderer:
        message = "no renderer stands behind dispatch: call dispatch.ports.wire(renderer=...) in config/wiring.py"
        raise NotWired(message)
    return _renderer[0]


def senders() -> list[Sender]:
    """Return the senders, one per channel."""
    return list(_senders.values())
