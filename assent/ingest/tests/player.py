"""
A process that ingests until it is killed: ``python -m assent.ingest.tests.player <role>``, data folder from the environment.

``prepare`` makes the tables, Bloom and a server's property; ``ingest`` works for ever; ``tell`` says what came of it.
"""

import json
import sys
import time

import django


def prepare():
    from django.core.management import call_command

    from assent.audit.contracts import Actor
    from assent.foundation.clock import now
    from assent.ingest.tests.cast import HOME
    from assent.privacy.policy import api as policies
    from assent.tenancy import api as tenancy
    from tests.agreements import agree

    for alias in ("default", "keys", "profiles"):
        call_command("migrate", database=alias, verbosity=0, skip_checks=True)
    by, at = Actor.system("test"), now()
    shop = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=at
    )
    policies.publish(controller=shop.id, bundle=HOME / "policies" / "bloom", by=by, at=at)
    agree(controller=shop.id, at=at)
    server = tenancy.make_property(controller=shop.id, slug="server", name="Server", kind="server", by=by, at=at)
    return {"controller": shop.id, "property": server.id}


def ingest():
    from assent.foundation.clock import now
    from assent.ingest import tasks

    tasks.PAUSE_S = 0.02
    sys.stdout.write("working\n")
    sys.stdout.flush()
    while True:
        if not tasks.ingest(now()):
            time.sleep(0.005)


def tell():
    from assent.foundation import scope
    from assent.ingest import api
    from assent.ingest.models import Tally
    from assent.privacy.consent import api as consent
    from assent.privacy.subjects import api as subjects
    from assent.records.events.contracts import KIND
    from assent.records.lake import api as lake
    from assent.records.profiles import api as profiles

    log = api.open_log()
    settled = log.consumed() == log.tail()  # before anything else is read: what is settled now stays so
    with scope.every_controller(reason="a test looks at everything"):
        tallies = list(Tally.objects.values_list("controller_id", "reason", "count"))
    controller = tallies[0][0] if tallies else 1
    rows = lake.query(controller=controller, expr=lake.unbound(KIND), kinds=[KIND]).to_pylist() if tallies else []
    people = subjects.recognise(controller=controller, kind="user_id", values=[f"c{n}" for n in range(10)])
    held = profiles.get(controller=controller, subjects=[subject for subject in people if subject])
    return {
        "settled": settled,
        "orders": sorted(json.loads(row["properties"])["order_id"] for row in rows),
        "counted": sum(count for _, reason, count in tallies if not reason),
        "duplicates": sum(count for _, reason, count in tallies if reason == "duplicate"),
        "folded": sum(attributes["purchases_made"] for attributes in held.values()),
        "consents": sum(len(consent.records(controller=controller, subject=subject)) for subject in people if subject),
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps({"prepare": prepare, "ingest": ingest, "tell": tell}[sys.argv[1]]()))
