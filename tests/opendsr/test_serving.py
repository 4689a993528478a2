"""Requests built from the specification, with its signature, are served over real HTTP."""

import base64
import json
import urllib.error
import urllib.request
import uuid
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from assent.connectors.opendsr import house
from assent.dispatch import api as dispatch, ports
from assent.entrypoints.webhooks.reporting import report
from assent.foundation.clock import now
from assent.privacy.disclosures.contracts import NoticeState
from assent.privacy.rights import api as rights
from assent.privacy.rights.contracts import Identity, Outcome, RequestKind, Via
from assent.privacy.suppression import api as suppression
from assent.privacy.suppression.contracts import Kind
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Permission
from tests.opendsr.conftest import BY
from tests.opendsr.processor import Processor

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"], transaction=True)


class Client:
    """A system that speaks OpenDSR, written from the specification."""

    def __init__(self, base):
        self.base = base
        self.key = ""
        self.partner = None

    def ask(self, method, path, body=b"", headers=None):
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if self.partner:
            sent |= self.partner.headers(body or f"{method} {path}".encode())
        asked = urllib.request.Request(f"{self.base}/{path}", data=body or None, method=method, headers=sent)
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def post(self, request, path="requests"):
        status, headers, body = self.ask("POST", path, json.dumps(request).encode())
        return status, headers, json.loads(body)

    def status(self, number, path="requests"):
        return json.loads(self.ask("GET", f"{path}/{number}")[2])


def request(**changed):
    return {
        "regulation": "gdpr",
        "subject_request_id": str(uuid.uuid4()),
        "subject_request_type": "erasure",
        "submitted_time": "2026-11-24T15:00:00Z",
        "subject_identities": [{"identity_type": "email", "identity_value": "ada@people.example", "identity_format": "raw"}],
        "api_version": "2.0",
        **changed,
    }


@pytest.fixture
def server(bloom, authority, settings, live_server):
    """Return a client of Bloom's OpenDSR, allowed by an API key."""
    certificate, key = authority.issue("127.0.0.1")
    settings.ASSENT_PUBLIC_URL = live_server.url.replace("localhost", "127.0.0.1")
    settings.ASSENT_OPENDSR_CERTIFICATE, settings.ASSENT_OPENDSR_KEY = str(certificate), str(key)
    client = Client(f"{settings.ASSENT_PUBLIC_URL}/opendsr/bloom/v2")
    verbs = [Permission.PEOPLE_ERASE, Permission.PEOPLE_EXPORT, Permission.PEOPLE_WRITE, Permission.CONSENT_WRITE]
    client.key = tenancy.make_api_key(controller=bloom.id, name="other system", verbs=verbs, by=BY, at=now())
    return client


def verify(client, headers, body, family="OpenDSR"):
    """Check a signature as the specification says, with nothing of the product."""
    discovery = json.loads(client.ask("GET", "discovery")[2])
    with urllib.request.urlopen(discovery["processor_certificate"], timeout=5) as answer:
        certificate = x509.load_pem_x509_certificate(answer.read())
    signature = base64.b64decode(headers[f"X-{family}-Signature"])
    certificate.public_key().verify(signature, body, padding.PKCS1v15(), hashes.SHA256())
    assert headers[f"X-{family}-Processor-Domain"] == "127.0.0.1"


def test_the_discovery_says_what_the_specification_requires(server):
    status, headers, body = server.ask("GET", "discovery")
    said = json.loads(body)
    assert status == 200
    assert said["api_version"] == "2.0"
    assert {"identity_type": "email", "identity_format": "raw"} in said["supported_identities"]
    assert {"access", "erasure", "portability"} <= set(said["supported_subject_request_types"])
    verify(server, headers, body)


def test_a_request_is_taken_with_a_signed_answer_and_registered(server, bloom):
    sent = request()
    raw = json.dumps(sent).encode()
    status, headers, body = server.ask("POST", "requests", raw)
    assert status == 201, body
    said = json.loads(body)
    assert base64.b64decode(said["encoded_request"]) == raw
    assert said["subject_request_id"] == sent["subject_request_id"]
    for family in ("OpenDSR", "OpenGDPR", "OpenCompliance"):
        verify(server, headers, body, family)
    (registered,) = rights.requests(controller=bloom.id, at=now())
    assert (registered.kind, registered.via, registered.identity, registered.subject) == (
        RequestKind.ERASURE, Via.OPENDSR, Identity.VOUCHED, bloom.ada,
    )  # fmt: skip


