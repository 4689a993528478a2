from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given, strategies as st

from assent.connectors.smtp.mime import BadAddress, envelope, mail
from assent.connectors.smtp.tests.cast import cleared

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def read(message, **how):
    wire = mail(message, to=how.get("to", message.address), at=AT)
    assert b"\n" not in wire.replace(b"\r\n", b"")
    undotted = wire.replace(b"\r\n..", b"\r\n.")
    return message_from_bytes(undotted, policy=policy.default), wire


def test_a_reader_finds_both_bodies_and_every_header():
    found, _ = read(
        cleared(subject="Bună, Ștefan", html="<p>Țuică & brânză</p>", text="Țuică și brânză", from_name="Flori Înalte")
    )
    assert found["Subject"] == "Bună, Ștefan"
    assert str(found["From"]) == "Flori Înalte <news@bloom.example>"
    assert found["To"] == "ada@people.example"
    assert found["Message-ID"] == f"<{1:032x}@bloom.example>"
    assert found["Date"].datetime == AT
    assert found["List-Unsubscribe"] == "<https://a.example/u/x>, <mailto:a@bloom.example>"
    assert found.get_body(("plain",)).get_content().strip() == "Țuică și brânză"
    assert found.get_body(("html",)).get_content().strip() == "<p>Țuică & brânză</p>"


def test_a_message_without_html_is_plain_text():
    found, _ = read(cleared(html="", text="only words"))
    assert found.get_content_type() == "text/plain"
    assert found.get_content().strip() == "only words"


def test_a_line_that_begins_with_a_dot_does_not_end_the_message():
    found, wire = read(cleared(text=".hidden\n.\n..x", html=""))
    assert b"\r\n.\r\n" not in wire
    assert found.get_content().splitlines()[:3] == [".hidden", ".", "..x"]


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=300))
def test_no_text_can_begin_a_header_line_of_its_own(subject, name, body):
    found, wire = read(cleared(subject=subject, from_name=name, text=body, html=body))
    head = wire.split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    wanted = [b"From", b"MIME-Version", b"Date", b"Message-ID", b"To", b"Subject", b"List-Unsubscribe", b"Content-Type"]
    assert names == (wanted if body else [*wanted, b"Content-Transfer-Encoding"])
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    assert "Bcc" not in found


def test_a_header_cannot_be_smuggled_in_anywhere():
    found, _ = read(
        cleared(
            subject="Hi\r\nBcc: mallory@evil.example",
            from_name="Bloom\nBcc: mallory@evil.example",
            headers={"List-Unsubscribe": "<x>\r\nBcc: mallory@evil.example"},
        )
    )
    assert "Bcc" not in found


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "@x.example",
        "a b@x.example",
        "a@x.example\r\nRCPT TO:<b@x.example>",
        "<a@x.example>",
        "a,b@x.example",
        "a@x@y.example",
        "",
    ],
)
def test_what_is_no_address_goes_into_no_envelope(address):
    with pytest.raises(BadAddress) as told:
        envelope(address)
    assert not address or address not in str(told.value)


def test_a_domain_beyond_ascii_is_written_in_ascii():
    assert envelope("ana@școală.example") == "ana@xn--coal-c4a26h.example" or envelope("ana@școală.example").isascii()


def test_a_subject_that_looks_encoded_stays_what_it_says():
    found, _ = read(cleared(subject="=?utf-8?q?free?="))
    assert found["Subject"] == "=?utf-8?q?free?="
