"""The first message to somebody whose data came from elsewhere says so (art. 14(3)(b)): in which words, and that it did."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from assent.audit.contracts import Actor
from assent.dispatch import models
from assent.dispatch.contracts import Links, Rendered
from assent.privacy.documents import api as documents
from assent.privacy.policy.contracts import Compiled
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import ELSEWHERE, Owed, Told
from assent.tenancy import api as tenancy

__all__ = ["Lines", "tells", "with_line", "write_down"]

TAG = re.compile(r"<[^>]*>")


class Lines:
    """The lines of one batch: said once for all who are owed the same."""

    def __init__(self, compiled: Compiled, *, controller: int) -> None:
        policy = compiled.policy
        self._policy = policy
        self._zone = ZoneInfo(policy.controller.time_zone)
        self._languages = documents.languages(policy)
        slug = tenancy.controller_by_id(id=controller).slug
        self._address = f"{settings.ASSENT_PUBLIC_URL.rstrip('/')}/p/{slug}/privacy"
        self._said: dict[tuple[object, ...], str] = {}

    def of(self, owed: Sequence[Owed], language: str) -> tuple[str, tuple[str, ...]]:
        """
        Return the line that a message to somebody carries, and the sources it is the first to name. Both may be empty.

        What the person was not told goes first; who is known from elsewhere alone reads it in every message, since the
        purpose's own line speaks to those who came by themselves.
        """
        known = [one for one in owed if one.source in self._policy.sources]
        first = [one for one in known if not one.told]
        if not first and any(self._policy.sources[one.source].kind not in ELSEWHERE for one in known):
            return "", ()
        sayable = tuple((one.source, one.obtained_at.astimezone(self._zone).date()) for one in first or known)
        if not sayable or not self._languages:
            return "", ()
        spoken = language if language in self._languages else self._languages[0]
        if (spoken, sayable) not in self._said:
            self._said[spoken, sayable] = documents.origin_line(self._policy, spoken, sayable, self._address)
        return self._said[spoken, sayable], tuple(one.source for one in first)


def with_line(shared: Links, line: str) -> Links:
    """Return what a message carries, with where the data really came from instead of the purpose's own line."""
    return replace(shared, source_line=line)


def tells(rendered: Rendered, line: str, contact: str) -> bool:
    """Return whether both bodies say where the data came from, with the address of the notice, and whom to ask."""
    bodies = [" ".join(rendered.text.split())]
    if rendered.html:
        bodies.append(" ".join(html.unescape(TAG.sub("", rendered.html)).split()))
    return all(line in body and contact in body for body in bodies)


def write_down(
    rows: Sequence[models.Message], named: Mapping[int, Sequence[str]], *, controller: int, digest: str, by: Actor, at: datetime
) -> None:
    """
    Write down who was told what by messages that left, in the caller's transaction.

    :param named: the sources each message names, by its number
    """
    told = [Told(row.subject_id, source, row.pk) for row in rows for source in named.get(row.pk, ())]
    channel = rows[0].channel if rows else ""
    sources.told(controller=controller, people=told, channel=channel, policy_digest=digest, by=by, at=at)
