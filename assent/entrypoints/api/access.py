"""Who may call what: API keys, their verbs, and how often."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja.throttling import SimpleRateThrottle

from assent.entrypoints.api.problems import Problem
from assent.foundation import scope
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import ApiKeyInfo, Permission

__all__ = ["ApiKey", "PerKey", "needs"]

F = TypeVar("F", bound=Callable[..., Any])


class ApiKey(HttpBearer):
    """The header ``Authorization: Bearer ak_…``."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKeyInfo | None:
        """Return whose key it is, or None."""
        return tenancy.api_key(clear=token)


class PerKey(SimpleRateThrottle):
    """Counts the requests of a key. In this process: with several web processes the limit is that many times higher."""

    scope = "api_key"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Return the key's id; requests without a key are refused before they count."""
        info = getattr(request, "auth", None)
        return f"throttle-api-key-{info.id}" if isinstance(info, ApiKeyInfo) else None


def needs(permission: Permission) -> Callable[[F], F]:
    """Let a view run only for keys with this verb, with their controller in scope."""

    def wrap(view: F) -> F:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            info: ApiKeyInfo = request.auth  # type: ignore[attr-defined]
            if permission not in info.verbs:
                raise Problem(403, "Not allowed", f"this key lacks the verb {permission.value!r}: make one that has it")
            with scope.controller(info.controller):
                return view(request, *args, **kwargs)

        return checked  # type: ignore[return-value]

    return wrap
