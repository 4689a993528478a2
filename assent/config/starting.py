"""What every long-running command does first: check the house, and refuse to start on an error."""

import sys

from django.conf import settings
from django.core import checks
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from assent.backups import api as backups
from assent.backups.contracts import Refused
from assent.config.routers import apps_of
from assent.foundation.processes import is_taken

__all__ = ["check_port", "command", "refuse_unsound"]


def refuse_unsound() -> None:
    """
    Say that the house is served, run the system checks and compare the tables with the migrations.

    A web server would start all the same and fail on some page later.

    :raises CommandError: with what is wrong and how to mend it
    """
    try:
        backups.occupy()
    except Refused as refused:
        message = f"refusing to start: {refused}"
        raise CommandError(message) from None
    found = checks.run_checks(include_deployment_checks=False, databases=list(settings.DATABASES))
    errors = [message for message in found if message.level >= checks.ERROR and not message.is_silenced()]
    if errors:
        raise CommandError("refusing to start:\n" + "\n".join(f"  {error}" for error in errors))
    for alias in (DEFAULT_DB_ALIAS, *(a for a in settings.DATABASES if a != DEFAULT_DB_ALIAS)):
        executor, apps = MigrationExecutor(connections[alias]), apps_of(alias)
        if executor.migration_plan([node for node in executor.loader.graph.leaf_nodes() if apps is None or node[0] in apps]):
            message = f"refusing to start: database {alias!r} has migrations to run: `assent prepare` does it"
            raise CommandError(message)


def check_port(host: str, port: int) -> None:
    """
    Refuse a port on which somebody answers already.

    :raises CommandError: if so
    """
    if is_taken(host, port):
        message = f"port {port} on {host} is taken: end what uses it or choose another with --port"
        raise CommandError(message)


def command(*words: str) -> list[str]:
    """Return the command line that runs another command of ours with this Python."""
    return [sys.executable, "-m", "assent", *words]
