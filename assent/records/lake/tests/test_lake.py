import pyarrow as pa
import pytest

from assent.records.lake import api
from assent.records.lake.contracts import BUCKETS, Busy, Kind, bucket_of, buckets_of
from assent.records.lake.leases import lease

BLOOM, HARBOUR = 1, 2
NOTES = Kind("notes", pa.schema([("subject", pa.int64()), ("at_ms", pa.int64()), ("note", pa.string())]), times=("at_ms",))
TRAITS = Kind("traits", pa.schema([("subject", pa.int64()), ("n_score", pa.float64())]), latest=True)


def notes(*rows):
    return pa.table(
        {"subject": [subject for subject, _ in rows], "at_ms": list(range(len(rows))), "note": [note for _, note in rows]},
        schema=NOTES.schema,
    )


def traits(*rows, **columns):
    table = pa.table({"subject": [s for s, _ in rows], "n_score": [score for _, score in rows]}, schema=TRAITS.schema)
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return table


def everything(kind, controller=BLOOM, **options):
    found = api.query(controller=controller, kinds=[kind], expr=api.unbound(kind), **options)
    return sorted((tuple(row.values()) for row in found.to_pylist()), key=repr)


def kept(controller=BLOOM):
    return [(subject, note) for subject, _, note in everything(NOTES, controller)]


def append(*rows, position, controller=BLOOM, source="arrival:0"):
    return api.append(controller=controller, kind=NOTES, table=notes(*rows), source=source, position=position)


def test_what_is_appended_is_read_before_and_after_it_is_moved():
    append((7, "ți-a plăcut"), (71, "二"), (-1 + 2**63, "☃"), position=3)
    before = kept()
    assert api.fresh(controller=BLOOM, kind=NOTES) == (1, 3)
    assert api.move(controller=BLOOM, kind=NOTES) == 3
    assert kept() == before == sorted([(7, "ți-a plăcut"), (71, "二"), (2**63 - 1, "☃")], key=repr)
    assert api.fresh(controller=BLOOM, kind=NOTES) == (0, 0)


def test_a_replayed_position_adds_nothing():
    assert append((1, "a"), position=5)
    assert not append((1, "a"), position=5)
    assert not append((1, "a"), position=4)
    assert append((1, "b"), position=2, source="arrival:1")
    api.move(controller=BLOOM, kind=NOTES)
    assert not append((1, "a"), position=5)
    assert api.position(controller=BLOOM, kind=NOTES, source="arrival:0") == 5
    assert kept() == [(1, "a"), (1, "b")]


def test_a_batch_of_which_nothing_was_admitted_still_carries_its_position():
    assert append(position=9)
    assert api.position(controller=BLOOM, kind=NOTES, source="arrival:0") == 9
    assert kept() == []


def test_positions_count_from_one():
    with pytest.raises(ValueError, match="count from 1"):
        append((1, "a"), position=0)


def test_a_controller_sees_only_its_own_rows():
    append((1, "bloom's"), position=1)
    append((1, "harbour's"), position=1, controller=HARBOUR)
    assert kept(HARBOUR) == [(1, "harbour's")]
    assert api.erase(controller=HARBOUR, kind=NOTES, subjects=[1]) == 1
    assert kept() == [(1, "bloom's")]


def test_nothing_was_ever_written_is_not_an_error():
    assert everything(NOTES) == []
    assert everything(TRAITS) == []
    assert api.position(controller=BLOOM, kind=NOTES, source="arrival:0") == 0
    assert api.move(controller=BLOOM, kind=NOTES) == 0
    assert api.compact(controller=BLOOM, kind=NOTES) == 0
    assert api.erase(controller=BLOOM, kind=NOTES, subjects=[1]) == 0
    assert api.merge_subject(controller=BLOOM, kind=NOTES, into=1, other=2) == 0


def test_a_read_for_some_people_opens_only_their_parts():
    append(*[(subject, "x") for subject in range(1, 130)], position=1)
    api.move(controller=BLOOM, kind=NOTES)
    expr = api.unbound(NOTES)
    found = api.query(controller=BLOOM, kinds=[NOTES], expr=expr, subjects=[5, 6])
    assert {bucket_of(subject) for subject in found["subject"].to_pylist()} == {5, 6}


def test_rows_of_two_people_who_are_one_become_one_persons():
    append((5, "old"), (6, "other"), position=1)
    api.move(controller=BLOOM, kind=NOTES)
    append((5, "new"), position=2)
    assert api.merge_subject(controller=BLOOM, kind=NOTES, into=77, other=5) == 2
    assert api.merge_subject(controller=BLOOM, kind=NOTES, into=77, other=5) == 0
    assert kept() == [(6, "other"), (77, "new"), (77, "old")]
    assert api.erase(controller=BLOOM, kind=NOTES, subjects=[77]) == 2


def test_joining_small_files_changes_no_row():
    for position in range(1, 14):
        append((3, f"n{position}"), position=position)
        api.move(controller=BLOOM, kind=NOTES)
    before = kept()
    assert api.compact(controller=BLOOM, kind=NOTES) > 0
    assert kept() == before
    assert len(before) == 13


def test_an_expression_may_read_given_tables_too():
    append((1, "a"), (2, "b"), position=1)
    people = Kind("chosen", pa.schema([("subject", pa.int64())]))
    expr = api.unbound(NOTES).semi_join(api.unbound(people), "subject").select("note")
    tables = {"chosen": pa.table({"subject": [2]})}
    assert api.query(controller=BLOOM, kinds=[NOTES], expr=expr, tables=tables)["note"].to_pylist() == ["b"]


def test_the_latest_row_of_a_person_counts_and_columns_may_come_later():
    api.append(controller=BLOOM, kind=TRAITS, table=traits((1, 1.0), (2, 2.0)), source="mirror", position=1)
    api.move(controller=BLOOM, kind=TRAITS)
    api.append(controller=BLOOM, kind=TRAITS, table=traits((1, 5.0)), source="mirror", position=2)
    api.append(
        controller=BLOOM, kind=TRAITS, table=traits((1, 6.0), (3, 3.0), t_city=["Iași", "Cluj"]), source="mirror", position=3
    )
    assert everything(TRAITS) == [(1, 6.0), (2, 2.0), (3, 3.0)]
    wider = Kind(
        "traits", TRAITS.schema.append(pa.field("t_city", pa.string())).append(pa.field("t_none", pa.string())), latest=True
    )
    expected = [(1, 6.0, "Iași", None), (2, 2.0, None, None), (3, 3.0, "Cluj", None)]
    assert everything(wider) == expected
    api.move(controller=BLOOM, kind=TRAITS)
    assert everything(wider) == expected
    assert api.erase(controller=BLOOM, kind=TRAITS, subjects=[1]) == 1
    assert everything(wider) == expected[1:]


def test_a_second_writer_is_told_who_is_busy(tmp_path):
    busy = pytest.raises(Busy, match="held by another writer")
    with lease(tmp_path / "fresh.lease"), busy, lease(tmp_path / "fresh.lease", patience_s=0.05):
        pass


def test_everybody_has_a_part():
    assert bucket_of(2**63 - 1) == BUCKETS - 1
    assert buckets_of([1, 65, 2]) == [1, 2]
