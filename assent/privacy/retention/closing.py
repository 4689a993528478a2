"""
What becomes of the data when an agreement has ended (art. 28(3)(g)): given back or deleted, by its day, with proof.

Each step goes on from its row: first, where that was chosen, parcels are packed for the controller to fetch; then recipients
are told; then a run lets end what was held for the solution alone, and its report is the report.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.foundation.personal import GivingBack, registered
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import What
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Compiled
from assent.privacy.retention import holding, models, running, walking
from assent.privacy.retention.agreements import ending_with
from assent.privacy.retention.contracts import ClosingInfo, ClosingState, NoParcel, ParcelInfo
from assent.privacy.retention.facts import Batch
from assent.privacy.retention.rules import State
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import AgreementInfo, AgreementRefused, EndChoice

__all__ = ["close_agreements", "closing", "closings", "fetch", "forget_in_parcels"]

SYSTEM = Actor.system("retention")
LEASE = timedelta(minutes=10)
LABEL = "retention.parcel"
IN_A_PARCEL = 2_000
TOLD_AT_ONCE = 1_000
OPEN = [state.value for state in ClosingState if state is not ClosingState.DONE]


def close_agreements(*, at: datetime) -> bool:
    """Take what ended agreements ask for one step further; true if there is more."""
    more = False
    for controller, compiled in policy.in_force():
        _begin(controller, compiled, at=at)
        with scope.controller(controller):
            free = Q(lease_until=None) | Q(lease_until__lt=at)
            for row in models.Closing.objects.filter(free, state__in=OPEN).order_by("due_on", "id"):
                # The update decides who works on it when two workers look at once.
                if models.Closing.objects.filter(free, pk=row.pk).update(lease_until=at + LEASE):
                    more = _further(row, compiled, at=at) or more
            _clear(controller, at=at)
    return more


def _begin(controller: int, compiled: Compiled, *, at: datetime) -> None:
    known: set[int] | None = None
    for info in tenancy.agreements(controller=controller):
        if info.ending is None or info.ending.until_at > at or info.settlement is not None:
            continue
        with scope.controller(controller):
            known = set(models.Closing.objects.values_list("agreement", flat=True)) if known is None else known
            if info.id not in known:
                _write(controller, compiled, info, at=at)


def _write(controller: int, compiled: Compiled, info: AgreementInfo, *, at: datetime) -> None:
    ending = info.ending
    if ending is None:
        return
    then = policy.at_digest(controller=controller, digest=info.policy_digest).policy
    found = compiled.policy if info.solution in compiled.policy.solutions else then
    known = [key for key in compiled.policy.purposes if key in found.purposes]
    refused = list(lawfulness.unagreed(controller=controller, purposes=known, at=at))
    given, over = ending_with(found, info.solution, refused)
    state = ClosingState.PACKING if ending.choice is EndChoice.RETURN else ClosingState.TELLING
    with transaction.atomic():
        models.Closing.objects.create(
            controller_id=controller, agreement=info.id, solution=info.solution, choice=ending.choice.value, given=given,
            purposes=over, state=state.value, until_ms=millis(ending.until_at), due_on=ending.due_on, begun_at=at,
        )  # fmt: skip


def _further(row: models.Closing, compiled: Compiled, *, at: datetime) -> bool:
    step = {
        ClosingState.PACKING: _pack, ClosingState.READY: _wait, ClosingState.TELLING: _tell, ClosingState.DELETING: _delete,
    }[ClosingState(row.state)]  # fmt: skip
    try:
        return step(row, compiled, at=at)
    finally:
        row.lease_until = None
        row.save(update_fields=["lease_until"])


def _pack(row: models.Closing, compiled: Compiled, *, at: datetime) -> bool:
    """Pack one parcel of those who have something in what ends: part after part of the house, until it is full."""
    controller, part, after = row.controller_id, row.part, row.after
    lines: dict[int, bytes] = {}
    while part < running.PARTS and len(lines) < IN_A_PARCEL:
        ids, known = subjects.part(controller=controller, number=part, of=running.PARTS, limit=IN_A_PARCEL, after=after)
        if whose := _concerned(row, compiled, Batch(ids, known), at=at) if len(ids) else []:
            lines |= _lines(row, compiled, whose)
        part, after = (part, int(ids[-1])) if len(ids) == IN_A_PARCEL else (part + 1, 0)
    with transaction.atomic():
        if lines:
            number = models.Parcel.objects.filter(closing=row).count() + 1
            data = _zipped(row, compiled, number, list(lines.values()), at=at)
            apart, sealed = subjects.seal_apart(controller=controller, label=LABEL, plain=data)
            models.Parcel.objects.create(
                controller_id=controller, closing=row, number=number, subjects=np.array(list(lines), np.int64).tobytes(),
                people=len(lines), size=len(data), apart=apart, sealed=sealed, made_at=at,
            )  # fmt: skip
            row.people += len(lines)
        row.part, row.after = part, after
        if row.part == running.PARTS:
            row.state, row.part, row.after, row.ready_at = ClosingState.READY.value, 0, 0, at
            _note(Did.AGREEMENT_DATA_READY, row, at=at, people=row.people)
        row.save()
    return True


def _concerned(row: models.Closing, compiled: Compiled, batch: Batch, *, at: datetime) -> list[int]:
    seen = running.look(controller=row.controller_id, compiled=compiled, batch=batch, at=at)
    there: npt.NDArray[np.bool_] = np.zeros(len(batch.subjects), np.bool_)
    for key in row.given:
        if key in seen.serving:
            there |= seen.serving[key].state != State.NONE
    found: list[int] = batch.subjects[there].tolist()
    return found


def _lines(row: models.Closing, compiled: Compiled, whose: Sequence[int]) -> dict[int, bytes]:
    names = subjects.public_ids(controller=row.controller_id, subjects=whose)
    purposes = [key for key in row.given if key in compiled.policy.purposes]
    held: dict[int, dict[str, object]] = {one: {"id": str(names[one])} for one in whose if one in names}
    for store in registered():
        if isinstance(store, GivingBack):
            found = store.give_back(controller=row.controller_id, purposes=purposes, subjects=list(held))
            for subject, rows in found.items():
                if subject in held:
                    held[subject][store.name] = rows
    return {one: json.dumps(line, ensure_ascii=False, default=str).encode() for one, line in held.items()}


def _zipped(row: models.Closing, compiled: Compiled, number: int, lines: Sequence[bytes], *, at: datetime) -> bytes:
    about = {
        "format": "assent-return/1", "controller": compiled.policy.controller.slug, "solution": row.solution,
        "agreement": row.agreement, "purposes": row.given, "policy": compiled.digest, "parcel": number,
        "people": len(lines), "made_at": at.isoformat(),
    }  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(about, indent=1))
        archive.writestr("people.ndjson", b"\n".join(lines) + b"\n")
    return packed.getvalue()


def _wait(row: models.Closing, compiled: Compiled, *, at: datetime) -> bool:
    """Wait until everything was fetched, or the day has come on which the data must be gone."""
    del compiled
    waiting = models.Parcel.objects.filter(closing=row, fetched_at=None).exists()
    if waiting and holding.today(row.controller_id, at) < row.due_on:
        return False
    row.state = ClosingState.TELLING.value
    row.save(update_fields=["state"])
    return True


def _tell(row: models.Closing, compiled: Compiled, *, at: datetime) -> bool:
    """Tell recipients who got data for what ends, while it is still known by what they know people."""
    del compiled
    keys = list(row.purposes)
    if row.part < len(keys):
        people = disclosures.given_out(
            controller=row.controller_id, purpose=keys[row.part], after=row.after, limit=TOLD_AT_ONCE
        )
        if people:
            row.told += disclosures.pass_on(
                controller=row.controller_id, subjects=people, what=What.ERASURE, request=f"agreement:{row.agreement}",
                purpose=keys[row.part], by=SYSTEM, at=at,
            )  # fmt: skip
        row.part, row.after = (row.part, people[-1]) if len(people) == TOLD_AT_ONCE else (row.part + 1, 0)
    else:
        row.state = ClosingState.DELETING.value
    row.save()
    return True


def _delete(row: models.Closing, compiled: Compiled, *, at: datetime) -> bool:
    """Let a run end it. One under way may have looked at people before this was over, so the next is taken."""
    del compiled
    controller = row.controller_id
    if row.run is None:
        if models.Run.objects.filter(finished_at=None).exists():
            return False
        row.run = walking.begin(controller=controller, by=SYSTEM, at=at)
        row.save(update_fields=["run"])
        return True
    run = models.Run.objects.get(pk=row.run)
    if run.finished_at is None:
        more = walking.step(controller=controller, run=row.run, at=at)
        run.refresh_from_db()
        return more or run.finished_at is not None
    removed: Mapping[str, int] = run.tally.get("removed", {})
    ended: Mapping[str, int] = run.tally.get("ended", {})
    with transaction.atomic():
        row.state, row.finished_at = ClosingState.DONE.value, at
        row.report = {
            "removed": dict(removed), "erased": run.erased,
            "ended": {name: count for name, count in ended.items() if name.endswith(":agreement")},
        }  # fmt: skip
        row.save()
        _note(Did.AGREEMENT_DATA_DELETED, row, at=at, erased=run.erased, removed=sum(removed.values()))
    with suppress(AgreementRefused):  # staff wrote it down before
        tenancy.settle_agreement(controller=controller, agreement=row.agreement, by=SYSTEM, at=at)
    return False


def _clear(controller: int, *, at: datetime) -> None:
    """Destroy parcels that were fetched, once their agreement's day has come; what nobody fetched waits."""
    today = holding.today(controller, at)
    rows = models.Parcel.objects.filter(fetched_at__isnull=False, closing__due_on__lte=today, closing__state=ClosingState.DONE)
    if numbers := list(rows.values_list("apart", flat=True)):
        subjects.forget_apart(controller=controller, numbers=numbers)
        models.Parcel.objects.filter(apart__in=numbers).delete()


