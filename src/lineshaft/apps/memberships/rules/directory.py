"""What an entry in the directory of members may say, and who may have one."""

from typing import Final

from lineshaft.apps.memberships.rules.applications import OPEN_MEMBERSHIP
from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop

DESCRIPTION_MAX: Final = 1000
CAPABILITIES_MAX: Final = 500
CONTACT_MAX: Final = 200
AREAS_MAX: Final = 10
"""Technology areas of one entry; who is in all of them is found by none."""

_NOT_A_MEMBER: Final = gettext_noop(
    "“%(name)s” belongs to no institute today. The directory and the board of needs are for "
    "members; an institute's page says how to join."
)


def refuse_non_member(name: str, *, is_member: bool) -> Refusal | None:
    """Why an organisation can't speak to the network's members, or None."""
    if is_member:
        return None
    return Refusal("not_a_member", _NOT_A_MEMBER, OPEN_MEMBERSHIP, {"name": name})
