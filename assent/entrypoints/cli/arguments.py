"""What several commands ask for in the same way."""

import re
from argparse import ArgumentTypeError
from zoneinfo import available_timezones

from django.core.management.base import CommandError

from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo, UnknownController

__all__ = ["controller_named", "country", "slug", "time_zone"]


def controller_named(slug: str) -> ControllerInfo:
    """
    Return the controller with this short name.

    :raises CommandError: if there is none, naming those there are
    """
    try:
        return tenancy.controller(slug=slug)
    except UnknownController:
        known = ", ".join(info.slug for info in tenancy.controllers()) or "none yet; `assent controller` makes one"
        message = f"no controller is called {slug!r} (there are: {known})"
        raise CommandError(message) from None


def slug(text: str) -> str:
    """
    Return a short name that can stand in addresses and on command lines.

    :raises ArgumentTypeError: if it can't
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,49}", text):
        message = "a short name has up to 50 small letters, digits and hyphens and begins with a letter, like galeria-nord"
        raise ArgumentTypeError(message)
    return text


def country(text: str) -> str:
    """
    Return a country's two letters (ISO 3166-1).

    :raises ArgumentTypeError: if there are not two
    """
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        message = "a country is two letters, like RO"
        raise ArgumentTypeError(message)
    return text.upper()


def time_zone(text: str) -> str:
    """
    Return the name of a time zone.

    :raises ArgumentTypeError: if this machine knows none of that name
    """
    if text not in available_timezones():
        message = "no time zone is called so: write one like Europe/Bucharest"
        raise ArgumentTypeError(message)
    return text
