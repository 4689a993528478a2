"""The mail catcher: where no mail may leave, what would have left can be read here."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from assent.entrypoints.console.access import Desk, DeskRequest, desk, show
from assent.entrypoints.console.middleware import STRANGER
from assent.foundation import clock
from assent.records.files import api as files
from assent.records.files.contracts import UnknownFile
from assent.tenancy.contracts import Permission

__all__ = ["body", "mail"]

KIND = "mail"
A_PAGE = 30


@dataclass
class Links(HTMLParser):
    """Collects a mail's links with their words."""

    found: list[tuple[str, str]] = field(default_factory=list)
    href: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        """Make the parser ready."""
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start a link."""
        if tag == "a":
            self.href, self.words = dict(attrs).get("href") or "", ""

    def handle_data(self, data: str) -> None:
        """Keep the words of a link."""
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        """End a link; only those a browser would follow are shown."""
        if tag == "a" and self.href.startswith(("https://", "http://")):
            self.found.append((" ".join(self.words.split()) or self.href, self.href))
            self.href = ""


def _open(at: Desk, number: int, *, told: bool) -> dict[str, Any]:
    try:
        by, now = (at.actor, clock.now()) if told else (None, None)
        stored = files.get(controller=at.controller.id, file=number, by=by, at=now)
    except UnknownFile:
        raise Http404 from None
    if stored.meta.kind != KIND:
        raise Http404
    return json.loads(stored.data) | {"id": stored.meta.id, "at": stored.meta.stored_at}


@desk(Permission.CAMPAIGNS_SEND)
def mail(request: DeskRequest, number: int | None = None) -> HttpResponse:
    """List caught mails, newest first, with one open beside them."""
    at = request.desk
    before = request.GET.get("before", "")
    found = files.listing(
        controller=at.controller.id, kind=KIND, limit=A_PAGE + 1, before=int(before) if before.isdecimal() else None
    )
    shown = found[:A_PAGE]
    opened, links = None, Links()
    if number is not None:
        opened = _open(at, number, told=True)
        links.feed(opened["html"])
    return show(
        request,
        "console/mail.html",
        {
            "mails": [_line(at, meta.id) for meta in shown],
            "opened": opened,
            "links": links.found,
            "older": shown[-1].id if len(found) > A_PAGE else None,
            "before": before if before.isdecimal() else "",
        },
    )


def _line(at: Desk, number: int) -> dict[str, Any]:
    # A list shows subjects and no addresses, so it is not a reading of identifiers; opening a mail is, and is written.
    found = _open(at, number, told=False)
    return {"id": found["id"], "at": found["at"], "subject": found["subject"], "from_name": found["from_name"]}


@xframe_options_sameorigin
@desk(Permission.CAMPAIGNS_SEND)
def body(request: DeskRequest, number: int) -> HttpResponse:
    """Return a mail's own page for the frame: no scripts, nothing fetched."""
    found = _open(request.desk, number, told=False)
    # Links open a new window: inside the frame nothing may be navigated.
    page = found["html"].replace("<head>", '<head><base target="_blank">', 1)
    return HttpResponse(page, headers={"Content-Security-Policy": STRANGER})
