"""Requests as operators type them."""

import pytest
from django.core.management import CommandError

from assent.entrypoints.cli.tests.test_commands import assent, brands, people  # noqa: F401 - fixtures
from assent.foundation.clock import now
from assent.privacy.rights import api as rights

pytestmark = pytest.mark.django_db(databases="__all__")
WHERE = ("--controller", "bloom")


@pytest.fixture
def number(people, brands):  # noqa: F811
    said = assent(
        "request", "new", *WHERE, "--kind", "human_review", "--email", "ada@people.example", "--checked", "--decision", "x"
    )
    return said.split()[0]


def test_a_request_is_registered_listed_shown_and_answered(number):
    assert number in assent("request", "list", *WHERE)
    assert "received" in assent("request", "show", number, *WHERE)
    assert "extended" not in assent("request", "extend", number, *WHERE, "--words", "many")
    assert "in_progress" in assent("request", "answer", number, *WHERE, "--words", "We looked.")
    shown = assent("request", "show", number, *WHERE)
    assert "decided" in shown
    assert "We looked." not in shown


def test_it_refuses_what_cannot_be_with_the_cure(number):
    for words in (
        ("new", *WHERE),
        ("new", *WHERE, "--kind", "access", "--email", "ada@people.example", "--received", "soon"),
        ("new", *WHERE, "--kind", "access", "--email", "ada@people.example", "--received", "2999-01-01"),
        ("new", *WHERE, "--kind", "restriction", "--email", "ada@people.example"),
        ("show", *WHERE),
        ("show", "0000-0000", *WHERE),
        ("refuse", number, *WHERE),
        ("clarified", number, *WHERE),
    ):
        with pytest.raises(CommandError):
            assent("request", *words)


def test_an_unknown_address_is_answered_and_another_brand_sees_nothing(number, brands):  # noqa: F811
    assert "answered" in assent("request", "new", *WHERE, "--kind", "access", "--email", "nobody@people.example")
    assert "no request here" in assent("request", "list", "--controller", "harbour")
    assert rights.requests(controller=brands["harbour"], at=now()) == []
