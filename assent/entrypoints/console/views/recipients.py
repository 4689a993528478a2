"""Who received data, how each is told of changes, and who has not answered yet (art. 19)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assent.entrypoints.console import recipient_words as said
from assent.entrypoints.console.access import DeskRequest, desk, show
from assent.entrypoints.console.forms.recipients import WayForm
from assent.foundation import clock
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import (
    BadWay,
    Because,
    Form,
    PassedOn,
    RecipientCount,
    SettledBefore,
    UnknownNotice,
)
from assent.tenancy.contracts import Permission

__all__ = ["one", "overview", "set_way", "settle"]

LATEST = 50


@desk(Permission.POLICY_READ)
def overview(request: DeskRequest) -> HttpResponse:
    """List recipients; those whose notices wait stand first."""
    listed = disclosures.recipients(controller=request.desk.controller.id)
    listed.sort(key=lambda found: (-(found.pending + found.sent), -found.disclosures, found.name))
    waiting = disclosures.open_count(controller=request.desk.controller.id, at=clock.now())
    rows = [_row(found) for found in listed]
    return show(request, "console/recipients.html", {"rows": rows, "waiting": waiting})


def _row(found: RecipientCount) -> dict[str, Any]:
    return {
        "is": found,
        "role": said.ROLES.get(found.role, ""),
        "way": said.WAYS.get(found.way.way, found.way.way) if found.way else "",
        "waits": found.pending + found.sent,
        "done": found.acknowledged + found.impossible,
        "address": _address(found.recipient, "" if found.recipient else found.name),
    }


def _address(recipient: str, named: str) -> str:
    return f"{reverse('console:recipient')}?{urlencode({'key': recipient} if recipient else {'name': named})}"


@desk(Permission.POLICY_READ)
def one(request: DeskRequest) -> HttpResponse:
    """Show a recipient: how it is told, and its notices, open ones first."""
    return _page(request)


def _page(request: DeskRequest, *, form: WayForm | None = None, status: int = 200) -> HttpResponse:
    found = _asked(request)
    here, named = request.desk.controller.id, "" if found.recipient else found.name
    told = disclosures.notices(controller=here, recipient=found.recipient, named=named, limit=LATEST)
    way = found.way
    first = (
        {"way": way.way, "address": way.address, "form": way.form.value} if way else {"way": "email", "form": Form.RAW.value}
    )
    context = {
        "row": _row(found),
        "form": form or WayForm(initial=first),
        "notices": [_notice(each) for each in sorted(told, key=lambda each: not each.state.open)],
        "becauses": said.BECAUSE.items(),
    }
    return show(request, "console/recipient.html", context, status=status)


def _asked(request: DeskRequest) -> RecipientCount:
    key, name = request.GET.get("key", ""), request.GET.get("name", "")
    for found in disclosures.recipients(controller=request.desk.controller.id):
        if (key and found.recipient == key) or (name and not found.recipient and found.name == name):
            return found
    raise Http404


def _notice(each: PassedOn) -> dict[str, Any]:
    return {
        "is": each,
        "what": said.WHAT[each.what],
        "state": said.STATES[each.state],
        "trouble": said.trouble(each),
        "because": said.BECAUSE[each.because] if each.because else "",
    }


@require_POST
@desk(Permission.REQUESTS_ANSWER)
def set_way(request: DeskRequest) -> HttpResponse:
    """Say how the recipient is told; what waits for it is tried at once."""
    found, form, at = _asked(request), WayForm(request.POST), request.desk
    if form.is_valid():
        try:
            disclosures.set_way(
                controller=at.controller.id, recipient=found.recipient, named="" if found.recipient else found.name,
                way=form.cleaned_data["way"], address=form.cleaned_data["address"], form=Form(form.cleaned_data["form"]),
                by=at.actor, at=clock.now(),
            )  # fmt: skip
        except BadWay:
            form.add_error("address", said.WRONG.get(form.cleaned_data["way"], _("This is no address for this way.")))
    if not form.is_valid():
        return _page(request, form=form, status=422)
    messages.success(request, _("Saved. What waits for this recipient is tried now."))
    return redirect(_address(found.recipient, found.name))


@require_POST
@desk(Permission.REQUESTS_ANSWER)
def settle(request: DeskRequest, number: int) -> HttpResponse:
    """Write down that a recipient has confirmed, or why it can't be told."""
    at, found = request.desk, _asked(request)
    why, moment = request.POST.get("because", ""), clock.now()
    try:
        if request.POST.get("deed") == "acknowledge":
            disclosures.acknowledge(controller=at.controller.id, notice=number, by=at.actor, at=moment)
            messages.success(request, _("Written down: the recipient has done it."))
        elif why in set(Because):
            disclosures.impossible(
                controller=at.controller.id, notice=number, because=Because(why), by=at.actor, at=moment
            )  # fmt: skip
            messages.success(request, _("Written down, with the reason. Requests no longer wait for it."))
        else:
            messages.error(request, _("Choose why the recipient can’t be told."))
    except UnknownNotice:
        raise Http404 from None
    except SettledBefore:
        messages.error(request, _("This notice was settled before. Look at it again."))
    return redirect(_address(found.recipient, found.name))
