"""Messages that are written here and translated elsewhere.

A rule or an error carries an English message id with named places (``%(name)s``) and the values
for them. The edge (page, API, command line) translates the id first and fills the places
afterwards, so that one catalogue entry serves every value.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

type Translate = Callable[[str], str]

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


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


def is_storable(value: object) -> bool:
    """Whether every text in a value of JSON's types can be stored.

    No database takes half of a surrogate pair, PostgreSQL no NUL either.
    """
    match value:
        case str():
            return _UNSTORABLE.search(value) is None
        case Mapping():
            return all(is_storable(key) and is_storable(item) for key, item in value.items())
        case list() | tuple():
            return all(is_storable(item) for item in value)
        case _:
            return True


def storable(text: str) -> str:
    """The text with U+FFFD for what no database stores."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


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
