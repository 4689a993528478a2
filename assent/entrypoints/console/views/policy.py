"""What the brand has promised: the statement in force, every version of it, what became of it, and what is being written."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from assent.entrypoints.console import deeds, policy_editing, words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.notes import endings
from assent.entrypoints.console.policy_effects import because
from assent.foundation import clock
from assent.pieces.clauses import clause
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Edition, Kind, Stamp
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, DraftInfo, NoPolicy, Purpose, Reason, UnknownVersion, VersionInfo
from assent.tenancy.contracts import Permission

__all__ = ["compare", "findings", "overview", "spoken", "version"]

DRAFT = "draft"


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """Show the policy in force in the reader's language, the versions before it, and the draft."""
    here = request.desk.controller.id
    known, draft = names(here), policy.draft_of(controller=here)
    shared = {"draft": draft, "draft_by": deeds.doer(draft.edited_by, known) if draft else ""}
    try:
        now = policy.current(controller=here)
    except NoPolicy:
        return show(request, "console/policy.html", {"now": None, **shared})
    versions = [(version, deeds.doer(version.published_by, known)) for version in policy.versions(controller=here)]
    return show(
        request,
        "console/policy.html",
        {
            "now": now,
            "published": versions[0][0],
            "versions": versions,
            "endings": endings(now, request.desk.controller, at=clock.now()),
            **_told(now),
            **shared,
        },
    )


@desk(Permission.POLICY_READ)
def findings(request: DeskRequest) -> HttpResponse:
    """Hold the version in force against today's checks, for the page that is open."""
    now = _current(request.desk.controller.id)
    found = policy.check_files({"policy.yaml": policy.written(now.policy), **policy.flattened(now.texts)}, on=_today())
    whole = now.policy.model_dump(mode="json", exclude_defaults=True)
    return show(request, "console/policy_findings.html", {"wrong": policy_editing.wrong(found, whole, spoken())})


@desk(Permission.POLICY_READ)
def version(request: DeskRequest, number: int) -> HttpResponse:
    """Show one version as it was published, and whose consents it left behind."""
    here = request.desk.controller.id
    then, info = _version(here, number)
    newest = policy.current(controller=here)
    asked = [
        (
            words.purpose(then, one.purpose),
            [because(Reason.read(reason), newest.policy, then.policy, spoken()) for reason in one.because],
        )
        for one in policy.asked_again(controller=here, number=number)
    ]
    context = {
        "now": then,
        "info": info,
        "by": deeds.doer(info.published_by, names(here)),
        "asked": asked,
        "newest": newest.number,
        "draft": policy.draft_of(controller=here),
        "four_eyes": policy.four_eyes(controller=here),
    }
    return show(request, "console/policy_version.html", context | _told(then))


@desk(Permission.POLICY_READ)
def compare(request: DeskRequest) -> HttpResponse:
    """Show what a version, or the draft, says that another does not: in plain words, and line by line."""
    here = request.desk.controller.id
    versions, draft = policy.versions(controller=here), policy.draft_of(controller=here)
    if not versions:
        raise Http404
    sides = [DRAFT] * (draft is not None) + [str(one.number) for one in versions]
    after = request.GET.get("to", "") if request.GET.get("to") in sides else sides[0]
    rest = [side for side in sides if side not in {DRAFT, after}]
    before = request.GET.get("from", "") if request.GET.get("from") in sides else (rest or sides)[0]
    context: dict[str, Any] = {"sides": sides, "before": before, "after": after, "draft": draft}
    try:
        old, new = _edition(here, before, draft), _edition(here, after, draft)
    except policy_editing.Unfinished:
        return show(request, "console/policy_compare.html", {**context, "unfinished": True})
    language = documents.languages(new.policy.policy)[0]
    language = spoken() if spoken() in documents.languages(new.policy.policy) else language
    log = documents.build(edition=Edition(new.policy, new.stamp, before=old), kind=Kind.CHANGE_LOG, language=language)
    context |= {
        "log": mark_safe(documents.to_html(log, level=2)),  # noqa: S308 - escaped there
        "empty": not log.sections,
        "lead": log.lead,
        "files": list(_differences(old, new)),
    }
    return show(request, "console/policy_compare.html", context)


def _edition(controller: int, side: str, draft: DraftInfo | None) -> Edition:
    if side == DRAFT and draft:
        loaded = policy_editing.loaded(draft.files, on=_today())
        return documents.edition_from(policy=loaded.policy, texts=loaded.texts)
    found, info = _version(controller, int(side))
    return Edition(found, Stamp(info.number, info.digest, info.published_at))


def _differences(old: Edition, new: Edition) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Return the files that differ, each with its lines: kept, gone, new, or a gap."""
    before, after = (
        {"policy.yaml": policy.written(one.policy.policy), **policy.flattened(one.policy.texts)} for one in (old, new)
    )
    for path in sorted({*before, *after}, key=lambda path: (path != "policy.yaml", path)):
        lines = list(unified_diff(before.get(path, "").splitlines(), after.get(path, "").splitlines(), n=2, lineterm=""))[2:]
        if lines:
            yield path, [(KINDS[line[0]], "" if line[0] == "@" else line[1:]) for line in lines]


KINDS = {" ": "span", "-": "del", "+": "ins", "@": "hr"}


def _told(now: Compiled) -> dict[str, Any]:
    return {
        "purposes": [_purpose(now, key, purpose) for key, purpose in now.policy.purposes.items()],
        "recipients": [(found, words.local(found.services)) for found in now.policy.recipients.values()],
        "cookies": [
            (found, words.local(now.policy.consent_categories[found.category].title), words.local(found.description))
            for found in now.policy.cookies.values()
        ],
    }


def _purpose(now: Compiled, key: str, purpose: Purpose) -> dict[str, object]:
    kept = purpose.retention
    said = now.policy
    return {
        "key": key,
        "title": words.local(purpose.title),
        "description": words.local(purpose.description),
        "basis": words.BASES[purpose.basis],
        "clause": clause(purpose.basis.clause),
        "asks": purpose.basis.value == "consent",
        "starts_on": purpose.starts_on,
        "channels": [words.CHANNELS[channel] for channel in purpose.channels],
        "kept": f"{words.span(kept.duration)} {words.COUNTED[kept.counted_from]}, {words.THEN[kept.then]}",
        "data": [words.local(said.data[item].title) for item in purpose.data],
        "recipients": [said.recipients[item].name for item in purpose.recipients],
        "interest": words.local(purpose.interest),
        "wordings": [(words.CHANNELS[channel], now.text(text, words.spoken(now))) for channel, text in purpose.wording.items()],
        "digest": now.purpose_digests[key],
    }


def _current(controller: int) -> Compiled:
    try:
        return policy.current(controller=controller)
    except NoPolicy:
        raise Http404 from None


def _version(controller: int, number: int) -> tuple[Compiled, VersionInfo]:
    try:
        found = policy.at_number(controller=controller, number=number)
    except UnknownVersion:
        raise Http404 from None
    return found, next(one for one in policy.versions(controller=controller) if one.number == number)


def spoken() -> str:
    """Return the reader's language, of those the editor speaks."""
    mine = (get_language() or "en")[:2]
    return mine if mine in documents.LANGUAGES else "en"


def _today() -> Any:
    return clock.now().date()
