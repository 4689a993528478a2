"""What was published is kept as it was, whatever templates become."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from assent.audit import api as audit
from assent.foundation import canonical, scope
from assent.privacy.documents import api, kinds, models
from assent.privacy.documents.contracts import AlteredDocument, Kind
from assent.privacy.documents.forms import read, write
from assent.privacy.documents.tests.conftest import BUNDLES
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import UnknownVersion


def rows(controller):
    with scope.controller(controller):
        return models.KeptDocument.objects.count()


def test_a_publication_keeps_every_document_in_every_language(cast):
    expected = [
        (document.kind, solution, document.language)
        for document, solution in api.documents(edition=api.edition(controller=cast.bloom))
    ]
    found = api.kept_titles(controller=cast.bloom, number=1)
    assert sorted((one.kind, one.solution, one.language) for one in found) == sorted(expected)
    (line,) = [line for _, line in audit.entries(controller=cast.bloom, did="documents")]
    assert line.detail["documents"] == len(expected)


def test_what_is_kept_is_what_was_built(cast):
    edition = api.edition(controller=cast.bloom)
    for language in ("en", "ro"):
        built = api.build(edition=edition, kind=Kind.PRIVACY_NOTICE, language=language)
        assert api.kept(controller=cast.bloom, number=1, kind=Kind.PRIVACY_NOTICE, language=language) == built


def test_a_later_template_does_not_change_what_was_shown(cast, monkeypatch):
    before = api.kept(controller=cast.bloom, number=1, kind=Kind.PRIVACY_NOTICE, language="en")

    def otherwise(edition, language):
        return replace(before, title="Another template", language=language)

    monkeypatch.setattr("assent.privacy.documents.api.KINDS", {**kinds.KINDS, Kind.PRIVACY_NOTICE: kinds.Written(otherwise)})
    api.keep(controller=cast.bloom, number=1, by=cast.by, at=cast.noon + timedelta(days=1))
    assert api.kept(controller=cast.bloom, number=1, kind=Kind.PRIVACY_NOTICE, language="en") == before
    assert len([line for _, line in audit.entries(controller=cast.bloom, did="documents")]) == 1


def test_kept_documents_can_not_be_changed_or_deleted(cast):
    with scope.controller(cast.bloom):
        for deed in (
            lambda: models.KeptDocument.objects.update(form="{}"),
            lambda: models.KeptDocument.objects.update(kept_at=cast.noon + timedelta(days=1)),
            lambda: models.KeptDocument.objects.all().delete(),
        ):
            with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
                deed()


def test_what_somebody_altered_below_the_database_is_not_shown(cast):
    with scope.controller(cast.bloom):
        row = models.KeptDocument.objects.filter(kind=Kind.COOKIE_POLICY, language="en").first()
        models.KeptDocument.objects.create(
            controller_id=cast.bloom,
            number=9,
            kind=row.kind,
            language="en",
            digest=row.digest,
            form=row.form + " ",
            kept_at=cast.noon,
        )
    with pytest.raises(AlteredDocument, match="cookie-policy of version 9"):
        api.kept(controller=cast.bloom, number=9, kind=Kind.COOKIE_POLICY, language="en")


def test_a_version_from_before_is_kept_when_it_is_first_shown(cast, monkeypatch, tmp_path):
    monkeypatch.setattr("assent.privacy.policy.publishing.publication_hooks", list)
    house = shutil.copytree(BUNDLES, tmp_path / "policies")
    (house / "brand/texts/en/opt_out.md").write_text("One click, and it is over.\n")
    policies.publish(controller=cast.bloom, bundle=house / "bloom", by=cast.by, at=cast.noon + timedelta(days=1))
    before = rows(cast.bloom)
    found = api.kept(controller=cast.bloom, number=2, kind=Kind.CHANGE_LOG, language="en")
    assert "One click, and it is over." in api.to_markdown(found)
    assert rows(cast.bloom) == 2 * before


def test_cleo_sees_nothing_of_bloom(cast):
    assert {one.number for one in api.kept_titles(controller=cast.harbour)} == {1}
    with scope.controller(cast.harbour):
        assert not models.KeptDocument.objects.filter(controller_id=cast.bloom).exists()


def test_what_there_is_not_is_named(cast):
    with pytest.raises(UnknownVersion, match="no version 7"):
        api.kept(controller=cast.bloom, number=7, kind=Kind.PRIVACY_NOTICE, language="en")
    with pytest.raises(LookupError, match="privacy-notice in 'de'"):
        api.kept(controller=cast.bloom, number=1, kind=Kind.PRIVACY_NOTICE, language="de")


def test_a_failing_document_stops_the_publication(cast, monkeypatch, tmp_path):
    def broken(**_):
        raise RuntimeError("a builder failed")

    monkeypatch.setattr("assent.privacy.policy.publishing.publication_hooks", lambda: [broken])
    house = shutil.copytree(BUNDLES, tmp_path / "policies")
    (house / "brand/texts/en/opt_out.md").write_text("One click, and it is over.\n")
    with pytest.raises(RuntimeError, match="a builder failed"):
        policies.publish(controller=cast.bloom, bundle=house / "bloom", by=cast.by, at=cast.noon)
    assert [version.number for version in policies.versions(controller=cast.bloom)] == [1]


def test_a_document_reads_back_as_it_was_written(hostile, bloom):
    for document in (hostile, *(document for document, _ in api.documents(edition=bloom))):
        form = write(document)
        assert form == canonical.dumps(json.loads(form)), "what is written is in the form of RFC 8785"
        assert read(form) == document
        assert write(read(form)) == form
        assert "assent-document-1" in form.decode()


def test_a_form_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="assent-document-1"):
        read(json.dumps({"form": "assent-document-9"}))


def test_the_same_edition_gives_the_same_files(bloom):
    first, second = api.artefacts(edition=bloom), api.artefacts(edition=api.edition_of(bundle=BUNDLES / "bloom"))
    assert set(first) == set(second)
    assert {path for path in first if path.endswith((".html", ".md", ".json")) and first[path] != second[path]} == set()
    assert {path.rsplit(".", 1)[0] for path in first if path.endswith(".pdf")} == {
        path.rsplit(".", 1)[0] for path in first if path.endswith(".md")
    }
