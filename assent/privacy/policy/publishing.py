"""Putting a policy in force: from a bundle, from a draft, or an earlier version again. All take one path."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.policy import changes, models, published, succession
from assent.privacy.policy.changes import Reworded
from assent.privacy.policy.contracts import (
    MAX_PURPOSES,
    Compiled,
    Finding,
    FourEyes,
    InvalidPolicy,
    NoPolicy,
    PublishedMeanwhile,
    Reason,
    TooManyPurposes,
    WrongController,
)
from assent.privacy.policy.digests import canonical_form, digest_of
from assent.privacy.policy.load import LoadedBundle, load, located, recheck
from assent.privacy.policy.ports import publication_hooks
from assent.privacy.policy.reading import Place, Sheet
from assent.tenancy import api as tenancy

__all__ = [
    "Consequences",
    "again",
    "consequences",
    "four_eyes",
    "newest_version",
    "publish",
    "put_in_force",
    "require_four_eyes",
    "rollback", "rollback_findings",
    "succession_findings",
    "today",
]  # fmt: skip

MEANWHILE = "somebody else published a version this moment: look at it, then publish again"


@dataclass(frozen=True, slots=True)
class Consequences:
    """
    What putting a statement in force would do to consents, told before and after.

    :param outdated: purpose → version under which consents were given that would no longer cover it → what became more
    :param reworded: words on which consents rest that differ from the version in force, marked or not
    """

    outdated: Mapping[str, Mapping[int, tuple[Reason, ...]]]
    reworded: tuple[Reworded, ...] = ()

    def versions(self, purpose: str) -> frozenset[int]:
        """Return under which versions consents to a purpose would no longer count."""
        return frozenset(self.outdated.get(purpose, {}))


def publish(*, controller: int, bundle: Path, by: Actor, at: datetime, same_meaning: Collection[str] = ()) -> Compiled:
    """
    Put a bundle in force as a new version, or return the one in force if the bundle says the same.

    :param same_meaning: paths of changed words (``purposes.news.description``) that mean what they meant, so that nobody
        is asked again because of them
    :raises InvalidPolicy: if the bundle has errors, or does not follow on from the version in force
    :raises WrongController: if the bundle was written for another controller
    :raises TooManyPurposes: if the controller would need a 63rd purpose code
    :raises PublishedMeanwhile: if somebody else published at the same moment
    :raises FourEyes: if the controller asks for a second pair of eyes: then it takes a draft
    """
    if four_eyes(controller=controller):
        message = "this controller publishes with four eyes: start a draft from the bundle, and let a colleague publish it"
        raise FourEyes(message)
    loaded = load(bundle, on=today(controller, at))
    return put_in_force(controller=controller, loaded=loaded, same_meaning=same_meaning, by=by, at=at)


def rollback(*, controller: int, to: int, by: Actor, at: datetime) -> Compiled:
    """
    Put an earlier version in force again, as a new version.

    Consents given in its very terms count again; others are held against it like against any other version.

    :raises UnknownVersion: if there is no version ``to``
    :raises InvalidPolicy: if it would not pass today's checks, or does not follow on from the version in force
    :raises PublishedMeanwhile: if somebody else published at the same moment
    :raises FourEyes: if the controller asks for a second pair of eyes: then it takes a draft
    """
    if four_eyes(controller=controller):
        message = f"this controller publishes with four eyes: open version {to} as a draft, and let a colleague publish it"
        raise FourEyes(message)
    if findings := rollback_findings(controller=controller, to=to, at=at):
        raise InvalidPolicy(findings)
    old = again(controller=controller, number=to)
    return put_in_force(
        controller=controller,
        loaded=old,
        by=by,
        at=at,
        did=Did.POLICY_ROLLED_BACK,
        origin=f"rollback to {to}",
        detail={"to": to},
    )


def rollback_findings(*, controller: int, to: int, at: datetime) -> list[Finding]:
    """
    Return what stands between an earlier version and being put in force again.

    :raises UnknownVersion: if there is no version ``to``
    """
    old = again(controller=controller, number=to)
    found = recheck(old.policy, old.texts, name=f"version {to}", on=today(controller, at))
    return found + succession_findings(controller=controller, loaded=old, at=at)


def again(*, controller: int, number: int) -> LoadedBundle:
    """
    Return an earlier version as something that could be put in force.

    :raises UnknownVersion: if there is none with this number
    """
    old = published.at_number(controller=controller, number=number)
    return LoadedBundle(old.policy, old.texts, sheet=Sheet({}, {(): Place(f"version {number}", 1)}))


def put_in_force(
    *,
    controller: int,
    loaded: LoadedBundle,
    by: Actor,
    at: datetime,
    same_meaning: Collection[str] = (),
    did: Did = Did.POLICY_PUBLISHED,
    origin: str = "published",
    detail: Mapping[str, str | int | bool] | None = None,
    within: Callable[[], None] | None = None,
) -> Compiled:
    """
    Publish what was read and checked, wherever it came from; see :func:`publish`.

    :param detail: what else the book should say of it
    :param within: what else belongs to the same transaction
    """
    slug = tenancy.controller_by_id(id=controller).slug
    if loaded.policy.controller.slug != slug:
        message = (
            f"the bundle is for {loaded.policy.controller.slug!r}, not for {slug!r}: correct controller.slug or --controller"
        )
        raise WrongController(message)
    form = canonical_form(loaded.policy, loaded.texts)
    newest, digest = newest_version(controller)
    if digest != digest_of(form):
        if findings := succession_findings(controller=controller, loaded=loaded, at=at):
            raise InvalidPolicy(findings)
        # Held against every earlier version: too long a work for a transaction that others wait for.
        found = consequences(controller=controller, loaded=loaded, same_meaning=same_meaning)
        with _publishing(controller):
            if newest_version(controller)[0] != newest:
                raise PublishedMeanwhile(MEANWHILE)
            _give_codes(controller, sorted(loaded.policy.purposes))
            version = _write(controller, newest + 1, form, origin=origin, by=by, at=at)
            _leave_behind(version, found, same_meaning)
            told: dict[str, str | int | bool] = {"digest": version.digest, **(detail or {})}
            if found.outdated:
                told["ask_again"] = ",".join(sorted(found.outdated))
            audit.write(did, controller=controller, by=by, at=at, on=str(version.number), detail=told)
            if within:
                within()
            # Here and not after: a version whose documents could not be kept is not in force.
            for hook in publication_hooks():
                hook(controller=controller, number=version.number, by=by, at=at)
    published.forget(controller=controller)
    return published.current(controller=controller)


def consequences(*, controller: int, loaded: LoadedBundle, same_meaning: Collection[str] = ()) -> Consequences:
    """
    Return what putting a statement in force now would do to consents, without doing it.

    :param same_meaning: paths of changed words that mean what they meant
    """
    with scope.controller(controller):
        numbers = list(models.PolicyVersion.objects.order_by("number").values_list("number", flat=True))
        pairs = list(models.SameMeaning.objects.order_by("version", "id").values_list("before", "after"))
    history = [(number, published.at_number(controller=controller, number=number)) for number in numbers]
    reworded = changes.reworded(history[-1][1], loaded) if history else []
    pairs += [pair for one in reworded if one.path in same_meaning for pair in one.pairs]
    same = changes.same_words(pairs)
    return Consequences(changes.outdated(history, loaded, same=same), tuple(reworded))


def succession_findings(*, controller: int, loaded: LoadedBundle, at: datetime) -> list[Finding]:
    """Return what stands between a statement and following on from the one in force."""
    try:
        before = published.current(controller=controller).policy
    except NoPolicy:
        return []
    return list(located(loaded.sheet, list(succession.faults(before, loaded.policy, on=today(controller, at)))))


def four_eyes(*, controller: int) -> bool:
    """Say whether the controller publishes with four eyes: whoever publishes must not be who edited last."""
    with scope.controller(controller):
        return models.Publication.objects.filter(four_eyes=True).exists()


def require_four_eyes(*, controller: int, on: bool, by: Actor, at: datetime) -> None:
    """Ask for a second pair of eyes at each publication, or no longer."""
    with scope.controller(controller), transaction.atomic():
        models.Publication.objects.update_or_create(controller_id=controller, defaults={"four_eyes": on})
        audit.write(Did.POLICY_FOUR_EYES, controller=controller, by=by, at=at, detail={"on": on})


def today(controller: int, at: datetime) -> date:
    """Return the day where the controller is."""
    return at.astimezone(ZoneInfo(tenancy.controller_by_id(id=controller).time_zone)).date()


@contextmanager
def _publishing(controller: int) -> Iterator[None]:
    # Of two publishers who saw the same last version one meets the other's number or codes: unique constraints decide.
    try:
        with scope.controller(controller), transaction.atomic():
            yield
    except IntegrityError:
        raise PublishedMeanwhile(MEANWHILE) from None


def newest_version(controller: int) -> tuple[int, str]:
    """Return number and digest of the version in force; 0 and nothing before the first."""
    with scope.controller(controller):
        rows = models.PolicyVersion.objects.order_by("-number").values_list("number", "digest")
        return rows.first() or (0, "")


def _write(controller: int, number: int, form: bytes, *, origin: str, by: Actor, at: datetime) -> models.PolicyVersion:
    row: models.PolicyVersion = models.PolicyVersion.objects.create(
        controller_id=controller,
        number=number,
        digest=digest_of(form),
        form=form.decode(),
        published_at=at,
        published_by=str(by),
        origin=origin,
    )
    published.forget(controller=controller, number=number)
    return row


def _leave_behind(version: models.PolicyVersion, found: Consequences, same_meaning: Collection[str]) -> None:
    """Write down which consents a version leaves behind, and what an officer said of words."""
    at = {"controller_id": version.controller_id, "version": version.number}
    models.SameMeaning.objects.bulk_create(
        models.SameMeaning(**at, path=one.path, before=before, after=after, by=version.published_by)
        for one in found.reworded
        if one.path in same_meaning
        for before, after in one.pairs
    )
    models.Outdated.objects.bulk_create(
        models.Outdated(
            **at,
            purpose=purpose,
            versions=sorted(versions),
            because=sorted({str(reason) for reasons in versions.values() for reason in reasons}),
        )
        for purpose, versions in found.outdated.items()
    )


def _give_codes(controller: int, purposes: list[str]) -> None:
    known = published.purpose_codes(controller=controller)
    new = [purpose for purpose in purposes if purpose not in known]
    if len(known) + len(new) > MAX_PURPOSES:
        message = (
            f"the controller has used {len(known)} of {MAX_PURPOSES} purpose codes and needs {len(new)} more: "
            "a code is never given twice, so reuse a purpose's key instead of renaming it"
        )
        raise TooManyPurposes(message)
    rows = [models.PurposeCode(controller_id=controller, purpose=key, code=at) for at, key in enumerate(new, start=len(known))]
    models.PurposeCode.objects.bulk_create(rows)
