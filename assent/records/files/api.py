"""Files: kept sealed under the key of the person they are about, so that without the key they are noise."""

__all__ = ["count", "erase", "get", "listing", "narrow", "on_merge", "put"]

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.foundation.among import among
from assent.foundation.ids import token
from assent.foundation.personal import Keep
from assent.privacy.policy import api as policies
from assent.privacy.subjects import api as subjects
from assent.records.files import models
from assent.records.files.contracts import LARGEST, FileMeta, FileTooLarge, StoredFile, UnknownFile

SYSTEM = Actor.system("files")


def put(*, controller: int, subject: int, kind: str, name: str, data: bytes, at: datetime, by: Actor = SYSTEM) -> int:
    """
    Keep a file about a person and return its id.

    :param kind: what sort of file, as ``listing`` asks for it: ``cv``, ``photo``
    :raises FileTooLarge: beyond ``LARGEST`` bytes
    """
    if len(data) > LARGEST:
        raise FileTooLarge(f"the file has {len(data)} bytes, more than {LARGEST}: send a smaller one")
    mark = token()
    sealed_name, sealed = subjects.seal_many(
        controller=controller, items=[(subject, _name_label(mark), name.encode()), (subject, _data_label(mark), data)]
    )
    # The file first: a row without its file would be a promise; a file without its row goes with the person's folder.
    _storage().save(_path(controller, subject, mark), ContentFile(sealed))
    with scope.controller(controller), transaction.atomic():
        row = models.File.objects.create(
            controller_id=controller, subject_id=subject, kind=kind, name=sealed_name, size=len(data), token=mark, stored_at=at
        )
        audit.write(Did.FILE_KEPT, controller=controller, by=by, at=at, about=subject, on=str(row.pk), detail={"kind": kind})
    return int(row.pk)


def get(*, controller: int, file: int, by: Actor | None = None, at: datetime | None = None) -> StoredFile:
    """
    Open a file.

    :param by: who reads it, for the book (with ``at``)
    :raises UnknownFile: if there is none, or its key is gone
    """
    with scope.controller(controller):
        row = models.File.objects.filter(id=file).first()
        if row is None:
            raise UnknownFile(f"controller {controller} has no file {file}")
        if by is not None and at is not None:
            audit.write(Did.FILE_READ, controller=controller, by=by, at=at, about=row.subject_id, on=str(file))
    try:
        with _storage().open(_path(controller, row.subject_id, row.token)) as opened:
            sealed = opened.read()
    except FileNotFoundError as error:
        raise UnknownFile(f"the bytes of file {file} are gone") from error
    items = [(row.subject_id, _data_label(row.token), sealed)]
    data = subjects.open_many(controller=controller, items=items)[0]
    metas = _metas(controller, [row])
    if data is None or not metas:
        raise UnknownFile(f"the key of file {file} is destroyed")
    return StoredFile(metas[0], data)


def listing(
    *, controller: int, kind: str | None = None, subject: int | None = None, limit: int = 50, before: int | None = None
) -> list[FileMeta]:
    """Return files, newest first, of a kind or of a person; ``before`` is the last id of the page before."""
    with scope.controller(controller):
        rows = models.File.objects.order_by("-id")
        if kind is not None:
            rows = rows.filter(kind=kind)
        if subject is not None:
            rows = rows.filter(subject_id=subject)
        if before is not None:
            rows = rows.filter(id__lt=before)
        return _metas(controller, rows[:limit])


def count(*, controller: int, subject: int) -> int:
    """Return how many files there are about a person."""
    with scope.controller(controller):
        return models.File.objects.filter(subject_id=subject).count()


def erase(*, controller: int, subjects: Sequence[int]) -> int:
    """Delete all files about these people, also those a crash left without a row; return how many rows went."""
    storage, went = _storage(), 0
    with scope.controller(controller):
        for subject in subjects:
            folder = f"{controller}/{subject}"
            if storage.exists(folder):
                for name in storage.listdir(folder)[1]:
                    storage.delete(f"{folder}/{name}")
                storage.delete(folder)
            went += models.File.objects.filter(subject_id=subject).delete()[0]
    return went


