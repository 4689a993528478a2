"""Where documents are kept for ever, as they were built when their version was published."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.foundation import scope
from assent.privacy.documents import models
from assent.privacy.documents.contracts import AlteredDocument, Document, KeptInfo, Kind
from assent.privacy.documents.forms import read, write

__all__ = ["find", "put", "titles"]


def put(*, controller: int, number: int, documents: Iterable[tuple[Document, str]], by: Actor, at: datetime) -> None:
    """
    Keep documents of a version. What is kept already stays as it is: a later template does not rewrite it.

    The book gets one digest of them all, so that it shows what was said then even to those who do not trust this table.
    """
    rows = [
        models.KeptDocument(
            controller_id=controller,
            number=number,
            kind=document.kind.value,
            solution=solution,
            language=document.language,
            digest=hashlib.sha256(form := write(document)).hexdigest(),
            form=form.decode(),
            kept_at=at,
        )
        for document, solution in documents
    ]
    with scope.controller(controller), transaction.atomic():
        before = models.KeptDocument.objects.filter(number=number).count()
        models.KeptDocument.objects.bulk_create(rows, ignore_conflicts=True)
        here = models.KeptDocument.objects.filter(number=number).order_by("kind", "solution", "language")
        digests = list(here.values_list("digest", flat=True))
        if len(digests) > before:
            together = hashlib.sha256("\n".join(digests).encode()).hexdigest()
            detail: dict[str, str | int | bool] = {"documents": len(digests), "digest": together}
            audit.write(Did.DOCUMENTS_KEPT, controller=controller, by=by, at=at, on=str(number), detail=detail)


def find(*, controller: int, number: int, kind: Kind, language: str, solution: str) -> Document | None:
    """
    Return a kept document, if there is one.

    :raises AlteredDocument: if it no longer has the digest it was kept with
    """
    with scope.controller(controller):
        found = models.KeptDocument.objects.filter(number=number, kind=kind, language=language, solution=solution)
        row = found.values_list("form", "digest").first()
    if row is None:
        return None
    form, digest = row
    if hashlib.sha256(form.encode()).hexdigest() != digest:
        message = f"{kind} of version {number} in {language!r} was altered in the database: put it back from a copy"
        raise AlteredDocument(message)
    return read(form)


def titles(*, controller: int, number: int | None = None) -> list[KeptInfo]:
    """Return what is kept, newest version first."""
    with scope.controller(controller):
        rows = models.KeptDocument.objects.order_by("-number", "kind", "solution", "language")
        if number is not None:
            rows = rows.filter(number=number)
        return [
            KeptInfo(row.number, Kind(row.kind), row.solution, row.language, row.digest, row.kept_at)
            for row in rows.defer("form")
        ]
