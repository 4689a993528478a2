"""Drafts: a statement being written, by several people one after the other, until one of them publishes it."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.policy import changes, models, published, publishing
from assent.privacy.policy.contracts import (
    Compiled,
    DraftInfo,
    DraftOpen,
    EditedMeanwhile,
    Finding,
    FourEyes,
    InvalidPolicy,
    NoDraft,
    NoPolicy,
    NotReady,
    PublishedMeanwhile,
)
from assent.privacy.policy.digests import canonical_form, digest_of
from assent.privacy.policy.load import LoadedBundle, check_files, load, load_files
from assent.privacy.policy.publishing import Consequences
from assent.privacy.policy.writing import POLICY, flattened, written

__all__ = [
    "approve_draft", "check_draft", "consequences_of_draft", "discard_draft", "draft_of", "publish_draft", "save_draft",
    "start_draft", "submit_draft", "take_up",
]  # fmt: skip

PATH = re.compile(r"policy\.yaml|texts/[a-z]{2}/[a-z][a-z0-9_]{0,62}\.md", re.ASCII)
MOST_FILES = 1_000
UNTOUCHED = {"submitted_at": None, "submitted_by": "", "approved_at": None, "approved_by": ""}


def draft_of(*, controller: int) -> DraftInfo | None:
    """Return the controller's open draft, if there is one."""
    with scope.controller(controller):
        row = models.Draft.objects.first()
    return _info(row) if row else None


def start_draft(
    *, controller: int, by: Actor, at: datetime, version: int | None = None, bundle: Path | None = None
) -> DraftInfo:
    """
    Open a draft from a published version (the one in force, unless another is named) or from a bundle, its bases laid in.

    :raises DraftOpen: if there is one
    :raises UnknownVersion: if there is no such version
    :raises NoPolicy: if none is named and nothing was ever published
    :raises InvalidPolicy: if the bundle has errors
    """
    based_on, _ = publishing.newest_version(controller)
    if bundle is not None:
        files = _files_of(bundle)
    else:
        found = (
            published.current(controller=controller)
            if version is None
            else published.at_number(controller=controller, number=version)
        )
        files = {POLICY: written(found.policy), **flattened(found.texts)}
    try:
        with scope.controller(controller), transaction.atomic():
            row = models.Draft.objects.create(
                controller_id=controller,
                based_on=based_on,
                files=files,
                started_at=at,
                started_by=str(by),
                edited_at=at,
                edited_by=str(by),
            )
            detail: dict[str, str | int | bool] = {"from": "bundle" if bundle else version or based_on}
            audit.write(Did.DRAFT_STARTED, controller=controller, by=by, at=at, on=str(row.pk), detail=detail)
    except IntegrityError:
        message = "a draft is open already: go on with it, or discard it first"
        raise DraftOpen(message) from None
    return _info(row)


def save_draft(
    *,
    controller: int,
    revision: int,
    by: Actor,
    at: datetime,
    files: Mapping[str, str | None] | None = None,
    same_meaning: Mapping[str, str] | None = None,
) -> DraftInfo:
    """
    Save what was edited; a review that had begun begins anew.

    :param revision: the one the editor had before them
    :param files: those that changed, path → content, None to remove one; others stay
    :param same_meaning: paths of changed words that mean what they meant, each with its mark; None leaves what was said
    :raises EditedMeanwhile: if somebody saved since
    :raises NoDraft: if there is none
    :raises ValueError: for a path that belongs to no bundle
    """
    for path in files or ():
        if not PATH.fullmatch(path):
            message = f"{path[:80]!r} is no file of a bundle: write policy.yaml or texts/<language>/<key>.md"
            raise ValueError(message)
    with scope.controller(controller), transaction.atomic():
        row = _locked(revision)
        kept = {**row.files, **(files or {})}
        row.files = {path: text.replace("\r\n", "\n").replace("\0", "") for path, text in kept.items() if text is not None}
        if len(row.files) > MOST_FILES:
            message = f"a bundle has at most {MOST_FILES} files"
            raise ValueError(message)
        if same_meaning is not None:
            row.same_meaning = dict(same_meaning)
        _change(row, edited_at=at, edited_by=str(by), **UNTOUCHED)
        detail: dict[str, str | int | bool] = {"revision": row.revision}
        if same_meaning is not None:
            detail["same_meaning"] = ",".join(sorted(same_meaning))
        audit.write(Did.DRAFT_SAVED, controller=controller, by=by, at=at, on=str(row.pk), detail=detail)
    return _info(row)


