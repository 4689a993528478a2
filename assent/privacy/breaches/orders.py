"""Demands of authorities: recorded, answered, and told to the people unless and until the law forbids it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.breaches import models, ports, rows, rules
from assent.privacy.breaches.contracts import NotNow, OrderInfo, OrderState, UnknownBreach, Words
from assent.tenancy import api as tenancy

__all__ = ["answer_order", "order", "order_progress", "orders", "record_order", "sweep_orders"]

LEASE = timedelta(minutes=5)


def record_order(
    *,
    controller: int,
    authority: str,
    reference: str,
    ground: str,
    what: str,
    subjects: Sequence[int],
    received_at: datetime,
    words: Mapping[str, Words],
    by: Actor,
    at: datetime,
    secret: bool = False,
    secret_until: datetime | None = None,
) -> OrderInfo:
    """
    Write a demand down: who asks, on which legal ground, for what, about whom.

    :param words: the letter to the people by language; it leaves once the demand is answered and nothing forbids telling
    :param secret: the law, or the demand by law, forbids telling the people: until ``secret_until``, else until it is lifted
    :raises NamesSomebody: if a text holds an address or a number of a person
    :raises NotNow: if it names no ground, or nobody
    """
    rules.names_nobody(what, ground, reference)
    if not ground.strip() or not authority.strip():
        message = "write down who demands it, and on which legal ground: without a ground nothing is handed over"
        raise NotNow(message)
    if not subjects:
        message = "say whose data are demanded"
        raise NotNow(message)
    with scope.controller(controller), transaction.atomic():
        row = models.Order.objects.create(
            controller_id=controller,
            authority=authority.strip()[:200],
            reference=reference.strip()[:120],
            ground=ground.strip()[:300],
            what=what.strip(),
            # Text: JSON readers other than Python's round integers beyond 53 bits.
            subjects=[str(one) for one in sorted(set(subjects))],
            received_at=received_at,
            secret=secret or secret_until is not None,
            secret_until=secret_until,
            by=str(by),
            letter=rows.packed_words(words),
        )
        _book(row, Did.ORDER_RECORDED, by=by, at=at)
        return rows.order_info(row)


def _book(row: models.Order, did: Did, *, by: Actor, at: datetime) -> None:
    people = [int(one) for one in row.subjects]
    detail: dict[str, str | int | bool] = {"state": str(row.state), "secret": row.secret}
    # Never a line about one person by name of the column: what may not be told must not stand in their own audit trail.
    audit.write_bulk(did, controller=row.controller_id, by=by, at=at, subjects=people, on=f"order:{row.pk}", detail=detail)


def answer_order(
    *, controller: int, order: int, handed: str, by: Actor, at: datetime, refused: bool = False, lift_secrecy: bool = False
) -> OrderInfo:
    """
    Write down what was handed over, or why nothing was; or that the ban on telling has ended.

    :param lift_secrecy: the people may be told from now on
    :raises NotNow: if it was answered already and no ban is lifted, or nothing is said
    """
    rules.names_nobody(handed)
    with scope.controller(controller), transaction.atomic():
        row = _find(controller, order, lock=True)
        answered = row.state != OrderState.RECEIVED
        if answered and not (lift_secrecy and row.secret):
            message = "this demand was answered already"
            raise NotNow(message)
        if not answered and not handed.strip():
            message = "write down what was handed over, or why nothing was"
            raise NotNow(message)
        if not answered:
            row.state = OrderState.REFUSED if refused else OrderState.HANDED_OVER
            row.handed, row.answered_at = handed.strip(), at
        if lift_secrecy:
            row.secret, row.secret_until = False, None
        row.save()
        _book(row, Did.ORDER_ANSWERED, by=by, at=at)
        return rows.order_info(row)


def sweep_orders(*, at: datetime) -> bool:
    """Tell the people of demands that were answered and that nothing forbids telling of (any more); true if one was told."""
    told = False
    for info in tenancy.controllers():
        with scope.controller(info.id):
            free = Q(lease_until=None) | Q(lease_until__lt=at)
            due = models.Order.objects.filter(free, told_at=None, state=OrderState.HANDED_OVER)
            due = due.filter(Q(secret=False) | Q(secret_until__lte=at))
            for number in list(due.order_by("id").values_list("pk", flat=True)[:20]):
                if models.Order.objects.filter(free, pk=number, told_at=None).update(lease_until=at + LEASE):
                    _tell(info.id, models.Order.objects.get(pk=number), at)
                    told = True
    return told


def _tell(controller: int, row: models.Order, at: datetime) -> None:
    kind, _, which = row.by.partition(":")
    ports.letters().write(
        controller=controller,
        occasion=_occasion(row),
        people=[int(one) for one in row.subjects],
        words=rows.words_of(row.letter),
        by=Actor(kind, which),
        at=at,
    )
    with transaction.atomic():
        row.told_at, row.secret, row.lease_until = at, False, None
        row.save(update_fields=["told_at", "secret", "lease_until"])
        _book(row, Did.ORDER_TOLD, by=Actor.system("breaches"), at=at)


def _occasion(row: models.Order) -> str:
    # After a restore a number may be given anew: the moment says which demand it was, so that nobody's letter is left out.
    return f"order:{row.pk}:{millis(row.received_at)}"


def order_progress(*, controller: int, order: int) -> Mapping[str, int]:
    """Return what became of the letters about a demand, by state of the message."""
    with scope.controller(controller):
        row = _find(controller, order)
    return ports.letters().progress(controller=controller, occasion=_occasion(row))


def order(*, controller: int, order: int) -> OrderInfo:
    """
    Return one demand.

    :raises UnknownBreach: if the controller has none with this number
    """
    with scope.controller(controller):
        return rows.order_info(_find(controller, order))


def _find(controller: int, order: int, *, lock: bool = False) -> models.Order:
    found = models.Order.objects.select_for_update() if lock else models.Order.objects
    row: models.Order | None = found.filter(pk=order).first()
    if row is None:
        message = f"controller {controller} has no demand {order}"
        raise UnknownBreach(message)
    return row


def orders(*, controller: int, limit: int = 100) -> list[OrderInfo]:
    """Return demands, newest first."""
    with scope.controller(controller):
        return [rows.order_info(row) for row in models.Order.objects.order_by("-id")[:limit]]
