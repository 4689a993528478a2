"""Published versions as they are read: the one in force, and each before it."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress

from django.db import connection

from assent.foundation import scope
from assent.privacy.policy import models
from assent.privacy.policy.contracts import AskedAgain, Compiled, NoPolicy, Policy, UnknownVersion, VersionInfo
from assent.privacy.policy.digests import canonical_form, compiled, digest_of, read_form
from assent.tenancy import api as tenancy

__all__ = [
    "asked_again",
    "at_digest",
    "at_number",
    "current",
    "draft",
    "forget",
    "in_force",
    "purpose_codes",
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


def in_force() -> list[tuple[int, Compiled]]:
    """Return every controller that has published a policy, with the one in force: those for whom there is work to do."""
    found = []
    for info in tenancy.controllers():
        with suppress(NoPolicy):
            found.append((info.id, current(controller=info.id)))
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


def at_number(*, controller: int, number: int) -> Compiled:
    """
    Return a version by its number.

    :raises UnknownVersion: if the controller never published it
    """
    with scope.controller(controller):
        digest = models.PolicyVersion.objects.filter(number=number).values_list("digest", flat=True).first()
        if digest is None:
            message = f"controller {controller} has no version {number}: `assent policy versions` lists them"
            raise UnknownVersion(message)
        return _read(controller, number, digest)


def draft(*, policy: Policy, texts: Mapping[tuple[str, str], str]) -> Compiled:
    """Return a policy that was never published, with its digests; its number is 0, its codes are nobody's."""
    codes = {key: code for code, key in enumerate(sorted(policy.purposes))}
    return compiled(policy, texts, number=0, digest=digest_of(canonical_form(policy, texts)), codes=codes)


def versions(*, controller: int) -> list[VersionInfo]:
    """Return every version, newest first."""
    with scope.controller(controller):
        rows = models.PolicyVersion.objects.order_by("-number")
        return [
            VersionInfo(row.number, row.digest, row.published_at, row.published_by, row.origin) for row in rows.defer("form")
        ]


def asked_again(*, controller: int, number: int) -> list[AskedAgain]:
    """Return whose consents a version asks for again, and why, by purpose."""
    with scope.controller(controller):
        rows = models.Outdated.objects.filter(version=number).order_by("purpose")
        return [AskedAgain(row.purpose, tuple(row.versions), tuple(row.because)) for row in rows]


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


def forget(*, controller: int, number: int = 0) -> None:
    """Drop what is remembered of the version in force, and of one that is only just being published."""
    _seen.pop(controller, None)
    for key in [key for key in _compiled if key[:2] == (controller, number)]:
        del _compiled[key]


def _read(controller: int, number: int, digest: str) -> Compiled:
    codes = purpose_codes(controller=controller)
    key = (controller, number, digest, *codes.items())
    if key not in _compiled:
        form = models.PolicyVersion.objects.values_list("form", flat=True).get(number=number)
        policy, texts = read_form(form)
        rows = models.Outdated.objects.filter(version=number).values_list("purpose", "versions")
        outdated = {purpose: frozenset(map(int, given_under)) for purpose, given_under in rows}
        _compiled[key] = compiled(policy, texts, number=number, digest=digest, codes=codes, outdated=outdated)
        while len(_compiled) > KEPT_COMPILED:
            _compiled.popitem(last=False)
    return _compiled[key]
