"""Accounts of staff: made by an administrator, never by signing up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccounts(DefaultAccountAdapter):
    """allauth without a way in for strangers."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Return False: accounts are made by `assent staff` or in the console's settings."""
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> Any:  # noqa: ARG002 - allauth's signature
        """Return the overview."""
        return "/"
