"""What can go wrong with copies: each is said in words, and nothing is half done unnoticed."""

import fcntl
import os
import random
import resource
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from tests.backups.place import Place
from tests.prepared import own_database
from tests.running import HOME

pytestmark = [pytest.mark.timeout(400), pytest.mark.engine]
DRAW = random.Random(3)  # noqa: S311 - draws moments, no secret


@pytest.fixture
def place(tmp_path):
    one = Place(tmp_path)
    yield one
    one.house.stop()


def test_a_restore_refuses_what_it_cannot_rely_on_before_it_touches_anything(place):
    place.people("ada")
    data, keys = place.backup()
    before = place.house.assent("person", "--help", check=False).returncode
    whole = data.read_bytes()
    bad = place.home / "bad.age"
    for changed, word in (
        (whole[: len(whole) // 2], "is damaged"),
        (whole[:-1], "is damaged"),
        (whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:], "is damaged"),
        (keys.read_bytes(), "is a copy of the keys, not of the data"),
        (b"", "is damaged"),
    ):
        bad.write_bytes(changed)
        assert word in place.restore(bad, "--over", check=False).stderr
    assert "There is no file" in place.restore(place.home / "none.age", "--over", check=False).stderr.replace("there", "There")
    assert "there is a house in this place" in place.restore(data, check=False).stderr
    assert not (place.house.var / "restore" / "state.json").exists()
    assert place.house.assent("person", "--help", check=False).returncode == before
    place.house.start("web")
    assert "the house is running" in place.restore(data, "--over", check=False).stderr
    data.write_bytes(whole[:-1])
    told = place.house.assent("backup", "verify", check=False)
    assert "is damaged" in told.stderr
    assert "1 backup(s) can't be relied on" in told.stderr


def test_two_backups_at_once_are_one_and_a_word(place):
    (place.house.var / "backups").mkdir(exist_ok=True)
    with (place.house.var / "backups" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place.house.assent("backup", "make", check=False)
    assert done.returncode != 0
    assert "another backup or restore" in done.stderr
    assert place.listed() == []


def test_a_backup_killed_at_any_moment_leaves_nothing_that_counts(place):
    place.people(*(f"p{number}" for number in range(50)))
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "assent", "backup", "make"],
            cwd=HOME, env=place.house.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        scratch = place.house.var / "backups" / "scratch"
        until = time.monotonic() + 60
        while not scratch.exists() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(DRAW.uniform(0, 0.3))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for line in place.house.assent("backup", "verify").stdout.splitlines():
            assert "its bytes are those written" in line
    place.backup()
    assert not scratch.exists(), "what killed ones left is gone"
    assert not [name for name in place.listed() if name.endswith(".unfinished")]


def test_a_full_disk_is_said_and_nothing_is_kept(place):
    place.people("ada")

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = subprocess.run(
        [sys.executable, "-m", "assent", "backup", "make"],
        cwd=HOME, env=place.house.env, capture_output=True, text=True, check=False, preexec_fn=little_room,
    )  # fmt: skip
    assert done.returncode != 0
    assert "full" in done.stderr, done.stderr[-1000:]
    assert place.listed() == []
    assert not (place.house.var / "backups" / "scratch").exists()
    data, _keys = place.backup()
    full = subprocess.run(
        [sys.executable, "-m", "assent", *place.words(data, "--over")],
        cwd=HOME, env=place.house.env, capture_output=True, text=True, check=False, preexec_fn=little_room,
    )  # fmt: skip
    assert "the disk is full: nothing was touched" in full.stderr, full.stderr[-1000:]
    assert place.house.assent("audit", "verify").returncode == 0


def test_the_drill_restores_the_latest_and_says_what_it_found(place):
    ids = place.people("ada", "ben")
    place.ask("from assent.audit import api as audit\naudit.seal_pending()\n")
    place.backup()
    place.ask(f"""
from assent.privacy.rights import api as rights
rights.erase(controller=WHO, subjects=[{ids["ada"]}], by=US, at=now())
""")
    words = ["backup", "drill", "--identity", str(place.identity)]
    told = place.house.assent(*words).stdout
    assert "came back" in told
    assert "2 people" in told
    assert "erasures 1" in told
    found = place.ask("""
from assent.backups import api as backups
last = backups.status(at=now()).drill
print(json.dumps([last.passed, last.people, last.rows > 100, list(last.differences), dict(last.replayed)["erasures"]]))
""")
    assert found == [True, 2, True, [], 1]
    assert not (place.house.var / "backups" / "scratch").exists(), "nothing of the scratch house is left"
    if place.database:
        assert databases(place) == ["", "_keys", "_profiles"], "nor of its databases"
        words += ["--database", own_database(empty=True)["ASSENT_DATABASE"]]
        assert "came back" in place.house.assent(*words).stdout


def databases(place):
    """Return how the names of a house's databases end."""
    import psycopg

    name = urlsplit(place.database["ASSENT_DATABASE"]).path.strip("/")
    with psycopg.connect(place.database["ASSENT_DATABASE"]) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name]).fetchall()
    return sorted(one.removeprefix(name) for (one,) in found)


def test_the_worker_tries_the_latest_copy_by_itself(place):
    place.people("ada")
    place.house.env["ASSENT_BACKUP_IDENTITY"] = str(place.identity)
    found = place.ask("""
from assent.backups import api as backups
backups.tend(at=now())
found = backups.status(at=now())
print(json.dumps([found.trouble, found.drill and [found.drill.passed, found.drill.people]]))
""")
    assert found == ["", [True, 1]]
    if place.database:
        assert databases(place) == ["", "_keys", "_profiles"]


def test_a_role_that_may_not_make_databases_is_told_what_to_grant(place):
    if not place.database:
        return  # SQLite has no roles
    import psycopg

    with psycopg.connect(place.database["ASSENT_DATABASE"], user="owner", autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS plain")
        connection.execute("CREATE ROLE plain LOGIN")
    told = place.ask("""
from django.db import connections
from assent.backups import postgres
from assent.backups.contracts import Refused
connections.close_all()
connections.settings["default"]["USER"] = "plain"
try:
    with postgres.scratch():
        pass
except Refused as refused:
    print(json.dumps(str(refused)))
""")
    assert 'ALTER ROLE "plain" CREATEDB' in told


def test_the_worker_makes_copies_when_they_are_due_and_says_what_went_wrong(place):
    tend = """
from datetime import timedelta
from assent.backups import api as backups
times = [now(), now() + timedelta(hours=1), now() + timedelta(hours=25)]
for at in times:
    backups.tend(at=at)
found = backups.status(at=now())
print(json.dumps([len(found.backups), found.trouble]))
"""
    assert place.ask(
        tend.replace(
            "times = [now(), now() + timedelta(hours=1), now() + timedelta(hours=25)]",
            "times = [now(), now() + timedelta(hours=1)]",
        )
    ) == [2, ""]
    assert place.ask(tend) == [4, ""]
    place.house.env["ASSENT_BACKUP_FOLDER"] = "/proc/nowhere"
    found = place.ask("""
from assent.backups import api as backups
backups.tend(at=now())
print(json.dumps(backups.status(at=now()).trouble))
""")
    assert found
