"""Accounts of staff: an administrator makes them, nobody signs up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from assent.foundation import clock
from assent.tenancy import api as tenancy

__all__ = ["ClosedAccounts"]

QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class ClosedAccounts(DefaultAccountAdapter):
    """Closes the sign-up door, speaks the member's language, and keeps quiet about what the page shows anyway."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say no to everyone."""
        return False

    def post_login(self, request: HttpRequest, user: Any, **rest: Any) -> HttpResponse:
        """Go on in the language of the account, unless another was chosen in this browser."""
        answer = super().post_login(request, user, **rest)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Lax", secure=request.is_secure())
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down against whose account a log-in failed; an address that is nobody's is not kept anywhere."""
        super().authentication_failed(request, **credentials)
        tenancy.login_failed(email=str(credentials.get("email", "")), at=clock.now())

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **rest: Any
    ) -> None:
        """Pass on messages that tell something new."""
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **rest)