def of_purposes(*, controller: int, purposes: Sequence[str], subjects: Sequence[int]) -> list[FileMeta]:
    """Return the files about some people whose kind is a data item that one of the purposes names."""
    found = policies.current(controller=controller).policy
    items = {item for key in purposes for item in found.purposes[key].data}
    with scope.controller(controller):
        some = among(models.File.objects.filter(kind__in=sorted(items)), "subject_id", subjects)
        return _metas(controller, sorted(some, key=lambda row: int(row.pk)))


def narrow(*, controller: int, keep: Keep, remove: bool) -> tuple[int, int]:
    """
    Delete the files whose kind is a data item that no live purpose names; return files and people it is about.

    A file of another kind stays as long as the person does.
    """
    found = policies.current(controller=controller)
    items = {
        live: {
            item for key, purpose in found.policy.purposes.items() if live >> found.purpose_codes[key] & 1
            for item in purpose.data
        }
        for live in set(keep.purposes.values())
    }  # fmt: skip
    with scope.controller(controller):
        some = among(models.File.objects.filter(kind__in=list(found.policy.data)), "subject_id", keep.purposes)
        over = [row for row in some if row.kind not in items[keep.purposes[row.subject_id]]]
        for row in over if remove else ():
            # The bytes first: a row without its file can be deleted again, a file without its row is found by nobody.
            _storage().delete(_path(controller, row.subject_id, row.token))
            row.delete()
    return len(over), len({row.subject_id for row in over})


def on_merge(*, controller: int, into: int, other: int, **_: object) -> None:
    """Seal one person's files anew for another: the two turned out to be one. After a crash, it goes on where it was."""
    storage = _storage()
    with scope.controller(controller):
        for row in models.File.objects.filter(subject_id=other):
            old = _path(controller, other, row.token)
            with storage.open(old) as opened:
                labels = (_name_label(row.token), _data_label(row.token))
                sealed = [(other, label, blob) for label, blob in zip(labels, (bytes(row.name), opened.read()), strict=True)]
            name, data = subjects.open_many(controller=controller, items=sealed)
            if name is None or data is None:
                # Its key is destroyed, as on a copy from before a merge that is done again: it opens for nobody, ever.
                row.delete()
                storage.delete(old)
                continue
            mark = token()
            anew = [(into, _name_label(mark), name), (into, _data_label(mark), data)]
            row.name, blob = subjects.seal_many(controller=controller, items=anew)
            storage.save(_path(controller, into, mark), ContentFile(blob))
            row.subject_id, row.token = into, mark
            row.save(update_fields=["name", "subject", "token"])
            storage.delete(old)


def _metas(controller: int, rows: Iterable[models.File]) -> list[FileMeta]:
    found = list(rows)
    items = [(row.subject_id, _name_label(row.token), bytes(row.name)) for row in found]
    names = subjects.open_many(controller=controller, items=items)
    return [
        FileMeta(int(row.pk), row.subject_id, row.kind, name.decode(), row.size, row.stored_at)
        for row, name in zip(found, names, strict=True)
        if name is not None
    ]


def _storage() -> Storage:
    """Return the storage settings name ``files`` (an S3-compatible one, say), else the folder beside the databases."""
    if "files" in settings.STORAGES:
        return storages["files"]
    return FileSystemStorage(location=Path(settings.ASSENT_VAR) / "files", file_permissions_mode=0o600)


def _path(controller: int, subject: int, mark: str) -> str:
    return f"{controller}/{subject}/{mark}"


# A ciphertext opens only as what it was sealed as: not as another file's, nor a name as a file.
def _name_label(mark: str) -> str:
    return f"file/{mark}/name"


def _data_label(mark: str) -> str:
    return f"file/{mark}/data"
