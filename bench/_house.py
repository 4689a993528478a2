"""Bloom with a million people, a choice of each and ten million events: for whatever is measured on a whole house."""

import uuid
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HOME = Path(__file__).resolve().parents[1]
AT_ONCE = 20_000


class House(NamedTuple):
    """A controller, its people's ids, and who and when for its verbs; ``codes`` are the policy's numbers of its purposes."""

    id: int
    people: np.ndarray
    at: dict[str, Any]
    codes: dict[str, int]


def filled() -> House:
    """Prepare the databases of this process, publish Bloom's policy, and fill the house past its doors."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction

    from assent.audit.contracts import Actor
    from assent.foundation.clock import now
    from assent.privacy.policy import api as policy
    from assent.tenancy import api as tenancy
    from bench._world import build

    call_command("prepare")
    by = Actor.system("bench")
    info = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=by, at=now()
    )
    at = {"controller": info.id, "by": by, "at": now()}
    codes = dict(policy.publish(bundle=HOME / "policies" / "bloom", **at).purpose_codes)
    folder, people = build(marketing=codes["direct_marketing"], service=codes["service"])
    (settings.ASSENT_VAR / "lake").mkdir(exist_ok=True)
    folder.rename(settings.ASSENT_VAR / "lake" / str(info.id))
    with transaction.atomic(), connection.cursor() as cursor:
        _fill(cursor, info.id, people.tolist(), codes["direct_marketing"], int(now().timestamp() * 1000))
    return House(info.id, people, at, codes)


def _fill(cursor, controller: int, people: list[int], purpose: int, at_ms: int) -> None:
    """Make people who agreed to e-mail: what is measured is how much of them stands in the way."""
    subject = "INSERT INTO subjects_subject (id, controller_id, public_id, state, created_at) VALUES (%s, %s, %s, 'active', %s)"
    standing = (
        "INSERT INTO consent_standing (controller_id, purpose, channel, subject, choice, explicit, at_ms, expires_ms, record) "
        "VALUES (%s, %s, 1, %s, 1, 0, %s, 4000000000000, 0)"
    )
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        cursor.executemany(subject, [(one, controller, uuid.uuid4().hex, "2026-01-01 00:00:00") for one in part])
        cursor.executemany(standing, [(controller, purpose, one, at_ms) for one in part])
