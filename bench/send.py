"""
A campaign to 20,000 people through SMTP to a counting server on this machine: filled from a segment, each message asked about
again at hand-over, rendered for its person, written into book and journal before it leaves, and settled after.

Files on disk, every transaction synchronised, one sending process with eight connections; the server is a process of its own.
``send_messages_per_s`` counts from the first claim to the last settled message, ``send_whole_messages_per_s`` also the filling
of the outbox. The ceiling is what the same connections and mails reach with no gate at all (``send_bare_messages_per_s``).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("send_messages_per_s", "send_whole_messages_per_s", "send_bare_messages_per_s")
PEOPLE = 20_000
HOME = Path(__file__).resolve().parent.parent
BODY = """Bună {{ first_name or "ziua" }},

Colecția de toamnă a sosit în magazinul din {{ city or "orașul dumneavoastră" }}. Mărimile se termină repede, ca în fiecare an.

[Vedeți colecția](https://bloom.example/toamna)

Vă așteptăm cu drag."""


def house():
    """Make a brand with people who agreed, and a campaign to them; return ids."""
    from django.core.management import call_command

    from assent.audit.contracts import Actor
    from assent.campaigns import api as campaigns
    from assent.foundation.clock import now
    from assent.privacy.consent import api as consent
    from assent.privacy.consent.contracts import Choice, ChoiceInput, Method
    from assent.privacy.policy import api as policy
    from assent.privacy.subjects import api as subjects
    from assent.privacy.subjects.contracts import PersonInput
    from assent.records.profiles import api as profiles
    from assent.segments import api as segments
    from assent.tenancy import api as tenancy
    from tests.agreements import agree

    for alias in ("default", "keys", "profiles"):
        call_command("migrate", database=alias, verbosity=0, skip_checks=True)
    by = Actor.system("bench")
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=now()
    )
    at = {"controller": info.id, "by": by, "at": now()}
    policy.publish(bundle=HOME / "policies" / "bloom", **at)
    agree(controller=at["controller"], at=at["at"])
    people = []
    for start in range(0, PEOPLE, 2_000):
        inputs = [
            PersonInput({"user_id": f"c-{number}", "email": f"p{number}@people.example", "first_name": f"Ana{number % 97}"})
            for number in range(start, start + 2_000)
        ]
        people += [done.subject for done in subjects.upsert_many(people=inputs, **at)]
    consent.apply_many(
        choices=[
            ChoiceInput(one, "direct_marketing", Choice.GIVEN, Method.WEB_FORM, "bench", "email", "marketing_email")
            for one in people
        ],
        **at,
    )
    profiles.set_attributes(controller=info.id, rows=[(one, {"city": "Cluj", "language": "ro"}) for one in people], at=now())
    profiles.mirror(controller=info.id)
    segment = segments.create(name="Cluj", purpose="direct_marketing", definition={"attribute": "city", "is": "Cluj"}, **at)
    words = campaigns.create_template(
        name="Toamna", subject={"ro": "{{ first_name }}, colecția de toamnă a sosit"}, body={"ro": BODY}, **at
    )
    made = campaigns.create(
        name="Toamna", segment=segment.id, purpose="direct_marketing", channel="email", template=words.id, sender_name="Bloom",
        sender_address="news@bloom.example", scheduled_at=None, **at,
    )  # fmt: skip
    return info.id, made.id, by


def bare(port):
    """Return messages a second with the same connections and mails of the same size, and no gate."""
    from assent.connectors.smtp.sender import SmtpSender
    from assent.dispatch.contracts import Cleared, Rendered
    from assent.foundation.clock import millis, now

    words = Rendered("Colecția de toamnă a sosit", BODY * 12, BODY, "Bloom", "news@bloom.example")
    sender = SmtpSender(f"smtp://127.0.0.1:{port}?tls=none")
    count, began = 4_000, time.perf_counter()
    for start in range(0, count, 200):
        batch = [
            Cleared(
                number,
                1,
                1,
                "p",
                "email",
                "ro",
                f"b{number}@people.example",
                f"{number:032x}",
                words,
                {},
                millis(now()) + 9_000,
            )
            for number in range(start, start + 200)
        ]
        assert sum(done.outcome == "sent" for done in sender.hand_over(batch)) == 200
    sender.close()
    return count / (time.perf_counter() - began)


def run(port):
    """Send the campaign and return what was seen."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections

    from assent.campaigns import api as campaigns
    from assent.dispatch import ports, tasks
    from assent.foundation.clock import now

    settings.ASSENT_VAR.mkdir(parents=True, exist_ok=True)
    controller, campaign, by = house()
    whole = time.perf_counter()
    campaigns.send(controller=controller, campaign=campaign, by=by, at=now())
    while campaigns.sweep(at=now()):
        pass
    began = time.perf_counter()
    while tasks.hand_over(now()):
        pass
    ended = time.perf_counter()
    messages = campaigns.progress(controller=controller, campaign=campaign).messages
    ports.senders()[0].close()
    connections.close_all()
    return {"sent": messages["sent"], "gate": PEOPLE / (ended - began), "whole": PEOPLE / (ended - whole), "bare": bare(port)}


def measure():
    with (
        tempfile.TemporaryDirectory(prefix="assent-bench-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "bench._sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOME
        ) as sink,
    ):
        port = sink.stdout.readline().strip()
        env = {
            **os.environ, "ASSENT_VAR": folder, "ASSENT_DATABASE": "sqlite", "DJANGO_SETTINGS_MODULE": "assent.config.settings",
            "ASSENT_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "bench.send", port], check=False, capture_output=True, text=True, env=env, cwd=HOME
        )
        assert done.returncode == 0, done.stderr[-3000:]
        sink.stdin.write("count\n")
        sink.stdin.flush()
        messages, recipients, _ = map(int, sink.stdout.readline().split())
        sink.stdin.close()
        sink.terminate()
    seen = json.loads(done.stdout.splitlines()[-1])
    # The counter's word, not ours: everybody once, and the bare run's own 4,000.
    assert seen["sent"] == PEOPLE, seen
    assert messages == recipients == PEOPLE + 4_000, (messages, recipients)
    return [
        {"name": NAMES[0], "value": seen["gate"], "unit": "messages/s", "bar": 1_000, "holds": seen["gate"] >= 1_000},
        {"name": NAMES[1], "value": seen["whole"], "unit": "messages/s", "bar": "-", "holds": True},
        {"name": NAMES[2], "value": seen["bare"], "unit": "messages/s", "bar": "-", "holds": True},
    ]


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
