"""
The way back: read and check everything, then put it in place, then let what happened since happen again. Private to this room.

Until the first file is moved nothing of the house is touched. From then on a note says how far it is; with it there nothing
serves, and a restore that was killed goes on where it was. What was in place before is kept aside until the end, no longer.
"""

import errno
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did, JournalMark
from assent.backups import cut, postgres, replay as replaying, rules, shelf, stopped
from assent.backups.archive import unpack
from assent.backups.contracts import Kind, Refused, Replayed, Restored
from assent.foundation import scope
from assent.foundation.clock import from_millis
from assent.privacy.subjects import api as subjects
from assent.records.profiles import api as profiles
from assent.tenancy import api as tenancy

__all__ = ["Wanted", "restore", "resume"]

US = Actor.system("restore")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What to put back, and how.

    :param data: archive of the data
    :param keys: archive of the keys; None to keep those in place, the usual case: they know whom to forget
    :param opening: private keys that open the archives
    :param journal: the journal, where it does not lie in place: the second place's copy
    :param without_journal: go on without knowing what happened since the copy
    :param over: put it in the place of a house that holds something
    """

    data: Path
    keys: Path | None
    opening: Sequence[Any]
    journal: Path | None = None
    without_journal: bool = False
    over: bool = False


def restore(wanted: Wanted, *, at: datetime, say: Say = lambda _: None) -> Restored:
    """
    Put a copy back and replay the journal since; the house may serve when this returns.

    :raises Refused: before anything was touched: a damaged, foreign or newer archive, a house that runs or is not empty, no
        journal or another house's, no key
    """
    with stopped.at_rest(), shelf.one_at_a_time():
        if stopped.read() is not None:
            message = "a restore is under way already: `assent restore --resume` goes on with it"
            raise Refused(message)
        _refuse_without_master_key()
        if not wanted.over and _holds_something():
            message = "there is a house in this place: make a backup of it, stop it, and say --over to replace it"
            raise Refused(message)
        shutil.rmtree(stopped.folder(), ignore_errors=True)  # of a restore that was killed before it touched anything
        try:
            state = _lay_out(wanted, at, say)
        except BaseException as error:
            shutil.rmtree(stopped.folder(), ignore_errors=True)
            if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                message = "the disk is full: nothing was touched; make room in ASSENT_VAR for the archive's contents"
                raise Refused(message) from None
            raise
        stopped.note(state)
        return _go_on(state, at, say)


def resume(*, at: datetime, say: Say = lambda _: None) -> Restored:
    """
    Go on with a restore that was cut off.

    :raises Refused: if there is none, or the house runs
    """
    with stopped.at_rest(), shelf.one_at_a_time():
        state = stopped.read()
        if state is None:
            message = "no restore is under way"
            raise Refused(message)
        return _go_on(state, at, say)


def _refuse_without_master_key() -> None:
    if not settings.ASSENT_KMS and not Path(settings.ASSENT_MASTER_KEY_FILE).exists():
        message = f"the master key is not here: put its copy at {settings.ASSENT_MASTER_KEY_FILE} (mode 0600) first"
        raise Refused(message)


def _holds_something() -> bool:
    alias = cut.DATA[0]
    if settings.ASSENT_ENGINE == "sqlite" and not _file(alias).exists():
        return False
    with connections[alias].cursor() as cursor:
        there = "tenancy_controller" in connections[alias].introspection.table_names(cursor)
    found = there and bool(tenancy.controllers())
    connections.close_all()
    return found


def _file(alias: str) -> Path:
    return Path(connections[alias].settings_dict["NAME"])


def _lay_out(wanted: Wanted, at: datetime, say: Say) -> dict[str, Any]:
    """Unpack and check; return the note of what is to be done."""
    new = stopped.folder() / "new"
    new.mkdir(mode=0o700, parents=True)
    say("reading and checking the archives")
    manifests = [_open(wanted.data, Kind.DATA, new, wanted)]
    if wanted.keys is not None:
        manifests.append(_open(wanted.keys, Kind.KEYS, new, wanted))
    elif manifests[0]["counts"].get("default.subjects_subject") and not _keys_in_place():
        message = "there are no keys of people in this place: name the newest archive of keys with --keys"
        raise Refused(message)
    marks = [JournalMark(**manifest["journal"]) for manifest in manifests]
    _choose_journal(wanted, marks, new)
    for name in ("lake", "files", "arrival", "ingest"):
        (new / name).mkdir(mode=0o700, exist_ok=True)  # what the copy has none of is none
    counts = {name: count for manifest in manifests for name, count in manifest["counts"].items()}
    return {
        "id": f"restore-{at:%Y%m%dT%H%M%SZ}",
        "phase": "swap",
        "backup": manifests[0]["id"],
        "keys": manifests[1]["id"] if wanted.keys else "",
        "cut_ms": manifests[0]["cut_ms"],
        "log_key": _key_of_log(manifests[0]["book"]),
        "after": min(mark.start for mark in marks),
        "without_journal": wanted.without_journal,
        "counts": counts,
        "loaded": [],
    }


def _open(file: Path, kind: Kind, into: Path, wanted: Wanted) -> dict[str, Any]:
    manifest = unpack(file, into, opening=wanted.opening)
    if manifest["kind"] != kind:
        message = f"{file.name} is a copy of the {manifest['kind']}, not of the {kind}"
        raise Refused(message)
    if manifest["engine"] != settings.ASSENT_ENGINE:
        message = (
            f"{file.name} was made on {manifest['engine']}; this house is on {settings.ASSENT_ENGINE}: set ASSENT_DATABASE"
        )
        raise Refused(message)
    known = {".".join(name) for name in MigrationLoader(None).disk_migrations}
    ahead = sorted({name for names in manifest["schema"].values() for name in names if name.startswith(_ours())} - known)
    if ahead:
        message = f"{file.name} was made by a newer version (it has {ahead[0]}): install that version, then restore"
        raise Refused(message)
    return manifest


def _ours() -> tuple[str, ...]:
    """Return how names of migrations of installed applications begin; those of others leave with their application."""
    return tuple(f"{app}." for app in MigrationLoader(None).migrated_apps)


def _key_of_log(packed: str) -> str:
    """Return the public key of the checkpoints that will be in place: those that are, else those of the copy."""
    var = Path(settings.ASSENT_VAR)
    in_place = (var / "audit").exists() and (var / "keys" / "audit.key").exists()
    return audit.public_key().hex() if in_place else packed


def _keys_in_place() -> bool:
    alias = cut.KEYS[0]
    if settings.ASSENT_ENGINE == "sqlite" and not _file(alias).exists():
        return False
    with scope.every_controller(reason="is anybody's key here?"), connections[alias].cursor() as cursor:
        there = "subjects_controllerkey" in connections[alias].introspection.table_names(cursor)
        if there:
            cursor.execute("SELECT count(*) FROM subjects_controllerkey")
            there = bool(cursor.fetchone()[0])
    connections.close_all()
    return there


def _choose_journal(wanted: Wanted, marks: Sequence[JournalMark], new: Path) -> None:
    """Leave in the folder only a journal that goes in the place of the one there is."""
    packed, live = new / "journal", audit.journal_file()
    if wanted.journal is None and (live.exists() or wanted.over) and all(audit.journal_fits(mark) for mark in marks):
        shutil.rmtree(packed, ignore_errors=True)
        return
    if wanted.journal is not None:
        if not all(audit.journal_fits(mark, path=wanted.journal) for mark in marks):
            message = f"{wanted.journal} is not the journal of this copy's house, or ends before the copy: name the newest one"
            raise Refused(message)
        shutil.rmtree(packed, ignore_errors=True)
        packed.mkdir(mode=0o700)
        shutil.copyfile(wanted.journal, packed / "journal.jsonl")
        return
    if not wanted.without_journal:
        message = (
            "the journal since the copy is not here, so nobody knows who was erased or said no since: name its copy from the "
            "second place with --journal, or say --without-journal if it is lost"
        )
        raise Refused(message)
    packed.mkdir(mode=0o700, exist_ok=True)


def _go_on(state: dict[str, Any], at: datetime, say: Say) -> Restored:
    steps: dict[str, Callable[[dict[str, Any], datetime, Say], None]] = {
        "swap": _swap, "compare": _compare, "tables": _tables, "book": _book, "replay": _replay,
    }  # fmt: skip
    names = list(steps)
    for place in range(names.index(state["phase"]), len(names)):
        steps[names[place]](state, at, say)
        state["phase"] = names[place + 1] if place + 1 < len(names) else "done"
        if state["phase"] != "done":
            stopped.note(state)
    shutil.rmtree(stopped.folder() / "new", ignore_errors=True)
    shutil.rmtree(stopped.folder() / "before", ignore_errors=True)
    stopped.forget()
    connections.close_all()
    return Restored(
        backup=state["backup"],
        cut_at=from_millis(state["cut_ms"]),
        replayed=Replayed(**state["replayed"]),
        lost_lines=state["lost"],
        keyless=state["keyless"],
        differences=tuple(state["differences"]),
        tables=state["tables"],
        rows=state["rows"],
        people=state["counts"].get("default.subjects_subject", 0),
    )


def _swap(state: dict[str, Any], _at: datetime, say: Say) -> None:
    say("putting the copy in place")
    connections.close_all()
    new, var = stopped.folder() / "new", Path(settings.ASSENT_VAR)
    _place_hours(new, var, with_keys=bool(state["keys"]))
    for alias in _aliases(state):
        if settings.ASSENT_ENGINE == "sqlite":
            _place_file(new / "db" / f"{alias}.sqlite3", _file(alias), alias)
        elif alias not in state["loaded"]:
            postgres.load(alias, new / "db" / f"{alias}.dump")
            state["loaded"].append(alias)
            stopped.note(state)
    for name in ("lake", "files", "arrival", "ingest"):
        if (new / name).exists():
            _exchange(new / name, var / name, name)
    if (new / "journal" / "journal.jsonl").exists():
        _exchange(new / "journal" / "journal.jsonl", audit.journal_file(), "journal.jsonl")
    # Checkpoints in place are newer than those of the copy, and tell what was lost: they stay where there are any.
    if (new / "audit").exists() and not (var / "audit").exists():
        _exchange(new / "audit", var / "audit", "audit")


def _aliases(state: dict[str, Any]) -> list[str]:
    return [*cut.DATA, *(cut.KEYS if state["keys"] else ())]


def _place_hours(new: Path, var: Path, *, with_keys: bool) -> None:
    """Put the keys of the arrival log's hours beside the log that is coming: the copy's, or those in place."""
    if not (new / "arrival").exists() or (new / "arrival" / "hours").exists():
        return
    if with_keys:
        if (new / "hours").exists():
            (new / "hours").rename(new / "arrival" / "hours")
    elif (var / "arrival" / "hours").exists():
        shutil.copytree(var / "arrival" / "hours", new / "hours", dirs_exist_ok=True)
        (new / "hours").rename(new / "arrival" / "hours")


def _place_file(staged: Path, live: Path, alias: str) -> None:
    if not staged.exists():
        return
    # The log beside a database goes with it: SQLite would mend the copy with pages of the house that was.
    for ending in ("-wal", "-shm"):
        beside = live.with_name(live.name + ending)
        if beside.exists():
            _aside(beside, f"{alias}{ending}")
    _exchange(staged, live, f"{alias}.sqlite3")


def _aside(path: Path, name: str) -> None:
    before = stopped.folder() / "before" / name
    before.parent.mkdir(mode=0o700, exist_ok=True)
    if before.exists():  # cut off between the two moves, and made anew since: the first is the one that was
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        path.rename(before)


def _exchange(staged: Path, live: Path, name: str) -> None:
    """Put one thing in the place of another; done again it does nothing, since what is staged is gone then."""
    if live.exists():
        _aside(live, name)
    live.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged.rename(live)


def _compare(state: dict[str, Any], _at: datetime, say: Say) -> None:
    """Count what is in place now, before anything of it changes."""
    say("counting what came back")
    found: dict[str, int] = {}
    for alias in _aliases(state):
        if settings.ASSENT_ENGINE == "postgresql":
            found |= postgres.count_rows(alias)
        else:
            found |= cut.count_file(_file(alias), f"{alias}.sqlite3")
    names = {name.partition(".")[0] for name in found}
    said = {name: count for name, count in state["counts"].items() if name.partition(".")[0] in names}
    state["differences"] = list(rules.differences(said, found))
    state["tables"], state["rows"] = len(found), sum(found.values())


def _tables(state: dict[str, Any], _at: datetime, say: Say) -> None:
    say("bringing the tables to this version")
    for alias in connections:
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    # Who had logged out would be in again, and counts of attempts would be old.
    Session.objects.all().delete()
    cache.clear()
    for info in tenancy.controllers():
        profiles.rebuild(controller=info.id)


def _book(state: dict[str, Any], at: datetime, say: Say) -> None:
    """Go on with the book where the copy ends, in a log of its own, and write down where the two part."""
    say("beginning a log of its own for the book")
    audit.seal_pending()
    log = audit.begin_log(name=state["id"], key=bytes.fromhex(state["log_key"]), at=at)
    state["lost"] = log.lost if log else 0
    detail: dict[str, str | int | bool] = {"cut_ms": state["cut_ms"], "lost_lines": state["lost"]}
    if log is not None:
        detail |= {"log": log.origin, "kept_lines": log.kept, "head": log.head}
    if state["without_journal"]:
        detail["without_journal"] = True
    audit.write(Did.HOUSE_RESTORED, controller=None, by=US, at=at, on=state["backup"], detail=detail)


def _replay(state: dict[str, Any], at: datetime, say: Say) -> None:
    say("replaying the journal since the copy")
    done = replaying.replay(after=state["after"], at=at)
    state["replayed"] = asdict(done)
    state["keyless"] = sum(subjects.without_key(controller=info.id) for info in tenancy.controllers())
    audit.write(Did.JOURNAL_REPLAYED, controller=None, by=US, at=at, on=state["backup"], detail=state["replayed"])
    audit.seal_pending()
    audit.checkpoint(at=at)
