"""A recipient gets a signed mail that names nobody outside its file, and a link to confirm."""

import json
from datetime import UTC, datetime

import pytest

from assent.connectors.smtp.notices import EmailNotifier
from assent.connectors.smtp.tests.cast import Post, Server
from assent.foundation import canonical
from assent.privacy.disclosures.ports import BadWay, Notice, ToldHow, What


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def notifier(post):
    server = Server(post)
    server.start()
    yield made(server.url)
    server.stop()


def made(url):
    return EmailNotifier(
        url, link=lambda token: f"https://bloom.example/n/{token}", sign=lambda text: b"signed" + text[:2],
        verifier_key=lambda: "log+1+key",
    )  # fmt: skip


def notice(**changed):
    said = {
        "id": 7, "controller": 1, "controller_name": "Bloom", "controller_contact": "privacy@bloom.example",
        "language": "en", "recipient": "agency", "recipient_name": "Agency", "address": "privacy@agency.example",
        "what": What.ERASURE, "purpose": "", "made_at": datetime(2026, 11, 23, 12, tzinfo=UTC), "attempt": 1,
        "people": [{"id": "1", "email": "ada@people.example"}], "token": "1.secret", **changed,
    }  # fmt: skip
    return Notice(**said)


def parts(post, place=0):
    mail = post.mail(place)
    text = mail.get_body(("plain",)).get_content()
    (file,) = mail.iter_attachments()
    return mail, text, json.loads(file.get_content())


def test_the_mail_says_what_to_do_and_where_to_confirm(notifier, post):
    assert notifier.tell(notice()).how is ToldHow.SENT
    mail, text, file = parts(post)
    assert mail["To"] == "privacy@agency.example"
    assert "https://bloom.example/n/1.secret" in text
    assert "ada@" not in text
    assert "ada@" not in str(mail["Subject"])
    assert file["people"] == [{"id": "1", "email": "ada@people.example"}]


def test_the_file_is_signed_over_its_canonical_form(notifier, post):
    notifier.tell(notice())
    _, _, file = parts(post)
    signature = file.pop("signature")
    assert bytes.fromhex(signature) == b"signed" + canonical.dumps(file)[:2]


def test_it_is_written_in_the_controllers_language(notifier, post):
    notifier.tell(notice(language="ro"))
    mail, text, _ = parts(post)
    assert "ștergeți" in str(mail["Subject"])
    assert "confirmați" in text


def test_a_name_can_not_write_headers_of_its_own(notifier, post):
    notifier.tell(notice(controller_name="Bloom\r\nBcc: all@x.example\u2028"))
    mail, _, _ = parts(post)
    assert mail["Bcc"] is None


def test_a_reminder_says_so(notifier, post):
    notifier.ask(notice())
    assert str(parts(post)[0]["Subject"]).startswith("Reminder: ")


@pytest.mark.parametrize(
    ("address", "how"),
    [("gone@agency.example", ToldHow.REFUSED), ("full@agency.example", ToldHow.LATER), ("later@agency.example", ToldHow.LATER)],
)
def test_what_the_server_says_decides(notifier, address, how):
    assert notifier.tell(notice(address=address)).how is how


def test_without_a_server_it_waits():
    assert made("").tell(notice()).code == "no mail server"
    assert made("smtp://127.0.0.1:1?tls=none").tell(notice()).how is ToldHow.LATER


def test_what_is_no_address_is_refused():
    assert made("").check("privacy@agency.example") == "privacy@agency.example"
    for wrong in ("agency", "a b@agency.example", "a@b.example\r\nRCPT TO:<x@y.example>", ""):
        with pytest.raises(BadWay):
            made("").check(wrong)
