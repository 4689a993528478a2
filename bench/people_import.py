"""
People taken in in bulk: normalised, recognised, sealed under a key each, indexed for search, written down.

``import_people_per_s`` goes through the REST API as a brand's server would: ``assent serve`` as it is started everywhere, a
thousand people a request, eight connections. ``import_room_people_per_s`` calls the room itself, in one process, without HTTP.
Files on disk, every transaction synchronised, at most 1,500 rows a transaction, so that others are never kept waiting.
One person in ten comes twice, as in any list; the second pass sends the whole list again and must change nothing.
"""

import gc
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.running import house

NAMES = ("import_people_per_s", "import_again_people_per_s", "import_room_people_per_s", "import_longest_write_ms")
PEOPLE = 40_000
PER_CALL = 2_000
PER_REQUEST = 1_000
CONNECTIONS = 8
KEY = """
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
verbs = [Permission.PEOPLE_WRITE, Permission.PEOPLE_READ]
info = tenancy.controller(slug="bloom")
print(json.dumps(tenancy.make_api_key(controller=info.id, name="bench", verbs=verbs, by=US, at=now())))
"""
SYLLABLES = ("an", "el", "io", "ma", "ști", "cu", "da", "ră", "mi", "po", "es", "țu", "ne", "gri", "vla", "bog", "tea", "lu")


def invent(count: int):
    """Return people with all that a shop usually knows, names as alike as names are."""
    draw = random.Random(7)
    word = lambda: "".join(draw.choices(SYLLABLES, k=draw.randint(2, 4))).capitalize()  # noqa: E731
    first, last, cities = [word() for _ in range(300)], [word() + "escu" for _ in range(2_000)], [word() for _ in range(50)]
    for number in range(count):
        yield {
            "user_id": f"c-{number}",
            "email": f"person{number}@{draw.choice(('mail', 'post', 'box'))}.example",
            "phone": f"07{draw.randint(20, 79)} {draw.randint(100, 999)} {draw.randint(100, 999)}",
            "first_name": draw.choice(first),
            "last_name": draw.choice(last),
            "birth_date": f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
            "postal_code": f"{draw.choice((10, 30, 40, 50, 70)) * 10_000 + draw.randint(0, 9_999)}",
            "city_of_address": draw.choice(cities),
        }


def listed():
    """Return the whole list, one in ten twice, in no order."""
    people = list(invent(PEOPLE))
    twice = [*people, *people[::10]]
    random.Random(8).shuffle(twice)
    return twice


def send(port, key, bodies):
    """Send some bodies over one connection, and count who was made and who was changed."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    made = changed = 0
    for body in bodies:
        connection.request(
            "POST", "/api/v1/people", body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        # Counted without being parsed: this process shares the machine with what it measures.
        found = answer.read()
        assert answer.status == 200, found[:500]
        assert found.endswith(b',"refused":0}'), found[-100:]
        made += found.count(b'"created":true')
        changed += found.count(b'"changed":true')
    connection.close()
    return made, changed


def through_the_api():
    """Send the list twice to a web server of its own, and return people a second for each pass."""
    twice = listed()
    parts = [twice[start : start + PER_REQUEST] for start in range(0, len(twice), PER_REQUEST)]
    bodies = [json.dumps({"people": [{"identifiers": one} for one in part], "source": "you"}).encode() for part in parts]
    spent = []
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder, house(Path(folder), "web") as one:
        key = one.ask(KEY)
        for expected in (PEOPLE, 0):
            start = time.perf_counter()
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                waiting = iter(bodies)  # each connection takes the next request when it is free, as an importer does
                shares = [pool.submit(send, one.web_port, key, waiting) for _ in range(CONNECTIONS)]
                done = [share.result() for share in shares]
            spent.append(time.perf_counter() - start)
            assert sum(made for made, _ in done) == expected
            assert expected or not sum(changed for _, changed in done)
    return [len(twice) / seconds for seconds in spent]


def run() -> dict[str, float]:
    """Import into an empty house and return what was seen."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from assent.audit.contracts import Actor
    from assent.foundation.clock import now
    from assent.privacy.subjects import api, upsert
    from assent.privacy.subjects.contracts import PersonInput
    from assent.tenancy import api as tenancy

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0, skip_checks=True)
    by = Actor.system("bench")
    shop = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=now()
    )
    twice = [PersonInput(identifiers) for identifiers in listed()]

    longest, inner = 0.0, upsert._upsert

    def timed(*args, **named):
        nonlocal longest
        start = time.perf_counter()
        result = inner(*args, **named)
        longest = max(longest, time.perf_counter() - start)
        return result

    upsert._upsert = timed
    gc.collect()
    gc.freeze()  # as the web server does when it has loaded
    start = time.perf_counter()
    for first in range(0, len(twice), PER_CALL):
        api.upsert_many(controller=shop.id, people=twice[first : first + PER_CALL], by=by, at=now())
    spent = time.perf_counter() - start
    assert api.count(controller=shop.id) == PEOPLE
    connection.close()
    return {"room": len(twice) / spent, "longest": longest * 1000}


def measure():
    first, again = through_the_api()
    with tempfile.TemporaryDirectory(prefix="assent-bench-") as folder:
        env = {
            **os.environ,
            "ASSENT_VAR": folder,
            "ASSENT_DATABASE": "sqlite",
            "DJANGO_SETTINGS_MODULE": "assent.config.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.people_import"],
            check=True,
            capture_output=True,
            text=True,
            env=env,
            cwd=Path(__file__).resolve().parent.parent,
        )
    seen = json.loads(done.stdout)
    return [
        {"name": NAMES[0], "value": first, "unit": "people/s", "bar": 5_000, "holds": first >= 5_000},
        {"name": NAMES[1], "value": again, "unit": "people/s", "bar": 5_000, "holds": again >= 5_000},
        {"name": NAMES[2], "value": seen["room"], "unit": "people/s", "bar": "-", "holds": True},
        {"name": NAMES[3], "value": seen["longest"], "unit": "ms", "bar": "-", "holds": True},
    ]


if __name__ == "__main__":
    print(json.dumps(run()))
