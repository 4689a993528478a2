"""Segments: who, always for a purpose. Who may not be approached for it is not in the answer."""

__all__ = ["attributes", "check", "create", "delete", "events", "get", "listing", "losses", "members", "preview", "update"]

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import IntegrityError, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.clock import millis
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Why
from assent.privacy.policy import api as policies
from assent.privacy.policy.contracts import EventType, Policy
from assent.privacy.subjects import api as subjects
from assent.records.lake import api as lake
from assent.records.profiles import api as profiles
from assent.records.profiles.contracts import AttributeInfo
from assent.segments import models, rules
from assent.segments.contracts import Audience, InvalidDefinition, Loss, NameTaken, Node, Problem, SegmentInfo, UnknownSegment

PAGE = 50_000


def attributes(*, controller: int, purpose: str) -> list[AttributeInfo]:
    """Return the attributes a definition for this purpose may name."""
    return [info for info in profiles.attributes(controller=controller) if purpose in info.purposes]


def events(*, controller: int, purpose: str) -> dict[str, EventType]:
    """Return the events a definition for this purpose may name, by the name it calls them."""
    declared = policies.current(controller=controller).policy.events.values()
    return {rules.event_label(event): event for event in declared if purpose in event.purposes}


def check(*, controller: int, purpose: str, definition: Mapping[str, Any]) -> list[Problem]:
    """
    Return what is wrong with a definition under the policy in force; nothing means it can be used.

    :raises NoPolicy: if the controller has published none
    """
    return _read(controller, purpose, definition)[1]


def create(*, controller: int, name: str, purpose: str, definition: Mapping[str, Any], by: Actor, at: datetime) -> SegmentInfo:
    """
    Keep a definition under a name.

    :raises InvalidDefinition: if it can't be used
    :raises NameTaken: if another segment is called so
    """
    _tree(controller, purpose, definition)
    with scope.controller(controller), _named_once(name), transaction.atomic():
        row = models.Segment.objects.create(
            controller_id=controller, name=name, purpose=purpose, definition=definition, created_at=at, updated_at=at
        )
        audit.write(Did.SEGMENT_MADE, controller=controller, by=by, at=at, on=str(row.pk), purpose=purpose)
    return _info(row)


def update(
    *,
    controller: int,
    segment: int,
    name: str | None = None,
    purpose: str | None = None,
    definition: Mapping[str, Any] | None = None,
    by: Actor,
    at: datetime,
) -> SegmentInfo:
    """
    Change what is given of a segment.

    :raises UnknownSegment: if there is none
    :raises InvalidDefinition: if the definition can't be used (for the purpose)
    :raises NameTaken: if another segment is called so
    """
    with scope.controller(controller):
        row = _row(controller, segment)
        row.name = row.name if name is None else name
        row.purpose = row.purpose if purpose is None else purpose
        row.definition = row.definition if definition is None else definition
        row.updated_at = at
        _tree(controller, row.purpose, row.definition)
        with _named_once(row.name), transaction.atomic():
            row.save()
            audit.write(Did.SEGMENT_CHANGED, controller=controller, by=by, at=at, on=str(segment), purpose=row.purpose)
    return _info(row)


def delete(*, controller: int, segment: int, by: Actor, at: datetime) -> None:
    """
    Forget a segment.

    :raises UnknownSegment: if there is none
    """
    with scope.controller(controller), transaction.atomic():
        _row(controller, segment).delete()
        audit.write(Did.SEGMENT_DELETED, controller=controller, by=by, at=at, on=str(segment))


def get(*, controller: int, segment: int) -> SegmentInfo:
    """
    Return a segment.

    :raises UnknownSegment: if there is none
    """
    with scope.controller(controller):
        return _info(_row(controller, segment))


def listing(*, controller: int) -> list[SegmentInfo]:
    """Return all segments by name."""
    with scope.controller(controller):
        return [_info(row) for row in models.Segment.objects.order_by("name")]


def losses(*, controller: int, policy: Policy) -> list[Loss]:
    """
    Return what segments that can be used today would lose under another policy, by name.

    :raises NoPolicy: if the controller has published none
    """
    today = policies.current(controller=controller).policy
    found = []
    for segment in listing(controller=controller):
        before, after = (
            rules.unusable(segment.definition, purpose=segment.purpose, policy=one, attributes=profiles.declared(one))
            if segment.purpose in one.purposes
            else None
            for one in (today, policy)
        )
        if before is not None and (after is None or after - before):
            found.append(Loss(segment, tuple(sorted((after or frozenset()) - before)), purpose=after is None))
    return found


