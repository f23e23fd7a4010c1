"""Filters of every template (built in by the settings): values as the reader's language writes
them.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lineshaft.kernel.errors import LineshaftError
from lineshaft.kernel.money import Money
from lineshaft.kernel.refusals import Refusal
from lineshaft.kernel.text import fill
from lineshaft.plumbing.jobs.kinds import job_titles
from lineshaft.web import formats, verbs

register = template.Library()


_COMPOUND = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}+(?:-[^\W\d_]{2,}+)+")
_COMPOUND_LENGTH_MAX = 20
"""Longer ones may break: they would not fit the line of a phone."""


@register.filter
def kept_together(text: str) -> SafeString:
    """`{{ title|kept_together }}`: no line ends within cost-share; escapes what is not markup."""

    def kept(found: re.Match[str]) -> str:
        word = found[0]
        is_short = len(word) <= _COMPOUND_LENGTH_MAX
        return f'<span class="kept">{word}</span>' if is_short else word

    # Escaped above; the pattern takes letters and hyphens alone, so no entity is cut.
    return mark_safe(_COMPOUND.sub(kept, str(conditional_escape(text))))  # noqa: S308


@register.filter
def money(value: Money | int | None, currency: str = "") -> str:
    """`{{ contribution.amount|money }}` or `{{ row.amount_minor|money:"USD" }}`."""
    return formats.money(value, currency)


@register.filter
def millions(value: Money | int | None, currency: str = "") -> str:
    """`{{ total_minor|millions }}`: the number in millions, without its unit."""
    return formats.millions(value, currency)


@register.filter
def money_in_millions(value: Money | int | None, currency: str = "") -> str:
    """`{{ total_minor|money_in_millions }}`: with its unit."""
    return formats.money_in_millions(value, currency)


@register.filter
def number(value: Decimal | float | None, decimals: int = 0) -> str:
    """`{{ count|number }}`, `{{ share|number:2 }}`."""
    return formats.number(value, decimals)


@register.filter
def percent_bp(value: int | None, decimals: int = 1) -> str:
    """`{{ share_bp|percent_bp }}`."""
    return formats.percent_bp(value, decimals)


@register.filter
def date_local(value: date | datetime | None, style: str = "medium") -> str:
    """`{{ day|date_local }}`, `{{ moment|date_local:"long" }}`."""
    return formats.date_local(value, style)


@register.filter
def fiscal_year(year: int | None) -> str:
    """`{{ year|fiscal_year }}`."""
    return formats.fiscal_year(year)


@register.filter
def ratio(value: Decimal | float | None, decimals: int = 2) -> str:
    """`{{ match_ratio|ratio }}`."""
    return formats.ratio(value, decimals)


@register.filter
def file_size(size_bytes: int | None) -> str:
    """`{{ file.size_bytes|file_size }}`."""
    return formats.size(size_bytes)


@register.filter
def local_place(place: Any) -> str:
    """`{{ institute.place|local_place }}`: the town with its region."""
    city = (place.city_zh if formats.is_chinese() else "") or place.city
    return formats.town(city, place.region)


@register.filter
def actor_name(label: str) -> str:
    """`{{ event.actor_label|actor_name }}`: who acted, translated where it can be."""
    return formats.actor_name(label)


@register.filter
def local_name(thing: Any) -> str:
    """`{{ institute|local_name }}`: `name` or `name_zh` by the reader's language."""
    return formats.local_name(thing)


@register.filter
def local_text(thing: Any) -> str:
    """`{{ fact|local_text }}`: `text` or `text_zh` by the reader's language."""
    return formats.local_of(thing, "text")


@register.filter
def local_valuation(kind: Any) -> str:
    """`{{ kind|local_valuation }}`: how its worth is found, by the reader's language."""
    return formats.local_of(kind, "valuation")


@register.filter
def local_summary(thing: Any) -> str:
    """`{{ hit|local_summary }}`: `summary` or `summary_zh` by the reader's language."""
    return formats.local_of(thing, "summary")


@register.filter
def verb_name(verb: str) -> str:
    """`{{ event.verb|verb_name }}`: the verb as a person calls it."""
    return verbs.verb_name(verb)


@register.filter
def job_title(kind: str) -> str:
    """`{{ job.kind|job_title }}`: what that kind of background work is called."""
    return _(job_titles().get(kind, kind))


@register.filter
def as_text(said: LineshaftError | Refusal) -> str:
    """An error or a refusal in the reader's language."""
    if isinstance(said, Refusal):
        return fill(said.message, said.params, formats.spoken)
    return said.as_text(formats.spoken)


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    """`{{ values|get:key }}`; an empty text where the key is missing."""
    return mapping.get(key, "")


@register.filter
def widget_kind(field: BoundField) -> str:
    """The kind of a field's widget: checkbox, choices (a group), file, or field for the rest."""
    match getattr(field.field.widget, "input_type", "text"):
        case "checkbox" if not hasattr(field.field, "choices"):
            return "checkbox"
        case "checkbox" | "radio":
            return "choices"
        case "file":
            return "file"
        case _:
            return "field"
