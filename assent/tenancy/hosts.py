"""Host names: under which name on the web a controller's public pages answer."""

import re
import time
from datetime import datetime

from django.db import connection, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.tenancy import models
from assent.tenancy.contracts import BadHost

__all__ = ["add_host", "controller_of_host", "hosts", "remove_host"]

LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
HOST = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})+")  # RFC 1123, 2.1; a port is no part of a name
# Every page view asks; a name that was added or removed in another process is known this soon.
FRESH_SECONDS = 5.0

_seen: tuple[float, dict[str, int]] = (0.0, {})


@transaction.atomic
def add_host(*, controller: int, name: str, by: Actor, at: datetime) -> None:
    """
    Let a controller's public pages answer under a host name; repeating it changes nothing.

    :raises BadHost: if it is no host name, or another controller's
    """
    host = name.lower().rstrip(".")
    if not HOST.fullmatch(host):
        raise BadHost(f"{name[:80]!r} is no host name: write it like privacy.bloom.example, without https:// and port")
    row, made = models.Host.objects.get_or_create(name=host, defaults={"controller_id": controller, "added_at": at})
    if row.controller_id != controller:
        raise BadHost(f"{host} belongs to another controller: remove it there first")
    if made:
        audit.write(Did.HOST_ADDED, controller=controller, by=by, at=at, on=f"host:{row.id}")
    _forget()


@transaction.atomic
def remove_host(*, controller: int, name: str, by: Actor, at: datetime) -> bool:
    """Let a host name no longer answer; False if the controller has no such name."""
    row = models.Host.objects.filter(controller_id=controller, name=name.lower().rstrip(".")).first()
    if row is None:
        return False
    audit.write(Did.HOST_REMOVED, controller=controller, by=by, at=at, on=f"host:{row.id}")
    row.delete()
    _forget()
    return True


def hosts(*, controller: int) -> list[str]:
    """Return a controller's host names."""
    return list(models.Host.objects.filter(controller_id=controller).order_by("name").values_list("name", flat=True))


def controller_of_host(*, name: str) -> int | None:
    """Return whose host name it is, or None. Remembered for a few seconds."""
    global _seen  # noqa: PLW0603 - one small table, replaced whole
    until, known = _seen
    if connection.in_atomic_block:
        # Inside a transaction the answer must be the transaction's own.
        return models.Host.objects.filter(name=name.lower()).values_list("controller_id", flat=True).first()
    if time.monotonic() >= until:
        known = dict(models.Host.objects.values_list("name", "controller_id"))
        _seen = (time.monotonic() + FRESH_SECONDS, known)
    return known.get(name.lower())


def _forget() -> None:
    global _seen  # noqa: PLW0603 - as above
    _seen = (0.0, {})
