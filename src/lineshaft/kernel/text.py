"""Messages that are written here and translated elsewhere.

A rule or an error carries an English message id with named places (``%(name)s``) and the values
for them. The edge (page, API, command line) translates the id first and fills the places
afterwards, so that one catalogue entry serves every value.
"""

from collections.abc import Callable, Mapping
from typing import Any

type Translate = Callable[[str], str]


class Term(str):
    """A value for a message's place that is itself a message id, and is translated before it is
    filled in.
    """

    __slots__ = ()


class Amount(Term):
    """An amount of money in a message's place, as `str(Money)` writes it; an edge that knows its
    reader's locale writes it as the reader does.
    """

    __slots__ = ()


class Day(Term):
    """A day in a message's place, as ISO 8601 writes it; an edge that knows its reader's locale
    writes it as the reader does.
    """

    __slots__ = ()


def gettext_noop(message: str) -> str:
    """Return the message unchanged; the name marks it for extraction into the catalogue."""
    return message


def untranslated(message: str) -> str:
    """Return the message unchanged: the translation used where no language is chosen."""
    return message


def fill(message: str, params: Mapping[str, Any], translate: Translate = untranslated) -> str:
    """Return the translated message with its named places filled.

    A message without params is not formatted, so a bare percent sign in it needs no doubling.
    Raises KeyError when a place has no value: a programmer's mistake.
    """
    text = translate(message)
    if not params:
        return text
    return text % {key: _spoken(value, translate) for key, value in params.items()}


def _spoken(value: object, translate: Translate) -> object:
    if isinstance(value, Term):
        return translate(value)
    if isinstance(value, tuple):
        return ", ".join(str(_spoken(part, translate)) for part in value)
    return value
