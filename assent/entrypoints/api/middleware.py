"""Whatever goes wrong below ``/api/`` is answered as a problem: unknown paths, wrong methods, mistakes of ours, too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from assent.entrypoints.api.problems import MEDIA_TYPE, answer, of_status, problem_of

__all__ = ["Problems"]

PREFIX = "/api/"
KEPT = ("Allow", "Retry-After")


class Problems:
    """Turns pages that say an error into problem details."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Take the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with a problem where there is one."""
        response = self.get_response(request)
        if response.status_code < 400 or not request.path.startswith(PREFIX) or response.headers["Content-Type"] == MEDIA_TYPE:
            return response
        problem = answer(of_status(response.status_code))
        for name in KEPT:
            if name in response.headers:
                problem.headers[name] = response.headers[name]
        return problem

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what was raised around an operation, outside of ninja."""
        problem = problem_of(error) if request.path.startswith(PREFIX) else None
        return None if problem is None else answer(problem)
