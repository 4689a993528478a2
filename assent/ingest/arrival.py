"""What lies in the arrival log: one HTTP request's events as they came, and how the log says no."""

import msgspec

__all__ = ["KINDS", "Arrival", "LogEntry", "LogUnavailable", "PartitionTaken", "Unreadable"]

KINDS = ("batch", "identify", "track", "page", "screen", "group", "alias")
"""What a request can carry, from its path."""


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """
    A request to keep: its body and what only the connection knew. Stored in the order of its fields: add at the end only.

    :param received_ms: when it came, milliseconds since 1970
    :param property: id of the property whose key it carried
    :param secret: whether that key is a secret one (a server's), not one that anybody can copy from a page
    :param kind: one of ``KINDS``; ``batch`` holds many messages in its field of that name, the others one
    :param gpc: whether the browser sent ``Sec-GPC: 1``
    :param ip_short: the sender's address cut to its network (IPv4 /24, IPv6 /48), or empty
    :param body: JSON in UTF-8, checked to be an object (of a batch: with a list ``batch``), unpacked if it came compressed
    """

    received_ms: int
    property: int
    secret: bool
    kind: str
    gpc: bool
    ip_short: str
    body: bytes


class LogEntry(msgspec.Struct, frozen=True, gc=False):
    """An :class:`Arrival` read back. Within a partition ``seq`` rises by arrival and is never used twice."""

    partition: str
    seq: int
    received_ms: int
    property: int
    secret: bool
    kind: str
    gpc: bool
    ip_short: str
    body: bytes


class Unreadable(msgspec.Struct, frozen=True, gc=False):
    """A place in the log that can't be opened: its key is gone or its bytes were altered. Count it and go on."""

    partition: str
    seq: int
    why: str


class LogUnavailable(Exception):
    """The log can't take or give anything now (disk full, file locked); nothing was changed. Try again later."""

    def __init__(self, why: str, *, retry_after: int = 2) -> None:
        """Say why, and after how many seconds to try again."""
        super().__init__(why)
        self.retry_after = retry_after


class PartitionTaken(Exception):
    """Another living process writes this partition; there is one writer to each."""
