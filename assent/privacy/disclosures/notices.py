"""Notices: for every change that recipients must hear of, one row per recipient and set of people, open until answered."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Min, Q, Sum

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import ids, scope
from assent.foundation.crypto import digest
from assent.privacy.disclosures import models, ports
from assent.privacy.disclosures.contracts import (
    Because,
    Form,
    NoticeState,
    OpenCount,
    PassedOn,
    RecipientCount,
    SettledBefore,
    UnknownNotice,
    What,
)
from assent.privacy.disclosures.edges import _policy, name_of
from assent.privacy.disclosures.rules import IDENTIFIERS, digest_of, portions, told_of, written
from assent.privacy.disclosures.ways import ways
from assent.privacy.policy.contracts import Compiled
from assent.privacy.subjects import api as subjects_api

__all__ = ["acknowledge", "impossible", "notices", "open_count", "open_notifications", "pass_on", "recipients", "token_notice"]

LABEL = "disclosures.notice"
MOST = 500  # people in one notice where no way is set yet, or the way has no limit of its own
PEOPLE_AT_ONCE = 1_000
Key = tuple[str, str]


def pass_on(
    *,
    controller: int,
    subjects: Sequence[int],
    what: What,
    request: str,
    by: Actor,
    at: datetime,
    purpose: str = "",
    changes: Mapping[int, Mapping[str, str]] | None = None,
) -> int:
    """
    Let every recipient of people's data be told of a change (art. 19), and return how many new notices that makes.

    Before the change: an erasure takes the addresses by which recipients know the person, a rectification replaces them.
    The worker hands notices over; :func:`open_notifications` says what still waits. Twice for a request is as once.

    :param request: what the notices belong to, like ``request:12`` or ``erasure:7``
    :param purpose: told only to recipients who got data for it; empty for all
    :param changes: for a rectification, the new value by field name and person
    """
    made = 0
    what = What(what)
    with scope.controller(controller):
        found = _policy(controller)
        people = sorted(set(subjects))
        names = subjects_api.public_ids(controller=controller, subjects=people)
        by_key, items = _who_got(people, purpose)
        told_how = {(one.recipient, one.named): one for one in ways(controller=controller)}
        read: dict[str, dict[int, str]] = {
            field: subjects_api.addresses(controller=controller, subjects=people, field=field)
            for field in (IDENTIFIERS if by_key else ())
        }
        before = _told_before(request, what, purpose)
        for key, theirs in sorted((key, who - before[key]) for key, who in by_key.items()):
            way = told_how.get(key)
            notifier = ports.notifier(way.way) if way else None
            fields = told_of(items[key], _traits(found), IDENTIFIERS)
            new_values = told_of(items[key], _traits(found), sorted(_traits(found)))
            for part in portions(sorted(theirs), notifier.most if notifier else MOST):
                form = way.form if way else Form.RAW
                payload = [
                    {
                        "id": str(names.get(one, "")),
                        **{name: written(read[name][one], form) for name in fields if one in read[name]},
                        **_changed((changes or {}).get(one), new_values),
                    }
                    for one in part
                ]
                made += _make(
                    controller, key, part, payload, what=what, request=request, purpose=purpose, form=form, by=by, at=at
                )
    return made


def _told_before(request: str, what: What, purpose: str) -> dict[Key, set[int]]:
    """Return, by recipient, about whom a request has made notices: in other portions perhaps, where a way was set since."""
    told: dict[Key, set[int]] = defaultdict(set)
    rows = models.Notice.objects.filter(request=request, what=what.value, purpose=purpose)
    for recipient, named, people in rows.values_list("recipient", "named", "subjects"):
        told[recipient, named].update(int(one) for one in people)
    return told


def _traits(found: Compiled | None) -> dict[str, str]:
    return {name: trait.data for name, trait in found.policy.traits.items()} if found else {}


def _changed(changes: Mapping[str, str] | None, fields: Sequence[str]) -> dict[str, object]:
    told = {name: value for name, value in (changes or {}).items() if name in fields}
    return {"changes": told} if told else {}


def _who_got(people: Sequence[int], purpose: str) -> tuple[dict[Key, set[int]], dict[Key, set[str]]]:
    """Return, by recipient, who was disclosed to it and which data items it ever got of them."""
    by_key: dict[Key, set[int]] = defaultdict(set)
    items: dict[Key, set[str]] = defaultdict(set)
    for part in portions(people, PEOPLE_AT_ONCE):
        rows = models.Disclosed.objects.filter(subject_id__in=part)
        if purpose:
            rows = rows.filter(disclosure__purpose=purpose)
        fields = ("disclosure__recipient", "disclosure__named", "disclosure__items", "subject_id")
        for recipient, named, had, subject in rows.order_by().values_list(*fields).distinct():
            by_key[recipient, named].add(subject)
            items[recipient, named].update(had.split())
    return by_key, items


def _make(
    controller: int,
    key: Key,
    people: Sequence[int],
    payload: Sequence[Mapping[str, object]],
    *,
    what: What,
    request: str,
    purpose: str,
    form: Form,
    by: Actor,
    at: datetime,
) -> int:
    token = f"{controller}.{ids.token()}"
    plain = json.dumps({"people": payload, "token": token, "form": form.value}).encode()
    apart, sealed = subjects_api.seal_apart(controller=controller, label=LABEL, plain=plain)
    try:
        with transaction.atomic():
            row = models.Notice.objects.create(
                controller_id=controller,
                request=request,
                recipient=key[0],
                named=key[1],
                what=what.value,
                purpose=purpose,
                subjects=[str(one) for one in people],
                people=len(people),
                digest=digest_of(people),
                apart=apart,
                sealed=sealed,
                token=digest(token.encode()),
                by=str(by),
                made_at=at,
                next_at=at,
            )
            detail: dict[str, str | int | bool] = {"recipient": key[0], "what": what.value, "request": request}
            audit.write_bulk(
                Did.RECIPIENT_TO_BE_TOLD, controller=controller, by=by, at=at, subjects=people, on=str(row.pk),
                purpose=purpose, detail=detail,
            )  # fmt: skip
    except IntegrityError:
        # Somebody else made the same notice this moment; ours is nobody's, and so is its key.
        subjects_api.forget_apart(controller=controller, numbers=[apart])
        return 0
    return 1


def open_notifications(*, controller: int, request: str) -> int:
    """Return for how many notices a request still waits: it closes when each is acknowledged or recorded as impossible."""
    with scope.controller(controller):
        return models.Notice.objects.filter(request=request, state__in=_OPEN).count()


_OPEN = [state.value for state in NoticeState if state.open]


def open_count(*, controller: int, at: datetime) -> OpenCount:
    """Return what waits for recipients, for a desk: how many notices, since when, and how many have no way."""
    del at
    with scope.controller(controller):
        rows = models.Notice.objects.filter(state__in=_OPEN)
        told = rows.aggregate(n=Count("pk"), oldest=Min("made_at"), lost=Count("pk", filter=Q(code="no way")))
    return OpenCount(told["n"], told["oldest"], told["lost"])


def notices(
    *,
    controller: int,
    request: str = "",
    recipient: str | None = None,
    named: str = "",
    reference: str = "",
    open_only: bool = False,
    before: int | None = None,
    limit: int = 50,
) -> list[PassedOn]:
    """Return notices, newest first: of a request, to a recipient, by the recipient's own number, or all."""
    with scope.controller(controller):
        rows = models.Notice.objects.defer("sealed", "subjects").order_by("-id")
        if request:
            rows = rows.filter(request=request)
        if recipient is not None:
            rows = rows.filter(recipient=recipient, named=named)
        if reference:
            rows = rows.filter(reference=reference)
        if open_only:
            rows = rows.filter(state__in=_OPEN)
        if before is not None:
            rows = rows.filter(id__lt=before)
        found = _policy(controller)
        return [_info(row, found) for row in rows[:limit]]