def test_the_same_request_twice_is_one(server, bloom):
    sent = request()
    assert [server.post(sent)[0] for _ in range(2)] == [201, 201]
    assert len(rights.requests(controller=bloom.id, at=now())) == 1
    status, _, said = server.post({**sent, "subject_request_type": "access"})
    assert (status, said["error"]["errors"][0]["message"][:18]) == (400, "subject_request_id")


def test_it_is_carried_out_and_reported_as_completed(server, bloom, authority):
    caller = Listener()
    try:
        sent = request(status_callback_urls=[caller.url])
        server.post(sent)
        assert server.status(sent["subject_request_id"])["request_status"] in {"pending", "in_progress"}
        for hour in range(6):
            at = now() + timedelta(hours=hour)
            rights.sweep_requests(at=at)
            (sender,) = ports.senders()
            dispatch.hand_over_once(controller=bloom.id, sender=sender, at=now())
            rights.sweep_erasures(at=at)
        report(at=now() + timedelta(hours=7))
        assert rights.requests(controller=bloom.id, at=now())[0].outcome is Outcome.GRANTED
        assert server.status(sent["subject_request_id"])["request_status"] == "completed"
        (headers, body) = caller.heard[-1]
        assert json.loads(body)["request_status"] == "completed"
        assert json.loads(body)["status_callback_url"] == caller.url
        verify(server, headers, body)
    finally:
        caller.close()


def test_only_a_pending_request_can_be_cancelled(server, bloom):
    two = request(subject_identities=[], extensions={"127.0.0.1": {"identities": [
        {"identity_type": "phone", "identity_value": "+40722000111", "identity_format": "raw"}]}})  # fmt: skip
    bloom.person("ben")  # the same phone: nobody can say whose request it is yet
    assert server.post(two)[0] == 201
    number = two["subject_request_id"]
    assert server.status(number)["request_status"] == "pending"
    status, headers, body = server.ask("DELETE", f"requests/{number}")
    assert status == 202, body
    verify(server, headers, body)
    assert server.status(number)["request_status"] == "cancelled"
    assert server.ask("DELETE", f"requests/{number}")[0] == 400


def test_an_objection_comes_by_the_extension(server, bloom):
    sent = request(subject_request_type="objection", extensions={"127.0.0.1": {"purpose": "similar_products"}})
    assert server.post(sent)[0] == 201
    assert [
        one.purpose for one in suppression.active(controller=bloom.id, subject=bloom.ada) if one.kind is Kind.OBJECTION
    ] == ["similar_products"]


