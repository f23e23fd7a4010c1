"""`lineshaft address`: another e-mail address for a user to sign in with."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.core.validators import validate_email

from lineshaft.config.console import ConsoleCommand
from lineshaft.config.management.commands.invite import user_by_address
from lineshaft.config.platform import check_migrated
from lineshaft.kernel.errors import Invalid
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.services import change_address


class Command(ConsoleCommand):
    """Leaves an audit event."""

    help = (
        "Change the address that a user signs in with.\n"
        "Only here: whoever could change it in the pages could take the account over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", help="the address of now")
        parser.add_argument("new", help="the address from now on")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_migrated()
        user = user_by_address(options["old"])
        try:
            validate_email(options["new"])
        except ValidationError as error:
            raise Invalid.in_field("new", " ".join(error.messages)) from error
        user = change_address(self.actor, user, email=options["new"], now=clock.now())
        self.say(f"{user.name} signs in as {user.email} from now on.")
