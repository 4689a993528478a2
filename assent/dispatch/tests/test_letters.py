"""What the house has to tell one person: Dan never agreed to any news, and still gets the answer he asked for."""

import dataclasses

import pytest

from assent.dispatch import api, models
from assent.dispatch.contracts import Letter, Outcome, State, UndeclaredPurpose
from assent.dispatch.letters import rendered, variables
from assent.dispatch.ports import Links, NotRendered
from assent.dispatch.tests.conftest import STAFF
from assent.foundation import scope
from assent.foundation.clock import now

pytestmark = pytest.mark.django_db(databases="__all__")

LETTER = Letter(
    "en",
    "Your code",
    ("Here is the code you asked for.", "If you did not, do nothing."),
    code="305712",
    link="https://bloom.example/me/link/x",
    link_words="Go on",
)


def tell(house, *who, letter=LETTER, occasion="portal:1", **more):
    letters = [(one, letter) for one in who]
    return api.tell(controller=house.bloom, occasion=occasion, letters_to=letters, by=STAFF, at=now(), **more)


def test_a_letter_reaches_whoever_agreed_to_nothing_on_the_basis_that_owes_it(house):
    assert tell(house, house.dan) == 1
    house.hand_over()
    [message] = house.sender.sent
    assert (message.purpose, house.message(house.dan, "portal:1").basis) == ("privacy_requests", "legal_obligation")
    assert (message.rendered.from_name, message.rendered.from_address) == ("Bloom Fashion SRL", "privacy@bloom.example")
    assert dict(message.headers) == {}
    for body in (message.rendered.text, message.rendered.html):
        assert "305712" in body
        assert "https://bloom.example/me/link/x" in body
        assert "privacy@bloom.example" in body


def test_a_code_is_nowhere_in_clear_and_gone_once_it_has_left(house):
    tell(house, house.dan)
    with scope.controller(house.bloom):
        kept = models.Message.objects.get(subject_id=house.dan)
        assert b"305712" not in bytes(kept.variables)
        assert b"305712" not in repr(kept.__dict__).encode()
    assert "305712" not in repr(LETTER)
    house.hand_over()
    with scope.controller(house.bloom):
        assert bytes(models.Message.objects.get(subject_id=house.dan).variables) == b""


def test_the_same_occasion_twice_is_one_letter(house):
    assert [tell(house, house.ada, house.dan), tell(house, house.ada, house.dan)] == [2, 0]


def test_words_are_escaped_whoever_they_are_from(house):
    tell(house, house.dan, letter=dataclasses.replace(LETTER, lines=("<b>hello</b>",), link='https://x.example/"><script>'))
    house.hand_over()
    html = house.sender.sent[0].rendered.html
    assert "<b>hello" not in html
    assert "<script>" not in html


def test_a_channel_that_the_answering_purpose_does_not_use_is_refused(house):
    with pytest.raises(UndeclaredPurpose):
        tell(house, house.dan, channel="sms")


def test_what_is_no_letter_is_not_put_on_paper():
    with pytest.raises(NotRendered):
        rendered({"subject": "x"}, language="en", links=Links())
    assert rendered(variables(LETTER), language="en", links=Links()).subject == "Your code"


def test_a_letter_to_a_dead_address_does_not_leave(house):
    house.sender.says = {"dan@people.example": Outcome.PERMANENT}
    tell(house, house.dan)
    house.hand_over()
    tell(house, house.dan, occasion="portal:2")
    house.hand_over()
    assert house.message(house.dan, "portal:2").state is State.REFUSED
