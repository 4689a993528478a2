"""The processes of one house on one machine."""

import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass

from assent.config.starting import command
from assent.foundation.processes import Child, Supervisor, free_port

__all__ = ["Addresses", "house", "wait_until_ready"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the faces answer."""

    web: str
    collect: str


def house(host: str, port: int, collect_port: int, *, say: Callable[[str], object]) -> tuple[Supervisor, Addresses]:
    """Return a supervisor of all processes, on the ports wanted or the next free ones (and say so)."""
    web = free_port(host, port)
    if web != port:
        say(f"Port {port} is taken; the console takes {web}.")
    collect = free_port(host, collect_port, but={web})
    if collect != collect_port:
        say(f"Port {collect_port} is taken; the collector takes {collect}.")
    addresses = Addresses(f"http://{host}:{web}", f"http://{host}:{collect}")
    env = {"ASSENT_PUBLIC_URL": addresses.web, "ASSENT_COLLECT_URL": addresses.collect}
    return (
        Supervisor(
            [
                Child("web", command("serve", "--host", host, "--port", str(web)), env),
                Child("collector", command("collect", "--host", host, "--port", str(collect)), env),
                Child("ingest", command("worker", "ingest"), env),
                Child("tasks", command("worker", "tasks"), env),
            ]
        ),
        addresses,
    )


def wait_until_ready(addresses: Addresses, *, seconds: float = 60) -> bool:
    """Return whether both faces answered within the time."""
    end = time.monotonic() + seconds
    for url in (f"{addresses.web}/healthz", f"{addresses.collect}/healthz"):
        while True:
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback address
                    break
            except OSError:
                if time.monotonic() > end:
                    return False
                time.sleep(0.1)
    return True
