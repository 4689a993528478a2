"""What Bloom says, read by anybody: under its own host name, in both languages, every version at its own address."""

import json
import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import BadHost

pytestmark = pytest.mark.django_db(databases="__all__")

STAFF = Actor.staff(1)
HOST = "privacy.bloom.example"
BUNDLES = django_settings.HOME / "policies"


def brand(slug):
    info = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=STAFF, at=now()
    )
    policy.publish(controller=info.id, bundle=BUNDLES / slug, by=STAFF, at=now())
    return info.id


@pytest.fixture
def bloom(db):
    found = brand("bloom")
    tenancy.add_host(controller=found, name=HOST, by=STAFF, at=now())
    return found


@pytest.fixture
def visitor():
    return Client(headers={"host": HOST, "accept-language": "en"})


def say_more(bloom, folder: Path):
    """Publish a second version, in which one text says more."""
    shutil.copytree(BUNDLES, folder)
    text = folder / "brand" / "texts" / "en" / "notice_summary.md"
    text.write_text(text.read_text() + "\n\nAnd we moved to a new building.\n")
    policy.publish(controller=bloom, bundle=folder / "bloom", by=STAFF, at=now())


@pytest.mark.parametrize("page", ["", "privacy", "cookies", "consents", "retention", "versions", "versions/1"])
def test_every_page_can_be_read_without_a_cookie_or_a_script(bloom, visitor, page):
    answer = visitor.get(f"/{page}")

    assert answer.status_code == 200
    assert not answer.cookies
    assert b"<script" not in answer.content
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Content-Language"] == "en"


def test_it_speaks_the_readers_language_or_the_one_asked_for(bloom, visitor):
    assert 'lang="ro"' in visitor.get("/privacy?language=ro").content.decode()
    assert 'lang="ro"' in Client(headers={"host": HOST, "accept-language": "ro-RO,ro"}).get("/privacy").content.decode()
    assert 'lang="en"' in visitor.get("/privacy?language=tlh").content.decode()


def test_a_version_keeps_its_address_and_its_words(bloom, visitor, tmp_path):
    before = visitor.get("/versions/1/privacy").content.decode()
    say_more(bloom, tmp_path / "policies")

    after = visitor.get("/versions/1/privacy").content.decode()

    assert "new building" not in after
    assert "new building" in visitor.get("/privacy").content.decode()
    assert "no longer in force" not in before
    assert "no longer in force" in after


def test_what_changed_is_told(bloom, visitor, tmp_path):
    say_more(bloom, tmp_path / "policies")
    page = visitor.get("/versions/2/changes").content.decode()
    assert "Version 2" in page or "version 1" in page
    assert page != visitor.get("/versions/1/changes").content.decode()


def test_it_can_be_taken_along_as_pdf_and_as_text(bloom, visitor):
    pdf, text = visitor.get("/versions/1/privacy?as=pdf"), visitor.get("/versions/1/privacy?as=md")

    assert pdf.content.startswith(b"%PDF-")
    assert pdf["Content-Type"] == "application/pdf"
    assert "immutable" in pdf["Cache-Control"]
    assert text.content.decode().startswith("# ")


def test_who_has_read_it_gets_it_once(bloom, visitor):
    first = visitor.get("/privacy")

    assert visitor.get("/privacy", headers={"if-none-match": first["ETag"]}).status_code == 304
    assert visitor.get("/privacy?language=ro", headers={"if-none-match": first["ETag"]}).status_code == 200
    assert visitor.get("/cookies", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_contact_officer_and_authority_are_on_the_first_page(bloom, visitor):
    page = visitor.get("/").content.decode()
    assert "privacy@bloom.example" in page
    assert "anspdcp@dataprotection.ro" in page


@pytest.mark.parametrize("page", ["versions/7", "versions/7/privacy", "versions/1/no-such-page", "arrangements/nothing"])
def test_what_is_not_there_says_so_calmly(bloom, visitor, page):
    answer = visitor.get(f"/{page}")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_records_and_agreements_are_not_for_everybody(bloom, visitor):
    for page in ("record-of-processing", "processing-agreement", "impact-assessment"):
        assert visitor.get(f"/versions/1/{page}").status_code == 404


def test_under_a_brands_name_there_is_no_console_and_no_api(bloom, visitor):
    for page in ("account/login/", "api/v1/people", "people/", "p/bloom/privacy"):
        assert visitor.get(f"/{page}").status_code == 404


def test_a_name_that_is_nobodys_gets_no_answer(bloom):
    for host in ("evil.example", "bloom.example", "", "127.0.0.1.evil.example", "[::"):
        assert Client(headers={"host": host}).get("/privacy").status_code == 400


def test_without_a_name_of_its_own_a_brand_is_read_below_the_house(bloom):
    page = Client().get("/p/bloom/privacy?language=en")
    assert page.status_code == 200
    assert "/p/bloom/cookies" in page.content.decode()
    assert Client().get("/p/nobody/privacy").status_code == 404


def test_another_brands_pages_are_another_brands(bloom, visitor):
    harbour = brand("harbour")
    tenancy.add_host(controller=harbour, name="harbour.example", by=STAFF, at=now())
    assert "Harbour" in Client(headers={"host": "harbour.example"}).get("/").content.decode()
    with pytest.raises(BadHost, match="another controller"):
        tenancy.add_host(controller=harbour, name=HOST, by=STAFF, at=now())
    assert tenancy.remove_host(controller=bloom, name=HOST, by=STAFF, at=now())
    assert visitor.get("/").status_code == 400


@pytest.mark.parametrize("name", ["https://bloom.example", "bloom.example:8000", "bloom", "-bloom.example", "a b.example", ""])
def test_what_is_no_host_name_is_refused_with_the_cure(bloom, name):
    with pytest.raises(BadHost, match="without https:// and port"):
        tenancy.add_host(controller=bloom, name=name, by=STAFF, at=now())


def test_global_privacy_control_is_announced(bloom, visitor):
    answer = visitor.get("/.well-known/gpc.json")
    said = json.loads(answer.content)
    assert answer["Content-Type"] == "application/json"
    assert said["gpc"] is True
    assert said["lastUpdate"] == now().date().isoformat()


def test_pages_answer_only_to_reading(bloom, visitor):
    assert visitor.post("/privacy").status_code == 405
    assert visitor.head("/privacy").status_code == 200
