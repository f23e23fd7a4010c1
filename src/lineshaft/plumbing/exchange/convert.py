"""From a raw cell to a typed value, or to the sentence that says why not and how to mend it.

Nothing is guessed: a date is written year-month-day or in the format that the mapping names, an
amount with a point for decimals. Text that a spreadsheet would run as a formula (it begins with `=`
or `@`) is refused, so that it never travels on; `+` and `-` begin telephone numbers and remarks,
and are guarded on export.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.money import Money, parse_money
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.exchange.faults import CellRefused
from lineshaft.plumbing.exchange.reading.table import Cell
from lineshaft.plumbing.exchange.spec import Column, ColumnKind, Value

INTEGER_DIGITS_MAX: Final = 18
"""Digits of a whole number; the database's own end at 19."""

DECIMAL_DIGITS_MAX: Final = 30
SPREADSHEET_DIGITS: Final = 15
"""Significant digits of a spreadsheet's number; what follows is noise of binary fractions."""

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that make a spreadsheet take a text for a formula, or hide one."""

YES: Final = frozenset({"yes", "y", "true", "1", "x", "是"})
NO: Final = frozenset({"no", "n", "false", "0", "否"})

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\ufffe\uffff]|[\ud800-\udfff]")
_INTEGER: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?")

DATE_REMEDY: Final = gettext_noop(
    "Write it as 2022-09-30, or name the file's own way in the mapping (date_format)."
)


def plain_text(cell: Cell) -> str:
    """The cell as its author would type it; blank for none."""
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case bool():
            return "true" if cell else "false"
        case dt.datetime():
            is_day = cell.time() == dt.time()
            return cell.date().isoformat() if is_day else cell.isoformat(sep=" ")
        case dt.date():
            return cell.isoformat()
        case float():
            return format(Decimal(format(cell, f".{SPREADSHEET_DIGITS}g")), "f")
        case Decimal():
            return format(cell, "f") if abs(cell.adjusted()) < DECIMAL_DIGITS_MAX else str(cell)
        case _:
            return str(cell)


def converter(column: Column, *, currency: str, date_format: str) -> Callable[[str], Value]:
    """The function that turns this column's text into its value; raises CellRefused.

    Blank text gives the blank of the kind; whether a blank is allowed is decided by the caller.
    """
    match column.kind:
        case ColumnKind.TEXT:
            return lambda text: _text(text, column)
        case ColumnKind.INT:
            return lambda text: _integer(text, column) if text else None
        case ColumnKind.DECIMAL:
            return lambda text: _decimal(text, column) if text else None
        case ColumnKind.MONEY:
            return lambda text: _money(text, column, currency) if text else None
        case ColumnKind.DATE:
            return lambda text: _date(text, date_format) if text else None
        case ColumnKind.CHOICE:
            by_key = {heading_key(choice): choice for choice in column.choices}
            return lambda text: _choice(text, column, by_key) if text else ""
        case ColumnKind.BOOLEAN:
            return lambda text: _boolean(text) if text else None


def refuse_formula(text: str) -> None:
    """Raise CellRefused for text that a spreadsheet would run."""
    if text.startswith(("=", "@")):
        raise CellRefused(
            gettext_noop("The cell holds a formula, or text that a spreadsheet takes for one."),
            gettext_noop("Paste the value itself; text must not begin with = or @."),
            text=text,
        )


def without_guard(text: str) -> str:
    """The text as it was before an export put an apostrophe in front of it."""
    is_guarded = text.startswith("'") and text.lstrip("'").startswith(DANGEROUS)
    return text[1:] if is_guarded else text


def with_guard(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it; undone on import."""
    return f"'{text}" if text.lstrip("'").startswith(DANGEROUS) else text


def without_control(text: str) -> str:
    """The text with a space for every character that is refused otherwise."""
    return _CONTROL.sub(" ", text).strip()


