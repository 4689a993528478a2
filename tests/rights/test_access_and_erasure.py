"""Access and erasure across every registered store, in one process. Ada asks; Cleo belongs to another brand."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from assent.audit import api as audit
from assent.audit.contracts import Actor
from assent.config import wiring
from assent.foundation import holds, personal
from assent.foundation.clock import now
from assent.foundation.personal import Erased, NotYet
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.lawfulness.contracts import Question, Why
from assent.privacy.policy import api as policy
from assent.privacy.policy.contracts import Operation
from assent.privacy.rights import api as rights, checks
from assent.privacy.rights.contracts import ErasureState
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import Field, PersonInput, UnknownSubject
from assent.records.files import api as files
from assent.tenancy import api as tenancy
from tests.agreements import agree

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)
US = Actor.system("test")
BUNDLES = Path(__file__).resolve().parents[2] / "policies"


def brand(slug):
    info = tenancy.make_controller(
        slug=slug, name=slug.title(), country="RO", language="ro", time_zone="Europe/Bucharest", by=US, at=now()
    )
    policy.publish(controller=info.id, bundle=BUNDLES / slug, by=US, at=now())
    agree(controller=info.id, at=now())
    return info.id


def person(controller, name):
    given = {"user_id": name, "email": f"{name}@mail.example", "first_name": name.title()}
    (made,) = subjects.upsert_many(controller=controller, people=[PersonInput(given)], by=US, at=now())
    return made.subject


@pytest.fixture
def bloom():
    return brand("bloom")


@pytest.fixture
def ada(bloom):
    subject = person(bloom, "ada")
    consent.give(
        controller=bloom,
        subject=subject,
        purpose="direct_marketing",
        channel="email",
        wording="marketing_email",
        method=Method.WEB_FORM,
        source="checkout",
        language="ro",
        by=US,
        at=now(),
    )
    files.put(controller=bloom, subject=subject, kind="cv", name="ada.txt", data=b"Ada can do it", at=now())
    return subject


def opened(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_package_holds_identifiers_choices_and_files_and_a_page_to_read(bloom, ada):
    found = opened(rights.export_person(controller=bloom, subject=ada, by=US, at=now()))
    everything = "\n".join(found.values())
    assert "ada@mail.example" in everything
    assert "direct_marketing" in everything
    assert "<table>" in found["index.html"]
    for name, text in found.items():
        if name.endswith(".json"):
            json.loads(text)


def test_what_a_person_typed_is_shown_and_not_run(bloom):
    given = {"user_id": "eve", "email": "eve@mail.example", "first_name": "<script>alert(1)</script>"}
    (eve,) = subjects.upsert_many(controller=bloom, people=[PersonInput(given)], by=US, at=now())
    page = opened(rights.export_person(controller=bloom, subject=eve.subject, by=US, at=now()))["index.html"]
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_another_brands_person_cannot_be_exported(bloom, ada):
    harbour = brand("harbour")
    cleo = person(harbour, "cleo")
    with pytest.raises(UnknownSubject):
        rights.export_person(controller=bloom, subject=cleo, by=US, at=now())


def test_an_erased_person_is_nobody_and_the_report_says_where_what_went(bloom, ada):
    report = rights.erase(controller=bloom, subjects=[ada], by=US, at=now())
    while report.state is not ErasureState.DONE:
        assert rights.sweep_erasures(at=now() + timedelta(seconds=1)), report.waits_for
        (report,) = rights.erasures(controller=bloom)
    removed = {store.store: store.removed for store in report.stores}
    assert removed["subjects"] > 0
    assert removed["consent"] > 0
    assert removed["files"] > 0
    assert subjects.recognise(controller=bloom, kind="email", values=["ada@mail.example"]) == [0]
    with pytest.raises(UnknownSubject):
        rights.export_person(controller=bloom, subject=ada, by=US, at=now())
    assert "rights.person.erased" in [entry.did for _, entry in audit.entries(controller=bloom)]


def test_erasing_again_finds_nothing_and_says_so(bloom, ada):
    rights.erase(controller=bloom, subjects=[ada], by=US, at=now())
    while rights.sweep_erasures(at=now() + timedelta(seconds=1)):
        pass
    again = rights.erase(controller=bloom, subjects=[ada], by=US, at=now())
    assert sum(store.removed for store in again.stores) == 0


def test_others_keep_everything(bloom, ada):
    ben = person(bloom, "ben")
    before = subjects.reveal(controller=bloom, subjects=[ben], fields=list(Field), by=US, at=now(), why="test")
    rights.erase(controller=bloom, subjects=[ada], by=US, at=now())
    assert subjects.reveal(controller=bloom, subjects=[ben], fields=list(Field), by=US, at=now(), why="test") == before


class Waits:
    """A store whose person still has something on its way in."""

    name = "waits"
    ready = False

    def inventory(self, **_):
        return ()

    def export(self, **_):
        return iter(())

    def erase(self, **_):
        if not Waits.ready:
            raise NotYet("events on their way in")
        return Erased(self.name, 1)


@pytest.fixture
def _a_store_that_waits():
    Waits.ready = False
    personal.register("waits", Waits)
    yield
    wiring.wire()


@pytest.mark.usefixtures("_a_store_that_waits")
def test_nothing_is_done_with_a_person_whose_erasure_waits(bloom, ada):
    report = rights.erase(controller=bloom, subjects=[ada], by=US, at=now())
    assert report.state is ErasureState.WAITING
    assert "events on their way in" in report.waits_for
    question = Question(
        operation=Operation.USE,
        purpose="direct_marketing",
        data=frozenset(),
        channel="email",
        recipient="",
        subject=ada,
        at=now(),
    )
    assert lawfulness.decide(controller=bloom, question=question).why is Why.ERASING
    Waits.ready = True
    assert rights.sweep_erasures(at=now() + timedelta(seconds=1))
    assert [one.state for one in rights.erasures(controller=bloom)] == [ErasureState.DONE]


def test_a_table_that_says_nothing_stops_the_start(monkeypatch):
    monkeypatch.setattr(holds, "_third_party", {})
    found = {message.id for message in checks.every_table_is_declared(None)}
    assert found == {"rights.E001"}


def test_a_store_that_nobody_registered_stops_the_start():
    personal.clear()
    try:
        assert {message.id for message in checks.every_table_is_declared(None)} == {"rights.E002"}
    finally:
        wiring.wire()
