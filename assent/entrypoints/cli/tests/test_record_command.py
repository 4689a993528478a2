"""The record of processing on the command line."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assent.audit.contracts import Actor
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy

pytestmark = pytest.mark.django_db

BUNDLES = Path(__file__).parents[4] / "policies"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY = Actor.system("test")


def brand(slug, *, publish=True):
    made = tenancy.make_controller(
        slug=slug, name=slug, country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=NOON
    )
    if publish:
        policy.publish(controller=made.id, bundle=BUNDLES / slug, by=BY, at=NOON)


def record(*arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("record", *arguments, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def test_the_platforms_record_covers_every_controller_it_works_for():
    for slug in ("harbour", "bloom", "processlab"):
        brand(slug)
    brand("orbit", publish=False)

    found, left_out = record("--platform", "--language", "ro")

    assert found["processor"]["name"] == "Process Lab SRL"
    assert [one["slug"] for one in found["controllers"]] == ["bloom", "harbour"]
    assert "Aplicația de fidelitate" in json.dumps(found, ensure_ascii=False)
    assert "processlab: left out" in left_out
    assert "orbit: left out" in left_out


def test_a_controllers_record_names_its_version():
    brand("bloom")
    found, _ = record("--controller", "bloom")
    assert found["article"] == "gdpr:30(1)"
    assert found["version"]["number"] == 1
    assert found["version"]["published_at"].startswith("2026-11-23T14:00:00")


def test_the_schema_is_the_published_one():
    assert record("--schema")[0] == json.loads((BUNDLES.parent / "docs" / "record-of-processing.schema.json").read_text())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--controller", "nobody"], "nobody"), (["--controller", "orbit"], "no policy"), (["--platform"], "nobody")],
)
def test_what_cannot_be_compiled_is_said_in_one_sentence(arguments, words):
    brand("orbit", publish=False)
    with pytest.raises(CommandError, match=words):
        record(*arguments)
