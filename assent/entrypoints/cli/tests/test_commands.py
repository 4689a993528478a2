"""The commands operators type, as they type them."""

import io
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission, Role

pytestmark = pytest.mark.django_db(databases="__all__")

BY = Actor.system("tests")


def assent(*words):
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def brands():
    for slug in ("bloom", "harbour"):
        assent("controller", slug, "--name", slug.title())
    return {info.slug: info.id for info in tenancy.controllers()}


@pytest.fixture
def people(brands):
    apps.get_app_config("house").ready()  # other tests put their own parts behind the ports
    made = {}
    for slug, name in (("bloom", "ada"), ("bloom", "ben"), ("harbour", "cleo")):
        assent("policy", "publish", str(settings.HOME / "policies" / slug), "--controller", slug)
        who = PersonInput({"user_id": name, "email": f"{name}@people.example", "first_name": name.title()})
        (done,) = subjects.upsert_many(controller=brands[slug], people=[who], by=BY, at=now())
        made[name] = str(done.public_id)
    return made


def test_controllers_are_made_once_and_listed(brands):
    assert "Bloom (bloom)" in assent("controller", "bloom", "--name", "Again")
    assert [line.split() for line in assent("controller").splitlines()] == [["bloom", "Bloom"], ["harbour", "Harbour"]]
    assert [entry.did for _, entry in audit.entries(controller=brands["bloom"])] == ["tenancy.controller.made"]


@pytest.mark.parametrize(
    "words",
    [
        ("Bloom Shop",),
        ("../x",),
        ("bloom", "--country", "ROU"),
        ("bloom", "--time-zone", "Mars/Base"),
        ("bloom", "--language", "fr"),
    ],
)
def test_particulars_that_can_not_be_are_refused(words):
    with pytest.raises(CommandError):
        assent("controller", *words)
    assert tenancy.controllers() == []


def test_a_property_gets_a_secret_and_a_public_key(brands):
    out = assent("property", "bloom", "shop", "--kind", "website")
    secret, public = (line.split()[-1] for line in out.splitlines()[:2])
    assert (secret[:3], public[:3]) == ("sk_", "pk_")
    assert {key.secret: key.property.slug for key in tenancy.write_keys().values()} == {True: "shop", False: "shop"}
    (info,) = tenancy.properties(controller=brands["bloom"])
    assert (info.kind, info.rudder) == ("website", False)
    assert tenancy.properties(controller=brands["harbour"]) == []


def test_an_api_key_has_the_verbs_it_was_given(brands):
    clear = assent("apikey", "bloom", "--name", "shop", "--verbs", "people.read, consent.write").strip()
    info = tenancy.api_key(clear=clear)
    assert (info.controller, info.verbs) == (brands["bloom"], {Permission.PEOPLE_READ, Permission.CONSENT_WRITE})
    with pytest.raises(CommandError, match=r"people\.fly.*use .*people\.read"):
        assent("apikey", "bloom", "--name", "shop", "--verbs", "people.fly")
    with pytest.raises(CommandError, match="at least one verb"):
        assent("apikey", "bloom", "--name", "shop", "--verbs", " , ")


@pytest.mark.parametrize(
    "words",
    [
        ("property", "orbit", "shop"),
        ("apikey", "orbit", "--name", "x", "--verbs", "people.read"),
        ("staff", "ada@bloom.example", "--name", "Ada", "--controller", "orbit", "--role", "marketer"),
        ("person", "erase", "--controller", "orbit", "--user-id", "ada"),
    ],
)
def test_an_unknown_controller_is_named_with_those_there_are(brands, words):
    with pytest.raises(CommandError, match=r"'orbit' \(there are: bloom, harbour\)"):
        assent(*words)


def staff(monkeypatch, password, *more):
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    return assent("staff", "ada@bloom.example", "--name", "Ada", "--controller", "bloom", "--role", "marketer", *more)


