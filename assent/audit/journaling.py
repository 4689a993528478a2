"""
The journal: what a restore must not undo, in a file outside the databases, copied out to a second place at once.

A withdrawal is written here in the transaction that records it, an erasure and a hand-over before they take effect. A copy
of the data knows nothing of what came after it; this file does.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import IO

from django.conf import settings

from assent.audit import book
from assent.audit.contracts import JournalKind, JournalMark
from assent.foundation.clock import millis

__all__ = ["journal", "journal_copied", "journal_file", "journal_fits", "journal_lines", "journal_mark", "send_journal_out"]

log = logging.getLogger(__name__)

# A line may stand in the journal a moment before its transaction is seen by others. A restore begins this much earlier; to
# do again what the copy knows already changes nothing.
MARGIN = timedelta(hours=1)
MARGIN_LINES = 1_000  # and no fewer than these, should a clock have been wrong


def journal_file() -> Path:
    """Return the journal's place."""
    return book.journal_file()


def journal(
    kind: JournalKind,
    *,
    controller: int,
    subjects: Sequence[int],
    at: datetime,
    detail: Mapping[str, str | int | bool] | None = None,
) -> None:
    """
    Add to the journal outside the databases and return when it is on disk. Called before the effect leaves the house.

    The second place is written at once, too; should it be out of reach, nobody's withdrawal waits for it: it is caught up
    by :func:`send_journal_out`.
    """
    book.append(
        book.journal_file(),
        {
            "kind": kind.value,
            "controller": controller,
            # Text, since canonical JSON has no integers beyond 53 bits (RFC 8785, 3.2.2.3).
            "subjects": [str(subject) for subject in subjects],
            "at_ms": millis(at),
            "detail": dict(detail or {}),
        },
    )
    try:
        send_journal_out()
    except OSError:
        log.exception("the journal's second place can't be written; it is caught up when it can")


def send_journal_out() -> bool:
    """
    Bring the second place (``ASSENT_JOURNAL_COPY``) level with the journal, on disk; False if there is none to be brought.

    :raises OSError: if it can't be written, or holds something else than the beginning of this journal
    """
    copy, path = _second_place(), book.journal_file()
    if copy is None or not path.exists():
        return False
    copy.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(copy, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        there = os.fstat(handle).st_size
        with path.open("rb") as file:
            if there > path.stat().st_size or _end(handle, there) != _read_before(file, there):
                message = f"{copy} is not the beginning of {path}: it is another house's, or this one was replaced"
                raise OSError(message)
            file.seek(there)
            while data := file.read(1 << 20):
                while data:
                    data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def journal_copied() -> tuple[int, int] | None:
    """Return how many bytes of the journal lie in the second place, and how many there are; None without a second place."""
    copy, path = _second_place(), book.journal_file()
    if copy is None:
        return None
    return (copy.stat().st_size if copy.exists() else 0), (path.stat().st_size if path.exists() else 0)


def _second_place() -> Path | None:
    return Path(settings.ASSENT_JOURNAL_COPY) / "journal.jsonl" if settings.ASSENT_JOURNAL_COPY else None


COMPARED = 4_096  # of the end of what is there: as much as tells one journal from another


def _end(handle: int, size: int) -> bytes:
    start = max(0, size - COMPARED)
    return os.pread(handle, size - start, start)


def _read_before(file: IO[bytes], size: int) -> bytes:
    start = max(0, size - COMPARED)
    file.seek(start)
    return file.read(size - start)


def journal_lines(*, after: int = 0, path: Path | None = None) -> Iterator[Mapping[str, object]]:
    """Return the journal's lines from a byte on (from its start, if none is named), for a restore."""
    return book.lines(path or book.journal_file(), after)


def journal_mark(*, at: datetime) -> JournalMark:
    """Return how far the journal has come, and from where a copy of the data made now would have to be caught up."""
    path, places, whole = book.journal_file(), [], sha256()
    upto, since = 0, millis(at - MARGIN)
    early: int | None = None  # where the first line within the margin begins
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if early is None and _written_ms(line) >= since:
                    early = upto
                places.append(upto)
                upto += len(line)
                whole.update(line)
    few = places[-MARGIN_LINES] if len(places) >= MARGIN_LINES else 0
    return JournalMark(start=min(upto if early is None else early, few), upto=upto, digest=whole.hexdigest())


def _written_ms(line: bytes) -> int:
    try:
        return int(json.loads(line)["at_ms"])
    except (ValueError, KeyError, TypeError):
        return 0


def journal_fits(mark: JournalMark, *, path: Path | None = None) -> bool:
    """Return whether a journal is the one that a mark was taken of, grown or not: its beginning is the same to the byte."""
    path, left, whole = path or book.journal_file(), mark.upto, sha256()
    if not path.exists():
        return mark.upto == 0
    with path.open("rb") as file:
        while left and (data := file.read(min(left, 1 << 20))):
            whole.update(data)
            left -= len(data)
    return left == 0 and whole.hexdigest() == mark.digest
