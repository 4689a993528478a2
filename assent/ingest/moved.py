"""A package that a person brings from another controller goes through the gate like everything that comes in (art. 20)."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from assent.audit.contracts import Actor
from assent.foundation import keys
from assent.foundation.clock import millis
from assent.ingest import ports
from assent.ingest.arrival import Arrival
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import RECEIPT_FILE, BadPackage
from assent.privacy.sources import api as sources
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from assent.records.files import api as files

__all__ = ["Moved", "import_package"]

AT_ONCE = 500  # messages in one request, well below what one may have


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What became of a package.

    :param subject: whom it was put to
    :param sent: events that wait at the gate; which it lets in, and why not the others, its counts say
    :param left_out: what the policy has no place for, by part and name
    """

    subject: int
    created: bool
    sent: int
    receipts: int
    left_out: tuple[str, ...]


def import_package(
    *,
    controller: int,
    property: int,  # noqa: A002 - the house's word for a website, app or server
    data: bytes,
    by: Actor,
    at: datetime,
    subject: int | None = None,
    source: str = "",
) -> Moved:
    """
    Take in a portability package: identifiers, attributes and events by the policy in force, receipts as they are.

    No consent follows from it: what needs one is refused at the gate until the person has given it here. Ids that the old
    controller gave mean nothing here and are left out. The same package twice is as once.

    :param property: the server of this controller that it counts as coming from
    :param source: a key of the policy's sources, the person themselves where they brought it; without one, whoever is made
        by the package is written to by nobody until it is named
    :param subject: whose it is; without it the person is found by e-mail or phone, or made
    :raises UnknownSource: if the policy does not declare the source
    :raises BadPackage: as `rights.api.read_package`
    :raises NotAgreed: if no agreement lets the platform work for the controller
    """
    package, receipts = rights.read_package(data)
    lawfulness.require_agreement(controller=controller, at=at)
    sources.check(controller=controller, source=source, obtained_at=at, at=at)
    found = policy.current(controller=controller).policy
    known = {name for name, trait in found.traits.items() if not trait.derived}
    left_out = [f"identifier {one.field}" for one in package.identifiers if one.field not in known]
    left_out += [f"attribute {one.name}" for one in package.attributes if one.name not in known]
    values: dict[str, str] = {one.field: one.value for one in package.identifiers if one.field in known}
    created = False
    if subject is None:
        (made,) = sources.import_people(
            controller=controller, people=[PersonInput(values)], source=source, obtained_at=at, by=by, at=at
        )
        subject, created = made.subject, made.created
        left_out += [f"identifier {one.field}: {one.why}" for one in made.refused]
        if not subject:
            message = "the package names nobody who could be found or made: it holds no e-mail and no phone that can be read"
            raise BadPackage(message)
    elif source:
        sources.came_from(controller=controller, subject=subject, source=source, obtained_at=at, by=by, at=at)
    device = "package-" + sha256(data).hexdigest()[:32]
    subjects.link(controller=controller, pairs=[(subject, "anonymous_id", device)], at=at, by=by)
    declared = policy.current(controller=controller)
    events = [one for one in package.events if declared.event(one.type, one.event or None) is not None]
    names = {f"event {one.event or one.type}" for one in package.events} - {f"event {one.event or one.type}" for one in events}
    left_out += sorted(names)
    kept = {meta.name for meta in files.listing(controller=controller, subject=subject, kind=RECEIPT_FILE, limit=10_000)}
    for path, body in receipts.items():
        name = path.removeprefix("receipts/")
        if name not in kept:
            files.put(controller=controller, subject=subject, kind=RECEIPT_FILE, name=name, data=body, at=at, by=by)
    traits = {**values, **{one.name: one.value for one in package.attributes if one.name in known}}
    _write(property, list(_messages(events, traits, device, package.controller)), at=at)
    return Moved(subject, created, len(events), len(receipts), tuple(left_out))


def _messages(events: list[Any], traits: dict[str, Any], device: str, controller: str) -> Iterator[dict[str, Any]]:
    if traits:
        mark = sha256(json.dumps([device, traits], sort_keys=True).encode()).hexdigest()[:32]
        yield {"type": "identify", "messageId": f"package-{mark}", "anonymousId": device, "traits": traits}
    for one in events:
        # The old controller's number makes it the same event, however often it comes.
        mark = sha256(f"{controller}:{one.id}".encode()).hexdigest()[:32]
        message = {"type": one.type, "messageId": f"package-{mark}", "anonymousId": device, "properties": one.properties}
        if one.event:
            message["event" if one.type == "track" else "name"] = one.event
        yield {**message, "timestamp": one.occurred_at.isoformat()}


def _write(property_: int, messages: list[dict[str, Any]], *, at: datetime) -> None:
    arrivals = []
    for start in range(0, len(messages), AT_ONCE):
        body = json.dumps({"batch": messages[start : start + AT_ONCE], "sentAt": at.isoformat()}).encode()
        arrivals.append(Arrival(millis(at), property_, secret=True, kind="batch", gpc=False, ip_short="", body=body))
    if arrivals:
        writer = ports.open_writer(var=Path(settings.ASSENT_VAR), master=keys.master())
        with closing(writer):
            writer.write(arrivals)