def check_draft(*, controller: int, at: datetime, files: Mapping[str, str] | None = None) -> list[Finding]:
    """
    Return everything that is wrong with a draft, in itself or as the successor of the version in force.

    :param files: what somebody is typing, not saved yet; it stands before what is
    :raises NoDraft: if there is none
    """
    files = {**_open(controller).files, **(files or {})}
    try:
        in_force = published.current(controller=controller).policy
    except NoPolicy:
        in_force = None
    return check_files(files, on=publishing.today(controller, at), against=in_force)


def consequences_of_draft(*, controller: int, at: datetime) -> tuple[LoadedBundle, Consequences, frozenset[str]]:
    """
    Return a draft as it would be published, what that would do to consents, and the paths whose words mean the same.

    :raises NoDraft: if there is none
    :raises InvalidPolicy: if it has errors
    """
    draft = _open(controller)
    loaded = load_files(draft.files, on=publishing.today(controller, at))
    marked = _marked(controller, draft, loaded)
    return loaded, publishing.consequences(controller=controller, loaded=loaded, same_meaning=marked), marked


def submit_draft(*, controller: int, revision: int, by: Actor, at: datetime) -> DraftInfo:
    """
    Give a draft to a colleague to read.

    :raises EditedMeanwhile: if somebody saved since
    :raises InvalidPolicy: if it has errors
    """
    if findings := [one for one in check_draft(controller=controller, at=at) if one.severity == "error"]:
        raise InvalidPolicy(findings)
    return _review(
        Did.DRAFT_SUBMITTED, controller=controller, revision=revision, by=by, at=at, submitted_at=at, submitted_by=str(by)
    )


def approve_draft(*, controller: int, revision: int, by: Actor, at: datetime) -> DraftInfo:
    """
    Say that one has read a draft and agrees with it.

    :raises EditedMeanwhile: if somebody saved since
    :raises FourEyes: if it is the one who edited last
    """
    draft = _open(controller)
    if draft.edited_by == str(by):
        message = "you edited this draft last: somebody else reads it"
        raise FourEyes(message)
    return _review(
        Did.DRAFT_APPROVED, controller=controller, revision=revision, by=by, at=at, approved_at=at, approved_by=str(by)
    )


def publish_draft(*, controller: int, revision: int, by: Actor, at: datetime) -> Compiled:
    """
    Put a draft in force as a new version. With four eyes it must have been given to read, and not be one's own last edit.

    :raises EditedMeanwhile: if somebody saved since
    :raises PublishedMeanwhile: if another version was published since the draft was started
    :raises InvalidPolicy: if it has errors, or does not follow on from the version in force
    :raises FourEyes: if the controller asks for a second pair of eyes and these are the first
    :raises NotReady: if it says nothing new, or nobody gave it to read
    """
    draft = _open(controller)
    if draft.revision != revision:
        raise _edited(draft)
    if publishing.four_eyes(controller=controller):
        _second_pair(draft, by)
    number, digest = publishing.newest_version(controller)
    if number != draft.based_on:
        message = f"version {number} was published since this draft was started: look at it, and take it into account"
        raise PublishedMeanwhile(message)
    loaded = load_files(draft.files, on=publishing.today(controller, at))
    if digest == digest_of(canonical_form(loaded.policy, loaded.texts)):
        message = "the draft says what the version in force says: change something, or discard it"
        raise NotReady(message)

    def close() -> None:
        if not models.Draft.objects.filter(pk=draft.id, revision=revision).delete()[0]:
            raise _edited(draft)

    detail: dict[str, str | int | bool] = {"draft": draft.id, "edited_by": draft.edited_by}
    if draft.approved_by:
        detail["approved_by"] = draft.approved_by
    return publishing.put_in_force(
        controller=controller,
        loaded=loaded,
        by=by,
        at=at,
        same_meaning=_marked(controller, draft, loaded),
        detail=detail,
        within=close,
    )


