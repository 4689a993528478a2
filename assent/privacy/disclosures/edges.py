"""Edges: one per hand-over, written in the transaction that lets it go; and who got what of a person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Max, Min

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.disclosures import models
from assent.privacy.disclosures.contracts import Left, NoRecipient, Received, Way
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled, NoPolicy, Policy
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo

__all__ = ["given_out", "of_person", "on_merge", "record", "record_agreements", "settle"]

ROWS_AT_ONCE = 1_000


@transaction.atomic
def record(
    *,
    controller: int,
    subjects: Sequence[int],
    way: Way,
    purpose: str,
    items: Iterable[str],
    by: Actor,
    at: datetime,
    recipient: str = "",
    named: str = "",
    part: str = "",
    refs: Sequence[str] = (),
    leaving: bool = False,
) -> int:
    """
    Write down that data of people go to a recipient, in the caller's transaction, and return the edge's number.

    Called before the data leave. Where only the call will show which of them left, say ``leaving`` and :func:`settle` after.

    :param recipient: key of a recipient of the policy; or ``named`` for somebody else (another controller)
    :param items: keys of the policy's data items
    :param part: what handed over, as ``email`` or ``opendsr``
    :param refs: the caller's own name of each person's part, aligned with ``subjects``
    :raises NoRecipient: if it goes to nobody in particular
    """
    if not recipient and not named.strip():
        message = "a disclosure names its recipient: a key of the policy's recipients, or a name"
        raise NoRecipient(message)
    with scope.controller(controller):
        found = _policy(controller)
        row = _edge(found, controller, recipient, way=way, items=items, at=at)
        row.named, row.purpose, row.by_part, row.people = named.strip()[:200], purpose, part, len(subjects)
        row.save()
        state = Left.LEAVING if leaving else Left.LEFT
        models.Disclosed.objects.bulk_create(
            [
                models.Disclosed(controller_id=controller, subject_id=subject, disclosure=row, ref=ref, state=state)
                for subject, ref in zip(subjects, refs or [""] * len(subjects), strict=True)
            ],
            batch_size=ROWS_AT_ONCE,
        )
        detail: dict[str, str | int | bool] = {"recipient": recipient, "way": way.value, "policy": row.policy_digest}
        audit.write_bulk(
            Did.DISCLOSED,
            controller=controller,
            by=by,
            at=at,
            subjects=subjects,
            on=str(row.pk),
            purpose=purpose,
            detail=detail,
        )
    return int(row.pk)


def _policy(controller: int) -> Compiled | None:
    try:
        return policy.current(controller=controller)
    except NoPolicy:
        return None


def _edge(
    found: Compiled | None, controller: int, recipient: str, *, way: Way, items: Iterable[str], at: datetime
) -> models.Disclosure:
    who = found.policy.recipients.get(recipient) if found else None
    return models.Disclosure(
        controller_id=controller,
        recipient=recipient,
        way=way.value,
        items=" ".join(sorted(set(items))),
        role=who.role.value if who else "",
        country=who.country if who else "",
        safeguard=who.safeguard.kind.value if who and who.safeguard else "",
        policy_digest=found.digest if found else "",
        at=at,
    )


@transaction.atomic
def settle(
    *,
    controller: int,
    by: Actor,
    at: datetime,
    left: Sequence[str] = (),
    unknown: Sequence[str] = (),
    stayed: Sequence[str] = (),
) -> None:
    """
    Say of what was ``leaving``, by the caller's refs, what left, what may have left, and what stayed in the house.

    What stayed is no disclosure: its edge goes. In the caller's transaction.
    """
    with scope.controller(controller):
        for state, refs in ((Left.LEFT, left), (Left.UNKNOWN, unknown)):
            for start in range(0, len(refs), ROWS_AT_ONCE):
                part = models.Disclosed.objects.filter(state=Left.LEAVING, ref__in=refs[start : start + ROWS_AT_ONCE])
                part.update(state=state.value)
        for start in range(0, len(stayed), ROWS_AT_ONCE):
            part = models.Disclosed.objects.filter(state=Left.LEAVING, ref__in=stayed[start : start + ROWS_AT_ONCE])
            fewer = list(part.order_by().values_list("disclosure").annotate(n=Count("pk")))
            people = list(part.values_list("subject_id", flat=True))
            if not people:
                continue
            part._raw_delete("default")
            for edge, gone in fewer:
                models.Disclosure.objects.filter(pk=edge).update(people=F("people") - gone)
            models.Disclosure.objects.filter(pk__in=[edge for edge, _ in fewer], people=0).delete()
            audit.write_bulk(
                Did.DISCLOSURE_SETTLED, controller=controller, by=by, at=at, subjects=people, detail={"left": False}
            )


def of_person(*, controller: int, subject: int) -> list[Received]:
    """
    Return who got what of a person, the latest first (arts. 15(1)(c), 19): by recipient, and last the processors that keep it.

    Named are the recipients themselves, not only their kinds (C-154/21).
    """
    with scope.controller(controller):
        found = _policy(controller)
        mine = models.Disclosed.objects.filter(subject_id=subject)
        fields = ("recipient", "named", "role", "country", "safeguard", "purpose", "items", "way")
        grouped = (
            mine.order_by()
            .values_list(*(f"disclosure__{name}" for name in fields))
            .annotate(n=Count("pk"), first=Min("disclosure__at"), last=Max("disclosure__at"))
        )
        standing = models.Disclosure.objects.filter(agreement__isnull=False).order_by("at", "pk")
        kept = [(*(getattr(row, name) for name in fields), 0, row.at, row.at) for row in standing]
        rows = [dict(zip((*fields, "n", "first", "last"), values, strict=True)) for values in [*grouped, *kept]]
    by_recipient: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in rows:
        by_recipient.setdefault((str(row["recipient"]), str(row["named"])), []).append(row)
    received = [_received(found.policy if found else None, parts) for parts in by_recipient.values()]
    return sorted(received, key=lambda one: (one.times > 0, one.last_at), reverse=True)


def _received(found: Policy | None, parts: Sequence[Mapping[str, object]]) -> Received:
    last = max(parts, key=lambda row: row["last"])  # type: ignore[arg-type,return-value]
    recipient = str(last["recipient"])
    return Received(
        recipient=recipient,
        name=name_of(found, recipient, str(last["named"])),
        role=str(last["role"]),
        country=str(last["country"]),
        safeguard=str(last["safeguard"]),
        purposes=sorted({str(row["purpose"]) for row in parts if row["purpose"]}),
        items=sorted({item for row in parts for item in str(row["items"]).split()}),
        ways=sorted({Way(str(row["way"])) for row in parts}),
        times=sum(int(str(row["n"])) for row in parts),
        first_at=min(row["first"] for row in parts),  # type: ignore[type-var,arg-type]
        last_at=last["last"],  # type: ignore[arg-type]
    )


def name_of(found: Policy | None, recipient: str, named: str) -> str:
    """Return a recipient's name as the policy in force writes it; its key if the policy names it no more."""
    who = found.recipients.get(recipient) if found else None
    return who.name if who else named or recipient


