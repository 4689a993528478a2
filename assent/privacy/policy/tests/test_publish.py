"""A published policy: numbered, pinned by digests, never changed."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.foundation import canonical, scope
from assent.privacy.policy import api, models, published
from assent.privacy.policy.contracts import InvalidPolicy, NoPolicy, TooManyPurposes, UnknownVersion, WrongController
from assent.privacy.policy.digests import canonical_form, digest_of
from assent.tenancy import api as tenancy

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
OFFICER = Actor.staff(7)


def make(slug):
    names = {"bloom": "Bloom", "harbour": "Harbour"}
    info = tenancy.make_controller(
        slug=slug, name=names[slug], country="RO", language="ro", time_zone="Europe/Bucharest", by=OFFICER, at=NOON
    )
    return getattr(info, "id", info)


@pytest.fixture
def bloom():
    return make("bloom")


def publish(controller, bundle, at=NOON):
    return api.publish(controller=controller, bundle=bundle, by=OFFICER, at=at)


def test_without_a_policy_nothing_is_current(bloom):
    with pytest.raises(NoPolicy, match="assent policy publish"):
        api.current(controller=bloom)


def test_a_published_policy_is_current_and_audited(bloom, house):
    found = publish(bloom, house / "bloom")

    assert api.current(controller=bloom) == found
    assert found.number == 1
    assert [entry.did for _, entry in audit.entries(controller=bloom, did="policy")] == ["policy.version.published"]


def test_publishing_the_same_words_again_makes_no_new_version(bloom, house):
    first = publish(bloom, house / "bloom")
    path = house / "bloom" / "policy.yaml"
    path.write_text("# a remark\n" + path.read_text())

    assert publish(bloom, house / "bloom").digest == first.digest
    assert len(api.versions(controller=bloom)) == 1


def test_a_change_makes_a_new_version_and_keeps_the_old_one(bloom, house):
    first = publish(bloom, house / "bloom")
    text = house / "brand" / "texts" / "en" / "marketing_email.md"
    text.write_text("Yes, please.\n")

    second = publish(bloom, house / "bloom", NOON + timedelta(hours=1))

    assert second.number == 2
    assert api.text(controller=bloom, key="marketing_email", language="en") == "Yes, please."
    old = api.text(controller=bloom, key="marketing_email", language="en", digest=first.digest)
    assert old.startswith("Yes, Bloom Fashion SRL")
    changed = {key for key, digest in second.purpose_digests.items() if digest != first.purpose_digests[key]}
    assert changed == {"direct_marketing"}, "only the purpose whose words changed has a new digest"


def test_a_rollback_is_a_new_version(bloom, house):
    first = publish(bloom, house / "bloom")
    (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
    publish(bloom, house / "bloom")

    third = api.rollback(controller=bloom, to=1, by=OFFICER, at=NOON)

    assert (third.number, third.digest) == (3, first.digest)
    assert [version.origin for version in api.versions(controller=bloom)] == ["rollback to 1", "published", "published"]
    assert api.rollback(controller=bloom, to=1, by=OFFICER, at=NOON).number == 3, "it is in force already"


def test_a_rollback_to_nowhere_is_refused(bloom, house):
    with pytest.raises(UnknownVersion, match="no version 9"):
        api.rollback(controller=bloom, to=9, by=OFFICER, at=NOON)
    publish(bloom, house / "bloom")
    with pytest.raises(UnknownVersion):
        api.at_digest(controller=bloom, digest="0" * 64)


def test_a_version_whose_safeguard_lapsed_meanwhile_cannot_be_rolled_back_to(bloom, house):
    publish(bloom, house / "bloom")
    for file, old, new in (
        ("brand/policy.yaml", "valid_until: 2027-11-01", "valid_until: 2029-11-01"),
        ("brand/policy.yaml", "checked_on: 2026-11-02", "checked_on: 2027-10-02"),
    ):
        path = house / file
        path.write_text(path.read_text().replace(old, new))
    later = datetime(2027, 12, 1, 12, tzinfo=UTC)
    publish(bloom, house / "bloom", later)

    with pytest.raises(InvalidPolicy) as refused:
        api.rollback(controller=bloom, to=1, by=OFFICER, at=later)

    (finding,) = refused.value.findings
    assert (finding.file, finding.place) == ("version 1", "recipients.meta_us.safeguard.valid_until")
    assert "lapsed on 2027-11-01" in finding.message
    assert finding.cure == "check it again and correct the days"
    assert api.current(controller=bloom).number == 2


def test_a_version_whose_safeguard_was_struck_down_cannot_be_rolled_back_to(bloom, house):
    """As if it had been published before 16 July 2020: the row is written past the check, as nothing today could."""
    loaded = api.load(house / "bloom")
    form = json.loads(canonical_form(loaded.policy, loaded.texts))
    form["policy"]["recipients"]["meta_us"]["safeguard"]["kind"] = "privacy_shield"
    words = canonical.dumps(form).decode()
    with scope.controller(bloom):
        models.PolicyVersion.objects.create(
            controller_id=bloom, number=1, digest=digest_of(words.encode()), form=words, published_at=NOON,
            published_by=str(OFFICER), origin="published",
        )  # fmt: skip
    publish(bloom, house / "bloom")

    with pytest.raises(InvalidPolicy, match="16 July 2020") as refused:
        api.rollback(controller=bloom, to=1, by=OFFICER, at=NOON)

    assert [(each.file, each.place) for each in refused.value.findings] == [("version 1", "recipients.meta_us.safeguard.kind")]
    assert api.current(controller=bloom).number == 2


def test_a_published_version_cannot_be_changed_or_deleted(bloom, house):
    publish(bloom, house / "bloom")
    for table in ("policy_policyversion", "policy_purposecode"):
        column = "digest" if table.endswith("version") else "purpose"
        for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
            with (
                scope.controller(bloom),
                pytest.raises(DatabaseError, match="append only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_an_invalid_bundle_changes_nothing(bloom, house):
    publish(bloom, house / "bloom")
    path = house / "bloom" / "policy.yaml"
    path.write_text(path.read_text() + "\nnews: true\n")
    with pytest.raises(InvalidPolicy):
        publish(bloom, house / "bloom")
    assert len(api.versions(controller=bloom)) == 1


def test_a_bundle_of_another_brand_is_refused(house):
    with pytest.raises(WrongController, match="for 'bloom', not for 'harbour'"):
        publish(make("harbour"), house / "bloom")


def test_cleos_brand_does_not_see_blooms_policy(bloom, house):
    publish(bloom, house / "bloom")
    harbour = make("harbour")
    with pytest.raises(NoPolicy):
        api.current(controller=harbour)
    assert api.versions(controller=harbour) == []
    assert api.purpose_codes(controller=harbour) == {}


def test_a_purpose_keeps_its_code_for_ever(bloom, house):
    first = publish(bloom, house / "bloom")
    path = house / "bloom" / "policy.yaml"
    gone = "purposes:\n  advertising: null\n"
    path.write_text(
        path.read_text().replace("purposes:\n", gone, 1)
        + "\nrecipients: {meta: null, meta_us: null}\ncookies: {meta_browser: null, meta_ads: null}"
        + "\nconsent_categories: {advertising: null}\ntexts: {advertising_choice: null}"
        + "\nsolutions: {website: {purposes: [privacy_requests, performance]}}\n"
    )
    path.write_text(path.read_text().replace("traits:\n", "  product_viewed: {purposes: {advertising: null}}\ntraits:\n"))

    second = publish(bloom, house / "bloom")

    assert "advertising" not in second.policy.purposes
    assert second.purpose_codes == first.purpose_codes, "the code of a purpose that ended is not given away"
    assert second.purpose_index["direct_marketing"] == 0
    assert second.mask("direct_marketing") == 1 << second.purpose_codes["direct_marketing"]


def test_a_controller_cannot_outgrow_the_bits_of_a_row(bloom, house):
    with scope.controller(bloom):
        models.PurposeCode.objects.bulk_create(
            models.PurposeCode(controller_id=bloom, purpose=f"old_{code}", code=code) for code in range(60)
        )
    with pytest.raises(TooManyPurposes, match="never given twice"):
        publish(bloom, house / "bloom")
    assert api.versions(controller=bloom) == []


def test_an_answer_is_remembered_for_half_a_second_and_no_longer(bloom, house, monkeypatch):
    moment = 100.0
    monkeypatch.setattr(published.time, "monotonic", lambda: moment)
    publish(bloom, house / "bloom")
    assert current_outside_a_transaction(bloom, monkeypatch).number == 1
    (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
    seen = dict(published._seen)
    publish(bloom, house / "bloom")
    published._seen.update(seen)  # as in a process that did not publish

    moment = 100.4
    assert current_outside_a_transaction(bloom, monkeypatch).number == 1
    moment = 100.6
    assert current_outside_a_transaction(bloom, monkeypatch).number == 2
    published._seen.clear()


def current_outside_a_transaction(controller, monkeypatch):
    """Ask as a running process does; the test itself stands in a transaction."""
    with monkeypatch.context() as outside:
        outside.setattr(connections["default"], "in_atomic_block", False)
        return api.current(controller=controller)
