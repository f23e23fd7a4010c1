"""Whether the thing that a role is to be held over exists; plumbing asks by the settings' name."""

import re
from typing import Final, assert_never

from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.network.models import Agency, Institute, Organisation
from lineshaft.plumbing.roles import ScopeKind

NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")


def scope_exists(kind: ScopeKind, scope_id: str) -> bool:
    """Whether there is such a thing, named as the program itself would name it."""
    match kind:
        case ScopeKind.NETWORK:
            return scope_id == ""
        case ScopeKind.AGENCY:
            return Agency.objects.filter(key=scope_id).exists()
        case ScopeKind.INSTITUTE:
            return Institute.objects.filter(key=scope_id).exists()
        case ScopeKind.ORGANISATION:
            is_number = NUMBER.fullmatch(scope_id) is not None
            return is_number and Organisation.objects.filter(pk=int(scope_id)).exists()
        case ScopeKind.COMPETITION:
            return Competition.objects.filter(key=scope_id).exists()
        case _:
            assert_never(kind)