def _info(row: models.Notice, found: Compiled | None) -> PassedOn:
    state = NoticeState(row.state)
    return PassedOn(
        id=row.pk,
        request=row.request,
        recipient=row.recipient,
        name=name_of(found.policy if found else None, row.recipient, row.named),
        what=What(row.what),
        purpose=row.purpose,
        people=row.people,
        state=state,
        code=row.code,
        because=Because(row.because) if row.because else None,
        attempts=row.attempts,
        made_at=row.made_at,
        next_at=row.next_at if state.open else None,
        sent_at=row.sent_at,
        settled_at=row.settled_at,
    )


def token_notice(*, token: str) -> tuple[int, PassedOn]:
    """
    Return controller and notice of a confirmation link.

    :raises UnknownNotice: if it is no link of ours
    """
    number = token.partition(".")[0]
    if not (number.isdecimal() and len(number) < 10):
        raise UnknownNotice("no notice has this link")
    controller = int(number)
    with scope.controller(controller):
        row = models.Notice.objects.filter(token=digest(token.encode())).first()
        if row is None:
            raise UnknownNotice("no notice has this link")
        return controller, _info(row, _policy(controller))


def acknowledge(*, controller: int, notice: int, by: Actor, at: datetime) -> None:
    """
    Write down that a recipient has done what it was told. Who the people were is forgotten with it. Twice is as once.

    :raises UnknownNotice: if there is none
    :raises SettledBefore: if it was recorded as impossible
    """
    close(controller=controller, notice=notice, state=NoticeState.ACKNOWLEDGED, by=by, at=at)


