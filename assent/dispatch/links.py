"""The way out of every message, and the lines the law wants in it."""

from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.db import connections, router, transaction

from assent.dispatch import models, rules
from assent.dispatch.contracts import Links, Rendered, TokenInfo, UnknownToken
from assent.foundation import crypto, keys, scope
from assent.privacy.policy.contracts import Basis, Compiled, Purpose

__all__ = ["carries", "headers", "key", "links", "look_up", "offers_way_out", "remember", "with_way_out"]

# Bases that a person can end by a word of theirs: art. 7(3), ePrivacy 13(2), art. 21.
ENDS_BY_A_WORD = {Basis.CONSENT, Basis.SOFT_OPT_IN, Basis.LEGITIMATE_INTERESTS}


def key(controller: int) -> bytes:
    """Return the controller's link key, made on first use. The controller is in scope."""
    row = models.LinkKey.objects.first()
    if row is None:
        context = _context(controller)
        with transaction.atomic():
            wrapped = keys.master().wrap(crypto.new_key(), context=context)
            models.LinkKey.objects.bulk_create(
                [models.LinkKey(controller_id=controller, wrapped=wrapped)], ignore_conflicts=True
            )
        row = models.LinkKey.objects.get()
    return _unwrapped(controller, bytes(row.wrapped))


def _context(controller: int) -> bytes:
    return f"dispatch.links:{controller}".encode()


@lru_cache(maxsize=256)
def _unwrapped(controller: int, wrapped: bytes) -> bytes:
    return keys.master().unwrap(wrapped, context=_context(controller))


def offers_way_out(purpose: Purpose) -> bool:
    """Return whether messages for a purpose carry an opt-out: marketing always (art. 21(2)), an invoice never."""
    return purpose.direct_marketing or purpose.basis in ENDS_BY_A_WORD


def links(compiled: Compiled, purpose: Purpose, *, language: str) -> Links:
    """Return what every message for a purpose must carry, in a language the policy speaks (else its first)."""
    controller = compiled.policy.controller
    return Links(
        controller=controller.name,
        contact=str(controller.contact.email),
        source_line=_line(compiled, purpose.source_line, language),
        opt_out=_line(compiled, purpose.opt_out, language) if offers_way_out(purpose) else "",
    )


def with_way_out(shared: Links, token: str) -> Links:
    """Return the same with one message's opt-out. A token needs no quoting: it is made of letters that URLs may hold."""
    return Links(
        unsubscribe=f"{settings.ASSENT_PUBLIC_URL}/u/{token}",
        mailto=f"mailto:{shared.contact}?subject=unsubscribe%20{token}",
        controller=shared.controller,
        contact=shared.contact,
        source_line=shared.source_line,
        opt_out=shared.opt_out,
    )


def _line(compiled: Compiled, text: str | None, language: str) -> str:
    """Return a text of the policy on one line, with its two placeholders filled."""
    if not text:
        return ""
    controller = compiled.policy.controller
    words = " ".join(compiled.text(text, language).split())
    return words.replace("{controller}", controller.name).replace("{contact}", str(controller.contact.email))


def headers(found: Links) -> dict[str, str]:
    """Return the header lines of RFC 2369 and RFC 8058, or none where there is no way out to offer."""
    if not found.unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{found.unsubscribe}>, <{found.mailto}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def carries(rendered: Rendered, wanted: Links) -> bool:
    """Return whether both bodies of a marketing message have the way out and the contact, and the text its source."""
    bodies = [body for body in (rendered.text, rendered.html) if body]
    both = all(wanted.unsubscribe in body and wanted.contact in body for body in bodies)
    return bool(bodies and wanted.unsubscribe and both and wanted.source_line in " ".join(rendered.text.split()))


def remember(rows: Sequence[tuple[models.Message, str]], *, at_ms: int) -> None:
    """Keep the digests of messages' tokens, in the caller's transaction; a retry finds its own there already."""
    table = models.UnsubscribeToken._meta.db_table
    # One statement for all: rows as objects would take a tenth of the whole hand-over.
    with connections[router.db_for_write(models.UnsubscribeToken)].cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (controller_id, subject_id, digest, message, purpose, channel, made_ms)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (row.controller_id, row.subject_id, rules.token_digest(token), row.pk, row.purpose, row.channel, at_ms)
                for row, token in rows
            ],
        )


def look_up(token: str) -> TokenInfo:
    """
    Return what a token stands for.

    :raises UnknownToken: if it is none of ours, or its person was erased
    """
    controller = rules.token_controller(token)
    if controller is not None:
        with scope.controller(controller):
            row = models.UnsubscribeToken.objects.filter(digest=rules.token_digest(token)).first()
        if row is not None:
            return TokenInfo(controller, row.subject_id, row.message, row.purpose, row.channel)
    message = "no message carries this opt-out token"
    raise UnknownToken(message)