def test_staff_get_an_account_and_a_role(brands, monkeypatch):
    assert staff(monkeypatch, "a long enough phrase") == "Ada is marketer at Bloom.\n"
    (info,) = tenancy.members(controller=brands["bloom"])
    assert (info.email, info.roles) == ("ada@bloom.example", {Role.MARKETER})
    assert tenancy.members(controller=brands["harbour"]) == []
    staff(monkeypatch, "a long enough phrase", "--role", "analyst")
    assert tenancy.roles(staff=info.id) == {brands["bloom"]: {Role.MARKETER, Role.ANALYST}}


@pytest.mark.parametrize("password", ["short", "", "password1234", "111111111111"])
def test_a_password_anyone_would_guess_is_refused(brands, monkeypatch, password):
    with pytest.raises(CommandError):
        staff(monkeypatch, password)
    assert tenancy.members(controller=brands["bloom"]) == []


@pytest.mark.parametrize("which", ["--id", "--user-id", "--email"])
def test_a_person_is_exported_into_a_file_for_its_owner_only(people, tmp_path, which):
    value = {"--id": people["ada"], "--user-id": "ada", "--email": "ADA@people.example"}[which]
    output = tmp_path / "ada.zip"
    assert "bytes" in assent("person", "export", "--controller", "bloom", which, value, "--output", str(output))
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with zipfile.ZipFile(output) as package:
        everything = b"".join(package.read(name) for name in package.namelist())
    assert b"ada@people.example" in everything
    assert b"ben@people.example" not in everything


def test_an_export_overwrites_nothing(people, tmp_path):
    output = tmp_path / "kept.zip"
    output.write_text("kept")
    with pytest.raises(CommandError, match="--output"):
        assent("person", "export", "--controller", "bloom", "--user-id", "ada", "--output", str(output))
    assert output.read_text() == "kept"


def test_an_erased_person_is_gone_with_a_line_for_each_store(people, brands):
    out = assent("person", "erase", "--controller", "bloom", "--email", "ben@people.example")
    assert "subjects" in out
    assert out.splitlines()[-1].startswith(("done", "waiting"))
    assert "ben" not in out
    assert subjects.search(controller=brands["bloom"], text="ben@people.example") == []
    assert len(subjects.search(controller=brands["bloom"], text="ada@people.example")) == 1
    assert len(subjects.search(controller=brands["harbour"], text="cleo@people.example")) == 1


@pytest.mark.parametrize("verb", ["export", "erase"])
def test_nobody_of_another_brand_is_found(people, brands, tmp_path, verb):
    for which, value in (("--id", people["cleo"]), ("--user-id", "cleo"), ("--email", "cleo@people.example")):
        with pytest.raises(CommandError, match=r"nobody|no one person"):
            assent("person", verb, "--controller", "bloom", which, value, "--output", str(tmp_path / "x.zip"))
    assert not (tmp_path / "x.zip").exists()
    assert subjects.count(controller=brands["harbour"]) == 1


def test_the_book_holds_until_somebody_tampers(people):
    assert assent("audit", "verify").startswith("The book holds")
    assert assent("audit", "checkpoint") == "signed\n"
    assert assent("audit", "checkpoint").startswith("nothing was added")
    folder = settings.ASSENT_VAR
    signed = next(path for path in folder.rglob("*") if path.is_file() and "checkpoint" in path.name)
    signed.write_bytes(signed.read_bytes().replace(b"1", b"2"))
    with pytest.raises(CommandError, match="does not hold together"):
        assent("audit", "verify")


def test_a_receipt_is_verified_without_settings_and_without_a_database(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    nothing = folder / "receipt.jsonld"
    nothing.write_text("{}\n")
    command = [sys.executable, "-X", "importtime", "-m", "assent", "receipt", "verify", str(nothing)]
    env = {"PATH": "/usr/bin", "PYTHONPATH": str(Path(__file__).resolve().parents[4]), "DJANGO_SETTINGS_MODULE": "no.such"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=folder)
    assert done.returncode == 1
    assert done.stdout.startswith("NOT VERIFIED")
    assert "django" not in done.stderr
    assert list(folder.iterdir()) == [nothing]


def test_the_logs_key_is_printed_for_publishing():
    assert assent("audit", "key") == audit.verifier_key() + "\n"
