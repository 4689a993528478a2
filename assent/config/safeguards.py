"""The checks of measures (art. 32), each by the name policies call it by. They look across all floors, hence they lie here."""

import json
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.db import connections, router
from django.urls import URLPattern, URLResolver, get_resolver

from assent.audit import api as audit
from assent.audit.contracts import JournalKind
from assent.backups import api as backups
from assent.foundation.measures import Check, Found
from assent.foundation.personal import registered
from assent.foundation.scope import Scoped, controller as scoped
from assent.privacy.breaches import api as breaches
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import ErasureState
from assent.privacy.subjects import api as subjects
from assent.records.events import api as events

__all__ = ["CHECKS", "OF_HOUSE"]

LOOKED_INTO = 50  # people whose events, or traces after an erasure, are read each time: seconds in all
EVENTS_EACH = 200
STUCK = timedelta(days=1)
WATCHES = timedelta(minutes=15)
# What goes with the person. Other rooms keep proof by law: bare ids that lead to nobody.
EMPTY_AFTER_ERASURE = {"arrival", "dispatch", "files", "events", "profiles", "subjects"}
OWN_MACHINE = {"127.0.0.1", "localhost", "::1"}


def audit_chain(*, controller: int, at: datetime) -> Found:
    """Read the whole book with its tree and checkpoints."""
    problems = audit.verify()
    return Found(not problems, {"problems": len(problems), "line": problems[0].number if problems else 0})


def backups_fresh(*, controller: int, at: datetime) -> Found:
    """See that the last copies are young, and that the way back was tried from one that a policy still lets stand."""
    found = backups.freshness(at=at)
    figures: dict[str, int | str] = {"late": len(found.late), "untried": int(found.untried)}
    if found.copied_at is not None and found.tried_at is not None:
        figures |= {"hours": (at - found.copied_at) // timedelta(hours=1), "days": (at - found.tried_at).days}
    return Found(not found.late and not found.untried, figures)


def sealed_identifiers(*, controller: int, at: datetime) -> Found:
    """Open a sample of people and look for what was opened in the stored bytes."""
    seen = subjects.sealing(controller=controller)
    figures = {"people": seen.people, "values": seen.values, "clear": seen.clear, "unopened": seen.unopened}
    return Found(not seen.clear and not seen.unopened, figures)


def pseudonymous_events(*, controller: int, at: datetime) -> Found:
    """Look for people's addresses and numbers in the events kept of them."""
    people = subjects.page(controller=controller, limit=LOOKED_INTO)
    known = [subjects.addresses(controller=controller, subjects=people, field=field) for field in ("email", "phone")]
    read = found = 0
    for person in people:
        kept = events.timeline(controller=controller, subject=person, purpose=None, limit=EVENTS_EACH)
        read += len(kept)
        text = json.dumps([one["properties"] for one in kept], ensure_ascii=False, default=str).casefold()
        found += any(one[person].casefold() in text for one in known if person in one)
    return Found(not found, {"people": len(people), "events": read, "found": found})


def roles_enforced(*, controller: int, at: datetime) -> Found:
    """Walk every address of the console and every call of the API: each must ask for a role or a verb."""
    asked, open_to_all = 0, 0
    for view in _views(get_resolver().url_patterns):
        asks = getattr(view, "asks", None) or getattr(view, "verb", None)
        asked, open_to_all = asked + bool(asks), open_to_all + (not asks)
    return Found(not open_to_all, {"pages": asked, "open": open_to_all})


def _views(patterns: list[Any], namespace: str = "") -> Iterator[Callable[..., Any]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _views(one.url_patterns, one.namespace or namespace)
        elif isinstance(one, URLPattern) and namespace == "console" and one.name not in LET_IN:
            yield one.callback
        elif isinstance(one, URLPattern) and namespace == "api":
            operations = getattr(getattr(one.callback, "__self__", None), "operations", ())
            yield from (each.view_func for each in operations)


# How a page looks is anybody's choice; changing the brand asks for a role there by itself; the pieces show nothing of anybody.
LET_IN = {"look", "enter", "styleguide"}


def erasure_complete(*, controller: int, at: datetime) -> Found:
    """Look for whatever is left of the last people who were erased, and for erasures that are stuck."""
    waiting = {one.id for one in rights.erasures(controller=controller) if one.state is not ErasureState.DONE}
    stuck = sum(1 for one in rights.erasures(controller=controller) if one.id in waiting and at - one.requested_at > STUCK)
    erased = [
        int(subject)
        for line in audit.journal_lines()
        if line["kind"] == JournalKind.ERASURE and line["controller"] == controller
        for subject in line["subjects"]  # type: ignore[attr-defined]
    ][-LOOKED_INTO:]
    left = 0
    with scoped(controller):
        under_way = set(subjects.leaving(controller=controller))
        stores = [store for store in registered() if store.name in EMPTY_AFTER_ERASURE]
        gone = [subject for subject in erased if subject not in under_way]
        for subject in gone:
            held = (one for store in stores for one in store.inventory(controller=controller, subject=subject))
            left += any(one.count for one in held)
    return Found(not left and not stuck, {"people": len(gone), "left": left, "stuck": stuck})


def breach_register(*, controller: int, at: datetime) -> Found:
    """See that somebody watches, and that no clock has run out."""
    watched, owing = breaches.watched_at(), breaches.owing(controller=controller, at=at)
    watching = watched is not None and at - watched <= WATCHES
    figures = {"watching": int(watching), "open": owing.open, "overdue": owing.overdue, "alarms": owing.alarms}
    return Found(watching and not owing.overdue, figures)


def row_security(*, controller: int, at: datetime) -> Found:
    """Ask PostgreSQL whether it keeps controllers apart by itself; SQLite can't, and has one program before it."""
    unforced, tables = 0, 0
    for model in apps.get_models():
        if issubclass(model, Scoped):
            connection = connections[router.db_for_read(model)]
            if connection.vendor != "postgresql":
                return Found(None)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
                    [model._meta.db_table],
                )
                row = cursor.fetchone()
            tables, unforced = tables + 1, unforced + (not (row and row[0]))
    return Found(not unforced, {"tables": tables, "unforced": unforced})


def key_file(*, controller: int, at: datetime) -> Found:
    """Look at who may read the master key."""
    if settings.ASSENT_KMS:
        return Found(holds=True, figures={"service": 1})
    path = Path(settings.ASSENT_MASTER_KEY_FILE)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o777
    return Found(not mode & 0o077, {"mode": f"{mode:04o}", "service": 0})


def https(*, controller: int, at: datetime) -> Found:
    """Look at how pages are served. On one's own machine nothing leaves it, so nothing is to be protected on the way."""
    address = urlsplit(settings.ASSENT_PUBLIC_URL)
    if address.scheme != "https" and address.hostname in OWN_MACHINE:
        return Found(None)
    cookies = bool(settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE)
    return Found(address.scheme == "https" and cookies, {"cookies": int(cookies)})


CHECKS: Mapping[str, Check] = {
    "audit-chain": audit_chain,
    "backups-fresh": backups_fresh,
    "breach-register": breach_register,
    "erasure-complete": erasure_complete,
    "https": https,
    "key-file": key_file,
    "pseudonymous-events": pseudonymous_events,
    "roles-enforced": roles_enforced,
    "row-security": row_security,
    "sealed-identifiers": sealed_identifiers,
}

# What these find is the same for every controller, so the daily look makes them once.
OF_HOUSE = frozenset({"audit-chain", "backups-fresh", "https", "key-file", "roles-enforced", "row-security"})
