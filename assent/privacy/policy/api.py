"""Policy: publish a privacy statement written as data, and read the one in force."""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.policy import models
from assent.privacy.policy.contracts import (
    MAX_PURPOSES,
    Compiled,
    InvalidPolicy,
    NoPolicy,
    Policy,
    PublishedMeanwhile,
    TooManyPurposes,
    UnknownVersion,
    VersionInfo,
    WrongController,
)
from assent.privacy.policy.digests import canonical_form, compiled, digest_of, read_form
from assent.privacy.policy.load import check, check_files, load, load_files, recheck, schema
from assent.tenancy import api as tenancy

__all__ = [
    "at_digest",
    "check",
    "check_files",
    "current",
    "draft",
    "load",
    "load_files",
    "publish",
    "purpose_codes",
    "rollback",
    "schema",
    "text",
    "versions",
]

# How long another process may go on with the version before: below what a person notices, above what a query costs.
FRESH_SECONDS = 0.5
KEPT_COMPILED = 128

_seen: dict[int, tuple[float, Compiled]] = {}
_compiled: OrderedDict[tuple[object, ...], Compiled] = OrderedDict()


def current(*, controller: int) -> Compiled:
    """
    Return the policy in force. Another process's publication is seen within half a second; one's own at once.

    :raises NoPolicy: if none was ever published; then nothing may be processed
    """
    # Inside a transaction the answer must be the transaction's own, so nothing remembered is used.
    remembered = None if connection.in_atomic_block else _seen.get(controller)
    if remembered and time.monotonic() - remembered[0] < FRESH_SECONDS:
        return remembered[1]
    with scope.controller(controller):
        row = models.PolicyVersion.objects.order_by("-number").values_list("number", "digest").first()
        if row is None:
            message = f"controller {controller} has published no policy: run `assent policy publish`"
            raise NoPolicy(message)
        found = _read(controller, *row)
    if not connection.in_atomic_block:
        _seen[controller] = (time.monotonic(), found)
    return found


def at_digest(*, controller: int, digest: str) -> Compiled:
    """
    Return the policy with a digest, in force or not.

    :raises UnknownVersion: if the controller never published it
    """
    with scope.controller(controller):
        rows = models.PolicyVersion.objects.filter(digest=digest).order_by("-number")
        number = rows.values_list("number", flat=True).first()
        if number is None:
            message = f"controller {controller} never published a policy with the digest {digest[:12]}…"
            raise UnknownVersion(message)
        return _read(controller, number, digest)


def draft(*, policy: Policy, texts: Mapping[tuple[str, str], str]) -> Compiled:
    """Return a policy that was never published, with its digests; its number is 0, its codes are nobody's."""
    codes = {key: code for code, key in enumerate(sorted(policy.purposes))}
    return compiled(policy, texts, number=0, digest=digest_of(canonical_form(policy, texts)), codes=codes)


def publish(*, controller: int, bundle: Path, by: Actor, at: datetime) -> Compiled:
    """
    Put a bundle in force as a new version, or return the one in force if the bundle says the same.

    :raises InvalidPolicy: if the bundle has errors
    :raises WrongController: if the bundle was written for another controller
    :raises TooManyPurposes: if the controller would need a 63rd purpose code
    :raises PublishedMeanwhile: if somebody else published at the same moment
    """
    loaded = load(bundle, on=at.date())
    slug = tenancy.controller_by_id(id=controller).slug
    if loaded.policy.controller.slug != slug:
        message = (
            f"the bundle is for {loaded.policy.controller.slug!r}, not for {slug!r}: correct controller.slug or --controller"
        )
        raise WrongController(message)
    form = canonical_form(loaded.policy, loaded.texts)
    with _publishing(controller):
        newest = models.PolicyVersion.objects.order_by("-number").first()
        if newest is None or newest.digest != digest_of(form):
            _give_codes(controller, sorted(loaded.policy.purposes))
            _add(controller, form.decode(), origin="published", by=by, at=at)
            audit.write(
                Did.POLICY_PUBLISHED,
                controller=controller,
                by=by,
                at=at,
                on=_number(newest),
                detail={"digest": digest_of(form)},
            )
    _seen.pop(controller, None)
    return current(controller=controller)


