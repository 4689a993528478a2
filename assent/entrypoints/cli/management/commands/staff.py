"""``assent staff``: make an account and give it a role."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assent.audit.contracts import Actor
from assent.entrypoints.cli.arguments import controller_named
from assent.foundation.clock import now
from assent.tenancy import api as tenancy
from assent.tenancy.contracts import Role


class Command(BaseCommand):
    """Make an account for a member of staff."""

    help = "Make an account and give it a role at a controller. The password is asked for, or read from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who, where and what for."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)
        parser.add_argument("--language", default="en", choices=["en", "ro"])
        parser.add_argument("--controller", required=True)
        parser.add_argument("--role", required=True, choices=[role.value for role in Role])

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it."""
        info = controller_named(options["controller"])
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        by, at = Actor.system("cli"), now()
        staff = tenancy.make_staff(
            email=options["email"], name=options["name"], password=password, language=options["language"], by=by, at=at
        )
        tenancy.grant(staff=staff, controller=info.id, role=Role(options["role"]), by=by, at=at)
        self.stdout.write(f"{options['name']} is {options['role']} at {info.name}.")
