"""Identifiers: new ones that sort by time of making, random ones that tell nothing, and derived
ones that a repetition makes again.

A derived id is what makes a retry harmless: the same parts always give the same id, on every
machine.
"""

import functools
import json
import re
import unicodedata
import uuid
from datetime import date

import uuid_utils.compat

type IdPart = str | int | date | uuid.UUID

_NAMESPACE = uuid.UUID("5f0e5bd0-7a5c-5d1e-9f0b-6c696e657368")


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7: unique, and later ids sort after earlier ones."""
    return uuid_utils.compat.uuid7()


def random_id() -> uuid.UUID:
    """Return a fresh UUIDv4: nothing but chance, so that it tells neither time nor order."""
    return uuid.uuid4()  # noqa: TID251 -- the one place where an id must not sort by time


def derived_id(namespace: str, *parts: IdPart) -> uuid.UUID:
    """Return the UUIDv5 that the namespace and the parts always give.

    Parts are kept apart, so ("a", "bc") and ("ab", "c") differ, and so do 1 and "1".
    """
    written = [part if isinstance(part, (str, int)) else str(part) for part in parts]
    return uuid_utils.compat.uuid5(_namespace(namespace), json.dumps(written, ensure_ascii=False))


@functools.lru_cache(maxsize=64)
def _namespace(name: str) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, name)


def slug(text: str) -> str:
    """Return a key of a-z, 0-9 and single hyphens for a name, never empty.

    Accents fall away.  A name that leaves nothing (Chinese, say) gets a short key derived from it.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or derived_id("slug", text).hex[:12]
