"""Starting, watching and ending processes so that nothing lives on unnoticed."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Child", "Supervisor", "die_with_parent", "free_port", "is_taken"]

LOOK_EVERY = 0.2  # seconds; how long an orphan may live
PATIENCE = 15.0  # seconds a child has to end by itself: the send time-out of 10 s and some for tidying up


def die_with_parent(*, patience: float = PATIENCE) -> None:
    """
    End this process soon after its parent is gone, however the parent ended, and even if it went before this was called.

    :param patience: seconds to end in by itself before it is ended

    A web server's worker survives a ``kill -9`` of its main process and keeps answering beside its successor; asking
    for the parent's id works on every system, where Linux's PR_SET_PDEATHSIG would not.
    """
    main = multiprocessing.parent_process()
    parent = os.getppid() if main is None else main.pid

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, name="die-with-parent", daemon=True).start()


def is_taken(host: str, port: int) -> bool:
    """Return whether somebody answers there. Binding would not tell: SO_REUSEPORT lets two servers share a port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def free_port(host: str, wanted: int, *, but: Collection[int] = (), tries: int = 50) -> int:
    """
    Return the first port from ``wanted`` on that nobody answers on.

    :param but: ports that are promised to somebody who does not answer yet
    :raises OSError: if there is none among the next ``tries``
    """
    for port in range(wanted, wanted + tries):
        if port not in but and not is_taken(host, port):
            return port
    message = f"ports {wanted} to {wanted + tries - 1} on {host} are all taken: end what uses them or name another"
    raise OSError(message)


@dataclass
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = 0.0


class Supervisor:
    """Keeps children running until told to stop. One that ends is started again, later and later if it keeps ending."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self._stop = threading.Event()

    def start(self) -> None:
        """Start all children."""
        for child in self.children:
            self._start(child)

    def _start(self, child: Child) -> None:
        # A session of its own: Ctrl-C reaches the supervisor only, which then ends the children in order.
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            list(child.command), env={**os.environ, **child.env}, start_new_session=True
        )
        child.started = time.monotonic()

    def watch(self) -> None:
        """Start again what has ended; return after ``stop``."""
        while not self._stop.wait(LOOK_EVERY):
            for child in self.children:
                self._look_at(child)

    def _look_at(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None:
            lived = now - child.started
            child.failures = 0 if lived > 60 else child.failures + 1
            wait = min(30.0, 0.5 * 2**child.failures)
            sys.stderr.write(f"{child.name} ended with {child.process.returncode}; starting it again in {wait:g} s\n")
            child.process, child.again_at = None, now + wait
        elif child.process is None and now >= child.again_at:
            self._start(child)

    def stop(self) -> None:
        """Ask all children to end, wait, and end those that don't."""
        self._stop.set()
        running = [child.process for child in self.children if child.process is not None and child.process.poll() is None]
        for process in running:
            process.terminate()
        end = time.monotonic() + PATIENCE
        for process in running:
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
