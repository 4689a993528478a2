"""Logs that say what and where, and never with which values: a person's data must not hide in them."""

import logging
import traceback
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

__all__ = ["NoValues", "WithoutValues"]


class WithoutValues(logging.Formatter):
    """
    Writes time, level, logger and the message's template.

    Arguments are left out unless they are numbers or our own code's names (``extra={"safe": True}`` shows them all), and
    of an exception only its type and the lines it passed: texts of database errors quote values
    (``Key (email)=(…)``).
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and the places of an exception below it."""
        message = record.getMessage() if getattr(record, "safe", False) else self._template(record)
        line = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')} {record.levelname} {record.name}: {message}"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            places = "".join(
                f"\n    {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
            )
            line += f"\n  {type(error).__module__}.{type(error).__qualname__}{places}"
        return line

    @staticmethod
    def _template(record: logging.LogRecord) -> str:
        template = str(record.msg)
        if not record.args:
            return template
        if isinstance(record.args, dict):
            return template
        shown = tuple(arg if isinstance(arg, int | float) else "…" for arg in record.args)
        try:
            return template % shown
        except (TypeError, ValueError):
            return template


class NoValues(SafeExceptionReporterFilter):
    """Keeps posted values, settings and local variables out of error reports."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """Return the names that were posted, without their values."""
        return {} if request is None else dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> Any:
        """Return the names of local variables, without their values."""
        return [(name, self.cleansed_substitute) for name in tb_frame.f_locals]
