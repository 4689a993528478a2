"""What one policy says that another does not, leaf by leaf."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assent.privacy.policy.contracts import Local, Model, Policy

__all__ = ["Difference", "differences"]


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One place where two policies differ.

    :param path: field names and keys from the policy down
    :param before: what stood there, None if nothing did
    :param after: what stands there now, None if nothing does
    """

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def gained(self) -> tuple[Any, ...]:
        """What a list has now and had not."""
        return tuple(each for each in self.after or () if each not in (self.before or ()))

    @property
    def lost(self) -> tuple[Any, ...]:
        """What a list had and has no more."""
        return tuple(each for each in self.before or () if each not in (self.after or ()))


def differences(old: Policy, new: Policy) -> Iterator[Difference]:
    """
    Yield every difference in the order of the newer policy.

    What is declared under a key of its own (a purpose, a recipient, a cookie) and is wholly new or gone is one difference;
    inside what both have each leaf is one. A text in several languages is a leaf, and so is a list of words.
    """
    yield from _models(old, new, (), whole=True)


def _models(old: Model | None, new: Model | None, path: tuple[str, ...], *, whole: bool) -> Iterator[Difference]:
    either = new or old
    if either is not None:
        for field in type(either).model_fields:
            yield from _values(getattr(old, field, None), getattr(new, field, None), (*path, field), whole=whole)


def _values(old: Any, new: Any, path: tuple[str, ...], *, whole: bool) -> Iterator[Difference]:
    if old == new:
        return
    either = old if new is None else new
    if isinstance(either, Mapping):
        old, new = old or {}, new or {}
        for key in [*new, *(key for key in old if key not in new)]:
            before, after = old.get(key), new.get(key)
            if before is None or after is None:
                there = before if after is None else after
                # Only the large parts are told in one sentence; smaller ones are spelt out.
                if whole or not isinstance(there, Model) or isinstance(there, Local):
                    yield Difference((*path, str(key)), before, after)
                    continue
            yield from _values(before, after, (*path, str(key)), whole=False)
    elif isinstance(either, Model):
        yield from _models(old, new, path, whole=False)
    elif isinstance(either, tuple) and any(isinstance(each, Model) for each in (*(old or ()), *(new or ()))):
        pairs = max(len(old or ()), len(new or ()))
        for at in range(pairs):
            before, after = (each[at] if each and at < len(each) else None for each in (old, new))
            yield from _values(before, after, (*path, str(at + 1)), whole=False)
    else:
        yield Difference(path, old, new)
