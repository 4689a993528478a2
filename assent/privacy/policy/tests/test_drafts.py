"""A statement being written: by two editors at once, with four eyes, until it is published or thrown away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.privacy.policy import api
from assent.privacy.policy.contracts import (
    DraftOpen,
    EditedMeanwhile,
    FourEyes,
    InvalidPolicy,
    NoDraft,
    NotReady,
    PublishedMeanwhile,
)
from assent.privacy.policy.tests.conftest import BUNDLES
from assent.privacy.policy.tests.test_publish_together import leave_nothing
from assent.tenancy import api as tenancy

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IRINA, PETRU = Actor.staff(7), Actor.staff(8)
KEY = "direct_marketing"


def make():
    return tenancy.make_controller(
        slug="bloom", name="Bloom", country="RO", language="ro", time_zone="Europe/Bucharest", by=IRINA, at=NOON
    ).id


@pytest.fixture
def bloom(db):
    made = make()
    api.publish(controller=made, bundle=BUNDLES / "bloom", by=IRINA, at=NOON)
    return made


def start(controller, by=IRINA, **more):
    return api.start_draft(controller=controller, by=by, at=NOON, **more)


def save(controller, draft, yaml=None, by=IRINA, **more):
    files = {"policy.yaml": yaml} if yaml else None
    return api.save_draft(controller=controller, revision=draft.revision, by=by, at=NOON, files=files, **more)


def publish(controller, draft, by=IRINA, at=NOON):
    return api.publish_draft(controller=controller, revision=draft.revision, by=by, at=at)


def retitled(draft, words="News"):
    return api.edited(draft.files["policy.yaml"], ("purposes", KEY, "title", "en"), words)


def dids(controller):
    return [line.did for _, line in audit.entries(controller=controller, did="policy")][::-1]


@pytest.mark.parametrize("bundle", ["bloom", "processlab"])
def test_a_published_version_opens_as_a_draft_that_says_the_same(db, bundle):
    controller = tenancy.make_controller(
        slug=bundle, name=bundle, country="RO", language="ro", time_zone="Europe/Bucharest", by=IRINA, at=NOON
    ).id
    api.publish(controller=controller, bundle=BUNDLES / bundle, by=IRINA, at=NOON)
    draft = start(controller)
    assert (draft.based_on, draft.revision, draft.started_by) == (1, 1, "staff:7")
    assert [finding for finding in api.check_draft(controller=controller, at=NOON) if finding.severity == "error"] == []
    with pytest.raises(NotReady, match="says what the version in force says"):
        publish(controller, draft)


def test_a_draft_is_saved_checked_and_published_as_a_version(bloom):
    draft = save(bloom, start(bloom), "controller: nobody\n")
    assert draft.revision == 2
    assert api.check_draft(controller=bloom, at=NOON)[0].line == 1
    with pytest.raises(InvalidPolicy):
        publish(bloom, draft)
    draft = save(bloom, draft, api.written(api.current(controller=bloom).policy))
    draft = save(bloom, draft, retitled(draft))
    found = publish(bloom, draft)
    assert (found.number, found.policy.purposes[KEY].title["en"]) == (2, "News")
    assert api.draft_of(controller=bloom) is None
    assert dids(bloom) == [
        "policy.version.published", "policy.draft.started", *["policy.draft.saved"] * 3, "policy.version.published",
    ]  # fmt: skip


def test_what_is_typed_is_checked_before_it_is_saved(bloom):
    draft = start(bloom)
    typed = draft.files["policy.yaml"].replace("basis: contract", "basis: friendship", 1)
    [finding] = api.check_draft(controller=bloom, at=NOON, files={"policy.yaml": typed})
    assert finding.place.endswith("basis")
    assert typed.splitlines()[finding.line - 1].strip() == "basis: friendship"
    assert api.draft_of(controller=bloom) == draft


def test_a_draft_is_also_checked_as_the_successor_of_the_version_in_force(bloom):
    draft = start(bloom)
    typed = api.edited(draft.files["policy.yaml"], ("purposes", "performance", "basis"), "contract")
    for name in ("consent_category", "consent_expires", "wording"):
        typed = api.edited(typed, ("purposes", "performance", name), None)
    found = {finding.code for finding in api.check_draft(controller=bloom, at=NOON, files={"policy.yaml": typed})}
    assert {"basis_swapped", "cookie"} <= found, "what has other faults is compared all the same"


def test_two_editors_do_not_overwrite_each_other(bloom):
    draft = start(bloom)
    saved = save(bloom, draft, retitled(draft, "News from Irina"), by=IRINA)
    with pytest.raises(EditedMeanwhile, match="staff:7 saved revision 2"):
        save(bloom, draft, retitled(draft, "News from Petru"), by=PETRU)
    assert api.draft_of(controller=bloom).files == saved.files
    with pytest.raises(EditedMeanwhile):
        api.discard_draft(controller=bloom, revision=1, by=PETRU, at=NOON)
    with pytest.raises(EditedMeanwhile):
        publish(bloom, draft, PETRU)


def test_files_beside_the_one_that_is_saved_stay(bloom):
    draft = start(bloom)
    path = "texts/en/opt_out.md"
    saved = api.save_draft(controller=bloom, revision=1, by=IRINA, at=NOON, files={path: "One click.\r\nDone.\n"})
    assert saved.files == {**draft.files, path: "One click.\nDone.\n"}
    gone = api.save_draft(controller=bloom, revision=2, by=IRINA, at=NOON, files={path: None})
    assert path not in gone.files


@pytest.mark.parametrize(
    "path", ["../brand/policy.yaml", "/etc/passwd", "texts/en/../../x.md", "texts/en/x.txt", "policy.yaml\n"]
)
def test_only_files_of_a_bundle_are_kept(bloom, path):
    start(bloom)
    with pytest.raises(ValueError, match="no file of a bundle"):
        api.save_draft(controller=bloom, revision=1, by=IRINA, at=NOON, files={path: "x"})


def test_a_controller_has_one_draft(bloom):
    start(bloom)
    with pytest.raises(DraftOpen, match="go on with it, or discard it"):
        start(bloom, PETRU)
    api.discard_draft(controller=bloom, revision=1, by=PETRU, at=NOON)
    assert start(bloom, PETRU).started_by == "staff:8"


def test_without_a_draft_there_is_nothing_to_save(bloom):
    with pytest.raises(NoDraft, match="start one first"):
        api.save_draft(controller=bloom, revision=1, by=IRINA, at=NOON)
    with pytest.raises(NoDraft):
        api.check_draft(controller=bloom, at=NOON)


def test_a_draft_of_another_brand_is_not_there(bloom):
    start(bloom)
    harbour = tenancy.make_controller(
        slug="harbour", name="Harbour", country="RO", language="ro", time_zone="Europe/Bucharest", by=IRINA, at=NOON
    ).id
    assert api.draft_of(controller=harbour) is None


def test_a_draft_may_start_from_a_bundle_before_anything_was_published(db):
    controller = make()
    draft = start(controller, bundle=BUNDLES / "bloom")
    assert draft.based_on == 0
    assert "extends" not in draft.files["policy.yaml"]
    assert publish(controller, draft).number == 1


def test_comments_of_a_bundle_stay_while_a_form_edits_one_value(db):
    controller = make()
    draft = start(controller, bundle=BUNDLES / "brand")
    before = draft.files["policy.yaml"]
    after = api.edited(before, ("controller", "slug"), "bloom")
    changed = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert changed == [("  slug: brand", "  slug: bloom")]
    assert after.startswith("# yaml-language-server")


def test_an_earlier_version_opens_as_a_draft(bloom):
    draft = start(bloom)
    publish(bloom, save(bloom, draft, retitled(draft)))
    again = start(bloom, version=1)
    assert again.based_on == 2
    assert publish(bloom, again).digest == api.at_number(controller=bloom, number=1).digest


def test_a_version_published_meanwhile_is_not_undone(bloom, house):
    draft = start(bloom)
    (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
    api.publish(controller=bloom, bundle=house / "bloom", by=PETRU, at=NOON)
    draft = save(bloom, draft, retitled(draft))
    with pytest.raises(PublishedMeanwhile, match="version 2 was published since"):
        publish(bloom, draft)
    draft = api.take_up(controller=bloom, revision=draft.revision, by=IRINA, at=NOON)
    assert publish(bloom, draft).number == 3


def test_words_that_mean_the_same_are_marked_by_an_officer_until_they_change_again(bloom):
    draft = start(bloom)
    draft = save(bloom, draft, retitled(draft, "News & offers"))
    _, found, marked = api.consequences_of_draft(controller=bloom, at=NOON)
    [one] = found.reworded
    assert (one.path, set(found.outdated), marked) == (f"purposes.{KEY}.title", {KEY}, frozenset())

    draft = save(bloom, draft, same_meaning={one.path: one.mark})
    _, found, marked = api.consequences_of_draft(controller=bloom, at=NOON)
    assert (found.outdated, marked) == ({}, {one.path})

    draft = save(bloom, draft, retitled(draft, "News, offers and your data sold"))
    assert set(api.consequences_of_draft(controller=bloom, at=NOON)[1].outdated) == {KEY}
    assert publish(bloom, draft).outdated == {KEY: frozenset({1})}


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def asked_for(self, bloom):
        api.require_four_eyes(controller=bloom, on=True, by=Actor.staff(9), at=NOON)

    def test_whoever_edited_last_does_not_publish(self, bloom):
        draft = start(bloom)
        draft = save(bloom, draft, retitled(draft))
        with pytest.raises(NotReady, match="nobody has given this draft to read"):
            publish(bloom, draft, PETRU)
        draft = api.submit_draft(controller=bloom, revision=draft.revision, by=IRINA, at=NOON)
        with pytest.raises(FourEyes, match="a colleague publishes it"):
            publish(bloom, draft, IRINA)
        with pytest.raises(FourEyes, match="somebody else reads it"):
            api.approve_draft(controller=bloom, revision=draft.revision, by=IRINA, at=NOON)
        draft = api.approve_draft(controller=bloom, revision=draft.revision, by=PETRU, at=NOON)
        assert publish(bloom, draft, PETRU).number == 2
        [line, *_] = [line for _, line in audit.entries(controller=bloom, did="policy.version.published")]
        assert (line.by, line.detail["edited_by"], line.detail["approved_by"]) == ("staff:8", "staff:7", "staff:8")

    def test_an_edit_after_the_review_asks_for_another(self, bloom):
        draft = start(bloom)
        draft = save(bloom, draft, retitled(draft))
        draft = api.submit_draft(controller=bloom, revision=draft.revision, by=IRINA, at=NOON)
        draft = api.approve_draft(controller=bloom, revision=draft.revision, by=PETRU, at=NOON)
        draft = save(bloom, draft, retitled(draft, "Something else"))
        assert (draft.submitted_by, draft.approved_by) == ("", "")
        with pytest.raises(NotReady):
            publish(bloom, draft, PETRU)

    def test_a_draft_with_errors_is_not_given_to_read(self, bloom):
        draft = save(bloom, start(bloom), "controller: nobody\n")
        with pytest.raises(InvalidPolicy):
            api.submit_draft(controller=bloom, revision=draft.revision, by=IRINA, at=NOON)

    def test_there_is_no_way_around_it(self, bloom, house):
        (house / "brand" / "texts" / "en" / "opt_out.md").write_text("One click and it is over.\n")
        with pytest.raises(FourEyes, match="start a draft from the bundle"):
            api.publish(controller=bloom, bundle=house / "bloom", by=IRINA, at=NOON)
        with pytest.raises(FourEyes, match="open version 1 as a draft"):
            api.rollback(controller=bloom, to=1, by=IRINA, at=NOON)

    def test_it_can_be_switched_off_and_the_book_says_so(self, bloom):
        api.require_four_eyes(controller=bloom, on=False, by=Actor.staff(9), at=NOON + timedelta(hours=1))
        draft = start(bloom)
        assert publish(bloom, save(bloom, draft, retitled(draft))).number == 2
        said = [line.detail["on"] for _, line in audit.entries(controller=bloom, did="policy.publication")]
        assert said == [False, True]


@pytest.fixture
def alone(transactional_db):
    controller = make()
    api.publish(controller=controller, bundle=BUNDLES / "bloom", by=IRINA, at=NOON)
    yield controller
    leave_nothing()


def test_of_two_editors_at_the_same_moment_one_is_told(alone):
    draft, start_now = start(alone), Barrier(2)

    def edit(who):
        start_now.wait()
        try:
            return save(alone, draft, retitled(draft, f"News by {who}"), by=who)
        except EditedMeanwhile:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [found for found in pool.map(edit, (IRINA, PETRU)) if found]
    assert len(done) == 1
    assert api.draft_of(controller=alone) == done[0]


def test_of_two_who_publish_one_draft_at_once_one_is_told(alone):
    draft = start(alone)
    draft, start_now = save(alone, draft, retitled(draft)), Barrier(2)

    def go(who):
        start_now.wait()
        try:
            return publish(alone, draft, who)
        except (EditedMeanwhile, PublishedMeanwhile, NoDraft, NotReady):
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = [found for found in pool.map(go, (IRINA, PETRU)) if found]
    assert [found.number for found in done] == [2]
    assert [version.number for version in api.versions(controller=alone)] == [2, 1]
