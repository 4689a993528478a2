"""Tenancy: controllers, their agreements, properties and keys, and the staff who work for them."""

import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalKind
from assent.foundation import crypto, keys, scope
from assent.foundation.ids import token
from assent.tenancy import models
from assent.tenancy.agreements import (
    accept_agreement,
    agreement,
    agreement_text,
    agreements,
    end_agreement,
    in_force,
    offer_agreement,
    settle_agreement,
    terms,
)
from assent.tenancy.contracts import (
    ApiKeyInfo,
    ControllerInfo,
    Permission,
    PropertyInfo,
    Role,
    StaffInfo,
    UnknownController,
    WriteKey,
)
from assent.tenancy.hosts import add_host, controller_of_host, hosts, remove_host
from assent.tenancy.rules import permitted, standing

__all__ = [
    "accept_agreement", "add_host", "agreement", "agreement_text", "agreements", "api_key", "api_keys", "controller",
    "controller_by_id", "controller_of_host", "controllers", "end_agreement", "grant", "hosts", "identity_hash",
    "in_force", "login_failed", "make_api_key", "make_controller", "make_property", "make_staff", "make_write_key",
    "may", "members", "offer_agreement", "permissions", "properties", "property_by_id", "remove_host", "revoke",
    "revoke_api_key", "revoke_write_key", "roles", "settle_agreement", "standing", "terms", "write_keys",
    "write_keys_of",
]  # fmt: skip

PROPERTY_KINDS = {"website", "app", "server"}


def _info(row: models.Controller) -> ControllerInfo:
    return ControllerInfo(row.id, row.slug, row.name, row.country, row.language, row.time_zone, row.colour)


def controllers() -> list[ControllerInfo]:
    """Return all controllers by name."""
    return [_info(row) for row in models.Controller.objects.order_by("name")]


def controller(*, slug: str) -> ControllerInfo:
    """
    Return a controller by its short name.

    :raises UnknownController: if there is none
    """
    row = models.Controller.objects.filter(slug=slug).first()
    if row is None:
        message = f"no controller is called {slug!r}: `assent controllers` lists them"
        raise UnknownController(message)
    return _info(row)


def controller_by_id(*, id: int) -> ControllerInfo:  # noqa: A002 - the word others use
    """
    Return a controller.

    :raises UnknownController: if there is none
    """
    row = models.Controller.objects.filter(id=id).first()
    if row is None:
        message = f"no controller has the id {id}"
        raise UnknownController(message)
    return _info(row)


@transaction.atomic
def make_controller(
    *, slug: str, name: str, country: str, language: str, time_zone: str, by: Actor, at: datetime, colour: str = ""
) -> ControllerInfo:
    """Make a controller, or return the one that has this short name already."""
    row, made = models.Controller.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name,
            "country": country,
            "language": language,
            "time_zone": time_zone,
            "colour": colour,
            "created_at": at,
        },
    )
    if made:
        audit.write(Did.CONTROLLER_MADE, controller=row.id, by=by, at=at, on=f"controller:{row.id}")
    return _info(row)


def _property(row: models.Property) -> PropertyInfo:
    return PropertyInfo(row.id, row.controller_id, row.slug, row.name, row.kind, row.rudder)


def properties(*, controller: int) -> list[PropertyInfo]:
    """Return a controller's properties."""
    with scope.controller(controller):
        return [_property(row) for row in models.Property.objects.order_by("slug")]


def property_by_id(*, id: int) -> PropertyInfo | None:  # noqa: A002 - the word others use
    """Return a property of any controller: the arrival log knows properties before anyone is in scope."""
    with scope.every_controller(reason="the log names the property, and the property names the controller"):
        row = models.Property.objects.filter(id=id).first()
    return None if row is None else _property(row)


@transaction.atomic
def make_property(
    *, controller: int, slug: str, name: str, kind: str, by: Actor, at: datetime, rudder: bool = False
) -> PropertyInfo:
    """
    Make a property, or return the one that has this short name already.

    :raises ValueError: for an unknown kind
    """
    if kind not in PROPERTY_KINDS:
        message = f"kind {kind!r}: use one of {', '.join(sorted(PROPERTY_KINDS))}"
        raise ValueError(message)
    with scope.controller(controller):
        row, made = models.Property.objects.get_or_create(
            controller_id=controller,
            slug=slug,
            defaults={
                "name": name,
                "kind": kind,
                "rudder": rudder,
                "identity_secret": keys.master().wrap(crypto.new_key(), context=f"identity:{controller}:{slug}".encode()),
                "created_at": at,
            },
        )
        if made:
            audit.write(Did.PROPERTY_MADE, controller=controller, by=by, at=at, on=f"property:{row.id}")
    return _property(row)


