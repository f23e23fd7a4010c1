"""What an event's digest is made of, how seals chain, and who may read or erase."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from lineshaft.kernel.money import Money
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.permit import Permission, permissions
from lineshaft.plumbing.roles import Role

FIRST_DIGEST: Final = "0" * 64
"""What stands for the seal before the first."""

SETTLED_AFTER: Final = timedelta(days=1)
"""How long ago a seal was made, so that no transaction can still add an event before its last."""

SEAL_EVENTS_MAX: Final = 10_000
"""Events in one seal, so that sealing a backlog keeps its transaction short."""

PERMISSIONS = permissions(
    Permission(
        "erase_event",
        gettext_noop("Only an administrator may erase the personal content of an audit event."),
        roles=frozenset({Role.ADMINISTRATOR}),
    ),
)


def canonical(content: Mapping[str, Any]) -> str:
    """The one text of a content: keys sorted, no spaces, times in ISO 8601."""
    return json.dumps(
        plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def plain(value: Any) -> Any:
    """The value in JSON's own types; raises TypeError for what has no stated text."""
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain(value.value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case Money():
            return {"amount_minor": value.amount_minor, "currency": value.currency}
        case datetime() | date():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case list() | tuple() | set() | frozenset():
            items = [plain(item) for item in value]
            return sorted(items, key=str) if isinstance(value, set | frozenset) else items
        case _ if hasattr(value, "_proxy____cast"):
            return str(value)
        case _:
            message = f"{type(value).__name__} has no stated form in the audit trail."
            raise TypeError(message)


def event_digest(salt: str, content: Mapping[str, Any]) -> str:
    """The salted digest of an event's content; without the salt it tells nothing of it."""
    return hashlib.sha256(f"{salt}{canonical(content)}".encode()).hexdigest()


def seal_digest(previous_digest: str, events: Iterable[tuple[int, str]]) -> str:
    """The digest over the previous one and over (event id, event digest) in id order."""
    state = hashlib.sha256(previous_digest.encode())
    for event_id, digest in events:
        state.update(f"{event_id}:{digest};".encode())
    return state.hexdigest()
