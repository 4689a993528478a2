"""One supervisor: ports that are free, children that come back, and an end that leaves nobody behind."""

import os
import signal
import socket
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from assent.config.supervision import house
from assent.foundation.processes import Child, Supervisor, free_port
from tests.postgres import free_port as any_port

LOOPBACK = "127.0.0.1"
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@contextmanager
def taken(*ports):
    """Answer on these ports."""
    servers = [socket.create_server((LOOPBACK, port)) for port in ports]
    try:
        yield
    finally:
        for server in servers:
            server.close()


def three_in_a_row():
    for _ in range(100):
        port = any_port()
        if all(free_port(LOOPBACK, port + step) == port + step for step in range(4)):
            return port
    pytest.fail("no three free ports in a row")


def test_what_is_wanted_is_taken_if_it_is_free():
    port, said = three_in_a_row(), []
    _, addresses = house(LOOPBACK, port, port + 1, say=said.append)
    assert (addresses.web, addresses.collect) == (f"http://{LOOPBACK}:{port}", f"http://{LOOPBACK}:{port + 1}")
    assert said == []


def test_a_taken_port_is_named_and_the_next_is_used():
    port, said = three_in_a_row(), []
    with taken(port):
        _, addresses = house(LOOPBACK, port, port + 1, say=said.append)
    assert addresses.web.endswith(f":{port + 1}")
    assert addresses.collect.endswith(f":{port + 2}")
    assert str(port) in said[0]


def test_both_taken_lead_to_two_different_ports():
    port, said = three_in_a_row(), []
    with taken(port, port + 1):
        _, addresses = house(LOOPBACK, port, port + 1, say=said.append)
    assert addresses.web.endswith(f":{port + 2}")
    assert addresses.collect.endswith(f":{port + 3}")
    assert len(said) == 2


def test_a_child_that_is_killed_comes_back_and_a_stop_ends_it():
    child = Child("sleeper", SLEEPS)
    supervisor = Supervisor([child])
    supervisor.start()
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    for _ in range(200):
        if child.process is not None and child.process.pid != first:
            break
        time.sleep(0.05)
    second = child.process
    supervisor.stop()
    watching.join(20)
    assert second.pid != first
    assert second.poll() is not None
    assert not watching.is_alive()
