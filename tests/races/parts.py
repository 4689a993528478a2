"""What the processes of a race do: ``python -m tests.races.parts VERB ARGUMENTS`` in the environment of a house."""

import json
import random
import sys
import threading
import time

import django

django.setup()

from django.db import connections  # noqa: E402 - Django is up only now

from assent.audit.contracts import Actor  # noqa: E402
from assent.campaigns import api as campaigns  # noqa: E402
from assent.dispatch import api as dispatch, tasks  # noqa: E402
from assent.foundation.clock import now  # noqa: E402
from assent.privacy.consent import api as consent  # noqa: E402
from assent.privacy.consent.contracts import Choice, ChoiceInput, Method  # noqa: E402
from assent.privacy.subjects import api as subjects  # noqa: E402
from assent.privacy.subjects.contracts import PersonInput  # noqa: E402
from assent.privacy.suppression import api as suppression  # noqa: E402
from assent.privacy.suppression.contracts import Kind  # noqa: E402

US = Actor.system("race")
PURPOSE = "direct_marketing"


def setup(controller: int, count: int) -> None:
    """Let people agree and put a message for each into the outbox; print who has which address."""
    at = {"controller": controller, "by": US, "at": now()}
    names = [PersonInput({"user_id": f"c-{n}", "email": f"p{n}@people.example", "first_name": f"Ana{n}"}) for n in range(count)]
    people = [done.subject for done in subjects.upsert_many(people=names, **at)]
    yes = [ChoiceInput(one, PURPOSE, Choice.GIVEN, Method.WEB_FORM, "race", "email", "marketing_email") for one in people]
    consent.apply_many(choices=yes, **at)
    words = campaigns.create_template(name="Race", subject={"en": "Hi {{ first_name }}"}, body={"en": "Hi"}, **at)
    edition = campaigns.edition(
        controller=controller, template=words.id, sender_name="Bloom", sender_address="news@bloom.example"
    )
    dispatch.enqueue(
        occasion="race", purpose=PURPOSE, channel="email", template=edition, not_before=now(),
        people=[(one, {"first_name": "Ana", "language": "en"}) for one in people], **at,
    )  # fmt: skip
    print(json.dumps({str(one): f"p{n}@people.example" for n, one in enumerate(people)}))


def hand_over(controller: int, _: int) -> None:
    """Hand over as the worker does, until nothing is due and no claim is open."""
    while True:
        tasks.hand_over(now())
        states = dispatch.progress(controller=controller, occasion="race")
        if not any(states[state] for state in dispatch.OPEN):
            print(json.dumps({state.value: n for state, n in states.items()}))
            return
        time.sleep(0.05)


def withdraw(controller: int, count: int) -> None:
    """Let people say stop in the middle of it, several at a time, and print when each was told that it holds."""
    print("ready", flush=True)
    people = [int(word) for word in sys.stdin.readline().split()]
    told: dict[int, tuple[float, float]] = {}
    chosen = iter(random.sample(people, count))
    turn = threading.Lock()

    def say() -> None:
        try:
            while True:
                with turn:
                    one = next(chosen, None)
                if one is None:
                    return
                began = time.time()
                if one % 2:
                    consent.withdraw(
                        controller=controller, subject=one, purpose=PURPOSE, channel="email", method=Method.ONE_CLICK,
                        source="race", by=Actor.person(), at=now(),
                    )  # fmt: skip
                else:
                    suppression.suppress(
                        controller=controller, kind=Kind.OBJECTION, subject=one, purpose=PURPOSE, by=Actor.person(), at=now()
                    )
                assert suppression.acknowledge(controller=controller, subject=one, at=now(), timeout=30)
                told[one] = (began, time.time())
                time.sleep(0.002)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps(told))


if __name__ == "__main__":
    {"setup": setup, "hand_over": hand_over, "withdraw": withdraw}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))
    connections.close_all()