def _note(did: Did, row: models.Closing, *, at: datetime, **more: int) -> None:
    detail: dict[str, str | int | bool] = {"solution": row.solution, "choice": row.choice, **more}
    audit.write(did, controller=row.controller_id, by=SYSTEM, at=at, on=f"agreement:{row.agreement}", detail=detail)


def closings(*, controller: int) -> list[ClosingInfo]:
    """Return what becomes of the data of ended agreements, the first due first."""
    with scope.controller(controller):
        rows = list(models.Closing.objects.order_by("due_on", "id"))
        parcels: dict[int, list[ParcelInfo]] = {}
        fields = ("closing_id", "number", "people", "size", "fetched_at")
        for closing_, number, people, size, fetched in models.Parcel.objects.order_by("number").values_list(*fields):
            parcels.setdefault(closing_, []).append(ParcelInfo(number, people, size, fetched))
        return [
            ClosingInfo(
                agreement=row.agreement, solution=row.solution, state=ClosingState(row.state), due_on=row.due_on,
                purposes=tuple(row.purposes), people=row.people, told=row.told, parcels=tuple(parcels.get(row.pk, ())),
                finished_at=row.finished_at, removed=row.report.get("removed", {}), erased=row.report.get("erased", 0),
            )
            for row in rows
        ]  # fmt: skip


