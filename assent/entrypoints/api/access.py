"""Who may call what: API keys and their verbs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja.security import HttpBearer

from assent.audit.contracts import Actor
from assent.entrypoints.api import limits
from assent.entrypoints.api.problems import Problem
from assent.foundation import scope
from assent.foundation.clock import now
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ApiKeyInfo, Permission

__all__ = ["ApiKey", "actor", "caller", "controller", "needs"]

F = TypeVar("F", bound=Callable[..., Any])


class ApiKey(HttpBearer):
    """The header ``Authorization: Bearer ak_…``."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKeyInfo | None:
        """
        Return whose key it is, or None.

        :raises Problem: 429 if the key has called too often
        """
        if not hasattr(request, "api_key"):
            info = tenancy.api_key(clear=token)
            if info is not None and (wait := limits.wait_for(info, at=now())):
                raise Problem(429, "Too many requests", f"try again in {wait} s", retry_after=wait)
            request.api_key = info  # type: ignore[attr-defined]
        found: ApiKeyInfo | None = request.api_key  # type: ignore[attr-defined]
        return found


KEY = ApiKey()


def caller(request: HttpRequest) -> ApiKeyInfo | None:
    """Return the key that calls, or None; asked before ninja asks, by what wraps an operation."""
    found: ApiKeyInfo | None = KEY(request)
    return found


def actor(request: HttpRequest) -> Actor:
    """Return the key that calls, as the book names it."""
    return Actor.key(request.auth.id)  # type: ignore[attr-defined]


def controller(request: HttpRequest) -> int:
    """Return the controller of the key that calls."""
    return int(request.auth.controller)  # type: ignore[attr-defined]


def needs(permission: Permission) -> Callable[[F], F]:
    """Let a view run only for keys with this verb, with their controller in scope."""

    def wrap(view: F) -> F:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            info: ApiKeyInfo = request.auth  # type: ignore[attr-defined]
            if permission not in info.verbs:
                raise Problem(403, "Not allowed", f"this key lacks the verb {permission.value}: make one that has it")
            with scope.controller(info.controller):
                return view(request, *args, **kwargs)

        checked.verb = permission.value  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap
