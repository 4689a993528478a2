"""``assent policy`` as a privacy officer types it."""

import json
import shutil
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.privacy.policy import api as policies
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role

BUNDLES = Path(__file__).parents[4] / "policies"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def policy(*words):
    out = StringIO()
    call_command("policy", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def bloom(db):
    return tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=Actor.system("test"), at=NOON
    )


def test_a_clean_bundle_passes():
    assert "0 errors, 0 warnings" in policy("check", str(BUNDLES / "bloom"))


def test_a_faulty_bundle_fails_with_a_line_for_each_finding(tmp_path):
    bundle = Path(shutil.copytree(BUNDLES / "brand", tmp_path / "brand"))
    path = bundle / "policy.yaml"
    path.write_text(path.read_text().replace("basis: soft_opt_in", "basis: softly"))
    out = StringIO()
    with pytest.raises(CommandError, match="1 error, 0 warnings"):
        call_command("policy", "check", str(bundle), stdout=out)
    line = path.read_text().splitlines().index("    basis: softly") + 1
    shown = out.getvalue().splitlines()
    assert shown[:2] == ["brand/policy.yaml", f"  brand/policy.yaml:{line}: error shape: purposes.similar_products.basis"]
    assert shown[3].strip().startswith("→ ")


def test_findings_come_as_json_for_editors_and_builds(tmp_path):
    bundle = Path(shutil.copytree(BUNDLES / "brand", tmp_path / "brand"))
    path = bundle / "policy.yaml"
    path.write_text(path.read_text().replace("lifetime: P90D", "lifetime: Permanent"))
    out = StringIO()
    with pytest.raises(CommandError, match="1 error, 0 warnings") as failed:
        call_command("policy", "check", str(bundle), "--json", stdout=out)
    assert failed.value.returncode == 1
    said = json.loads(out.getvalue())
    assert said["errors"] == 1
    (found,) = said["findings"]
    assert found["file"] == "brand/policy.yaml"
    assert found["line"] == path.read_text().splitlines().index("    lifetime: Permanent") + 1
    assert (found["severity"], found["code"], found["place"]) == ("error", "no_end", "cookies.meta_ads.lifetime")
    assert found["cure"]
    assert found["clause"] == "gdpr:5(1)(e)"


def test_a_clean_bundle_is_said_in_json_as_well():
    said = json.loads(policy("check", str(BUNDLES / "bloom"), "--json"))
    assert said == {"bundle": str(BUNDLES / "bloom"), "errors": 0, "findings": []}


def test_a_folder_without_a_policy_is_named():
    with pytest.raises(CommandError, match="1 error"):
        policy("check", "/nowhere")


def test_publish_roll_back_and_list(bloom, tmp_path):
    assert "bloom: version 1 is in force" in policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom")
    house = Path(shutil.copytree(BUNDLES, tmp_path / "policies"))
    (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
    assert "version 2" in policy("publish", str(house / "bloom"), "--controller", "bloom")
    assert "version 3" in policy("rollback", "--to", "1", "--controller", "bloom")
    listed = policy("versions", "--controller", "bloom").splitlines()
    assert [line.split(None, 4)[-1] for line in listed] == ["rollback to 1", "published", "published"]


def test_who_publishes_is_on_record(bloom):
    ada = tenancy.make_staff(
        email="ada@bloom.example", name="Ada", password=None, language="ro", by=Actor.system("test"), at=NOON
    )
    tenancy.grant(staff=ada, controller=bloom.id, role=Role.PRIVACY_OFFICER, by=Actor.system("test"), at=NOON)
    policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom", "--by", "Ada@bloom.example")
    (entry,) = [entry for _, entry in audit.entries(controller=bloom.id, did="policy")]
    assert entry.by == f"staff:{ada}"
    with pytest.raises(CommandError, match="nobody with that e-mail"):
        policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom", "--by", "cleo@harbour.example")


@pytest.mark.django_db
def test_an_unknown_controller_is_named():
    with pytest.raises(CommandError, match="harbour"):
        policy("publish", str(BUNDLES / "harbour"), "--controller", "harbour")


def test_the_schema_is_printed():
    assert json.loads(policy("schema")) == json.loads((BUNDLES / "policy.schema.json").read_text())
    assert json.loads(policy("schema", "--overlay"))["required"] == ["extends"]


@pytest.mark.django_db
def test_every_document_of_a_bundle_is_written_without_anything_published(tmp_path):
    said = policy("render", "processlab", "--out", str(tmp_path / "out"))
    for language in ("en", "ro"):
        for name in ("privacy-notice", "cookie-policy", "consent-wording", "retention-schedule", "change-log"):
            for kind in ("html", "md", "pdf"):
                path = tmp_path / "out" / language / f"{name}.{kind}"
                assert path.stat().st_size > 200
                assert str(path) in said
    assert (tmp_path / "out/en/privacy-notice.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "out/banner.json").read_text())["version"] == 0
    assert "a draft, not published" in said
    assert "draft" in (tmp_path / "out/en/privacy-notice.md").read_text()


def test_a_published_policy_is_written_by_the_controllers_name(bloom, tmp_path):
    policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom")
    said = policy("render", "bloom", "--out", str(tmp_path))
    assert "of version 1" in said
    assert "draft" not in (tmp_path / "en/privacy-notice.md").read_text()
    assert "a draft" in policy("render", str(BUNDLES / "bloom"), "--out", str(tmp_path))
    with pytest.raises(CommandError, match="no version 5"):
        policy("render", "bloom", "--out", str(tmp_path), "--version", "5")


@pytest.mark.django_db
def test_what_is_neither_a_controller_nor_a_bundle_is_named(tmp_path):
    with pytest.raises(CommandError, match="'nowhere' is neither"):
        policy("render", "nowhere", "--out", str(tmp_path))


def test_publishing_says_whose_consents_are_asked_for_again(bloom, tmp_path):
    policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom")
    house = Path(shutil.copytree(BUNDLES, tmp_path / "policies"))
    text = house / "brand" / "texts" / "en" / "marketing_email.md"
    text.write_text("Yes, write to me.\n")
    path = "purposes.direct_marketing.wording.email"
    said = policy("publish", str(house / "bloom"), "--controller", "bloom")
    assert f"asked again: direct_marketing, agreed to under version 1 (words:{path})" in said
    text.write_text("Yes, do write to me.\n")
    said = policy("publish", str(house / "bloom"), "--controller", "bloom", "--wording-only", path)
    assert "agreed to under version 1 (" in said, "it mends the second version, not the first"


def test_a_brand_with_four_eyes_is_told_how_to_go_on(bloom):
    policies.require_four_eyes(controller=bloom.id, on=True, by=Actor.system("test"), at=NOON)
    with pytest.raises(CommandError, match="start a draft from the bundle"):
        policy("publish", str(BUNDLES / "bloom"), "--controller", "bloom")