def take_up(*, controller: int, revision: int, by: Actor, at: datetime) -> DraftInfo:
    """
    Say that a version published since the draft was started has been looked at, so that the draft may replace it.

    :raises EditedMeanwhile: if somebody saved since
    """
    number, _ = publishing.newest_version(controller)
    with scope.controller(controller), transaction.atomic():
        row = _locked(revision)
        _change(row, based_on=number, edited_at=at, edited_by=str(by), **UNTOUCHED)
        detail: dict[str, str | int | bool] = {"revision": row.revision, "from": number}
        audit.write(Did.DRAFT_SAVED, controller=controller, by=by, at=at, on=str(row.pk), detail=detail)
    return _info(row)


def discard_draft(*, controller: int, revision: int, by: Actor, at: datetime) -> None:
    """
    Throw a draft away.

    :raises EditedMeanwhile: if somebody saved since
    """
    with scope.controller(controller), transaction.atomic():
        row = _locked(revision)
        audit.write(Did.DRAFT_DISCARDED, controller=controller, by=by, at=at, on=str(row.pk), detail={"revision": revision})
        row.delete()


def _second_pair(draft: DraftInfo, by: Actor) -> None:
    if draft.edited_by == str(by):
        message = "you edited this draft last: a colleague publishes it"
        raise FourEyes(message)
    if not draft.submitted_by and not draft.approved_by:
        message = "nobody has given this draft to read yet: whoever edited it says first that it is ready"
        raise NotReady(message)


def _marked(controller: int, draft: DraftInfo, loaded: LoadedBundle) -> frozenset[str]:
    """Return the paths of words that were said to mean the same and still are those words."""
    try:
        before = published.current(controller=controller)
    except NoPolicy:
        return frozenset()
    return frozenset(one.path for one in changes.reworded(before, loaded) if draft.same_meaning.get(one.path) == one.mark)


def _review(did: Did, *, controller: int, revision: int, by: Actor, at: datetime, **fields: datetime | str) -> DraftInfo:
    with scope.controller(controller), transaction.atomic():
        # It is the same words that are read, so the revision stays.
        if not models.Draft.objects.filter(revision=revision).update(**fields):
            raise _edited(_open(controller))
        row = models.Draft.objects.get()
        audit.write(did, controller=controller, by=by, at=at, on=str(row.pk), detail={"revision": revision})
    return _info(row)


def _locked(revision: int) -> models.Draft:
    """Take the draft of the controller in scope for writing: of two editors with one revision the second is told."""
    taken = models.Draft.objects.filter(revision=revision).update(revision=F("revision") + 1)
    row: models.Draft | None = models.Draft.objects.first()
    if row is None:
        raise NoDraft(NONE)
    if not taken:
        raise _edited(_info(row))
    return row


def _change(row: models.Draft, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def _edited(draft: DraftInfo) -> EditedMeanwhile:
    message = (
        f"{draft.edited_by} saved revision {draft.revision} of this draft since you opened it; nothing was overwritten: "
        "look at it, then make your change again"
    )
    return EditedMeanwhile(message)


NONE = "no draft is open: start one first"


def _open(controller: int) -> DraftInfo:
    found = draft_of(controller=controller)
    if found is None:
        raise NoDraft(NONE)
    return found


def _files_of(bundle: Path) -> dict[str, str]:
    loaded = load(bundle)
    text = (bundle / POLICY).read_text(encoding="utf-8")
    if re.search(r"^extends:", text, re.MULTILINE):
        text = written(loaded.policy)
    return {POLICY: text, **flattened(loaded.texts)}


def _info(row: models.Draft) -> DraftInfo:
    return DraftInfo(
        id=row.pk,
        based_on=row.based_on,
        files=row.files,
        same_meaning=row.same_meaning,
        revision=row.revision,
        started_at=row.started_at,
        started_by=row.started_by,
        edited_at=row.edited_at,
        edited_by=row.edited_by,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
    )