def rollback(*, controller: int, to: int, by: Actor, at: datetime) -> Compiled:
    """
    Put an earlier version in force again, as a new version.

    :raises UnknownVersion: if there is no version ``to``
    :raises InvalidPolicy: if it would not pass today's checks
    :raises PublishedMeanwhile: if somebody else published at the same moment
    """
    with _publishing(controller):
        newest = models.PolicyVersion.objects.order_by("-number").first()
        old = models.PolicyVersion.objects.filter(number=to).first()
        if newest is None or old is None:
            message = f"controller {controller} has no version {to}: `assent policy versions` lists them"
            raise UnknownVersion(message)
        if findings := recheck(read_form(old.form)[0], name=f"version {to}", on=at.date()):
            raise InvalidPolicy(findings)
        if old.digest != newest.digest:
            _add(controller, old.form, origin=f"rollback to {to}", by=by, at=at)
            detail: dict[str, str | int | bool] = {"digest": old.digest, "to": to}
            audit.write(Did.POLICY_ROLLED_BACK, controller=controller, by=by, at=at, on=_number(newest), detail=detail)
    _seen.pop(controller, None)
    return current(controller=controller)


def versions(*, controller: int) -> list[VersionInfo]:
    """Return every version, newest first."""
    with scope.controller(controller):
        rows = models.PolicyVersion.objects.order_by("-number")
        return [
            VersionInfo(row.number, row.digest, row.published_at, row.published_by, row.origin) for row in rows.defer("form")
        ]


def purpose_codes(*, controller: int) -> dict[str, int]:
    """Return the code of every purpose the controller ever had, 0 to 61."""
    with scope.controller(controller):
        return dict(models.PurposeCode.objects.order_by("code").values_list("purpose", "code"))


def text(*, controller: int, key: str, language: str, digest: str | None = None) -> str:
    """
    Return a text of the policy in force, or of the one with a digest, in a language or else in the policy's first.

    :raises NoPolicy: if none was published
    :raises UnknownVersion: if the digest is unknown
    :raises KeyError: if the policy has no such text
    """
    found = at_digest(controller=controller, digest=digest) if digest else current(controller=controller)
    return found.text(key, language)


def _read(controller: int, number: int, digest: str) -> Compiled:
    codes = purpose_codes(controller=controller)
    key = (controller, number, digest, *codes.items())
    if key not in _compiled:
        form = models.PolicyVersion.objects.values_list("form", flat=True).get(number=number)
        policy, texts = read_form(form)
        _compiled[key] = compiled(policy, texts, number=number, digest=digest, codes=codes)
        while len(_compiled) > KEPT_COMPILED:
            _compiled.popitem(last=False)
    return _compiled[key]


def _number(newest: models.PolicyVersion | None) -> str:
    return str(newest.number + 1 if newest else 1)


@contextmanager
def _publishing(controller: int) -> Iterator[None]:
    # Of two publishers who saw the same last version one meets the other's number or codes: unique constraints decide.
    try:
        with scope.controller(controller), transaction.atomic():
            yield
    except IntegrityError:
        message = "somebody else published a version this moment: look at it, then publish again"
        raise PublishedMeanwhile(message) from None


def _add(controller: int, form: str, *, origin: str, by: Actor, at: datetime) -> None:
    last = models.PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
    models.PolicyVersion.objects.create(
        controller_id=controller,
        number=last + 1,
        digest=digest_of(form.encode()),
        form=form,
        published_at=at,
        published_by=str(by),
        origin=origin,
    )


def _give_codes(controller: int, purposes: list[str]) -> None:
    known = purpose_codes(controller=controller)
    new = [purpose for purpose in purposes if purpose not in known]
    if len(known) + len(new) > MAX_PURPOSES:
        message = (
            f"the controller has used {len(known)} of {MAX_PURPOSES} purpose codes and needs {len(new)} more: "
            "a code is never given twice, so reuse a purpose's key instead of renaming it"
        )
        raise TooManyPurposes(message)
    rows = [models.PurposeCode(controller_id=controller, purpose=key, code=at) for at, key in enumerate(new, start=len(known))]
    models.PurposeCode.objects.bulk_create(rows)
