"""Guessing a password ends soon, however many web processes share the guesses, and leaves no address behind."""

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.test import Client
from django.urls import reverse

from assent.entrypoints.console.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(databases="__all__")
MARA = "marketer@bloom.example"


@pytest.fixture(autouse=True)
def _nobody_tried_yet(house):
    cache.clear()


def guess(password):
    return Client().post(reverse("account_login"), {"login": MARA, "password": password})


def test_the_sixth_guess_in_five_minutes_is_refused_even_if_it_is_right(house):
    assert guess(PASSWORD).status_code == 302
    for number in range(5):
        assert guess(f"wrong guess {number}").status_code == 200
    assert guess(PASSWORD).status_code != 302


def test_guesses_are_counted_where_all_processes_look(house):
    guess("wrong")
    assert isinstance(caches["default"], DatabaseCache)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        kept = cursor.fetchall()
    assert kept
    assert not any(MARA.split("@", maxsplit=1)[0] in f"{key} {value}" for key, value in kept)