def identity_hash(*, property: int, user_id: str) -> str:  # noqa: A002 - the domain's word
    """
    Return HMAC-SHA-256 of a user id under the property's secret, in hexadecimal.

    A brand's server computes the same and gives it to its page, so that a public key may say who is logged in.

    :raises LookupError: if there is no such property
    """
    with scope.every_controller(reason="called for a property whose controller is read from it"):
        row = models.Property.objects.filter(id=property).first()
    if row is None:
        message = f"no property has the id {property}"
        raise LookupError(message)
    context = f"identity:{row.controller_id}:{row.slug}".encode()
    secret = keys.master().unwrap(bytes(row.identity_secret), context=context)
    return hmac.new(secret, user_id.encode(), "sha256").hexdigest()


def _digest(clear: str) -> str:
    # Keys are 256 random bits: a plain hash can't be guessed back, and a look-up by it needs no salt.
    return hashlib.sha256(clear.encode()).hexdigest()


@transaction.atomic
def make_write_key(*, property: int, secret: bool, by: Actor, at: datetime) -> str:  # noqa: A002 - the domain's word
    """
    Make a write key and return it in clear, once.

    :raises LookupError: if there is no such property
    """
    info = property_by_id(id=property)
    if info is None:
        message = f"no property has the id {property}"
        raise LookupError(message)
    clear = ("sk_" if secret else "pk_") + token()
    with scope.controller(info.controller):
        row = models.PropertyKey.objects.create(
            controller_id=info.controller,
            property_id=property,
            digest=_digest(clear),
            start=clear[:8],
            secret=secret,
            created_at=at,
        )
        audit.write(Did.WRITE_KEY_MADE, controller=info.controller, by=by, at=at, on=f"write_key:{row.id}")
    return clear


@transaction.atomic
def revoke_write_key(*, controller: int, key: int, by: Actor, at: datetime) -> None:
    """End a write key. Collectors refuse it within two seconds."""
    with scope.controller(controller):
        if models.PropertyKey.objects.filter(id=key, revoked_at=None).update(revoked_at=at):
            audit.write(Did.WRITE_KEY_REVOKED, controller=controller, by=by, at=at, on=f"write_key:{key}")
            audit.journal(
                JournalKind.KEY_REVOKED, controller=controller, subjects=[], at=at, detail={"kind": "write", "key": key}
            )


def write_keys() -> dict[str, WriteKey]:
    """Return all write keys in force by digest, for the collector."""
    with scope.every_controller(reason="one collector serves all controllers"):
        rows = models.PropertyKey.objects.filter(revoked_at=None).select_related("property")
        return {row.digest: WriteKey(row.id, row.digest, _property(row.property), row.secret) for row in rows}


def write_keys_of(*, controller: int) -> list[tuple[int, str, bool, PropertyInfo]]:
    """Return a controller's keys in force: id, first letters, whether secret, property."""
    with scope.controller(controller):
        rows = models.PropertyKey.objects.filter(revoked_at=None).select_related("property").order_by("id")
        return [(row.id, row.start, row.secret, _property(row.property)) for row in rows]


@transaction.atomic
def make_api_key(*, controller: int, name: str, verbs: Collection[Permission], by: Actor, at: datetime) -> str:
    """Make an API key with named verbs and return it in clear, once."""
    clear = "ak_" + token()
    with scope.controller(controller):
        row = models.ApiKey.objects.create(
            controller_id=controller,
            name=name,
            digest=_digest(clear),
            start=clear[:8],
            verbs=sorted(Permission(v).value for v in verbs),
            created_at=at,
        )
        audit.write(Did.API_KEY_MADE, controller=controller, by=by, at=at, on=f"api_key:{row.id}")
    return clear


def api_key(*, clear: str) -> ApiKeyInfo | None:
    """Return whose key this is, or None if it is unknown or revoked."""
    with scope.every_controller(reason="the key names its controller"):
        row = models.ApiKey.objects.filter(digest=_digest(clear), revoked_at=None).first()
    return None if row is None else _api_key(row)


