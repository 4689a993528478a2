"""
Runs a command with a throw-away PostgreSQL of its own: ``python tests/postgres.py -- pytest …``.

The cluster lies in a temporary folder, listens on a free loopback port and is stopped by its process id. The house
connects as a role that is neither superuser nor exempt from row-level security, as it should outside, too.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASES = ("assent", "assent_keys", "assent_profiles")


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's server programs: newest Debian layout first, then PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    plain = shutil.which("initdb")
    return Path(plain).parent if plain else None


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster() -> Iterator[tuple[str, Path]]:
    """Start a cluster and give its address and its folder; stop and remove it afterwards."""
    programs = binaries()
    if programs is None:
        message = "PostgreSQL's server is not installed: `apt-get install postgresql` (or put initdb on PATH)"
        raise SystemExit(message)
    folder = Path(tempfile.mkdtemp(prefix="assent-postgres-"))
    data, port = folder / "data", free_port()
    # PostgreSQL refuses to run as root; Debian's package brings the user that it runs as.
    user = next((u for u in ("postgres", "nobody") if _exists(u)), "nobody") if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    options = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    env = {**os.environ, "LC_ALL": "C", "HOME": str(folder)}
    initdb = [programs / "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, env=env, cwd=folder, **options)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        # The cluster is thrown away: a lost machine loses nothing that anyone wants back.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "256MB",
        "max_connections": 200,
        "log_min_messages": "fatal",
    }
    command = [programs / "postgres", "-D", data, *(word for k, v in settings.items() for word in ("-c", f"{k}={v}"))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=env, cwd=folder, start_new_session=True, **options)
    try:
        _wait(programs, port, server)
        owner = [
            programs / "psql",
            "-qX",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "owner",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            "postgres",
        ]
        role = "CREATE ROLE assent LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS"
        for statement in (role, *(f"CREATE DATABASE {name} OWNER assent" for name in DATABASES)):
            subprocess.run([*owner, "-c", statement], check=True)
        yield f"postgresql://assent@127.0.0.1:{port}/assent", data
    finally:
        os.kill(server.pid, signal.SIGINT)  # fast shutdown
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def dump(address: str, database: str) -> bytes:
    """Return every row of a database of a cluster as text; bytes are in hexadecimal."""
    programs, port = binaries(), address.rpartition(":")[2].partition("/")[0]
    assert programs is not None, "the cluster has an address, so its programs are here"
    reach = ["-h", "127.0.0.1", "-p", port, "-U", "owner", "-d", database]
    return subprocess.run([programs / "pg_dump", "--data-only", *reach], check=True, capture_output=True).stdout


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _wait(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            message = f"PostgreSQL ended at start with {server.returncode}"
            raise SystemExit(message)
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1", "-d", "postgres"]
        if subprocess.run(ready, check=False).returncode == 0:
            return
        signal.sigtimedwait((), 0.1)
    message = "PostgreSQL did not answer within 30 s"
    raise SystemExit(message)


def main() -> int:
    """Run the words after ``--`` with ``ASSENT_DATABASE`` naming a fresh cluster."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    if not words:
        message = "usage: python tests/postgres.py -- COMMAND …"
        raise SystemExit(message)
    with cluster() as (address, _data):
        env = {**os.environ, "ASSENT_DATABASE": address}
        return subprocess.run(words, env=env, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
