"""
Workers are killed in the midst of erasures and of a run of retention: others go on, and it ends as if nothing had been.

Real processes and a real ``kill -9``. One process sets the house up and forks the workers, so that each starts at once.
"""

import pytest

from tests.backups.place import own_database
from tests.running import House

pytestmark = [pytest.mark.timeout(300), pytest.mark.engine]

PEOPLE = 24

BEGIN = """
import os, random, signal, time
from datetime import timedelta
from django.db import connections
from assent.audit import api as audit
from assent.config.wiring import JOBS
from assent.entrypoints.worker import loop
from assent.foundation.clock import now as real_now
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
from assent.privacy.rights import api as rights, models as rights_rows
from assent.privacy.rights.contracts import Identity, RequestKind, Via
from assent.privacy.retention import api as retention, models as retention_rows
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput

draw, turns = random.Random(11), []

def people(*names):
    made = subjects.upsert_many(controller=WHO, by=US, at=real_now(), people=[
        PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name.title()}) for name in names])
    ids = [one.subject for one in made]
    for choice in (Choice.GIVEN, Choice.WITHDRAWN):
        consent.apply_many(controller=WHO, by=US, at=real_now(), choices=[
            ChoiceInput(one, "direct_marketing", choice, Method.WEB_FORM, "test", "email", "marketing_email") for one in ids])
    return ids

def worker(names, ahead):
    "Start a worker with some of the jobs, whose clock is ahead."
    connections.close_all()
    if (pid := os.fork()) == 0:
        loop.now = lambda: real_now() + ahead
        loop.run([job for group in JOBS.values() for job in group() if job.name in names])
        os._exit(0)
    return pid

def kill(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

def wait_for(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, (
            list(rights_rows.Task.objects.filter(done_at=None).values("kind", "attempts", "waits_for")[:4]),
            list(rights_rows.Erasure.objects.values("state", "waits_for")[:4]),
        )
        time.sleep(0.003)

def killed_again_and_again(names, begun, done, ahead, times):
    "Kill a worker each time it is in the midst of something; the next comes when the lease of the last is over."
    deaths = 0
    for turn in range(times):
        turns.append(turn)
        pid = worker(names, ahead + turn * timedelta(minutes=11))
        try:
            with scope.controller(WHO):
                wait_for(lambda: begun(deaths) or done())
                over = done()
            time.sleep(draw.uniform(0, 0.02 * (turn + 1)))
        finally:
            kill(pid)
        if over:
            break
        deaths += 1
    pid = worker(names, ahead + (times + 1) * timedelta(minutes=11))
    try:
        with scope.controller(WHO):
            wait_for(done)
    finally:
        kill(pid)
    connections.close_all()
    return deaths
"""

ERASURES = """
ids = people(*(f"p{number}" for number in range(MANY)))
asked = [rights.receive(controller=WHO, kind=RequestKind.ERASURE, subject=one, via=Via.PORTAL, by=Actor.person(),
    identity=Identity.SIGNED_IN, at=real_now()).request for one in ids[: MANY // 2]]

def under_way(deaths):
    "A worker has taken erasures up, or left one half done."
    now = real_now() + timedelta(minutes=11 * turns[-1])
    leased = rights_rows.Task.objects.filter(kind="erase", done_at=None, lease_until__gt=now)
    return leased.exists() or rights_rows.Erasure.objects.exclude(state="done").exists()

def done():
    "The answer leaves first, while there is somebody to write to; then comes the erasure."
    return not (rights_rows.Task.objects.filter(done_at=None).exists()
        or rights_rows.Erasure.objects.exclude(state="done").exists())

deaths = killed_again_and_again(
    {"carry out requests", "finish erasures", "hand over messages", "tell recipients", "ingest"}, under_way, done,
    timedelta(minutes=1), 8,
)
stories = [rights.story(controller=WHO, request=one.id, at=real_now()) for one in asked]
with scope.controller(WHO):
    stuck = rights_rows.Erasure.objects.exclude(state="done").count()
print(json.dumps({
    "deaths": deaths,
    "here": sorted(ids.index(one) for one in subjects.public_ids(controller=WHO, subjects=ids)),
    "states": sorted({one.request.state.value for one in stories}),
    "answers": [sum(step.kind.value == "answered" for step in one.steps) for one in stories],
    "begun": sum(line.did == "subjects.people.erasing" for _, line in audit.entries(controller=WHO, limit=500)),
    "stuck": stuck,
}))
"""

RETENTION = """
ids = people(*(f"r{number}" for number in range(MANY)))

def part_way(deaths):
    return retention_rows.Run.objects.filter(finished_at=None, part__gt=6 * deaths).exists()

def done():
    return retention_rows.Run.objects.exclude(finished_at=None).exists()

deaths = killed_again_and_again({"let data end", "finish erasures"}, part_way, done, timedelta(days=4 * 366), 8)
rights.sweep_erasures(at=real_now() + timedelta(days=4 * 366 + 2))
[run] = retention.runs(controller=WHO)
ended = [line for _, line in audit.entries(controller=WHO, did="retention.purpose.ended", limit=500)]
print(json.dumps({
    "deaths": deaths, "people": run.people, "erased": run.erased, "ended": dict(run.ended),
    "written": sum(line.detail["people"] for line in ended if line.purpose == "direct_marketing"),
    "here": len(subjects.public_ids(controller=WHO, subjects=ids)),
    "reports": sum(line.did == "retention.run.done" for _, line in audit.entries(controller=WHO, limit=500)),
}))
"""


@pytest.fixture
def ask(tmp_path):
    one = House(tmp_path / "var", **own_database())
    yield lambda story: one.ask(f"WHO, MANY = {one.made['controller']}, {PEOPLE}\n" + BEGIN + story)
    one.stop()


def test_erasures_whose_workers_are_killed_end_whole_and_are_answered_once(ask):
    found = ask(ERASURES)
    half = PEOPLE // 2
    assert found["deaths"] >= 3, "it was in the midst of something"
    assert found["here"] == list(range(half, PEOPLE)), "who asked is gone, and nobody else"
    assert found["states"] == ["answered"]
    assert found["answers"] == [1] * half
    assert found["stuck"] == 0


def test_a_run_of_retention_whose_workers_are_killed_gives_the_report_of_an_undisturbed_one(ask):
    found = ask(RETENTION)
    assert found["deaths"] >= 3, "it was in the midst of something"
    assert (found["people"], found["erased"], found["here"]) == (PEOPLE, PEOPLE, 0)
    assert found["ended"]["direct_marketing:withdrawn"] == PEOPLE
    assert found["written"] == PEOPLE, "each ending stands in the book once"
    assert found["reports"] == 1
