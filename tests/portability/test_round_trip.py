"""A package of one controller goes into another and comes out as it was; nothing is taken in that the other did not ask for."""

import base64
import io
import json
import shutil
import threading
import zipfile
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from assent.audit.contracts import Actor
from assent.dispatch import api as dispatch, ports
from assent.foundation.clock import now
from assent.foundation.http import CannotCall
from assent.ingest import api as ingest
from assent.ingest.tests.cast import BY, PUBLISHED, make_house, order
from assent.privacy.disclosures import api as disclosures
from assent.privacy.disclosures.contracts import Way
from assent.privacy.policy import api as policy
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Asked, BadPackage, TaskKind
from assent.privacy.rights.portability import schema
from assent.privacy.sources import api as sources
from assent.privacy.sources.contracts import UnknownSource
from assent.privacy.subjects import api as subjects
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
from tests.agreements import agree

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])


@pytest.fixture
def house(settings):
    made = make_house(settings.ASSENT_VAR)
    yield made
    made.writer.close()


@pytest.fixture
def other(house):
    """Return Petal, a shop of the same kind, and its server."""
    found = tenancy.make_controller(
        slug="petal", name="Petal", country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=PUBLISHED
    )
    shutil.copytree(settings.HOME / "policies" / "brand", settings.ASSENT_VAR / "policies" / "brand")
    bundle = shutil.copytree(settings.HOME / "policies" / "bloom", settings.ASSENT_VAR / "policies" / "petal")
    written = (bundle / "policy.yaml").read_text()
    (bundle / "policy.yaml").write_text(written.replace("slug: bloom", "slug: petal"))
    policy.publish(controller=found.id, bundle=bundle, by=BY, at=PUBLISHED)
    agree(controller=found.id, at=PUBLISHED)
    server = tenancy.make_property(controller=found.id, slug="shop", name="Shop", kind="server", by=BY, at=PUBLISHED)
    return found.id, server.id


@pytest.fixture
def ada(house):
    """Return Ada: a customer of Bloom with an address, a region, a receipt, and orders."""
    house.send(
        {
            "type": "identify",
            "userId": "ada",
            "traits": {"email": "ada@people.example", "firstName": "Ada", "city": "Cluj", "language": "ro"},
        }
    )
    ada = house.ada_says_yes()
    house.later(hours=1)
    house.send(
        order("ada", total=99.5, products=[{"product_id": "p1", "name": "=HYPERLINK(1)", "quantity": 2}]), order("ada", total=3)
    )
    house.run()
    return ada


def package(house, who, controller=None):
    data = rights.portable_package(controller=controller or house.controller, subject=who, by=BY, at=house.now)
    return data, *rights.read_package(data)


def moved(house, other, data, **more):
    return ingest.import_package(controller=other[0], property=other[1], data=data, by=BY, at=house.now, **more)


def said(found):
    return {
        "identifiers": found.identifiers,
        "attributes": found.attributes,
        "events": [(one.type, one.event, one.occurred_at, json.dumps(one.properties, sort_keys=True)) for one in found.events],
    }


def test_a_round_trip_loses_nothing_receipts_included(house, other, ada):
    data, before, receipts = package(house, ada)
    assert before.identifiers
    assert {one.name for one in before.attributes} >= {"city"}
    assert len(before.events) == 3
    assert len(receipts) == 1
    done = moved(house, other, data)
    house.run()
    _, after, kept = package(house, done.subject, controller=other[0])
    assert done.left_out == ()
    assert said(after) == said(before)
    assert kept == receipts


def test_the_same_package_twice_is_as_once(house, other, ada):
    data, before, receipts = package(house, ada)
    first = moved(house, other, data)
    house.run()
    house.later(hours=1)
    second = moved(house, other, data)
    house.run()
    assert (first.subject, first.created, second.created) == (second.subject, True, False)
    _, after, kept = package(house, first.subject, controller=other[0])
    assert (len(after.events), kept) == (len(before.events), receipts)


def test_no_consent_to_the_new_controller_follows_from_it(house, other, ada):
    from assent.privacy.consent import api as consent

    data, before, _ = package(house, ada)
    assert [one.choice for one in before.choices] == ["GIVEN"]
    done = moved(house, other, data)
    house.run()
    assert consent.standing(controller=other[0], subject=done.subject) == []


def test_ids_of_the_old_controller_are_nobodys_at_the_new_one(house, other, ada):
    data, before, _ = package(house, ada)
    assert {one.field for one in before.identifiers}.isdisjoint({"user_id", "anonymous_id"})
    moved(house, other, data)
    assert subjects.recognise(controller=other[0], kind="user_id", values=["ada"]) == [0]


