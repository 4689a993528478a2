"""
The way in: somebody names an address, whoever has that address gets a code and a link, and either opens the door once.

Nothing a stranger can see or time depends on whether an address is known: asking leaves a row and no more, and who that is,
if anybody, is looked up by the worker. An address that several people share is answered like an unknown one, since showing
one of them the other's data would be worse than letting neither in.
"""

import logging
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Letter, UndeclaredPurpose
from assent.entrypoints.portal import models, rules
from assent.foundation import ids, scope
from assent.foundation.clock import millis
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import NoPolicy
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy

__all__ = ["address", "answer", "by_code", "by_link", "knock", "link_is_good", "sweep"]

log = logging.getLogger(__name__)

PORTAL = Actor.system("portal")
CHANNEL = {"email": "email", "phone": "sms"}
AT_ONCE = 200


@lru_cache(maxsize=1)
def _key() -> bytes:
    return bytes(salted_hmac("assent.portal.code", "key", algorithm="sha256").digest())


def address(controller_slug: str, host: str) -> str:
    """Return where a controller's portal answers: under its own host name, if that is where one came from, or the house's."""
    if not host:
        return f"{settings.ASSENT_PUBLIC_URL}/p/{controller_slug}/me/"
    scheme, _sep, rest = settings.ASSENT_PUBLIC_URL.partition("://")
    port = rest.rpartition(":")[2] if ":" in rest.rpartition("]")[2] else ""
    return f"{scheme}://{host}{f':{port}' if port else ''}/me/"


def knock(*, controller: int, field: str, value: str, host: str, language: str, at: datetime) -> tuple[str, bytes]:
    """
    Ask to come in with an address; return the handle this browser proves with that it was the one who asked.

    :param host: the controller's own host name one asked under, empty for the house's
    :raises BadIdentifier: if it is no address
    """
    token, handle = subjects.address_token(controller=controller, field=field, value=value), ids.token()
    with scope.controller(controller):
        models.Knock.objects.create(
            controller_id=controller, handle=rules.handle_digest(handle), field=field, token=token, host=host,
            language=language, asked_ms=millis(at), ends_ms=millis(at + rules.CODE_LIVES),
        )  # fmt: skip
    return handle, token


def answer(at: datetime) -> bool:
    """Send a code and a link to whoever was asked for; true if there may be more."""
    # All of them: `any` must not stop at the first controller that has more to do.
    more = [_answer(info.id, info.slug, at) for info in tenancy.controllers()]
    return any(more)


def _answer(controller: int, slug: str, at: datetime) -> bool:
    with scope.controller(controller):
        waiting = models.Knock.objects.filter(answered_ms=None)
        rows = list(waiting.order_by("asked_ms")[:AT_ONCE])
        for field in {row.field for row in rows}:
            mine = [row for row in rows if row.field == field]
            tokens = [bytes(row.token) for row in mine]
            found = subjects.recognise_tokens(controller=controller, kind=field, tokens=tokens)
            for row, subject in zip(mine, found, strict=True):
                with transaction.atomic():
                    # Of two workers one answers.
                    if models.Knock.objects.filter(pk=row.pk, answered_ms=None).update(answered_ms=millis(at)):
                        _tell(row, subject, slug, at)
    return len(rows) == AT_ONCE


def _tell(row: models.Knock, subject: int, slug: str, at: datetime) -> None:
    if not subject or row.ends_ms <= millis(at) or subjects.erasing(controller=row.controller_id, subjects=[subject]):
        return
    code, link = rules.code(), ids.token()
    try:
        letter = _letter(row, code=code, link=f"{address(slug, row.host)}link/{link}")
        dispatch.tell(
            controller=row.controller_id, occasion=f"portal:{row.pk}:{row.ends_ms}", letters_to=[(subject, letter)],
            channel=CHANNEL[row.field], by=PORTAL, at=at,
        )  # fmt: skip
    except (NoPolicy, UndeclaredPurpose):
        log.warning("a controller's policy has no purpose that answers people on this channel", extra={"safe": True})
        return
    row.subject_id, row.link = subject, rules.handle_digest(link)
    row.code = rules.code_digest(_key(), knock=row.pk, code=code)
    row.save(update_fields=["subject", "link", "code"])


def _letter(row: models.Knock, *, code: str, link: str) -> Letter:
    name = policies.current(controller=row.controller_id).policy.controller.name
    minutes = int(rules.CODE_LIVES.total_seconds() // 60)
    with translation.override(row.language):
        return Letter(
            language=row.language,
            subject=_("Your way in to your data at %(controller)s") % {"controller": name},
            lines=(
                _("Type this code where you asked for it, or press the button. Both work once, for %(minutes)s minutes.")
                % {"minutes": minutes},
                _("You did not ask for this? Then somebody mistyped an address. Do nothing; nobody has seen your data."),
                _("%(controller)s never asks you for this code by phone or in a message.") % {"controller": name},
            ),
            code=code,
            link=link,
            link_words=_("See my data"),
        )


def by_code(*, controller: int, handle: str, code: str, at: datetime) -> models.Knock | None:
    """Return whose door a code opens in the browser that asked for it; each try counts, and the right one works once."""
    with scope.controller(controller):
        row = models.Knock.objects.filter(handle=rules.handle_digest(handle)).first()
        open_now = models.Knock.objects.filter(
            pk=row.pk if row else 0, ends_ms__gt=millis(at), used_ms=None, tries__lt=rules.TRIES
        )
        tried = open_now.update(tries=F("tries") + 1)
        given = rules.code_digest(_key(), knock=row.pk if row else 0, code=code)
        right = rules.fits(bytes(row.code) if row else b"", given)
        if row is None or not tried or not right or row.subject_id is None:
            return None
        return _used(row, at)


def by_link(*, controller: int, link: str, at: datetime) -> models.Knock | None:
    """Return whose door a link opens; it works once, in any browser."""
    with scope.controller(controller):
        row = _behind(link, at)
        return None if row is None else _used(row, at)


def link_is_good(*, controller: int, link: str, at: datetime) -> bool:
    """Say whether a link would still open a door; it stays unused."""
    with scope.controller(controller):
        return _behind(link, at) is not None


def _behind(link: str, at: datetime) -> models.Knock | None:
    open_now = models.Knock.objects.filter(ends_ms__gt=millis(at), used_ms=None, subject__isnull=False)
    return open_now.filter(link=rules.handle_digest(link)).first()


def _used(row: models.Knock, at: datetime) -> models.Knock | None:
    # Of two at once one comes in.
    return row if models.Knock.objects.filter(pk=row.pk, used_ms=None).update(used_ms=millis(at)) else None


def sweep(at: datetime) -> bool:
    """Forget who knocked and whose session is over; true if there may be more."""
    before = millis(at - rules.FORGOTTEN_AFTER)
    more = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            for rows in (
                models.Knock.objects.filter(ends_ms__lt=before),
                models.Session.objects.filter(seen_ms__lt=millis(at - rules.LONGEST)),
            ):
                old = list(rows.values_list("pk", flat=True)[:1_000])
                rows.model.objects.filter(pk__in=old).delete()
                more = more or len(old) == 1_000
    return more
