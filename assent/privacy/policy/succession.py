"""
What a policy owes to the one it follows. Pure: the day comes from the caller.

People are told before their data serve a new purpose (GDPR arts. 13(3), 14(4)), and a basis is not swapped without a reason
on record (art. 5(2)).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from assent.privacy.policy.codes import Code
from assent.privacy.policy.contracts import Policy, Purpose, Span
from assent.privacy.policy.faults import Fault, Path

__all__ = ["faults", "told_by"]


def faults(before: Policy, now: Policy, *, on: date) -> Iterator[Fault]:
    """
    Name what stands between a policy and being published after another.

    :param on: the day of publication, where the controller is
    """
    held = {item for purpose in before.purposes.values() for item in purpose.data}
    for key, purpose in now.purposes.items():
        path: Path = ("purposes", key)
        was = before.purposes.get(key)
        if was is None:
            yield from _new(path, purpose, held=held, earliest=told_by(now, on=on))
        else:
            yield from _not_yet_begun(path, was, purpose, on=on)
            yield from _basis(path, was, purpose)


def told_by(policy: Policy, *, on: date) -> date:
    """Return the first day on which people who are told on ``on`` have been told for long enough."""
    notice = Span.read(policy.rights.deadlines.notice_before_change)
    return notice.after(datetime.combine(on, time(), UTC)).date()


def _new(path: Path, purpose: Purpose, *, held: set[str], earliest: date) -> Iterator[Fault]:
    reused = sorted(set(purpose.data) & held)
    if not reused or purpose.told_at_collection is not None:
        return
    if purpose.starts_on is None:
        message = f"is new and would use data already held ({', '.join(reused)}) before anybody was told"
        cure = f"write `starts_on: {earliest}` or later, or say in `told_at_collection` why each person is told first anyway"
        yield Fault(path, message, cure, Code.NEW_PURPOSE, "gdpr:13(3)")
    elif purpose.starts_on < earliest:
        message = f"starts on {purpose.starts_on}, before people have been told for long enough"
        cure = f"write {earliest} or later (rights.deadlines.notice_before_change)"
        yield Fault((*path, "starts_on"), message, cure, Code.NEW_PURPOSE, "gdpr:13(3)")


def _not_yet_begun(path: Path, was: Purpose, purpose: Purpose, *, on: date) -> Iterator[Fault]:
    """Hold a purpose that people were told of to the day they were told."""
    promised = was.starts_on
    if promised is None or promised <= on or purpose.told_at_collection is not None:
        return
    if purpose.starts_on is None or purpose.starts_on < promised:
        message = f"people were told that this starts on {promised}"
        where = path if purpose.starts_on is None else (*path, "starts_on")
        yield Fault(where, message, f"write `starts_on: {promised}` or later", Code.NEW_PURPOSE, "gdpr:13(3)")


def _basis(path: Path, was: Purpose, purpose: Purpose) -> Iterator[Fault]:
    if was.basis is purpose.basis:
        return
    change = purpose.basis_changed
    if change is None or change.was is not was.basis:
        message = f"the basis was {was.basis} and is now {purpose.basis}, without a reason on record"
        cure = f"add `basis_changed` with `was: {was.basis}`, the day and the reason, or keep the basis"
        yield Fault((*path, "basis"), message, cure, Code.BASIS_SWAPPED, "gdpr:5(2)")
