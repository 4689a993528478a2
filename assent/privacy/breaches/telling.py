"""Telling the people (art. 34): a letter each, queued part by part by whichever worker holds the lease."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.db.models import Q, Sum

from assent.audit.contracts import Actor
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.breaches import models, ports, rows, rules
from assent.privacy.breaches.affected import AS_KEPT
from assent.privacy.breaches.contracts import BreachInfo, Deed, NotNow, Progress, State, Words
from assent.privacy.policy import api as policies
from assent.tenancy import api as tenancy

__all__ = ["progress", "sweep_letters", "tell_people"]

LEASE = timedelta(minutes=5)  # far longer than sealing and queueing a part takes
PARTS_AT_ONCE = 20


def tell_people(*, controller: int, breach: int, words: Mapping[str, Words], by: Actor, at: datetime) -> BreachInfo:
    """
    Begin to write to everybody affected, in each person's language; :func:`sweep_letters` goes on.

    It is the law's duty, so no marketing choice stands in its way; whom the gate can't write to (no address, restricted)
    is counted, for a letter by post or a public notice (art. 34(3)(c)).

    :param words: in every language of the policy
    :raises NotNow: if nobody was found, it was begun already, a language is missing, or nobody is certain yet
    :raises NoPolicy: if the controller has published none
    """
    compiled = policies.current(controller=controller)
    missing = [language for language in compiled.policy.controller.languages if language not in words]
    if missing:
        message = f"the letter is not written in {', '.join(missing)}: write it in every language of the policy"
        raise NotNow(message)
    if not compiled.answering("email"):
        message = "no purpose of the policy lets people be written to about their rights by e-mail: declare one, and publish"
        raise NotNow(message)
    with scope.controller(controller), transaction.atomic():
        row = rows.find(controller, breach, lock=True)
        rules.after(State(row.state), Deed.PEOPLE_TOLD)
        if row.telling_since is not None:
            message = "they are being told already"
            raise NotNow(message)
        if not models.Part.objects.filter(breach=row).exists():
            message = "nobody was found yet: find whom it affects first"
            raise NotNow(message)
        row.telling_since, row.telling_by, row.letter = at, str(by), rows.packed_words(words)
        row.save(update_fields=["telling_since", "telling_by", "letter"])
        rows.step(row, Deed.PEOPLE_TOLD, by=by, at=at, people=row.people)
        return rows.info(row)


def sweep_letters(*, at: datetime) -> bool:
    """Queue letters of parts that wait; true if there is more."""
    more = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            free = Q(lease_until=None) | Q(lease_until__lt=at)
            waiting = models.Part.objects.filter(free, queued_at=None, breach__telling_since__isnull=False)
            numbers = list(waiting.order_by("id").values_list("pk", flat=True)[:PARTS_AT_ONCE])
            for number in numbers:
                # The update decides who writes when two workers look at once.
                if models.Part.objects.filter(free, pk=number, queued_at=None).update(lease_until=at + LEASE):
                    _queue(info.id, models.Part.objects.select_related("breach").get(pk=number), at)
            more = more or len(numbers) == PARTS_AT_ONCE
    return more


def _queue(controller: int, part: models.Part, at: datetime) -> None:
    kind, _, which = part.breach.telling_by.partition(":")
    ports.letters().write(
        controller=controller,
        occasion=_occasion(part.breach),
        people=np.frombuffer(bytes(part.subjects), AS_KEPT).tolist(),
        words=rows.words_of(part.breach.letter),
        by=Actor(kind, which),
        at=at,
    )
    # A worker killed before this line writes the same letters again, and the outbox finds them there: once per occasion.
    models.Part.objects.filter(pk=part.pk).update(queued_at=at, lease_until=None)


def _occasion(row: models.Breach) -> str:
    # After a restore a number may be given anew: the moment says which breach it was, so that nobody's letter is left out.
    return f"breach:{row.pk}:{millis(row.found_at)}"


def progress(*, controller: int, breach: int) -> Progress:
    """Return how far telling the people is."""
    with scope.controller(controller):
        row = rows.find(controller, breach)
        queued = models.Part.objects.filter(breach=row, queued_at__isnull=False).aggregate(n=Sum("size"))["n"] or 0
    letters = ports.letters().progress(controller=controller, occasion=_occasion(row)) if row.telling_since else {}
    return Progress(row.people, queued, letters)
