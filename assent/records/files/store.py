"""Answers for files when a person asks, or when their time is up."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assent.foundation.personal import Erased, Held, Keep, Page, Surplus
from assent.records.files import api

__all__ = ["FileStore"]

ALL = 100_000


class FileStore:
    """Files about people. Each is opened for an export one at a time."""

    name = "files"

    def inventory(self, *, controller: int, subject: int) -> Iterable[Held]:
        """Count the files."""
        return [Held(self.name, "file", api.count(controller=controller, subject=subject))]

    def export(self, *, controller: int, subject: int) -> Iterator[Page]:
        """Hand over each file, its bytes in base64."""
        for meta in api.listing(controller=controller, subject=subject, limit=ALL):
            data = api.get(controller=controller, file=meta.id).data
            row = {"name": meta.name, "kind": meta.kind, "stored_at": meta.stored_at.isoformat(), "bytes": meta.size}
            row["content_base64"] = base64.b64encode(data).decode()
            yield Page(f"files/{meta.id}.json", meta.name, [row])

    def rectify(self, *, controller: int, subject: int, changes: dict[str, Any], by: Any, at: Any) -> int:
        """Nothing to correct: a new file is put in the place of a wrong one by whoever asked for it."""
        return 0

    def restrict(self, *, controller: int, subject: int, on: bool, by: Any, at: Any) -> int:
        """Nothing to mark: every use asks the gate."""
        return 0

    def erase(self, *, controller: int, subjects: Sequence[int], by: Any, at: Any) -> Erased:
        """Delete rows and bytes."""
        return Erased(self.name, api.erase(controller=controller, subjects=subjects))

    def narrow(self, *, controller: int, keep: Keep, remove: bool, by: Any, at: Any) -> list[Surplus]:
        """Delete files of data items that no live purpose names."""
        records, people = api.narrow(controller=controller, keep=keep, remove=remove)
        return [Surplus(self.name, "file", records, people)] if records else []

    def give_back(
        self, *, controller: int, purposes: Sequence[str], subjects: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Hand over the files whose kind is a data item that one of the purposes names, their bytes in base64."""
        found = api.of_purposes(controller=controller, purposes=purposes, subjects=subjects)
        given: dict[int, list[dict[str, Any]]] = {}
        for meta in found:
            data = base64.b64encode(api.get(controller=controller, file=meta.id).data).decode()
            row = {"name": meta.name, "kind": meta.kind, "stored_at": meta.stored_at.isoformat(), "content_base64": data}
            given.setdefault(meta.subject, []).append(row)
        return given
