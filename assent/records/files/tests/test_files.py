import base64
from datetime import UTC, datetime

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput, UnknownSubject
from assent.records.files import api
from assent.records.files.contracts import LARGEST, FileTooLarge, UnknownFile
from assent.records.files.store import FileStore

pytestmark = pytest.mark.django_db(databases=["default", "keys"])

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
OFFICER = Actor.staff(7)
CV = "Studii: Iași ☃ CANARY-CV".encode() * 100


def person(controller, name):
    given = [PersonInput({"user_id": name})]
    return subjects.upsert_many(controller=controller, people=given, by=OFFICER, at=NOON)[0].subject


@pytest.fixture
def ada(bloom):
    return person(bloom, "ada")


def put(controller, subject, name="CV Ada CANARY-NAME.pdf", kind="cv", data=CV):
    return api.put(controller=controller, subject=subject, kind=kind, name=name, data=data, at=NOON, by=OFFICER)


def holding(folder, word):
    return [file for file in folder.rglob("*") if file.is_file() and word in file.read_bytes()]


def test_what_is_put_is_got(bloom, ada):
    found = api.get(controller=bloom, file=put(bloom, ada), by=OFFICER, at=NOON)
    assert (found.data, found.meta.name, found.meta.size) == (CV, "CV Ada CANARY-NAME.pdf", len(CV))
    deeds = [entry.did for _, entry in audit.entries(controller=bloom, did="files")]
    assert deeds == ["files.file.read", "files.file.kept"]


def test_neither_bytes_nor_name_lie_open(bloom, ada, settings):
    put(bloom, ada)
    assert holding(settings.ASSENT_VAR, b"CANARY") == []
    assert len(list((settings.ASSENT_VAR / "files").rglob("*"))) == 3


def test_an_empty_file_is_a_file(bloom, ada):
    assert api.get(controller=bloom, file=put(bloom, ada, data=b"")).data == b""


def test_a_file_too_large_is_refused_with_its_size(bloom, ada):
    with pytest.raises(FileTooLarge, match=str(LARGEST + 1)):
        put(bloom, ada, data=b"x" * (LARGEST + 1))


def test_nobody_knows_a_file_of_nobody(bloom):
    with pytest.raises(UnknownSubject):
        put(bloom, 99)
    with pytest.raises(UnknownFile):
        api.get(controller=bloom, file=99)


def test_lists_are_by_kind_newest_first_and_in_pages(bloom, ada):
    first, second, third = put(bloom, ada, "1"), put(bloom, ada, "2", kind="photo"), put(bloom, ada, "3")
    assert [meta.id for meta in api.listing(controller=bloom)] == [third, second, first]
    assert [meta.name for meta in api.listing(controller=bloom, kind="cv", limit=1)] == ["3"]
    assert [meta.name for meta in api.listing(controller=bloom, kind="cv", before=third)] == ["1"]


def test_another_brand_cannot_open_it(bloom, harbour, ada):
    file = put(bloom, ada)
    with pytest.raises(UnknownFile):
        api.get(controller=harbour, file=file)
    assert api.listing(controller=harbour) == []


def test_a_file_put_in_anothers_place_does_not_open(bloom, ada, settings):
    one, other = put(bloom, ada, data=b"one"), put(bloom, ada, data=b"other")
    files = sorted(file for file in (settings.ASSENT_VAR / "files").rglob("*") if file.is_file())
    swapped = files[0].read_bytes(), files[1].read_bytes()
    files[0].write_bytes(swapped[1])
    files[1].write_bytes(swapped[0])
    for file in (one, other):
        with pytest.raises(UnknownFile):
            api.get(controller=bloom, file=file)


def test_a_persons_files_are_handed_over_and_erased_with_what_a_crash_left(bloom, ada, settings):
    ben = person(bloom, "ben")
    put(bloom, ada)
    kept = put(bloom, ben, data=b"ben's")
    orphan = settings.ASSENT_VAR / "files" / str(bloom) / str(ada) / "orphan"
    orphan.write_bytes(b"sealed")
    store = FileStore()
    (page,) = store.export(controller=bloom, subject=ada)
    assert base64.b64decode(page.rows[0]["content_base64"]) == CV
    assert [held.count for held in store.inventory(controller=bloom, subject=ada)] == [1]
    for removed in (1, 0):
        assert store.erase(controller=bloom, subjects=[ada], by=OFFICER, at=NOON).removed == removed
    assert not orphan.parent.exists()
    assert api.get(controller=bloom, file=kept).data == b"ben's"


def test_two_people_who_are_one_have_both_ones_files(bloom, ada, settings):
    ben = person(bloom, "ben")
    file = put(bloom, ben)
    for _ in range(2):
        api.on_merge(controller=bloom, into=ada, other=ben, by=OFFICER, at=NOON)
    found = api.get(controller=bloom, file=file)
    assert (found.meta.subject, found.data) == (ada, CV)
    assert not list((settings.ASSENT_VAR / "files" / str(bloom) / str(ben)).glob("*"))
