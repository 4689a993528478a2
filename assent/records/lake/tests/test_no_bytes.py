"""After an erasure no file holds a byte of what was erased: old versions, statistics, log entries, killed writers' files."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assent.records.lake import api
from assent.records.lake.drivers import named

from .test_lake import BLOOM, NOTES, append, kept


def holding(folder: Path, word: str) -> list[str]:
    """Return files that hold a word, Parquet decoded."""
    found = []
    for file in (one for one in folder.rglob("*") if one.is_file()):
        raw = file.read_bytes()
        text = repr(pq.read_table(io.BytesIO(raw)).to_pylist()) if raw[:4] == b"PAR1" else ""
        if word.encode() in raw or word in text:
            found.append(str(file.relative_to(folder)))
    return found


def test_erasing_leaves_no_bytes_in_either_table(settings):
    lake = settings.ASSENT_VAR / "lake"
    append(*[(subject, f"CANARY-{subject}-") for subject in range(1, 200)], position=1)
    api.move(controller=BLOOM, kind=NOTES)
    append((150, "CANARY-150-later"), (151, "stays"), position=2)
    others = [row for row in kept() if row[0] != 150]
    assert any("buckets" in file for file in holding(lake, "CANARY-150-"))
    assert any("fresh" in file for file in holding(lake, "CANARY-150-"))

    assert api.erase(controller=BLOOM, kind=NOTES, subjects=[150]) == 2

    assert holding(lake, "CANARY-150-") == []
    assert kept() == others
    assert holding(lake, "CANARY-149-")


def test_no_value_and_no_id_stays_in_the_tables_own_log(settings):
    lake = settings.ASSENT_VAR / "lake"
    whom = 8_123_456_789_012_345_678
    append((whom, "CANARY-A"), (1, "x"), position=1)
    logs = [file for file in holding(lake, "CANARY-A") if "_delta_log" in file]
    assert logs == []
    api.move(controller=BLOOM, kind=NOTES)
    api.erase(controller=BLOOM, kind=NOTES, subjects=[whom])
    assert holding(lake, str(whom)) == []


def test_files_of_killed_writers_go_with_the_next_erasure(settings):
    append((1, "CANARY-O"), (2, "stays"), position=1)
    api.move(controller=BLOOM, kind=NOTES)
    lake = settings.ASSENT_VAR / "lake"
    orphan = pa.table({"subject": [1], "note": ["CANARY-O"]})
    for table in ("fresh", "buckets/bucket=1"):
        pq.write_table(orphan, lake / str(BLOOM) / "notes" / table / "part-orphan.parquet")
        pq.write_table(orphan, lake / str(BLOOM) / "notes" / table / "part-half.parquet#1")
    api.erase(controller=BLOOM, kind=NOTES, subjects=[1])
    assert holding(lake, "CANARY-O") == []
    assert kept() == [(2, "stays")]


def test_moving_leaves_no_second_copy(settings):
    append((1, "CANARY-M"), position=1)
    api.move(controller=BLOOM, kind=NOTES)
    assert all("buckets" in file for file in holding(settings.ASSENT_VAR / "lake", "CANARY-M"))


def test_what_a_killed_reader_spilled_is_swept(settings):
    spill = settings.ASSENT_VAR / "lake" / ".spill"
    (spill / "dead").mkdir(parents=True)
    (spill / "dead" / "rows.tmp").write_text("CANARY-S")
    (spill / "dead.lease").touch()
    append((1, "x"), position=1)
    api.erase(controller=BLOOM, kind=NOTES, subjects=[1])
    assert holding(settings.ASSENT_VAR, "CANARY-S") == []


def test_the_driver_says_what_it_can_do():
    assert named("delta").can.erase_bytes
    assert not named("delta").can.many_hosts
