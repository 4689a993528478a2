"""Settings, for administrators: what sends events, who holds keys, who works here."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import words
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.forms.settings import ApiKeyForm, PropertyForm, StaffForm
from assent.foundation import clock
from assent.privacy.policy import api as policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission, Role

__all__ = [
    "add_api_key",
    "add_property",
    "add_staff",
    "add_write_key",
    "end_api_key",
    "end_role",
    "end_write_key",
    "overview",
    "set_four_eyes",
]

administrator = desk(Permission.SETTINGS_WRITE)


@administrator
def overview(request: DeskRequest) -> HttpResponse:
    """Show properties with their keys, API keys, and staff."""
    return _page(request)


def _page(request: DeskRequest, *, status: int = 200, **forms: object) -> HttpResponse:
    here = request.desk.controller.id
    keys = tenancy.write_keys_of(controller=here)
    properties = [
        {
            "info": found,
            "kind": words.KINDS[found.kind],
            "keys": [(key, start, secret) for key, start, secret, of in keys if of.id == found.id],
        }
        for found in tenancy.properties(controller=here)
    ]
    staff = [
        (member, [(role.value, words.ROLES[role]) for role in sorted(member.roles)])
        for member in tenancy.members(controller=here)
    ]
    context = {
        "properties": properties,
        "api_keys": [
            (key, [words.PERMISSIONS[verb] for verb in sorted(key.verbs)]) for key in tenancy.api_keys(controller=here)
        ],
        "staff": staff,
        "four_eyes": policy.four_eyes(controller=here),
        "property_form": PropertyForm(),
        "api_key_form": ApiKeyForm(),
        "staff_form": StaffForm(),
        **forms,
    }
    return show(request, "console/settings.html", context, status=status)


@require_POST
@administrator
def set_four_eyes(request: DeskRequest) -> HttpResponse:
    """Let policies be published by a second pair of eyes only, or no longer. Not the officers' own to switch."""
    at, on = request.desk, request.POST.get("on") == "1"
    policy.require_four_eyes(controller=at.controller.id, on=on, by=at.actor, at=clock.now())
    messages.success(request, _("Policies are published with four eyes.") if on else _("One officer may publish alone."))
    return redirect("console:settings")


@require_POST
@administrator
def add_property(request: DeskRequest) -> HttpResponse:
    """Make a property."""
    form = PropertyForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, property_form=form)
    at = request.desk
    tenancy.make_property(controller=at.controller.id, by=at.actor, at=clock.now(), **form.cleaned_data)
    messages.success(request, _("%s can send events once it has a key.") % form.cleaned_data["name"])
    return redirect("console:settings")


@require_POST
@administrator
def add_write_key(request: DeskRequest, slug: str) -> HttpResponse:
    """Make a write key and show it, once."""
    at = request.desk
    found = next((info for info in tenancy.properties(controller=at.controller.id) if info.slug == slug), None)
    if found is None:
        return redirect("console:settings")
    secret = request.POST.get("kind") == "secret"
    clear = tenancy.make_write_key(property=found.id, secret=secret, by=at.actor, at=clock.now())
    return show(request, "console/key_made.html", {"clear": clear, "secret": secret, "of": found.name})


@require_POST
@administrator
def end_write_key(request: DeskRequest, key: int) -> HttpResponse:
    """Revoke a write key."""
    at = request.desk
    tenancy.revoke_write_key(controller=at.controller.id, key=key, by=at.actor, at=clock.now())
    messages.success(request, _("The key is revoked. Collectors refuse it within two seconds."))
    return redirect("console:settings")


@require_POST
@administrator
def add_api_key(request: DeskRequest) -> HttpResponse:
    """Make an API key and show it, once."""
    form = ApiKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, api_key_form=form)
    at, wanted = request.desk, form.cleaned_data
    verbs = [Permission(verb) for verb in wanted["verbs"]]
    clear = tenancy.make_api_key(controller=at.controller.id, name=wanted["name"], verbs=verbs, by=at.actor, at=clock.now())
    return show(request, "console/key_made.html", {"clear": clear, "secret": True, "of": wanted["name"]})


@require_POST
@administrator
def end_api_key(request: DeskRequest, key: int) -> HttpResponse:
    """Revoke an API key."""
    at = request.desk
    tenancy.revoke_api_key(controller=at.controller.id, key=key, by=at.actor, at=clock.now())
    messages.success(request, _("The key is revoked."))
    return redirect("console:settings")


@require_POST
@administrator
def add_staff(request: DeskRequest) -> HttpResponse:
    """Give a role to a member of staff, making the account if there is none."""
    form = StaffForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, staff_form=form)
    at, wanted, now = request.desk, form.cleaned_data, clock.now()
    # No password: whoever is invited sets one by the link "forgotten your password".
    member = tenancy.make_staff(
        email=wanted["email"], name=wanted["name"], password=None, language=at.controller.language, by=at.actor, at=now
    )
    tenancy.grant(staff=member, controller=at.controller.id, role=wanted["role"], by=at.actor, at=now)
    messages.success(request, _("%s has the role. A first log-in starts with “Forgotten your password?”.") % wanted["name"])
    return redirect("console:settings")


@require_POST
@administrator
def end_role(request: DeskRequest, staff: int, role: str) -> HttpResponse:
    """Take a role back, though never one's own as administrator: someone must be able to open this page."""
    at = request.desk
    if role not in set(Role):
        return redirect("console:settings")
    if staff == at.staff and role == Role.ADMINISTRATOR:
        messages.error(request, _("You can’t take your own administrator role: another administrator must."))
    else:
        tenancy.revoke(staff=staff, controller=at.controller.id, role=Role(role), by=at.actor, at=clock.now())
        messages.success(request, _("The role is taken back."))
    return redirect("console:settings")