def preview(*, controller: int, purpose: str, definition: Mapping[str, Any], channel: str, at: datetime) -> Audience:
    """
    Return who a definition means now and who of them may be approached.

    :raises InvalidDefinition: if it can't be used
    :raises NotAgreed: if no agreement lets the platform work for the purpose
    """
    return _audience(controller, purpose, definition, channel, at)


def members(*, controller: int, segment: int, channel: str, at: datetime, by: Actor | None = None) -> Audience:
    """
    Return who is in a segment now and may be approached on a channel.

    :param by: who asks, for the book
    :raises UnknownSegment: if there is none
    :raises InvalidDefinition: if the policy has changed so that it can't be used any more
    :raises NotAgreed: if no agreement lets the platform work for the purpose
    """
    found = get(controller=controller, segment=segment)
    audience = _audience(controller, found.purpose, found.definition, channel, at)
    if by is not None:
        ids = audience.subjects.tolist()
        audit.write_bulk(
            Did.SEGMENT_READ, controller=controller, by=by, at=at, subjects=ids, on=str(segment), purpose=found.purpose
        )
    return audience


def _audience(controller: int, purpose: str, definition: Mapping[str, Any], channel: str, at: datetime) -> Audience:
    from assent.segments.compiler import EVERYONE, compile_tree  # Ibis takes a fifth of a command's start

    tree = _tree(controller, purpose, definition)
    lawfulness.require_agreement(controller=controller, purpose=purpose, at=at)
    policy = policies.current(controller=controller)
    compiled = compile_tree(tree, mask=policy.mask(purpose), at_ms=millis(at))
    tables = {EVERYONE.name: _everyone(controller)} if compiled.everyone else {}
    rows = lake.query(controller=controller, expr=compiled.expr, kinds=compiled.kinds, tables=tables)
    matched = np.sort(rows["subject"].to_numpy())
    data = rules.data_of(definition, policy.policy)
    return _asked(controller, matched, purpose=purpose, channel=channel, at=at, data=data)


def _asked(
    controller: int, matched: npt.NDArray[np.int64], *, purpose: str, channel: str, at: datetime, data: frozenset[str]
) -> Audience:
    """Ask the one question for all at once, and count the noes by their reason."""
    standing = lawfulness.allowed(controller=controller, purpose=purpose, channel=channel, operation="use", at=at, data=data)
    codes = standing.of(matched)
    yes = lawfulness.is_yes(codes)
    lost: dict[Why, int] = {}
    for code, many in zip(*np.unique(codes[~yes], return_counts=True), strict=True):
        why = lawfulness.verdict_of(int(code)).why
        lost[why] = lost.get(why, 0) + int(many)
    # Who is being erased is not there any more, whatever still lies about.
    leaving = lost.pop(Why.ERASING, 0)
    return Audience(matched[yes], len(matched) - leaving, lost)


def _everyone(controller: int) -> pa.Table:
    """Return all people of the controller; asked for only when a definition means "all but"."""
    found: list[int] = []
    while page := subjects.page(controller=controller, limit=PAGE, after=found[-1] if found else 0):
        found.extend(page)
    return pa.table({"subject": pa.array(found, pa.int64())})


def _read(controller: int, purpose: str, definition: Mapping[str, Any]) -> tuple[Node | None, list[Problem]]:
    policy = policies.current(controller=controller).policy
    return rules.read(definition, purpose=purpose, policy=policy, attributes=profiles.attributes(controller=controller))


def _tree(controller: int, purpose: str, definition: Mapping[str, Any]) -> Node:
    tree, problems = _read(controller, purpose, definition)
    if tree is None:
        raise InvalidDefinition(problems)
    return tree


def _row(controller: int, segment: int) -> models.Segment:
    row: models.Segment | None = models.Segment.objects.filter(id=segment).first()
    if row is None:
        raise UnknownSegment(f"controller {controller} has no segment {segment}")
    return row


def _info(row: models.Segment) -> SegmentInfo:
    return SegmentInfo(int(row.pk), row.name, row.purpose, row.definition, row.created_at, row.updated_at)


@contextmanager
def _named_once(name: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise NameTaken(f"there is a segment called {name!r} already: choose another name") from error
