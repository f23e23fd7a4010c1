"""Numbers, money and dates as a reader of the current language writes them.

The one place where a value becomes text for a page: tables and charts call these functions, and
templates call the filters of the same names. Nothing here rounds for storage; what is rounded is
said in each function.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

from babel import Locale, dates, numbers
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext as _

from lineshaft.kernel.money import Money, minor_units
from lineshaft.kernel.profile import JurisdictionProfile, load_profile
from lineshaft.kernel.text import Amount, Day

BASIS_POINTS_PER_PERCENT: Final = 100
MILLION: Final = 1_000_000
CHINESE_HUNDRED_MILLION: Final = 100_000_000
MISSING: Final = "–"
KEPT: Final = 4_096
"""So many numbers, and as many amounts and days, are kept as they were last written."""

_LOCALES: Final = {"en": "en_US", "zh-hans": "zh_Hans_CN"}

type Number = int | Decimal | float


class Named(Protocol):
    """Data in two languages; `name_zh` is empty where nobody has given one."""

    @property
    def name(self) -> str: ...
    @property
    def name_zh(self) -> str: ...


def profile() -> JurisdictionProfile:
    """The jurisdiction profile that this platform runs under."""
    return load_profile(settings.PROFILE)


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "en").lower().startswith("zh")


def number(value: Number | None, decimals: int = 0) -> str:
    """`1,234`, or with that many decimals; half up in the last place, a dash for None."""
    if value is None:
        return MISSING
    return _number(_decimal(value), decimals, _locale())


def money(value: Money | int | None, currency: str = "") -> str:
    """`$1,234.50`; whole amounts drop their cents. An int is minor units of `currency`,
    or of the profile's currency where none is given.
    """
    if value is None:
        return MISSING
    held = value if isinstance(value, Money) else Money(value, currency or profile().currency)
    decimals = 0 if held.amount == held.amount.to_integral_value() else minor_units(held.currency)
    return _money(held.amount, held.currency, decimals, _locale())


def millions(value: Money | int | None, currency: str = "", decimals: int = 1) -> str:
    """`309.4` of the unit that `millions_unit` names: millions, in either language."""
    if value is None:
        return MISSING
    held = value if isinstance(value, Money) else Money(value, currency or profile().currency)
    return number(held.amount / MILLION, decimals)


def millions_unit(currency: str = "") -> str:
    """The unit that stands beside `millions`, such as `M$` or `百万美元`."""
    code = currency or profile().currency
    unit = (
        numbers.get_currency_name(code, locale=_locale())
        if is_chinese()
        else numbers.get_currency_symbol(code, locale=_locale())
    )
    return pgettext("unit of money in millions", "M%(unit)s") % {"unit": unit}


def money_in_millions(value: Money | int | None, currency: str = "", decimals: int = 1) -> str:
    """`309.4 M$` in one word, for a sentence."""
    if value is None:
        return MISSING
    held = value if isinstance(value, Money) else Money(value, currency or profile().currency)
    return f"{millions(held, decimals=decimals)}\N{NO-BREAK SPACE}{millions_unit(held.currency)}"


def percent_bp(value: int | None, decimals: int = 1) -> str:
    """Basis points as a percentage: 6312 is `63.1%`; a whole percentage drops its decimals."""
    if value is None:
        return MISSING
    percent = Decimal(value) / BASIS_POINTS_PER_PERCENT
    places = 0 if percent == percent.to_integral_value() else decimals
    return numbers.format_percent(
        percent / 100,
        format=_parsed(f"{_pattern(places)}%"),
        locale=_locale(),
        decimal_quantization=True,
    )


def date_local(value: date | datetime | None, style: str = "medium") -> str:
    """`Nov 23, 2026` or `2026年11月23日`. A moment is shown in the server's zone with its time;
    `style` is Babel's: short, medium, long or full.
    """
    if value is None:
        return MISSING
    if isinstance(value, datetime):
        moment = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{_day(moment.date(), style, _locale())} {moment:%H:%M}"
    return _day(value, style, _locale())


def month_local(value: date | None) -> str:
    """`Nov 2026` or `2026年11月`."""
    return date_local(value, "y年M月" if is_chinese() else "MMM y")


def spoken(message: str) -> str:
    """A message in the reader's language; an amount or a day in a message's place as the reader
    writes it. What errors and refusals are told with on a page.
    """
    match message:
        case Amount():
            amount, _space, currency = message.partition(" ")
            minor = int(Decimal(amount).scaleb(minor_units(currency)))
            return money(Money(minor, currency))
        case Day():
            return date_local(date.fromisoformat(message))
        case _:
            return gettext(message)


def fiscal_year(year: int | None) -> str:
    """`FY2022` or `2022财年`."""
    if year is None:
        return MISSING
    return _("FY%(year)s") % {"year": year}


def ratio(value: Number | None, decimals: int = 2) -> str:
    """`2.94 : 1`, the way a match ratio is spoken."""
    return MISSING if value is None else f"{number(value, decimals)} : 1"


def size(size_bytes: int | None) -> str:
    """Bytes in the largest unit that leaves a whole part, such as `1.4 MB` (decimal units)."""
    if size_bytes is None:
        return MISSING
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= scale:
            return f"{number(Decimal(size_bytes) / scale, 1)} {unit}"
    return f"{number(size_bytes)} B"


def local_name(thing: Named | None) -> str:
    """The thing's name in the reader's language, in English where there is no Chinese one."""
    if thing is None:
        return MISSING
    return (thing.name_zh if is_chinese() else "") or thing.name


def local_of(thing: object, field: str) -> str:
    """Another text in two languages, `<field>` and `<field>_zh`, by the same rule."""
    chinese = getattr(thing, f"{field}_zh") if is_chinese() else ""
    return str(chinese or getattr(thing, field))


def region(code: str) -> str:
    """A region of the profile as the reader's language writes it: `OH` or `俄亥俄`."""
    if not is_chinese():
        return code
    return {key: name_zh for key, _name, name_zh in profile().place_codes.codes}.get(code, code)


