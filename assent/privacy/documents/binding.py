"""The words parties are bound by: an agreement's documents in all languages as one canonical text, and back."""

import json
from collections.abc import Sequence

from assent.foundation import canonical
from assent.privacy.documents.contracts import Document, Kind
from assent.privacy.documents.forms import read, write
from assent.tenancy.contracts import AgreementKind

__all__ = ["KIND_OF", "bound", "unbound"]

KIND_OF = {AgreementKind.PROCESSING: Kind.PROCESSING_AGREEMENT, AgreementKind.JOINT: Kind.JOINT_ARRANGEMENT}


def bound(documents: Sequence[Document]) -> str:
    """Return documents as one text that says the same whenever they do (RFC 8785)."""
    return canonical.dumps([json.loads(write(document)) for document in documents]).decode()


def unbound(text: str) -> tuple[Document, ...]:
    """
    Return the documents of a text.

    :raises ValueError: if it was written by another version of the software
    """
    said = json.loads(text)
    return tuple(read(json.dumps(form)) for form in said)
