"""Each check of a measure finds what it is for: planted faults are seen, and what is sound is called so."""

import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connections
from django.urls import get_resolver, include, path
from msgspec.msgpack import decode, encode

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.config import safeguards
from assent.config.safeguards import CHECKS
from assent.foundation import measures, scope
from assent.foundation.clock import millis, now
from assent.privacy.breaches import api as breaches
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import CHECKS as NAMED
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy

pytestmark = pytest.mark.django_db(databases="__all__")
US = Actor.system("test")
BUNDLES = Path(__file__).parents[2] / "policies"
EMAIL = "ada.popescu@people.example"


@pytest.fixture
def bloom(db):
    return tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    ).id


@pytest.fixture
def ada(bloom):
    person = PersonInput({"user_id": "ada", "email": EMAIL, "first_name": "Ada"})
    return subjects.upsert_many(controller=bloom, people=[person], by=US, at=now())[0].subject


def check(name, controller):
    return CHECKS[name](controller=controller, at=now())


def test_every_name_a_policy_may_use_has_a_check_and_no_other():
    assert set(CHECKS) == set(NAMED) == set(measures.named())


def test_a_value_that_lies_in_clear_is_found(bloom, ada):
    assert check("sealed-identifiers", bloom).holds
    with scope.controller(bloom), connections["default"].cursor() as cursor:
        cursor.execute("SELECT sealed FROM subjects_identity WHERE subject_id = %s", [ada])
        packed = decode(bytes(cursor.fetchone()[0]))
        field = next(iter(packed))
        planted = encode({**packed, field: [*packed[field], EMAIL.encode()]})
        cursor.execute("UPDATE subjects_identity SET sealed = %s WHERE subject_id = %s", [planted, ada])
    found = check("sealed-identifiers", bloom)
    assert (found.holds, found.figures["clear"]) == (False, 1)


def test_identifiers_that_no_key_of_the_person_opens_are_found(bloom, ada):
    person = PersonInput({"user_id": "ben", "email": "ben@people.example"})
    ben = subjects.upsert_many(controller=bloom, people=[person], by=US, at=now())[0].subject
    with scope.controller(bloom), connections["default"].cursor() as cursor:
        cursor.execute("SELECT sealed FROM subjects_identity WHERE subject_id = %s", [ada])
        of_ada = bytes(cursor.fetchone()[0])
        cursor.execute("UPDATE subjects_identity SET sealed = %s WHERE subject_id = %s", [of_ada, ben])
    found = check("sealed-identifiers", bloom)
    assert (found.holds, found.figures["unopened"]) == (False, 1)


def test_a_page_that_asks_for_no_permission_is_found(bloom, monkeypatch):
    assert check("roles-enforced", bloom).holds

    naked = path("naked/", include(([path("", lambda _request: None, name="naked")], "console"), namespace="console"))
    there = [*get_resolver().url_patterns, naked]
    monkeypatch.setattr(safeguards, "get_resolver", lambda: SimpleNamespace(url_patterns=there))
    found = check("roles-enforced", bloom)
    assert (found.holds, found.figures["open"]) == (False, 1)


def test_an_erased_person_who_is_still_there_is_found(bloom, ada):
    audit.journal(JournalKind.ERASURE, controller=bloom, subjects=[ada], at=now())
    found = check("erasure-complete", bloom)
    assert (found.holds, found.figures["left"]) == (False, 1)


def test_a_key_file_that_others_may_read_is_found(bloom, settings, tmp_path):
    key = tmp_path / "master.key"
    key.write_bytes(b"k" * 32)
    settings.ASSENT_MASTER_KEY_FILE = key
    key.chmod(0o600)
    assert check("key-file", bloom).holds
    key.chmod(0o640)
    assert not check("key-file", bloom).holds
    key.unlink()
    assert not check("key-file", bloom).holds


def test_pages_that_leave_the_machine_without_https_are_found(bloom, settings):
    settings.ASSENT_PUBLIC_URL = "http://127.0.0.1:8000"
    assert check("https", bloom).holds is None
    settings.ASSENT_PUBLIC_URL = "http://bloom.example"
    assert check("https", bloom).holds is False
    settings.ASSENT_PUBLIC_URL, settings.SESSION_COOKIE_SECURE = "https://bloom.example", True
    settings.CSRF_COOKIE_SECURE = True
    assert check("https", bloom).holds
    settings.CSRF_COOKIE_SECURE = False
    assert check("https", bloom).holds is False