def given_out(*, controller: int, purpose: str, after: int, limit: int) -> list[int]:
    """Return people of whom something went to a recipient for a purpose: those after an id, in order."""
    with scope.controller(controller):
        rows = models.Disclosed.objects.filter(subject_id__gt=after, disclosure__purpose=purpose)
        return list(rows.order_by("subject_id").values_list("subject_id", flat=True).distinct()[:limit])


@transaction.atomic
def record_agreements(*, controller: int, at: datetime) -> int:
    """
    Write an edge for each agreement in force: the platform, and whom it works with, keep the data. Return how many are new.

    Called after each acceptance and by the worker; twice is as once.
    """
    with scope.controller(controller):
        found = _policy(controller)
        if found is None or found.policy.platform is None:
            return 0
        there = set(models.Disclosure.objects.filter(agreement__isnull=False).values_list("agreement", "recipient"))
        made = 0
        for info in tenancy.agreements(controller=controller):
            if not _holds(info, at) or (solution := found.policy.solutions.get(info.solution)) is None:
                continue
            purposes = [found.policy.purposes[key] for key in solution.purposes if key in found.policy.purposes]
            used = {key for one in purposes for key in one.recipients}
            with_us = {key for key in used if found.policy.recipients[key].role.value == "sub_processor"}
            items = sorted({item for one in purposes for item in one.data})
            for recipient in sorted(with_us | {found.policy.platform.recipient}):
                if (info.id, recipient) in there:
                    continue
                row = _edge(found, controller, recipient, way=Way.AGREEMENT, items=items, at=at)
                row.agreement, row.by_part = info.id, info.solution
                row.save()
                detail: dict[str, str | int | bool] = {"recipient": recipient, "way": "agreement", "policy": found.digest}
                by = Actor.system("disclosures")
                audit.write(Did.DISCLOSED, controller=controller, by=by, at=at, on=f"agreement:{info.id}", detail=detail)
                made += 1
        return made


def _holds(info: AgreementInfo, at: datetime) -> bool:
    if info.acceptance is None or info.acceptance.from_at > at:
        return False
    return info.until_at is None or at < info.until_at


@transaction.atomic
def on_merge(*, controller: int, into: int, other: int, by: Actor, at: datetime) -> None:
    """Let what recipients got of ``other`` be known of ``into``. A second call finds nothing to do."""
    del by, at
    with scope.controller(controller):
        models.Disclosed.objects.filter(subject_id=other).update(subject_id=into)
