"""
Logs of checkpoints that a restore ended. Private to this room.

A restored book is shorter than what was signed of it, and goes on otherwise. One log must not say both, so the old one ends
with its key: its checkpoints are kept, and every restore begins a log with a name of its own. What the restored book still has
of the old log is checked for ever; from where they part, the old log says how much was lost.
"""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from assent.audit import book
from assent.audit.contracts import EndedLog
from assent.audit.notes import log_name, read_head
from assent.foundation.clock import from_millis, millis

__all__ = ["end_log", "ended", "still_held"]


def _folder() -> Path:
    return book.checkpoint_file().parent / "ended"


def end_log(*, name: str, key: bytes, kept: int, at: datetime) -> EndedLog | None:
    """
    End the log there is, None if nothing was signed yet. Doing it again under the same name changes nothing.

    :param name: what to call its file
    :param key: the public key of its checkpoints
    :param kept: how many lines the restored book has
    """
    before = next((log for log in ended() if log.file == f"{name}.jsonl"), None)
    current = book.checkpoint_file()
    if before is None:
        if not current.exists():
            book.forget_key()
            return None
        last = [entry for entry in book.lines(current) if "note" in entry][-1:]
        size, head = read_head(str(last[0]["note"])) if last else (0, b"")
        before = EndedLog(log_name(key), key.hex(), size, kept, head.hex(), at, f"{name}.jsonl")
        book.append(_folder() / "logs.jsonl", {**{k: v for k, v in asdict(before).items() if k != "at"}, "at_ms": millis(at)})
    if current.exists() and not (_folder() / before.file).exists():
        current.replace(_folder() / before.file)
        book.forget_key()
    return before


def ended() -> list[EndedLog]:
    """Return the ended logs, oldest first, each with what the present book still has of it."""
    found = [
        EndedLog(**{k: v for k, v in line.items() if k != "at_ms"}, at=from_millis(int(str(line["at_ms"]))))  # type: ignore[arg-type]
        for line in book.lines(_folder() / "logs.jsonl")
    ]
    least = None
    for place in range(len(found) - 1, -1, -1):
        least = found[place].kept if least is None else min(least, found[place].kept)
        found[place] = replace(found[place], kept=least)
    return found


def still_held(log: EndedLog) -> Iterator[dict[str, object]]:
    """Return the checkpoints of an ended log that the present book must still agree with."""
    for entry in book.lines(_folder() / log.file):
        if int(str(entry["number"])) <= log.kept:
            yield entry
