"""Answers for profiles when a person asks, or when their time is up."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assent.foundation.personal import Erased, Held, Keep, Page, Surplus
from assent.records.profiles import api

__all__ = ["ProfileStore"]


class ProfileStore:
    """Attributes and counters, in rows and in their mirror."""

    name = "profiles"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count the attributes."""
        found = api.get(controller=controller, subjects=[subject]).get(subject, {})
        return [Held(self.name, "attribute", len(found))]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over the attributes by name."""
        if found := api.get(controller=controller, subjects=[subject]).get(subject):
            rows = [{"attribute": name, "value": found[name]} for name in sorted(found)]
            yield Page("profile.json", "Attributes and counters", rows)

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Correct attributes that are there; counters too, if the person shows they are wrong."""
        found = api.get(controller=controller, subjects=[subject]).get(subject, {})
        corrected = {name: value for name, value in changes.items() if name in found and found[name] != value}
        if corrected:
            api.set_attributes(controller=controller, rows=[(subject, corrected)], at=at)
        return len(corrected)

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to mark: every use asks the gate."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Delete rows and mirrored rows."""
        return Erased(self.name, api.erase(controller=controller, subjects=subjects))

    def narrow(self, *, controller: int, keep: Keep, remove: bool, by: Any, at: Any) -> list[Surplus]:
        """Let people have only what their live purposes may keep."""
        records, people = api.narrow(controller=controller, keep=keep, remove=remove)
        return [Surplus(self.name, "attribute", records, people)] if records else []

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Hand over the attributes these purposes may keep."""
        found = api.kept(controller=controller, purposes=purposes, subjects=subjects)
        return {subject: [{"attribute": name, "value": has[name]} for name in sorted(has)] for subject, has in found.items()}