def _api_key(row: models.ApiKey) -> ApiKeyInfo:
    return ApiKeyInfo(row.id, row.controller_id, row.name, frozenset(Permission(v) for v in row.verbs))


def api_keys(*, controller: int) -> list[ApiKeyInfo]:
    """Return a controller's API keys in force."""
    with scope.controller(controller):
        return [_api_key(row) for row in models.ApiKey.objects.filter(revoked_at=None).order_by("id")]


@transaction.atomic
def revoke_api_key(*, controller: int, key: int, by: Actor, at: datetime) -> None:
    """End an API key at once."""
    with scope.controller(controller):
        if models.ApiKey.objects.filter(id=key, revoked_at=None).update(revoked_at=at):
            audit.write(Did.API_KEY_REVOKED, controller=controller, by=by, at=at, on=f"api_key:{key}")
            audit.journal(
                JournalKind.KEY_REVOKED, controller=controller, subjects=[], at=at, detail={"kind": "api", "key": key}
            )


@transaction.atomic
def make_staff(*, email: str, name: str, password: str | None, language: str, by: Actor, at: datetime) -> int:
    """Make an account for a member of staff, or return the one with this e-mail; without a password nobody can log in."""
    found = models.Staff.objects.filter(email__iexact=email).first()
    if found is not None:
        return int(found.pk)
    row = models.Staff(email=models.Staff.objects.normalize_email(email), name=name, language=language, created_at=at)
    row.set_password(password)
    row.save()
    audit.write(Did.STAFF_MADE, controller=None, by=by, at=at, on=f"staff:{row.pk}")
    return int(row.pk)


@transaction.atomic
def login_failed(*, email: str, at: datetime) -> None:
    """Write down, in the book of each controller they work for, that a log-in as this member of staff failed."""
    row = models.Staff.objects.filter(email__iexact=email).first()
    if row is None:
        return
    for controller in roles(staff=int(row.pk)):
        audit.write(Did.LOGIN_FAILED, controller=controller, by=Actor.system("log-in"), at=at, on=f"staff:{row.pk}")


@transaction.atomic
def grant(*, staff: int, controller: int, role: Role, by: Actor, at: datetime) -> None:
    """Give a role; giving it again changes nothing."""
    _row, made = models.Membership.objects.get_or_create(
        controller_id=controller, staff_id=staff, role=Role(role).value, defaults={"granted_at": at}
    )
    if made:
        audit.write(
            Did.ROLE_GRANTED, controller=controller, by=by, at=at, on=f"staff:{staff}", detail={"role": Role(role).value}
        )


@transaction.atomic
def revoke(*, staff: int, controller: int, role: Role, by: Actor, at: datetime) -> None:
    """Take a role back."""
    gone, _ = models.Membership.objects.filter(controller_id=controller, staff_id=staff, role=Role(role).value).delete()
    if gone:
        audit.write(
            Did.ROLE_REVOKED, controller=controller, by=by, at=at, on=f"staff:{staff}", detail={"role": Role(role).value}
        )
        told = {"staff": staff, "role": Role(role).value}
        audit.journal(JournalKind.ROLE_REVOKED, controller=controller, subjects=[], at=at, detail=told)


def roles(*, staff: int) -> dict[int, set[Role]]:
    """Return the roles of a member of staff per controller."""
    found: dict[int, set[Role]] = {}
    for controller_id, role in models.Membership.objects.filter(staff_id=staff, staff__is_active=True).values_list(
        "controller_id", "role"
    ):
        found.setdefault(controller_id, set()).add(Role(role))
    return found


def permissions(*, staff: int, controller: int) -> frozenset[Permission]:
    """Return all that a member of staff may do for a controller."""
    return permitted(roles(staff=staff).get(controller, set()))


def may(*, staff: int, controller: int, permission: Permission) -> bool:
    """Return whether a member of staff may do something for a controller. Unknown means no."""
    return permission in permissions(staff=staff, controller=controller)


def members(*, controller: int) -> list[StaffInfo]:
    """Return the staff of a controller with their roles."""
    found: dict[int, StaffInfo] = {}
    rows = models.Membership.objects.filter(controller_id=controller).select_related("staff").order_by("staff__name")
    for row in rows:
        before = found.get(row.staff_id)
        known = before.roles if before else frozenset()
        found[row.staff_id] = StaffInfo(row.staff_id, row.staff.email, row.staff.name, known | {Role(row.role)})
    return list(found.values())
