"""Running the collector: Granian's worker processes, each with its own partition of the arrival log."""

import multiprocessing
import os
from pathlib import Path

import django
from django.conf import settings
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from assent.entrypoints.collect.app import Collector
from assent.entrypoints.collect.keys import Keys
from assent.foundation import keys as foundation_keys
from assent.foundation.processes import die_with_parent, is_taken
from assent.ingest.ports import open_writer
from assent.tenancy.contracts import WriteKey

__all__ = ["PortTaken", "make", "serve"]

TARGET = f"{__name__}:make"


class PortTaken(OSError):
    """Somebody answers on this port already."""


def make() -> Collector:
    """Return the application of one worker process (Granian calls this in it)."""
    die_with_parent(patience=1.0)
    django.setup()
    from assent.tenancy import api as tenancy

    def write_keys() -> dict[str, WriteKey]:
        from django.db import close_old_connections

        close_old_connections()  # there is no request here whose end would replace a broken connection
        return tenancy.write_keys()

    writer = open_writer(var=settings.ASSENT_VAR, master=foundation_keys.master())
    return Collector(Keys(write_keys), writer, url=settings.ASSENT_COLLECT_URL, proxies=settings.ASSENT_TRUSTED_PROXIES)


def serve(host: str, port: int, workers: int, var: Path) -> None:
    """
    Serve until told to stop (SIGTERM, SIGINT); requests under way are answered first.

    :param workers: processes; each takes the first free partition of the log
    :param var: the data folder
    :raises PortTaken: if somebody answers there: the system would let both share the port, unnoticed
    """
    if is_taken(host, port):
        message = f"port {port} on {host} is taken: end what uses it or choose another"
        raise PortTaken(message)
    os.environ["ASSENT_VAR"] = str(var)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assent.config.settings")
    # A forked worker would share its parent's open databases, which SQLite forbids.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        TARGET,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        websockets=False,
        backpressure=256,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=15,
    ).serve()
