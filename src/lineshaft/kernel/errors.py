"""The one tree of errors that a service may raise, and what each means at the edge.

    LineshaftError
    |-- NotPermitted   403  the actor may not do this
    |-- NotFound       404  it does not exist, or the actor may not know that it does
    |-- Refused        409  a rule says no; carries the refusal and its citation
    |-- Stale          409  somebody changed it since the actor read it
    |-- Invalid        422  what was entered cannot be taken; carries one FieldError for each fault
    |-- TooLarge       413  a file, a table or a request beyond its limit
    `-- Unavailable    503  a part that is needed does not answer now

Every error has a stable `code` for programs, a `message` (English message id with named places),
`params` for the places, and `citation`, the printed authority, or None. The edge maps the tree
once to pages and once to problem details. Anything outside this tree is a programmer's mistake and
is left to crash.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import Translate, fill, gettext_noop, untranslated

FIELD_ERRORS_SHOWN = 3


class LineshaftError(Exception):
    """The root: an answer to a person, not a crash."""

    default_code: ClassVar[str] = "error"
    default_message: ClassVar[str] = gettext_noop("This could not be done.")

    code: str
    message: str
    params: dict[str, Any]
    citation: str | None

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        params: Mapping[str, Any] | None = None,
        citation: str | None = None,
    ) -> None:
        self.message = self.default_message if message is None else message
        self.code = self.default_code if code is None else code
        self.params = dict(params or {})
        self.citation = citation
        super().__init__(self.message)

    def as_text(self, translate: Translate = untranslated) -> str:
        """Return the message in the reader's language with its places filled."""
        return fill(self.message, self.params, translate)

    def __str__(self) -> str:
        return self.as_text()


class NotPermitted(LineshaftError):
    """The actor is known and may not do this."""

    default_code = "not_permitted"
    default_message = gettext_noop("You may not do this.")


class NotFound(LineshaftError):
    """There is no such thing, or the actor may not know that there is."""

    default_code = "not_found"
    default_message = gettext_noop("There is nothing here, or nothing that you may see.")


class Refused(LineshaftError):
    """A rule says no; `refusal` holds the decision with its citation."""

    default_code = "refused"
    refusal: Refusal

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(
            refusal.message,
            code=refusal.code,
            params=refusal.params,
            citation=refusal.citation.text if refusal.citation else None,
        )
        self.refusal = refusal
        self.args = (refusal,)


class Stale(LineshaftError):
    """The record changed between the actor's reading and the actor's writing."""

    default_code = "stale"
    default_message = gettext_noop(
        "Somebody changed this since you opened it. Open it again and repeat your change."
    )


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in what was entered: the field, the place in a table if it came from one, and how
    to mend it.

    `row` counts as a person reading the file does: the header is row 1. `column` is the column's
    header.
    """

    field: str
    row: int | None = None
    column: str | None = None
    message: str = gettext_noop("This entry is not right.")
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    def as_text(self, translate: Translate = untranslated) -> str:
        """Return the message in the reader's language with its places filled."""
        return fill(self.message, self.params, translate)

    def as_located_text(self, translate: Translate = untranslated) -> str:
        """Return the message behind its place: row and column of a table, or the field's name."""
        place = self.column or self.field
        params: dict[str, Any] = {"text": self.as_text(translate), "row": self.row, "place": place}
        if self.row is None:
            return fill(_IN_FIELD, params, translate) if place else str(params["text"])
        return fill(_IN_CELL if place else _IN_ROW, params, translate)


_IN_FIELD = gettext_noop("%(place)s: %(text)s")
_IN_ROW = gettext_noop("Row %(row)s: %(text)s")
_IN_CELL = gettext_noop("Row %(row)s, %(place)s: %(text)s")
_AND_MORE = gettext_noop("And %(count)s more.")


class Invalid(LineshaftError):
    """What was entered cannot be taken; `errors` names every fault, in the order of the entry."""

    default_code = "invalid"
    default_message = gettext_noop("Some entries cannot be taken.")
    errors: tuple[FieldError, ...]

    def __init__(
        self,
        errors: Iterable[FieldError] = (),
        *,
        message: str | None = None,
        code: str | None = None,
        params: Mapping[str, Any] | None = None,
        citation: str | None = None,
    ) -> None:
        super().__init__(message, code=code, params=params, citation=citation)
        self.errors = tuple(errors)
        self.args = (self.errors,)

    @classmethod
    def in_field(cls, name: str, message: str, **params: Any) -> "Invalid":
        """Return the error for one fault in one field."""
        return cls((FieldError(name, message=message, params=params),))

    def as_text(self, translate: Translate = untranslated) -> str:
        """Return the message and the first faults with their places; the rest is counted."""
        parts = [LineshaftError.as_text(self, translate)]
        parts += [error.as_located_text(translate) for error in self.errors[:FIELD_ERRORS_SHOWN]]
        left = len(self.errors) - FIELD_ERRORS_SHOWN
        if left > 0:
            parts.append(fill(_AND_MORE, {"count": left}, translate))
        return " ".join(parts)


class TooLarge(LineshaftError):
    """A file, a table or a request is beyond its limit."""

    default_code = "too_large"
    default_message = gettext_noop("This is larger than the limit. Send it in smaller parts.")


class Unavailable(LineshaftError):
    """A part that this needs does not answer now; trying again later may help."""

    default_code = "unavailable"
    default_message = gettext_noop("This cannot be done at the moment. Try again in a few minutes.")