def closing(*, controller: int, agreement: int) -> ClosingInfo | None:
    """Return what becomes of the data of one agreement; None while it has not ended."""
    return next((one for one in closings(controller=controller) if one.agreement == agreement), None)


def fetch(*, controller: int, agreement: int, number: int, by: Actor, at: datetime) -> bytes:
    """
    Hand a parcel over to the controller's staff, and write that down.

    :raises NoParcel: if there is none, or it was fetched and its day has come
    """
    with scope.controller(controller):
        row = models.Parcel.objects.filter(closing__agreement=agreement, number=number).first()
        data = None
        if row is not None:
            data = subjects.open_apart(controller=controller, number=row.apart, label=LABEL, sealed=bytes(row.sealed))
        if row is None or data is None:
            raise NoParcel(f"there is no parcel {number} of agreement {agreement}: it is not packed yet, or was fetched before")
        with transaction.atomic():
            models.Parcel.objects.filter(pk=row.pk, fetched_at=None).update(fetched_at=at, fetched_by=str(by))
            people = np.frombuffer(bytes(row.subjects), np.int64).tolist()
            audit.write_bulk(
                Did.AGREEMENT_DATA_FETCHED, controller=controller, by=by, at=at, subjects=people, on=f"agreement:{agreement}",
                detail={"parcel": number},
            )  # fmt: skip
    return data


def forget_in_parcels(*, controller: int, people: Sequence[int]) -> int:
    """Take erased people out of parcels that wait to be fetched: each is packed anew. Return how many there were."""
    gone, went = np.array(sorted(set(people)), np.int64), 0
    with scope.controller(controller):
        for row in models.Parcel.objects.order_by("pk"):
            whose = np.frombuffer(bytes(row.subjects), np.int64)
            stay = ~np.isin(whose, gone)
            if stay.all():
                continue
            data = subjects.open_apart(controller=controller, number=row.apart, label=LABEL, sealed=bytes(row.sealed))
            old, went = row.apart, went + int((~stay).sum())
            row.subjects, row.people = whose[stay].tobytes(), int(stay.sum())
            row.apart, row.sealed = subjects.seal_apart(
                controller=controller, label=LABEL, plain=_without(data, stay.tolist()) if data else b""
            )
            row.save()
            subjects.forget_apart(controller=controller, numbers=[old])
    return went


def _without(data: bytes, stay: Sequence[bool]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        about = {**json.loads(old.read("manifest.json")), "people": sum(stay)}
        new.writestr("manifest.json", json.dumps(about, indent=1))
        lines = old.read("people.ndjson").rstrip(b"\n").split(b"\n")
        new.writestr("people.ndjson", b"".join(line + b"\n" for line, keep in zip(lines, stay, strict=True) if keep))
    return packed.getvalue()