def test_nobody_watching_is_found(bloom):
    assert not check("breach-register", bloom).holds
    breaches.look_over(at=now())
    assert check("breach-register", bloom).holds


def test_the_database_keeps_brands_apart_where_it_can(bloom):
    found = check("row-security", bloom)
    assert found.holds is (True if connections["default"].vendor == "postgresql" else None)


def test_a_book_that_holds_is_said_to_hold(bloom):
    audit.write(Did.FILE_READ, controller=bloom, by=US, at=now())
    audit.seal_pending()
    assert check("audit-chain", bloom).holds


def test_events_without_addresses_pass(bloom, ada):
    assert check("pseudonymous-events", bloom).figures["people"] == 1
    assert check("pseudonymous-events", bloom).holds


def shelf(settings, tmp_path, *, hours_ago=1, passed=True):
    """Put a copy of each kind on the shelf, and the result of a drill beside it."""
    settings.ASSENT_BACKUP_FOLDER = str(tmp_path / "shelf")
    made_at = millis(now() - timedelta(hours=hours_ago))
    for kind in ("data", "keys"):
        place = tmp_path / "shelf" / ("" if kind == "data" else "keys")
        place.mkdir(exist_ok=True, parents=True)
        (place / f"assent-{kind}-a.age").write_bytes(b"sealed")
        note = {"id": f"assent-{kind}-a", "kind": kind, "made_at": made_at, "size": 6, "digest": "0"}
        (place / f"assent-{kind}-a.json").write_text(json.dumps(note))
    (settings.ASSENT_VAR / "backups").mkdir(exist_ok=True)
    told = {"at": made_at, "made_at": made_at, "backup": "assent-data-a", "passed": passed, "seconds": 1, "differences": []}
    (settings.ASSENT_VAR / "backups" / "drill.json").write_text(json.dumps(told))


def test_old_copies_and_copies_nobody_tried_are_found(bloom, settings, tmp_path):
    settings.ASSENT_VAR = tmp_path
    policy.publish(controller=bloom, bundle=BUNDLES / "bloom", by=US, at=now())
    assert not check("backups-fresh", bloom).holds, "there is none"
    shelf(settings, tmp_path)
    found = check("backups-fresh", bloom)
    assert (found.holds, found.figures["hours"], found.figures["days"]) == (True, 1, 0)
    shelf(settings, tmp_path, hours_ago=49)
    assert check("backups-fresh", bloom).figures["late"] == 2
    shelf(settings, tmp_path, passed=False)
    assert (check("backups-fresh", bloom).holds, check("backups-fresh", bloom).figures["untried"]) == (False, 1)


def test_an_old_copy_raises_an_alarm_for_every_brand_whose_policy_promises_copies(bloom, settings, tmp_path):
    settings.ASSENT_VAR = tmp_path
    policy.publish(controller=bloom, bundle=BUNDLES / "bloom", by=US, at=now())
    breaches.look_over(at=now())
    breaches.sweep_measures(at=now())
    assert [one.doer for one in breaches.alarms(controller=bloom)] == ["backups-fresh"]


def test_what_is_the_same_for_all_brands_is_looked_at_once_and_each_is_told(bloom, monkeypatch):
    harbour = tenancy.make_controller(
        slug="harbour", name="Harbour", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    ).id
    for brand, slug in ((bloom, "bloom"), (harbour, "harbour")):
        policy.publish(controller=brand, bundle=BUNDLES / slug, by=US, at=now())
    read = []
    broken = [SimpleNamespace(number=3)]
    monkeypatch.setattr(safeguards.audit, "verify", lambda: read.append(1) or broken)
    breaches.sweep_measures(at=now())
    assert len(read) == 1
    for brand in (bloom, harbour):
        assert "audit-chain" in {one.doer for one in breaches.alarms(controller=brand)}
        [shown] = [one for one in breaches.measures(controller=brand) if one.check == "audit-chain"]
        assert (shown.holds, shown.figures) == (False, {"problems": 1, "line": 3})
