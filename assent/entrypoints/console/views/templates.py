"""Message templates: written in plain words or MJML, kept as versions, looked at before anybody gets them."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from assent.campaigns import api as campaigns
from assent.campaigns.contracts import BadTemplate, TemplateInfo, UnknownTemplate
from assent.dispatch.contracts import NotRendered
from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.forms.campaigns import TemplateForm
from assent.entrypoints.console.middleware import STRANGER
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import NoPolicy
from assent.tenancy.contracts import Permission

__all__ = ["new", "preview", "template"]


def _languages(at: Desk) -> list[tuple[str, str]]:
    names = dict(settings.LANGUAGES)
    try:
        spoken = policy.current(controller=at.controller.id).policy.controller.languages
    except NoPolicy:
        spoken = (at.controller.language,)
    return [(code, str(names.get(code, code))) for code in spoken]


def _find(at: Desk, number: int) -> TemplateInfo:
    try:
        return campaigns.template(controller=at.controller.id, template=number)
    except UnknownTemplate:
        raise Http404 from None


@desk(Permission.CAMPAIGNS_WRITE)
def new(request: DeskRequest) -> HttpResponse:
    """Write a message from nothing."""
    return _edit(request, None)


@desk(Permission.CAMPAIGNS_WRITE)
def template(request: DeskRequest, number: int) -> HttpResponse:
    """Change a message; what was sent keeps the version it was sent with."""
    return _edit(request, _find(request.desk, number))


def _edit(request: DeskRequest, found: TemplateInfo | None) -> HttpResponse:
    at, languages = request.desk, _languages(request.desk)
    initial: dict[str, str] = {}
    if found:
        initial = {"name": found.name}
        initial |= {f"subject_{code}": text for code, text in found.subjects.items()}
        initial |= {f"body_{code}": text for code, text in found.bodies.items()}
    form = TemplateForm(request.POST or None, initial=initial, languages=languages)
    if form.is_valid():
        try:
            made = campaigns.create_template(
                controller=at.controller.id,
                name=form.cleaned_data["name"],
                subject=form.words("subject"),
                body=form.words("body"),
                by=at.actor,
                at=clock.now(),
            )
        except BadTemplate as error:
            for problem in error.problems:
                part, _space, rest = problem.place.partition(" ")
                name = f"{part}_{rest[:2]}" if rest else part
                form.add_error(name if name in form.fields else None, str(problem))
        else:
            messages.success(request, _("Saved as version %d.") % made.version)
            return redirect("console:template", made.id)
    context = {"form": form, "found": found, "languages": languages, "purpose": _purpose(at)}
    return show(request, "console/template.html", context, status=422 if form.errors else 200)


def _purpose(at: Desk) -> str:
    """Return a direct marketing purpose: a preview shows what such a message owes."""
    try:
        purposes = policy.current(controller=at.controller.id).policy.purposes
    except NoPolicy:
        return ""
    return next((key for key, purpose in purposes.items() if purpose.direct_marketing), next(iter(purposes)))


@xframe_options_sameorigin
@desk(Permission.CAMPAIGNS_READ)
def preview(request: DeskRequest, number: int, language: str) -> HttpResponse:
    """Return the message as an invented person would see it, for the frame."""
    at = request.desk
    found = _find(at, number)
    if language not in found.languages:
        raise Http404
    try:
        rendered = campaigns.preview(
            controller=at.controller.id,
            template=number,
            language=language,
            purpose=_purpose(at),
            by=at.actor,
            at=clock.now(),
        )
    except NotRendered as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", headers={"Content-Security-Policy": STRANGER})
    return HttpResponse(rendered.html, headers={"Content-Security-Policy": STRANGER})