def impossible(*, controller: int, notice: int, because: Because, by: Actor, at: datetime) -> None:
    """
    Write down why a recipient can't be told, or only with disproportionate effort (art. 19).

    :raises UnknownNotice: if there is none
    :raises SettledBefore: if it was acknowledged
    """
    close(controller=controller, notice=notice, state=NoticeState.IMPOSSIBLE, because=Because(because), by=by, at=at)


def close(
    *,
    controller: int,
    notice: int,
    state: NoticeState,
    by: Actor,
    at: datetime,
    because: Because | None = None,
    reference: str = "",
    code: str = "",
) -> None:
    """Settle a notice for good, then destroy the key of what was sealed in it."""
    with scope.controller(controller):
        with transaction.atomic():
            row = models.Notice.objects.select_for_update().filter(pk=notice).first()
            if row is None:
                message = f"there is no notice {notice}"
                raise UnknownNotice(message)
            if row.state == state:
                return
            if not NoticeState(row.state).open:
                message = f"notice {notice} was settled before: {row.state}"
                raise SettledBefore(message)
            apart = row.apart
            row.state, row.settled_at, row.settled_by, row.lease_until = state.value, at, str(by), None
            row.because, row.sealed, row.apart = because.value if because else "", b"", None
            row.reference, row.code = (reference or row.reference)[:120], code[:60]
            row.save()
            did = Did.RECIPIENT_ACKNOWLEDGED if state is NoticeState.ACKNOWLEDGED else Did.RECIPIENT_IMPOSSIBLE
            detail: dict[str, str | int | bool] = {"recipient": row.recipient, "what": row.what, "because": row.because}
            people = [int(one) for one in row.subjects]
            audit.write_bulk(did, controller=controller, by=by, at=at, subjects=people, on=str(row.pk), detail=detail)
        if apart is not None:
            # After the commit: whatever a crash leaves here is a key whose sealed text is gone.
            subjects_api.forget_apart(controller=controller, numbers=[apart])


def recipients(*, controller: int) -> list[RecipientCount]:
    """Return every recipient that got data or may by the policy, with how it is told and what it was told."""
    with scope.controller(controller):
        found = _policy(controller)
        rows = models.Disclosure.objects.order_by().values_list("recipient", "named")
        edges = {(key, named): (n, last) for key, named, n, last in rows.annotate(n=Sum("people"), last=Max("at"))}
        counts: dict[Key, dict[str, int]] = defaultdict(dict)
        for key, named, state, n in (
            models.Notice.objects.order_by().values_list("recipient", "named", "state").annotate(n=Count("pk"))
        ):
            counts[key, named][state] = n
        set_ways = {(one.recipient, one.named): one for one in ways(controller=controller)}
    declared = found.policy.recipients if found else {}
    known = {
        **{(key, ""): None for key in declared},
        **dict.fromkeys(edges),
        **dict.fromkeys(counts),
        **dict.fromkeys(set_ways),
    }
    listed = []
    for key, named in known:
        who, (n, last), states = declared.get(key), edges.get((key, named), (0, None)), counts[key, named]
        listed.append(
            RecipientCount(
                recipient=key,
                name=who.name if who else named or key,
                role=who.role.value if who else "",
                country=who.country if who else "",
                safeguard=who.safeguard.kind.value if who and who.safeguard else "",
                disclosures=n,
                last_at=last,
                way=set_ways.get((key, named)),
                **{state.value: states.get(state.value, 0) for state in NoticeState},
            )
        )
    return listed
