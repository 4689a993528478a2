"""The ``assent`` command: Django's command line under that name."""

import os
import sys

from assent import receipts


def main() -> None:
    """Run a command; ``assent help`` lists them."""
    if sys.argv[1:3] == ["receipt", "verify"]:
        # Whoever checks a receipt has no settings and no database, and needs none.
        sys.exit(receipts.main(sys.argv[3:]))
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assent.config.settings")
    execute_from_command_line(["assent", *sys.argv[1:]])


if __name__ == "__main__":
    main()
