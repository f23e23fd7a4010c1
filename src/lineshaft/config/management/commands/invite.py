"""`lineshaft invite`: a link by which a user sets a password, where no mail brings it."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from lineshaft.config.console import ConsoleCommand
from lineshaft.config.platform import check_migrated
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import issue_link

ORIGIN_DEFAULT = "http://localhost:8000"


class Command(ConsoleCommand):
    """Prints the link, and leaves an audit event."""

    help = (
        "Print a link by which a registered user sets a password.\n"
        "For an installation without a mail server, and for whoever gets no mail. Hand it over in\n"
        "private: whoever opens it first has the account."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the user signs in with")

    def handle(self, *_args: Any, **options: Any) -> None:
        check_migrated()
        user = user_by_address(options["email"])
        origin = settings.ORIGIN or ORIGIN_DEFAULT
        self.answer(issue_link(self.actor, user, origin=origin, now=clock.now()))


def user_by_address(address: str) -> User:
    """The user who signs in with that address; raises NotFound."""
    user = User.objects.filter(email=address.strip().lower()).first()
    if user is None:
        raise NotFound("Nobody signs in as %(address)s.", params={"address": address})
    return user