def test_only_what_was_provided_under_consent_or_contract_is_in_it(house, ada):
    _, found, _ = package(house, ada)
    declared = policy.current(controller=house.controller).policy
    allowed = {"consent", "contract"}
    assert all(declared.purposes[key].basis.value in allowed for one in found.events for key in one.purposes)
    derived = {name for name, trait in declared.traits.items() if trait.derived}
    folded = {fold.attribute for event in declared.events.values() for fold in event.folds}
    assert {one.name for one in found.attributes}.isdisjoint(derived | folded)


def test_it_fits_the_published_schema(house, ada):
    data, _, _ = package(house, ada)
    published = (settings.HOME / "docs" / "portability.schema.json").read_text()
    assert published == schema(), "run the command in docs/portability.md"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        jsonschema.validate(json.loads(archive.read("package.json")), json.loads(published))


def test_the_csv_says_the_same_and_runs_nothing(house, ada):
    data, found, _ = package(house, ada)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = archive.read("events.csv").decode().splitlines()
        identifiers = archive.read("identifiers.csv").decode()
    assert len(lines) == 1 + len(found.events)
    assert "ada@people.example" in identifiers
    assert not [line for text in (identifiers, *lines) for line in text.split(",") if line.startswith("=")]


def test_it_goes_to_another_controllers_address_and_that_is_an_edge(house, ada, settings):
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    with Receiving() as (url, came):
        status = rights.hand_over(controller=house.controller, subject=ada, to=url, name="Petal", by=BY, at=house.now)
    assert status == 200
    assert rights.read_package(came[0])[0].identifiers
    (edge,) = [one for one in disclosures.of_person(controller=house.controller, subject=ada) if one.times]
    assert (edge.name, edge.ways, edge.times) == ("Petal", [Way.HAND_OVER], 1)


def test_a_request_to_hand_it_over_is_carried_out_and_tried_until_it_arrived(house, ada, settings):
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    with Receiving() as (url, came):
        settings.ASSENT_HTTP_ALLOW = []
        told = rights.receive(
            controller=house.controller, kind="portability", subject=ada, via="portal", identity="signed_in",
            asked=Asked(hand_over_to=url), by=Actor.person(), at=house.now,
        )  # fmt: skip

        def tasks():
            found = rights.story(controller=house.controller, request=told.request.id, at=house.now).tasks
            return {one.kind: one for one in found}

        (sender,) = ports.senders()
        dispatch.hand_over_once(controller=house.controller, sender=sender, at=now())
        rights.sweep_requests(at=house.now + timedelta(hours=1))
        rights.sweep_requests(at=house.now + timedelta(hours=1))
        assert tasks()[TaskKind.HAND_OVER].waits_for == "other controller: private"
        assert came == []
        settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
        rights.sweep_requests(at=house.now + timedelta(days=1))
        assert tasks()[TaskKind.HAND_OVER].done
        assert rights.read_package(came[0])[0].identifiers


def test_the_command_line_moves_a_person(house, other, ada, tmp_path):
    file, told = tmp_path / "package.zip", io.StringIO()
    call_command("person", "package", controller="bloom", user_id="ada", output=file, stdout=told)
    call_command("person", "import-package", controller="petal", package=file, property="shop", stdout=told)
    assert "3 events wait at the gate, 1 receipts are kept" in told.getvalue()
    file.write_bytes(b"nothing")
    for wrong in ({"package": file}, {"package": tmp_path / "none.zip"}):
        with pytest.raises(CommandError):
            call_command("person", "import-package", controller="petal", property="shop", **wrong)
    with pytest.raises(CommandError, match="--property"):
        call_command("person", "import-package", controller="petal", package=file, property="nowhere")
    with pytest.raises(CommandError, match="which person"):
        call_command("person", "package", controller="bloom", output=tmp_path / "x.zip")


def test_who_brings_a_package_themselves_is_told_at_collection_and_without_a_source_nobody_writes_to_them(house, other, ada):
    data = rights.portable_package(controller=house.controller, subject=ada, by=BY, at=house.now)
    with pytest.raises(UnknownSource, match="declare it under sources"):
        moved(house, other, data, source="lottery")
    done = moved(house, other, data)
    assert done.created
    (unnamed,) = sources.known(controller=other[0], subject=done.subject)
    assert (unnamed.source, unnamed.told_at) == ("", None)
    moved(house, other, data, subject=done.subject, source="you")
    (named,) = sources.known(controller=other[0], subject=done.subject)
    assert named.source == "you"
    assert named.told_at is not None


