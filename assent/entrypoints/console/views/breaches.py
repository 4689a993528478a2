"""Breaches: what went wrong, whom it touches, how bad it is, how much time is left, and what is written about it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import breach_words as said, deeds, papers, words
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.colleagues import names
from assent.entrypoints.console.forms import breaches as forms
from assent.foundation import clock
from assent.privacy.breaches import api as breaches
from assent.privacy.breaches.contracts import (
    AlarmInfo,
    AlarmState,
    BreachInfo,
    NamesSomebody,
    Nature,
    NotNow,
    Reading,
    UnknownBreach,
)
from assent.privacy.documents import api as documents
from assent.privacy.documents.contracts import Kind
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission

__all__ = ["breach", "doers", "draft", "find", "new", "overview", "page", "suspect", "titles"]

reads = desk(Permission.BREACHES_READ)
acts = desk(Permission.BREACHES_WRITE)
DRAFTS = {
    "authority": Kind.BREACH_TO_AUTHORITY,
    "controller": Kind.BREACH_TO_CONTROLLER,
    "people": Kind.BREACH_TO_PEOPLE,
}
ROUND = 339  # of the clock's ring, radius 54
READ_AT_FIRST = [one.value for one in Reading if one is not Reading.CHANGES]


@reads
def overview(request: DeskRequest) -> HttpResponse:
    """Show what is open, the alarms, and the register."""
    here, now = request.desk.controller.id, clock.now()
    found, known = breaches.breaches(controller=here), names(here)
    context = {
        "lines": [_line(one, now) for one in found],
        "owing": breaches.owing(controller=here, at=now),
        "alarms": [
            (one, said.RULES[one.rule], _doer(one, known)) for one in breaches.alarms(controller=here, states=[AlarmState.OPEN])
        ],
        "settled": [
            (one, said.RULES[one.rule], _doer(one, known), said.ALARM_STATES[one.state])
            for one in breaches.alarms(controller=here, states=[AlarmState.DISMISSED, AlarmState.BREACH], limit=20)
        ],
        "watched_at": breaches.watched_at(),
    }
    return show(request, "console/breaches.html", context)


def _line(one: BreachInfo, now: datetime) -> dict[str, Any]:
    state, left = breaches.clock(one, at=now)
    word, tone = said.STATES[one.state]
    return {
        "info": one,
        "word": word,
        "tone": tone,
        "clock": said.CLOCKS[state],
        "left": _left(left) if state in {"running", "late"} else "",
    }


def _left(left: timedelta | None) -> str:
    if left is None:
        return ""
    hours, minutes = divmod(int(abs(left).total_seconds()) // 60, 60)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _doer(one: AlarmInfo, known: Any) -> str:
    kind = one.doer.partition(":")[0]
    return deeds.doer(one.doer, known) if kind in {"key", "staff"} else one.doer.removeprefix("system:")


@acts
def new(request: DeskRequest) -> HttpResponse:
    """Show the form of a suspicion, filled in from an alarm if it comes from one."""
    here, now = request.desk.controller.id, clock.now()
    begun: dict[str, Any] = {"found_at": now}
    if (number := request.GET.get("alarm", "")).isdecimal():
        try:
            alarm = breaches.alarm(controller=here, alarm=int(number))
        except UnknownBreach:
            raise Http404 from None
        title = f"{said.RULES[alarm.rule]}: {_doer(alarm, names(here))}"
        begun = {"found_at": alarm.raised_at, "alarm": alarm.id, "title": title[:1].upper() + title[1:120]}
        begun["nature"] = [Nature.CONFIDENTIALITY.value]
    return show(request, "console/breach_new.html", {"form": forms.SuspectForm(initial=begun)})


@require_POST
@acts
def suspect(request: DeskRequest) -> HttpResponse:
    """Write the suspicion down; from an alarm, look at once for whom it affects."""
    at, form, now = request.desk, forms.SuspectForm(request.POST), clock.now()
    if not form.is_valid():
        return show(request, "console/breach_new.html", {"form": form}, status=422)
    given = form.cleaned_data
    alarm = given["alarm"]
    try:
        made = breaches.suspect(
            controller=at.controller.id, title=given["title"], found_at=given["found_at"], nature=given["nature"],
            note=given["note"], from_alarm=alarm, by=at.actor, at=now,
        )  # fmt: skip
    except (NamesSomebody, NotNow, UnknownBreach) as refused:
        form.add_error(None, said.told(refused))
        return show(request, "console/breach_new.html", {"form": form}, status=422)
    messages.success(request, _("Written down. The clock starts when somebody is certain."))
    return redirect("console:breach", made.id)


def find(at: Desk, number: int) -> BreachInfo:
    """
    Return a breach of the brand.

    :raises Http404: if it has none with this number
    """
    try:
        return breaches.breach(controller=at.controller.id, breach=number)
    except UnknownBreach:
        raise Http404 from None


@reads
def breach(request: DeskRequest, number: int) -> HttpResponse:
    """Show one breach."""
    return page(request, number)


def page(request: DeskRequest, number: int, *, status: int = 200, **given: Any) -> HttpResponse:
    """Draw the page of a breach; forms that were refused are given."""
    at, now = request.desk, clock.now()
    here, info, known = at.controller.id, find(request.desk, number), names(request.desk.controller.id)
    try:
        edition = papers.current(at)
    except NoPolicy:
        return show(request, "console/breach.html", {"info": info, "edition": None}, status=status)
    language, policy = papers.language(edition), edition.policy.policy
    data, proposed = breaches.propose(controller=here, breach=number)
    state, left = breaches.clock(info, at=now)
    weighed = breaches.severity(info.assessment or proposed, people=info.people, unintelligible=info.unintelligible)
    tongues = documents.languages(policy)
    word, tone = said.STATES[info.state]
    context = {
        "info": info,
        "edition": edition,
        "word": word,
        "tone": tone,
        "open": info.state in breaches.OPEN,
        "certain": info.aware_at is not None,
        "clock": {
            "word": said.CLOCKS[state][0],
            "tone": said.CLOCKS[state][1],
            "left": _left(left) if state in {"running", "late"} else "",
            "late": state == "late",
            "arc": _arc(info, now),
            "round": ROUND,
        },
        "natures": [said.NATURES[one] for one in info.nature],
        "readings": [(said.READINGS[name], *counts) for name, counts in info.readings.items()],
        "data": [words.local(policy.data[key].title) for key in info.data if key in policy.data],
        "weighed": weighed,
        "sum": said.sums(weighed),
        "level": said.LEVELS[weighed.level],
        "decided": said.RISKS[info.risk] if info.risk else "",
        "proposed": info.assessment is None,
        "gaps": [said.GAPS[gap] for gap in documents.breach_gaps(info, language=language, at=now)],
        "lacking": [said.LACKING[code] for code in breaches.lacking(info)],
        "history": [
            {
                "at": one.at,
                "title": said.DEEDS[one.deed],
                "detail": " · ".join(filter(None, (deeds.doer(one.by, known), one.note))),
            }
            for one in reversed(info.steps)
        ],
        "progress": _progress(here, info),
        "languages": tongues,
        "spoken": language,
        "platform": policy.platform is not None,
        "describe_form": forms.DescribeForm(
            initial=_described(info, data), data_items=titles(policy.data), kinds=titles(policy.subjects)
        ),
        "accounts": forms.accounts(tongues, info),
        "affected_form": forms.AffectedForm(initial=_reach(info, now), doers=doers(here, info, known)),
        "stated_form": forms.StatedForm(initial={"people": info.people, "records": info.records}),
        "assess_form": forms.AssessForm(
            initial=forms.AssessForm.begin(info.assessment or proposed) | {"reason": info.risk_reason}
        ),
        "confirm_form": forms.ConfirmForm(initial={"aware_at": now}),
        "note_form": forms.NoteForm(),
        "notified_form": forms.NotifiedForm(initial={"sent_at": now}),
        **given,
    }
    return show(request, "console/breach.html", context, status=status)


def _described(info: BreachInfo, data: Any) -> dict[str, Any]:
    return {
        "title": info.title,
        "began_at": info.began_at,
        "ended_at": info.ended_at,
        "nature": [one.value for one in info.nature],
        "touched": list(info.data or data),
        "subjects": list(info.subjects),
        "countries": " ".join(info.countries),
        "unintelligible": info.unintelligible,
        "why_not_told": info.why_not_told,
    }


def titles(declared: Any) -> list[tuple[str, str]]:
    """Return what a policy declares as choices: key and title."""
    return [(key, words.local(getattr(one, "title", one))) for key, one in declared.items()]


def _reach(info: BreachInfo, now: datetime) -> dict[str, Any]:
    if info.reach is not None:
        found = info.reach
        return {"by": list(found.by), "since": found.since, "until": found.until, "readings": list(found.readings)}
    since = info.began_at or info.found_at - timedelta(days=1)
    return {"since": since, "until": now + timedelta(minutes=1), "readings": READ_AT_FIRST}


def doers(controller: int, info: BreachInfo, known: Any) -> list[tuple[str, str]]:
    """Return who may be chosen: keys and colleagues there are, whoever read lately, and those chosen before."""
    keys = {f"key:{key.id}": f"{_('key %s') % key.id} · {key.name}" for key in tenancy.api_keys(controller=controller)}
    staff = {f"staff:{number}": name for number, name in known.items()}
    others = {*breaches.doers(controller=controller), *(info.reach.by if info.reach else ())} - keys.keys() - staff.keys()
    return [*keys.items(), *((one, deeds.doer(one, known)) for one in sorted(others)), *staff.items()]


def _progress(controller: int, info: BreachInfo) -> dict[str, Any] | None:
    if info.telling_since is None:
        return None
    found = breaches.progress(controller=controller, breach=info.id)
    letters = [(said.LETTERS[state], many) for state, many in found.letters.items() if many]
    return {"queued": found.queued, "people": found.people, "letters": letters}


def _arc(info: BreachInfo, now: datetime) -> int:
    """Return how much of the ring is gone."""
    if info.aware_at is None or info.due_at is None:
        return 0
    until = info.notified[0].at if info.notified else now
    gone = (until - info.aware_at) / (info.due_at - info.aware_at)
    return round(ROUND * min(1.0, max(0.0, gone)))


@reads
def draft(request: DeskRequest, number: int, kind: str, form: str) -> HttpResponse:
    """Show or hand over a draft: a page to read, PDF, HTML, or Markdown."""
    at, info = request.desk, find(request.desk, number)
    try:
        edition = papers.current(at)
        language = request.GET.get("language") or papers.language(edition)
        document = documents.breach_document(edition=edition, kind=DRAFTS[kind], language=language, breach=info, at=clock.now())
    except (NoPolicy, LookupError):
        raise Http404 from None
    writers: dict[str, tuple[str, Any]] = {
        "pdf": ("application/pdf", documents.to_pdf),
        "html": ("text/html; charset=utf-8", documents.to_page),
        "md": ("text/markdown; charset=utf-8", documents.to_markdown),
    }
    if form == "page":
        context = {
            "info": info, "document": document, "kind": kind, "language": language,
            "languages": documents.languages(edition.policy.policy), "text": mark_safe(documents.to_html(document, level=2)),  # noqa: S308 - escaped there
        }  # fmt: skip
        return show(request, "console/breach_draft.html", context)
    if form not in writers:
        raise Http404
    media, write = writers[form]
    name = f"{at.controller.slug}-breach-{info.id}-{kind}-{language}.{form}"
    return HttpResponse(write(document), content_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