def heading_key(text: str) -> str:
    """What two headings have in common that differ only in case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", "", "".join(c for c in plain if not unicodedata.combining(c)))


def _text(text: str, column: Column) -> str:
    hidden = _CONTROL.search(text)
    if hidden:
        raise CellRefused(
            gettext_noop(
                "The text holds a control character, which can't be seen (%(found)s, at character "
                "%(place)s)."
            ),
            gettext_noop(
                "Take it out of the file, or let a mapping read it as a space "
                '(control_characters = "space").'
            ),
            found=f"U+{ord(hidden[0]):04X}",
            place=hidden.start() + 1,
        )
    clean = unicodedata.normalize("NFC", text)
    if len(clean) > column.max_length:
        raise CellRefused(
            gettext_noop("The text has %(found)s characters; at most %(limit)s are taken."),
            gettext_noop("Shorten it."),
            found=len(clean),
            limit=column.max_length,
        )
    return clean


def _integer(text: str, column: Column) -> int:
    if not _INTEGER.fullmatch(text):
        raise CellRefused(
            gettext_noop("This is not a whole number."), gettext_noop("Write digits only, as 1250.")
        )
    digits = text.replace(",", "")
    if len(digits.lstrip("+-0")) > INTEGER_DIGITS_MAX:
        raise CellRefused(gettext_noop("The number is too long."), gettext_noop("Check it."))
    number = int(digits)
    _bound(number, column)
    return number


def _decimal(text: str, column: Column) -> Decimal:
    bare = text.replace(",", "") if _INTEGER.fullmatch(text.split(".", maxsplit=1)[0]) else text
    if not _DECIMAL.fullmatch(bare):
        raise CellRefused(
            gettext_noop("This is not a number."),
            gettext_noop("Write digits with a point for decimals, as -86.5685."),
        )
    try:
        number = Decimal(bare)
    except InvalidOperation as error:
        raise CellRefused(
            gettext_noop("The number is too long."), gettext_noop("Check it.")
        ) from error
    if len(number.as_tuple().digits) > DECIMAL_DIGITS_MAX:
        raise CellRefused(gettext_noop("The number is too long."), gettext_noop("Check it."))
    _bound(number, column)
    if number and abs(number.adjusted()) >= DECIMAL_DIGITS_MAX:
        raise CellRefused(gettext_noop("The number is too long."), gettext_noop("Check it."))
    return number


def _bound(number: Decimal | int, column: Column) -> None:
    if column.minimum is not None and number < column.minimum:
        raise CellRefused(
            gettext_noop("The number is smaller than %(limit)s."),
            gettext_noop("Check the row, or leave the cell blank if it is not known."),
            limit=column.minimum,
        )
    if column.maximum is not None and number > column.maximum:
        raise CellRefused(
            gettext_noop("The number is larger than %(limit)s."),
            gettext_noop("Check the row, or leave the cell blank if it is not known."),
            limit=column.maximum,
        )


def _money(text: str, column: Column, currency: str) -> Money:
    try:
        money = parse_money(text, currency, symbol="$" if currency == "USD" else "")
    except Invalid as error:
        raise CellRefused(
            gettext_noop("This is not an amount in %(currency)s."),
            gettext_noop("Write digits with a point for decimals, as 1234.56 or 1,234.56."),
            currency=currency,
        ) from error
    if money.amount_minor < 0 and not column.is_signed:
        raise CellRefused(
            gettext_noop("The amount is negative."),
            gettext_noop(
                "Amounts here are not negative; a correction is entered as one, by itself."
            ),
        )
    return money


def _date(text: str, date_format: str) -> dt.date:
    try:
        if date_format and not _ISO_DATE.fullmatch(text):  # a spreadsheet's date cell reads as ISO
            return dt.datetime.strptime(text, date_format).date()  # noqa: DTZ007 -- a day, no time
        if _ISO_DATE.fullmatch(text):
            return dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise CellRefused(gettext_noop("There is no such day."), DATE_REMEDY) from error
    raise CellRefused(
        gettext_noop("This is not a date that can be read without doubt."), DATE_REMEDY
    )


def _choice(text: str, column: Column, by_key: dict[str, str]) -> str:
    found = text if text in column.choices else by_key.get(heading_key(text))
    if found is None:
        raise CellRefused(
            gettext_noop("This is none of the values that are taken here."),
            gettext_noop("Write one of: %(choices)s. Or translate the values in the mapping."),
            choices=", ".join(column.choices),
        )
    return found


def _boolean(text: str) -> bool:
    folded = text.casefold()
    if folded in YES:
        return True
    if folded in NO:
        return False
    raise CellRefused(gettext_noop("This is neither yes nor no."), gettext_noop("Write yes or no."))
