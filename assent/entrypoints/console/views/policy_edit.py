"""Writing the statement: part by part in forms with the YAML beside, or the whole file; checked while one types."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from assent.entrypoints.console import deeds
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.policy_editing import Sheet, inside, is_key, parts, wrong
from assent.entrypoints.console.policy_shapes import Part
from assent.entrypoints.console.policy_words import SECTIONS, label
from assent.entrypoints.console.views.policy import spoken
from assent.entrypoints.console.views.policy_draft import opened, revision
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import DraftInfo, EditedMeanwhile, InvalidPolicy, NoDraft
from assent.tenancy.contracts import Permission

__all__ = ["entry", "file", "part"]

officer = desk(Permission.POLICY_WRITE)


@officer
def file(request: DeskRequest) -> HttpResponse:
    """Edit the whole file."""
    return _edit(request, ())


@officer
def part(request: DeskRequest, section: str) -> HttpResponse:
    """Edit a part that stands for itself, or list the entries of one that has them."""
    if section not in SECTIONS:
        raise Http404
    found = opened(request)
    sheet = _sheet(request, found, (section,))
    whole = sheet.whole
    if section == "retention" or Part((section,), whole or {}, spoken()).shape.kind != "map":
        return _edit(request, (section,))
    if whole is None:
        return redirect("console:policy-draft-file")
    if request.method == "POST":
        return _add(request, sheet)
    told = wrong(sheet.findings(), whole, spoken())
    entries = [
        (key, name, [one for one in told if inside(one, (section, key))]) for key, name in parts(whole, section, spoken())
    ]
    context = {
        "draft": found,
        "section": section,
        "name": label(section, spoken()),
        "entries": entries,
        "typed": request.GET.get("key", ""),
    }
    return show(request, "console/policy_entries.html", context)


def _add(request: DeskRequest, sheet: Sheet) -> HttpResponse:
    section, key = sheet.path[0], request.POST.get("key", "").strip()
    taken = {one for one, _name in parts(sheet.whole, section, spoken())}
    if not is_key(key) or key in taken:
        said = (
            _("There is an entry with this key already.")
            if key in taken
            else _("Small letters, digits and _ only, a letter first.")
        )
        messages.error(request, said)
        return redirect("console:policy-draft-part", section)
    sheet.add(key)
    if _save(request, sheet) is None:
        messages.error(request, _("Somebody saved this draft a moment ago. Add the entry once more."))
        return redirect("console:policy-draft-part", section)
    return redirect("console:policy-draft-entry", section, key)


@officer
def entry(request: DeskRequest, section: str, key: str) -> HttpResponse:
    """Edit one entry of a part."""
    if section not in SECTIONS or section == "retention":
        raise Http404
    return _edit(request, (section, key))


def _edit(request: DeskRequest, path: tuple[str, ...]) -> HttpResponse:
    sheet = _sheet(request, opened(request), path)
    whole = sheet.whole
    if len(path) > 1:
        if whole is None:
            return redirect("console:policy-draft-file")
        if path[1] not in dict(parts(whole, path[0], spoken())):
            raise Http404
    return _act(request, sheet) if request.method == "POST" else _page(request, sheet)


def _act(request: DeskRequest, sheet: Sheet) -> HttpResponse:
    deed = request.POST.get("do", "check")
    if deed == "remove" and len(sheet.path) > 1:
        return _remove(request, sheet)
    try:
        sheet.type(request.POST)
    except InvalidPolicy as unreadable:
        return _page(request, sheet, unreadable=unreadable, status=422)
    if deed == "check":
        return _page(request, sheet, fragment="console/policy_checked.html")
    saved = _save(request, sheet) if sheet.changed() else sheet.draft
    if saved is None:
        return _page(request, _again(request, sheet), clash=True, status=409)
    messages.success(request, _("Saved."))
    return redirect(request.path)


def _again(request: DeskRequest, sheet: Sheet) -> Sheet:
    fresh = _sheet(request, opened(request), sheet.path)
    fresh.typed = sheet.typed
    return fresh


def _remove(request: DeskRequest, sheet: Sheet) -> HttpResponse:
    sheet.remove()
    if _save(request, sheet) is None:
        messages.error(request, _("Somebody saved this draft a moment ago. Nothing was removed."))
        return redirect(request.path)
    messages.success(request, _("Removed from the draft."))
    return redirect("console:policy-draft-part", sheet.path[0])


def _save(request: DeskRequest, sheet: Sheet) -> DraftInfo | None:
    """Save what was typed over the revision the editor had; None if somebody else saved since."""
    try:
        return policy.save_draft(
            controller=request.desk.controller.id,
            revision=revision(request),
            files=sheet.changed(),
            by=request.desk.actor,
            at=clock.now(),
        )
    except (EditedMeanwhile, NoDraft):
        return None


def _page(
    request: DeskRequest,
    sheet: Sheet,
    *,
    fragment: str = "",
    clash: bool = False,
    unreadable: InvalidPolicy | None = None,
    status: int = 200,
) -> HttpResponse:
    findings = unreadable.findings if unreadable else sheet.findings()
    whole = sheet.whole
    told = wrong(findings, whole, spoken())
    here = [one for one in told if inside(one, sheet.path)]
    lines = sheet.lines()
    first = lines[0] if lines else 1
    text = sheet.part() if lines else ""
    flawed = {one.finding.line for one in told if one.finding.file.endswith("policy.yaml")}
    gutter = [(number, number in flawed) for number in range(first, first + max(1, len(text.splitlines())))]
    context = {
        "draft": sheet.draft,
        "path": sheet.path,
        "whole_or_part": sheet.path != ("retention",),
        "name": _named(sheet, whole),
        "section": sheet.path[0] if sheet.path else "",
        "section_name": label(sheet.path[0], spoken()) if sheet.path else "",
        "fields": sheet.fields(findings),
        "yaml": text,
        "gutter": gutter,
        "first": first,
        "here": here,
        "elsewhere": [one for one in told if one not in here],
        "errors": sum(one.error for one in told),
        "warnings": sum(not one.error for one in told),
        "view": request.POST.get("view", "form"),
        "clash": clash,
    }
    if clash:
        saved = _sheet(request, sheet.draft, sheet.path)
        context |= {
            "theirs": saved.part(),
            "mine": text,
            "edited_by": deeds.doer(sheet.draft.edited_by, names(request.desk.controller.id)),
        }
    return show(request, fragment or "console/policy_edit.html", context, status=status)


def _named(sheet: Sheet, whole: Any) -> str:
    if not sheet.path:
        return _("The whole file")
    if len(sheet.path) > 1 and whole is not None:
        return dict(parts(whole, sheet.path[0], spoken())).get(sheet.path[1], sheet.path[1])
    return label(sheet.path[0], spoken())


def _sheet(request: DeskRequest, found: DraftInfo, path: tuple[str, ...]) -> Sheet:
    return Sheet(found, path, spoken(), clock.now(), request.desk.controller.id)