def town(city: str, region_code: str) -> str:
    """`Youngstown, OH`; in Chinese the region before the town. Empty where both are."""
    if is_chinese():
        return " ".join(part for part in (region(region_code), city) if part)
    return ", ".join(part for part in (city, region_code) if part)


def country(code: str) -> str:
    """The name of a country by its ISO 3166 code; a dash for none, the code for an unknown one."""
    if not code:
        return MISSING
    return str(_locale().territories.get(code.upper(), code))


def actor_name(label: str) -> str:
    """Who acted. A person's name stands as it is; what the program calls itself, and the personas
    of a demonstration, are translated.
    """
    return _(label) if label else MISSING


def user_name(user: object | None) -> str:
    """Who acted, of a record that keeps its user; the program where it keeps none."""
    return actor_name(str(user)) if user else _("the program")


def joined(parts: list[str]) -> str:
    """Several words as one enumeration: `A, B and C` or `A、B和C`."""
    if len(parts) < 2:  # noqa: PLR2004 -- an enumeration starts at two
        return "".join(parts)
    return _("%(first)s and %(last)s") % {
        "first": pgettext("between the words of an enumeration", ", ").join(parts[:-1]),
        "last": parts[-1],
    }


# A page writes the same numbers and days again and again, and so does the next one.


@lru_cache(maxsize=KEPT)
def _number(value: Decimal, decimals: int, locale: Locale) -> str:
    return numbers.format_decimal(
        value, format=_parsed(_pattern(decimals)), locale=locale, decimal_quantization=True
    )


@lru_cache(maxsize=KEPT)
def _money(amount: Decimal, currency: str, decimals: int, locale: Locale) -> str:
    pattern = _parsed(f"¤{_pattern(decimals)};-¤{_pattern(decimals)}")
    return numbers.format_currency(
        amount, currency, format=pattern, locale=locale, currency_digits=False
    )


@lru_cache(maxsize=KEPT)
def _day(day: date, style: str, locale: Locale) -> str:
    return dates.format_date(day, format=style, locale=locale)


def _decimal(value: Number) -> Decimal:
    """The same number; zero has no sign."""
    return (value if isinstance(value, Decimal) else Decimal(str(value))) or Decimal(0)


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


@lru_cache(maxsize=64)
def _parsed(pattern: str) -> numbers.NumberPattern:
    return numbers.parse_pattern(pattern)


def _locale() -> Locale:
    return _locale_of(get_language() or "en")


@lru_cache(maxsize=8)
def _locale_of(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language.lower(), "en_US"))
