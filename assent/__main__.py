"""The ``assent`` command: Django's command line under that name."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Run a command; ``assent help`` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assent.config.settings")
    execute_from_command_line(["assent", *sys.argv[1:]])


if __name__ == "__main__":
    main()
