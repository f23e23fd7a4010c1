"""Keys of policies and bodies: from their names, each once."""

from itertools import count
from typing import Any, Final

from django.db.models import QuerySet

from lineshaft.kernel.ids import slug

KEY_MAX: Final = 64
RESERVED: Final = frozenset({"draft", "establish"})
"""Words that stand in the place of a key in an address."""


def free_key(rows: QuerySet[Any], name: str) -> str:
    """A key from the name that no row has: the name alone, or with a number behind it."""
    plain = slug(name)[: KEY_MAX - 6].strip("-")
    taken = set(rows.filter(key__startswith=plain).values_list("key", flat=True)) | RESERVED
    return next(
        key
        for number in count(1)
        if (key := plain if number == 1 else f"{plain}-{number}") not in taken
    )
