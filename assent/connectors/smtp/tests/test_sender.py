import socket
import threading
import time

import pytest

from assent.connectors.smtp.sender import SmtpSender
from assent.connectors.smtp.session import Address
from assent.connectors.smtp.tests.cast import Post, Server, cleared
from assent.dispatch.contracts import Outcome


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def server(post):
    made = Server(post)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def sender(server):
    made = SmtpSender(server.url)
    yield made
    made.close()


def one(sender, message):
    [done] = sender.hand_over([message])
    return done


def test_a_message_arrives_once_and_the_servers_name_for_it_is_kept(sender, post):
    done = one(sender, cleared())
    assert (done.outcome, done.reference, done.code) == (Outcome.SENT, "ABC123", "dot 250 2.0.0")
    assert [address for address, _ in post.kept] == ["ada@people.example"]
    assert post.mail()["Subject"] == "Hello"


def test_many_messages_share_few_connections(sender, post):
    messages = [cleared(number, f"p{number}@people.example") for number in range(1, 101)]
    done = list(sender.hand_over(messages))
    assert {one.id for one in done if one.outcome is Outcome.SENT} == set(range(1, 101))
    assert sorted(address for address, _ in post.kept) == sorted(message.address for message in messages)
    assert len(sender._idle) <= 4


@pytest.mark.parametrize(
    ("local", "outcome", "code", "gone"),
    [
        ("full", Outcome.TEMPORARY, "rcpt 452 4.2.2", False),
        ("later", Outcome.TEMPORARY, "dot 451 4.3.0", False),
        ("gone", Outcome.PERMANENT, "rcpt 550 5.1.1", True),
        ("bare", Outcome.PERMANENT, "rcpt 550", True),
        ("spam", Outcome.PERMANENT, "rcpt 550 5.7.1", False),
    ],
)
def test_each_answer_means_what_its_code_says(sender, local, outcome, code, gone):
    done = one(sender, cleared(address=f"{local}@people.example"))
    assert (done.outcome, done.code, done.address_refused) == (outcome, code, gone)


def test_a_refusal_does_not_spoil_the_connection_for_the_next(sender, post):
    messages = [cleared(number, f"{name}@people.example") for number, name in enumerate(["gone", "ada", "full", "ben"] * 5, 1)]
    done = {one.id: one.outcome for one in sender.hand_over(messages)}
    assert [done[number] for number in range(1, 5)] == [Outcome.PERMANENT, Outcome.SENT, Outcome.TEMPORARY, Outcome.SENT]


def test_a_connection_lost_after_the_final_dot_leaves_the_outcome_unknown(sender, post):
    post.hangs_up.add("ada")
    done = one(sender, cleared())
    assert done.outcome is Outcome.UNKNOWN
    assert one(sender, cleared(2, "ben@people.example")).outcome is Outcome.SENT


def test_a_server_that_is_down_is_a_temporary_failure_for_all(post):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sender = SmtpSender(f"smtp://127.0.0.1:{taken.getsockname()[1]}?tls=none")
        done = list(sender.hand_over([cleared(number) for number in range(1, 6)]))
    sender.close()
    assert {(one.outcome, one.code) for one in done} == {(Outcome.TEMPORARY, "connect")}


def test_a_message_whose_claim_has_run_out_is_not_tried(sender, post):
    assert one(sender, cleared(seconds=-0.1)).outcome is Outcome.UNTRIED
    assert post.kept == []


def test_a_sender_lets_go_before_the_final_dot_when_the_server_is_slower_than_the_claim():
    """The server holds back its 354 until the claim is over: the body must not follow."""
    seen = []
    listening = socket.create_server(("127.0.0.1", 0))

    def slow():
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 slow\r\n")
            for line in map(bytes.upper, lines):
                seen.append(line)
                if line.startswith(b"EHLO"):
                    connection.sendall(b"250 slow\r\n")
                elif line.startswith(b"DATA"):
                    time.sleep(0.6)
                    connection.sendall(b"354 go\r\n")
                else:
                    connection.sendall(b"250 ok\r\n")

    thread = threading.Thread(target=slow)
    thread.start()
    sender = SmtpSender(f"smtp://127.0.0.1:{listening.getsockname()[1]}?tls=none")
    done = one(sender, cleared(seconds=0.3))
    sender.close()
    thread.join()
    listening.close()
    assert done.outcome in {Outcome.UNTRIED, Outcome.TEMPORARY}
    assert seen[-1].startswith(b"DATA")


def test_pipelined_commands_are_answered_in_order_and_a_refused_recipient_gets_no_data():
    seen = []
    listening = socket.create_server(("127.0.0.1", 0))

    def odd():
        for _ in range(2):
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 odd\r\n")
                for line in map(bytes.upper, lines):
                    seen.append(line.strip())
                    if line.startswith(b"EHLO"):
                        connection.sendall(b"250-odd\r\n250 PIPELINING\r\n")
                    elif line.startswith(b"RCPT TO:<GONE"):
                        connection.sendall(b"550 5.1.1 no\r\n")
                    elif line.startswith(b"DATA"):
                        connection.sendall(b"354 go\r\n")
                    elif line == b".\r\n":
                        connection.sendall(b"250 2.0.0 queued as Q1\r\n")
                    elif line.startswith((b"MAIL", b"RCPT", b"RSET", b"QUIT")):
                        connection.sendall(b"250 ok\r\n")

    thread = threading.Thread(target=odd)
    thread.start()
    sender = SmtpSender(f"smtp://127.0.0.1:{listening.getsockname()[1]}?tls=none&connections=1")
    gone = one(sender, cleared(1, "gone@people.example"))
    good = one(sender, cleared(2, "ada@people.example"))
    sender.close()
    thread.join()
    listening.close()
    assert (gone.outcome, gone.address_refused) == (Outcome.PERMANENT, True)
    assert good.outcome is Outcome.SENT
    assert seen.count(b".") == 1


def test_an_address_beyond_ascii_goes_only_to_a_server_that_takes_it(sender, post):
    assert one(sender, cleared(address="ștefan@people.example")).outcome is Outcome.SENT
    plain = Server(post, enable_SMTPUTF8=False)
    plain.start()
    refusing = SmtpSender(plain.url)
    assert one(refusing, cleared(address="ștefan@people.example")).outcome is Outcome.PERMANENT
    refusing.close()
    plain.stop()


def test_an_address_that_is_none_is_never_sent(sender, post):
    done = one(sender, cleared(address="ada@people.example>\r\nRCPT TO:<ben@people.example"))
    assert (done.outcome, done.address_refused) == (Outcome.PERMANENT, False)
    assert post.kept == []


def test_starttls_is_demanded_unless_the_address_says_otherwise(server):
    sender = SmtpSender(f"smtp://127.0.0.1:{server.port}")
    done = one(sender, cleared())
    sender.close()
    assert done.outcome is Outcome.TEMPORARY
    assert done.code.startswith("starttls")


@pytest.mark.parametrize("url", ["http://x.example", "smtp://", "smtp://x.example?tls=maybe", "smtp://x.example?connections=0"])
def test_a_wrong_address_says_how_to_write_it(url):
    with pytest.raises(ValueError, match=r"write|written"):
        Address.read(url)


def test_an_address_with_log_in_is_read_whole():
    assert Address.read("smtps://us%40er:p%3Aw@mail.example?connections=3") == Address(
        "mail.example", 465, "implicit", "us@er", "p:w", 3
    )
