"""The schemes of identifiers: their form, and whether a value belongs to one organisation only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lineshaft.kernel.decisions import Refusal
from lineshaft.kernel.text import gettext_noop


@dataclass(frozen=True, slots=True)
class IdentifierScheme:
    """One scheme of identifiers: whether a value belongs to one organisation only, and its form.

    `normalise` gives the stored form of a written value; `is_valid` tests the stored form; `form`
    says it to a person (English msgid).
    """

    key: str
    label: str
    is_identifying: bool
    form: str
    is_valid: Callable[[str], bool]
    normalise: Callable[[str], str]


_ROR_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR: Final = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}")
_USCC_DIGITS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC: Final = re.compile(rf"[{_USCC_DIGITS}]{{18}}")
_UEI: Final = re.compile(r"[A-HJ-NP-Z1-9][A-HJ-NP-Z0-9]{11}")


def is_ror(value: str) -> bool:
    """Whether the text is a ROR id with a right check number.

    *Source*: ROR, "ROR identifier pattern": Crockford base 32, ISO/IEC 7064 mod 97-10.
    """
    if not _ROR.fullmatch(value):
        return False
    number = 0
    for character in value[1:7]:
        number = number * len(_ROR_DIGITS) + _ROR_DIGITS.index(character)
    return 98 - number * 100 % 97 == int(value[7:])


def is_uscc(value: str) -> bool:
    """Whether the text is a unified social credit code with a right check character.

    *Source*: GB 32100-2015: weights are powers of 3 modulo 31.
    """
    if not _USCC.fullmatch(value):
        return False
    base = len(_USCC_DIGITS)
    total = sum(
        _USCC_DIGITS.index(character) * pow(3, place, base)
        for place, character in enumerate(value[:17])
    )
    return _USCC_DIGITS[-total % base] == value[17]


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda value: compiled.fullmatch(value) is not None


def _digits(value: str) -> str:
    return re.sub(r"[\s-]", "", value)


def _upper(value: str) -> str:
    return re.sub(r"\s", "", value).upper()


def _ror_id(value: str) -> str:
    return value.strip().lower().removesuffix("/").rsplit("/", 1)[-1]


SCHEMES: Final[dict[str, IdentifierScheme]] = {
    scheme.key: scheme
    for scheme in (
        IdentifierScheme(
            "uei",
            "UEI",
            is_identifying=True,
            form=gettext_noop("12 letters and digits without I and O, the first not 0"),
            is_valid=lambda value: _UEI.fullmatch(value) is not None,
            normalise=_upper,
        ),
        IdentifierScheme(
            "ror",
            "ROR",
            is_identifying=True,
            form=gettext_noop("a ROR id such as 02mhbdp94, with its check number"),
            is_valid=is_ror,
            normalise=_ror_id,
        ),
        IdentifierScheme(
            "unitid",
            "UNITID",
            is_identifying=True,
            form=gettext_noop("6 digits"),
            is_valid=_matches(r"\d{6}"),
            normalise=_digits,
        ),
        IdentifierScheme(
            "uscc",
            "USCC",
            is_identifying=True,
            form=gettext_noop("18 letters and digits with the right check character"),
            is_valid=is_uscc,
            normalise=_upper,
        ),
        # An employer number is shared by the campuses of a college system, and so are old
        # DUNS numbers by firms of one owner: they describe, they don't identify.
        IdentifierScheme(
            "ein",
            "EIN",
            is_identifying=False,
            form=gettext_noop("9 digits"),
            is_valid=_matches(r"\d{9}"),
            normalise=_digits,
        ),
        IdentifierScheme(
            "duns",
            "DUNS",
            is_identifying=False,
            form=gettext_noop("9 digits"),
            is_valid=_matches(r"\d{9}"),
            normalise=_digits,
        ),
        IdentifierScheme(
            "naics",
            "NAICS",
            is_identifying=False,
            form=gettext_noop("2 to 6 digits"),
            is_valid=_matches(r"[1-9]\d{1,5}"),
            normalise=_digits,
        ),
    )
}

IDENTIFYING_SCHEMES: Final = tuple(key for key, scheme in SCHEMES.items() if scheme.is_identifying)

ZERO_FILLED_DIGITS: Final = {"ein": 9, "duns": 9}
"""Numbers of fixed length that a spreadsheet shortens where they begin with 0."""
SHORTEST_NUMBER: Final = 5
"""Fewer digits are no shortened number but another thing in the wrong column."""

_UNKNOWN_SCHEME: Final = gettext_noop(
    "“%(scheme)s” is no scheme of identifiers. There are: %(known)s."
)
_WRONG_FORM: Final = gettext_noop("“%(value)s” is no %(scheme)s: it should be %(form)s.")


def normal_identifier(scheme: str, value: str) -> str:
    """The stored form of an identifier as written; unchanged for an unknown scheme."""
    known = SCHEMES.get(scheme)
    return known.normalise(value) if known else value


def spreadsheet_identifier(scheme: str, value: str) -> str:
    """The identifier with the leading zeros that a spreadsheet dropped."""
    digits = ZERO_FILLED_DIGITS.get(scheme, 0)
    if value.isdecimal() and SHORTEST_NUMBER <= len(value) < digits:
        return value.zfill(digits)
    return value


def refuse_identifier(scheme: str, value: str) -> Refusal | None:
    """Why this stored form of an identifier can't be taken, or None."""
    known = SCHEMES.get(scheme)
    if known is None:
        return Refusal(
            "unknown_scheme",
            _UNKNOWN_SCHEME,
            params={"scheme": scheme, "known": ", ".join(SCHEMES)},
        )
    if known.is_valid(value):
        return None
    return Refusal(
        "wrong_form",
        _WRONG_FORM,
        params={"value": value, "scheme": known.label, "form": known.form},
    )
