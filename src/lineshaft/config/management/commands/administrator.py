"""`lineshaft administrator`: the first user of an empty network, who can grant roles to others."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.core.validators import validate_email

from lineshaft.config.console import ConsoleCommand
from lineshaft.config.platform import check_migrated
from lineshaft.kernel.errors import Invalid
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.services import grant_role, register_user
from lineshaft.plumbing.actor import RoleGrant
from lineshaft.plumbing.roles import Role, ScopeKind


class Command(ConsoleCommand):
    """The password is asked for, or read from the first line of standard input."""

    help = (
        "Register a user and grant the roles of administrator and programme officer.\n"
        "The password is asked for, or read from standard input where that is no terminal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address to sign in with")
        parser.add_argument("--name", required=True, help="the person's name")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_migrated()
        email, name = options["email"], options["name"]
        password = self.ask_password()
        _check(email, password)
        now = clock.now()
        user = register_user(self.actor, email=email, name=name, password=password, now=now)
        for role in (Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER):
            grant_role(
                self.actor,
                user,
                RoleGrant(role, ScopeKind.NETWORK),
                starts_on=now.date(),
                now=now,
                why="first administrator",
            )
        self.say(f"{user.email} can sign in now, and grant roles under /access/users/.")

    def ask_password(self) -> str:
        """The password as typed twice, or the first line of standard input."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise Invalid.in_field("password", "The two passwords differ. Run this again.")
        return password


def _check(email: str, password: str) -> None:
    try:
        validate_email(email)
        validate_password(password)
    except ValidationError as error:
        raise Invalid.in_field("administrator", " ".join(error.messages)) from error
