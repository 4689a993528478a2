"""What several commands ask for in the same way."""

from django.core.management.base import CommandError

from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ControllerInfo, UnknownController

__all__ = ["controller_named"]


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