def test_whoever_is_not_known_is_told_that_nothing_is_held(server, bloom):
    nobody = [{"identity_type": "email", "identity_value": "nobody@people.example", "identity_format": "raw"}]
    assert server.post(request(subject_identities=nobody))[0] == 201
    (told,) = rights.requests(controller=bloom.id, at=now())
    assert told.subject is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"regulation": None}, "regulation"),
        ({"regulation": "lgpd"}, "regulation"),
        ({"subject_request_id": "A7551968-D5D6-44B2-9831-815AC9017798"}, "subject_request_id"),
        ({"subject_request_id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, "subject_request_id"),
        ({"subject_request_type": "everything"}, "subject_request_type"),
        ({"submitted_time": "yesterday"}, "submitted_time"),
        ({"submitted_time": "2026-11-24T15:00:00"}, "submitted_time"),
        ({"subject_identities": []}, "subject_identities"),
        ({"subject_identities": [{"identity_type": "email"}]}, "subject_identities"),
        ({"subject_identities": [{"identity_type": "email", "identity_value": ["x"], "identity_format": "raw"}]},
         "subject_identities"),
        ({"subject_identities": [{"identity_type": "email", "identity_value": "0" * 64, "identity_format": "sha256"}]},
         "subject_identities"),
        ({"status_callback_urls": ["ftp://x.example"]}, "status_callback_urls"),
        ({"status_callback_urls": ["https://x.example"] * 6}, "status_callback_urls"),
        ({"api_version": "9.0"}, "api_version"),
        ({"extensions": {"127.0.0.1": 3}}, "extensions"),
        ({"subject_request_type": "rectification"}, "extensions"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_never_repeated(server, changed, field):
    status, _, said = server.post(request(**changed))
    assert status == 400
    assert field in said["error"]["errors"][0]["message"]
    assert "people.example" not in json.dumps(said)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"a":1,"a":2}', b"[" * 5000, b'{"x":NaN}', b"x" * 70_000])
def test_what_is_no_json_object_is_refused(server, body):
    assert server.ask("POST", "requests", body)[0] == 400


def test_nobody_is_served_without_a_key_or_a_signature(server):
    server.key = ""
    assert server.post(request())[0] == 401
    server.key = "ak_invented"
    assert server.post(request())[0] == 401
    assert server.ask("GET", f"requests/{uuid.uuid4()}")[0] == 401


def test_a_key_does_only_what_its_verbs_say(server, bloom):
    server.key = tenancy.make_api_key(controller=bloom.id, name="reader", verbs=[Permission.PEOPLE_EXPORT], by=BY, at=now())
    assert server.post(request())[0] == 403
    assert server.post(request(subject_request_type="access"))[0] == 201


def test_another_brands_key_opens_nothing(server, bloom):
    harbour = tenancy.make_controller(
        slug="harbour", name="Harbour", country="RO", language="ro", time_zone="Europe/Bucharest", by=BY, at=now()
    )
    server.key = tenancy.make_api_key(controller=harbour.id, name="other", verbs=[Permission.PEOPLE_ERASE], by=BY, at=now())
    assert server.post(request())[0] == 401


def test_a_registered_recipient_passes_on_by_its_signature(server, bloom, agency):
    bloom.way(agency.base)
    server.key, server.partner = "", agency
    sent = request()
    assert server.post(sent)[0] == 201
    assert server.status(sent["subject_request_id"])["subject_request_id"] == sent["subject_request_id"]
    agency.mood = "forged"
    assert server.post(request())[0] == 403


def test_a_signature_of_somebody_unregistered_is_refused_and_never_looked_up(server, bloom, agency):
    server.key, server.partner = "", agency
    assert server.post(request())[0] == 403
    assert agency.calls == []


def test_a_body_that_was_changed_after_signing_is_refused(server, bloom, agency):
    bloom.way(agency.base)
    server.key = ""
    body = json.dumps(request()).encode()
    status, _, _ = server.ask("POST", "requests", body.replace(b"erasure", b"access "), headers=agency.headers(body))
    assert status == 403


def test_the_old_routes_and_headers_are_honoured(server, bloom, authority):
    old = Processor(authority, family="OpenGDPR")
    try:
        bloom.way(old.base)
        server.key, server.partner = "", old
        server.base = server.base.replace("/v2", "/v1")
        sent = request(api_version="1.0")
        assert server.post(sent, path="opengdpr_requests")[0] == 201
    finally:
        old.close()
    server.partner = None


def test_without_a_certificate_nothing_is_served(server, settings):
    settings.ASSENT_OPENDSR_CERTIFICATE = ""
    assert server.post(request())[0] == 404
    assert server.ask("GET", "discovery")[0] == 404


def test_a_certificate_for_another_host_is_refused_at_once(authority, settings):
    certificate, key = authority.issue("other.example")
    settings.ASSENT_PUBLIC_URL = "https://bloom.example"
    settings.ASSENT_OPENDSR_CERTIFICATE, settings.ASSENT_OPENDSR_KEY = str(certificate), str(key)
    with pytest.raises(ValueError, match=r"bloom\.example"):
        house.ours()


def test_a_recipient_reports_back_and_the_notice_is_acknowledged(server, bloom, agency):
    bloom.disclosed(bloom.ada)
    bloom.way(agency.base)
    bloom.pass_on(bloom.ada)
    bloom.sweep()
    (number,) = agency.requests
    assert agency.requests[number]["status_callback_urls"] == [f"{server.base}/callbacks"]
    assert agency.call_back(number, request_status="in_progress") == 202
    assert bloom.notice().state is NoticeState.SENT
    assert agency.call_back(number, request_status="completed") == 202
    assert bloom.notice().state is NoticeState.ACKNOWLEDGED
    assert agency.call_back(number, request_status="completed") == 202, "twice is as once"


def test_a_report_that_is_not_the_recipients_own_changes_nothing(server, bloom, agency, authority):
    bloom.disclosed(bloom.ada)
    bloom.way(agency.base)
    bloom.pass_on(bloom.ada)
    bloom.sweep()
    (number,) = agency.requests
    agency.mood = "forged"
    assert agency.call_back(number, request_status="completed") == 403
    agency.mood = "other_domain"
    assert agency.call_back(number, request_status="completed") == 403
    agency.mood = ""
    assert agency.call_back(number, request_status="completed", status_callback_url="https://elsewhere.example") == 400
    assert agency.call_back(number, request_status="completed", subject_request_id=str(uuid.uuid4())) == 404
    assert bloom.notice().state is NoticeState.SENT


class Listener:
    """Hears callbacks."""

    def __init__(self):
        import threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        outer, self.heard = self, []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                outer.heard.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(202)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/heard"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
