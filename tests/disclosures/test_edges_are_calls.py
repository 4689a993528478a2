"""Edges written down are the calls that left, counted on the wire by a proxy between us and the recipients."""

import random
import re
import socket
import threading
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings

from assent.audit.contracts import Actor
from assent.connectors.smtp.sender import SmtpSender
from assent.connectors.smtp.tests.cast import Post, Server
from assent.dispatch import api as dispatch, ports
from assent.dispatch.tests.conftest import PlainRenderer, made
from assent.foundation.clock import now
from assent.foundation.http import CannotCall
from assent.privacy.consent import api as consent
from assent.privacy.consent.contracts import Method
from assent.privacy.disclosures import api as disclosures
from assent.privacy.policy import api as policy
from assent.privacy.rights import api as rights
from assent.privacy.subjects import api as subjects
from assent.privacy.subjects.contracts import PersonInput
from tests.agreements import agree

pytestmark = pytest.mark.django_db(databases=["default", "keys", "profiles"])

BY = Actor.system("tests")
SEED = 20261125


class Proxy:
    """Passes bytes both ways, counts whom each message was named for, and sometimes hangs up before anybody was named."""

    def __init__(self, port):
        self.port, self.named, self.posted = port, Counter(), 0
        self.drops = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}?tls=none&connections=2"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                if self.drops:
                    self.drops -= 1
                    client.close()
                    continue
                threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client):
        with client, socket.create_connection(("127.0.0.1", self.port)) as server:
            back = threading.Thread(target=self.pass_on, args=(server, client, False), daemon=True)
            back.start()
            self.pass_on(client, server, True)
            back.join()

    def pass_on(self, one, other, counts):
        seen = b""
        with suppress(OSError):
            while data := one.recv(65536):
                if counts:
                    seen += data
                    for address in re.findall(rb"RCPT TO:<([^>]+)>", seen):
                        self.named[address.decode()] += 1
                    seen = seen[-40:] if b"RCPT TO:<" not in seen[-40:] else b""
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


@pytest.fixture
def bloom(db):
    found = made("bloom")
    policy.publish(controller=found, bundle=settings.HOME / "policies" / "bloom", by=BY, at=now())
    agree(controller=found, at=now())
    return found


@pytest.fixture
def wire():
    post = Post()
    post.hangs_up = {"cut7", "cut19"}
    server = Server(post)
    server.start()
    proxy = Proxy(server.port)
    yield proxy
    proxy.close()
    server.stop()


def people_of(bloom, names):
    given = [PersonInput({"user_id": name, "email": f"{name}@people.example"}) for name in names]
    found = [one.subject for one in subjects.upsert_many(controller=bloom, people=given, by=BY, at=now())]
    for subject in found:
        consent.give(
            controller=bloom, subject=subject, purpose="direct_marketing", channel="email", wording="marketing_email",
            method=Method.WEB_FORM, source="test", by=BY, at=now(),
        )  # fmt: skip
    return found


def edges(bloom, subject):
    return sum(one.times for one in disclosures.of_person(controller=bloom, subject=subject))


def test_edges_recorded_are_the_calls_that_left(bloom, wire):
    names = [f"p{number}" for number in range(40)] + ["gone", "full", "spam", "later1", "cut7", "cut19"]
    random.Random(SEED).shuffle(names)  # noqa: S311 - an order, not a secret
    people = dict(zip(names, people_of(bloom, names), strict=True))
    refuses = names[:5]
    for name in refuses:
        consent.withdraw(
            controller=bloom, subject=people[name], purpose="direct_marketing", channel="email", method=Method.WEB_FORM,
            source="test", by=BY, at=now(),
        )  # fmt: skip
    ports.wire(renderer=PlainRenderer())
    sender = SmtpSender(wire.url, recipient="platform")
    at = now()
    dispatch.enqueue(
        controller=bloom, occasion="news:1", purpose="direct_marketing", channel="email", template=1, not_before=at,
        people=[(one, {"name": name, "language": "en"}) for name, one in people.items()], by=BY, at=at,
    )  # fmt: skip
    wire.drops = 2
    try:
        for minute in range(0, 12, 2):
            dispatch.hand_over_once(controller=bloom, sender=sender, at=now() + timedelta(minutes=minute), limit=15)
    finally:
        sender.close()
    counted = {name: edges(bloom, subject) for name, subject in people.items()}
    assert counted == {name: wire.named[f"{name}@people.example"] for name in names}
    assert sum(counted.values()) >= 40
    assert not any(counted[name] for name in refuses)


def test_an_address_nobody_answers_at_is_no_edge(bloom, settings):
    settings.ASSENT_HTTP_ALLOW = ["127.0.0.0/8"]
    (ada,) = people_of(bloom, ["ada"])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    with pytest.raises(CannotCall):
        rights.hand_over(controller=bloom, subject=ada, to=f"http://127.0.0.1:{closed}/", name="Petal", by=BY, at=now())
    assert edges(bloom, ada) == 0
