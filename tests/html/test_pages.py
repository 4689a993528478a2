"""What is published is valid HTML: documents as files, and as anybody reads them on the web."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from assent.audit.contracts import Actor
from assent.foundation.clock import now
from assent.privacy.documents import api as documents
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy

HERE = Path(__file__).resolve().parent
BUNDLES = HERE.parents[1] / "policies"
US = Actor.system("test")


@pytest.fixture(scope="session")
def validator():
    """The npm package html-validate, installed on first use."""
    if not shutil.which("npm"):
        pytest.fail("no npm found: install nodejs and npm, or leave out tests/html")
    program = HERE / "node_modules/.bin/html-validate"
    if not program.exists():
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=HERE, check=True, capture_output=True
        )
    return program


def faults(validator, folder):
    """Return what the validator has to say about a folder of pages; nothing is good."""
    command = [validator, "--config", HERE / ".htmlvalidate.json", "--ext", "html", folder]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=170)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("bundle", ["processlab", "bloom"])
def test_every_document_is_valid_html(validator, tmp_path, bundle):
    edition = documents.edition_of(bundle=BUNDLES / bundle)
    for number, (document, _) in enumerate(documents.documents(edition=edition)):
        (tmp_path / f"{number:02}-{document.kind}-{document.language}.html").write_text(documents.to_page(document))
    assert len(list(tmp_path.iterdir())) > 10
    assert faults(validator, tmp_path) == ""


@pytest.mark.django_db(databases="__all__")
def test_the_public_pages_are_valid_html(validator, tmp_path):
    bloom = tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )
    policy.publish(controller=bloom.id, bundle=BUNDLES / "bloom", by=US, at=now())
    for language in ("en", "ro"):
        for page in (
            "",
            "privacy",
            "cookies",
            "consents",
            "retention",
            "versions",
            "versions/1",
            "versions/9",
            "arrangements/ecosystem",
        ):
            answer = Client().get(f"/p/bloom/{page}", {"language": language})
            assert answer.status_code == (404 if page == "versions/9" else 200)
            (tmp_path / f"{page.replace('/', '-') or 'index'}-{language}.html").write_bytes(answer.content)
    assert faults(validator, tmp_path) == ""


def test_a_broken_page_is_found_out(validator, tmp_path):
    (tmp_path / "broken.html").write_text("<!doctype html><html><head></head><body><p><div>x</p></body></html>")
    assert "error" in faults(validator, tmp_path)