def test_the_api_moves_a_person(house, other, ada):
    keys = {
        slug: tenancy.make_api_key(
            controller=who, name="t", verbs=[Permission.PEOPLE_EXPORT, Permission.PEOPLE_WRITE], by=BY, at=house.now
        )
        for slug, who in (("bloom", house.controller), ("petal", other[0]))
    }
    person = subjects.public_ids(controller=house.controller, subjects=[ada])[ada]

    def asks(slug):
        return {"HTTP_AUTHORIZATION": f"Bearer {keys[slug]}"}

    given = Client().get(f"/api/v1/people/{person}/package", **asks("bloom"))
    assert rights.read_package(given.content)[0].events
    body = {"property": "shop", "package": base64.b64encode(given.content).decode()}
    taken = Client().post("/api/v1/packages", json.dumps(body), content_type="application/json", **asks("petal"))
    assert (taken.status_code, taken.json()["receipts"]) == (202, 1), taken.content
    for place, wrong in (("/package", {"package": "AAAA"}), ("/package", {"package": "%"}), ("/property", {"property": "x"})):
        refused = Client().post(
            "/api/v1/packages", json.dumps({**body, **wrong}), content_type="application/json", **asks("petal")
        )
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, place)


def test_what_did_not_leave_is_no_edge(house, ada, settings):
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    with pytest.raises(CannotCall):
        rights.hand_over(controller=house.controller, subject=ada, to="http://127.0.0.1:9/x", name="Petal", by=BY, at=house.now)
    assert not [one for one in disclosures.of_person(controller=house.controller, subject=ada) if one.times]


def test_what_the_new_controller_has_no_place_for_is_named_and_left_out(house, other, ada):
    data, _, receipts = package(house, ada)
    changed = repacked(data, receipts, lambda body: body["attributes"].append({"name": "shoe_width", "value": "wide"}))
    done = moved(house, other, changed)
    assert done.left_out == ("attribute shoe_width",)


def repacked(data, receipts, change=lambda body: None, **files):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = json.loads(archive.read("package.json"))
    change(body)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package.json", json.dumps(body))
        for path, inside in {**receipts, **files}.items():
            archive.writestr(path, inside)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda body: body.update(surprise=1), "schema"),
        (lambda body: body.update(version=2), "schema at version"),
        (lambda body: body.pop("controller"), "schema at controller"),
        (lambda body: body["events"].append({"id": "x"}), "schema at events"),
        (lambda body: body["identifiers"].append({"field": "email", "value": "x" * 5000}), "schema at identifiers"),
        (lambda body: body["files"].clear(), "receipts"),
    ],
)
def test_a_package_that_does_not_fit_is_refused_with_where(house, ada, change, words):
    data, _, receipts = package(house, ada)
    with pytest.raises(BadPackage, match=words):
        rights.read_package(repacked(data, receipts, change))


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "receipts/../x.jsonld", "receipts\\x.jsonld", "C:\\x", "a/b.csv", "x.exe", "receipts/"],
)
def test_names_that_lead_elsewhere_are_refused(house, ada, name):
    data, _, receipts = package(house, ada)
    with pytest.raises(BadPackage, match="strange name"):
        rights.read_package(repacked(data, receipts, **{name: b"x"}))


def test_what_unpacks_to_far_too_much_is_refused_before_it_fills_the_memory(house, ada):
    data, _, receipts = package(house, ada)
    bomb = "receipts/receipt-00000000-0000-4000-8000-000000000000.jsonld"
    with pytest.raises(BadPackage, match="unpacks"):
        rights.read_package(repacked(data, receipts, **{bomb: b"0" * (200 << 20)}))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package.json", b" " * (65 << 20))
    with pytest.raises(BadPackage, match="unpacks"):
        rights.read_package(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"\x00" * 1000])
def test_what_is_no_zip_is_refused(data):
    with pytest.raises(BadPackage, match="zip"):
        rights.read_package(data)


def test_one_that_is_too_large_is_refused_unread():
    with pytest.raises(BadPackage, match="MB"):
        rights.read_package(b"\x00" * ((32 << 20) + 1))


def test_a_receipt_that_was_changed_is_refused(house, ada):
    data, _, receipts = package(house, ada)
    with pytest.raises(BadPackage, match="receipts"):
        rights.read_package(repacked(data, {path: body + b" " for path, body in receipts.items()}))


def test_a_damaged_archive_is_refused_unless_nothing_that_is_read_was_damaged(house, ada):
    data, _, _ = package(house, ada)
    whole, refused = rights.read_package(data), 0
    for place in range(0, len(data), max(1, len(data) // 60)):
        broken = data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        try:
            # What was damaged may be a table for people, or a time in the archive's own list.
            assert rights.read_package(broken) == whole
        except BadPackage:
            refused += 1
    assert refused > 10


class Receiving:
    """Listens for one package on loopback."""

    def __enter__(self):
        came = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                came.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/in", came

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
