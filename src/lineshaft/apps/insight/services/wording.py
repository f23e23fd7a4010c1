"""How figures are written: one value as text, and what a report says in one sentence.

Used by the pages and by the printed report alike, so that both say the same. The language is the
active one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, assert_never

from babel import Locale, numbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import InstitutePart, PublishedValue
from lineshaft.apps.insight.queries import Measured, Report, ReportFigure
from lineshaft.engines.analytics.figures import FigureDefinition, FigureKind
from lineshaft.kernel.jurisdiction import JurisdictionProfile
from lineshaft.kernel.text import gettext_noop
from lineshaft.web import formats

STATUS_LABELS: Final = {
    "proposed": gettext_lazy("Proposed"),
    "planned": gettext_lazy("Planned"),
    "active": gettext_lazy("Active"),
    "cure_period": gettext_lazy("Cure period"),
    "recognised_unfunded": gettext_lazy("Recognised, unfunded"),
    "terminated": gettext_lazy("Terminated"),
}
CONFIDENCE_LABELS: Final = {
    "high": gettext_lazy("High confidence"),
    "medium": gettext_lazy("Medium confidence"),
    "low": gettext_lazy("Low confidence"),
}
PRECISION_LABELS: Final = {
    "exact": gettext_lazy("exact"),
    "stated": gettext_lazy("as stated"),
    "about": gettext_lazy("about"),
    "at_least": gettext_lazy("at least"),
    "computed": gettext_lazy("computed from published values"),
    "recollected": gettext_lazy("recollected, source not seen again"),
}

FIGURE_NOTES: Final = (
    gettext_noop(
        "Published totals may count an organisation once for each institute;"
        " the figure counts it once."
    ),
    gettext_noop("The figure counts companies of every kind, not manufacturers alone."),
    gettext_noop(
        "The figure counts small and medium companies of every kind, start-ups among them."
    ),
    gettext_noop("The figure counts institutes by status; the one to compare is active."),
    gettext_noop("Published as spent or obligated in the year; the figure is obligations."),
    gettext_noop(
        "In some years the published value holds other federal money; the figure never does."
    ),
    gettext_noop(
        "In some years the published ratio holds other federal money; the figure never does."
    ),
)
"""Where a published value and the figure beside it differ: the notes of the published values."""
GRAINS: Final = (
    gettext_noop("institute"),
    gettext_noop("fiscal year"),
    gettext_noop("kind of organisation"),
    gettext_noop("status"),
)
"""What one value of a figure stands for, word by word as the figures name it."""


def value_text(definition: FigureDefinition, value: Decimal | None) -> str:
    """A value with its unit in short: `2,503`, `309.4 M$`, `2.94 : 1`, `63.1%`."""
    if value is None:
        return formats.MISSING
    match definition.kind:
        case FigureKind.SUM:
            return formats.money_in_millions(int(value))
        case FigureKind.RATIO:
            return formats.ratio(value, definition.decimals)
        case FigureKind.SHARE:
            return f"{formats.number(value, definition.decimals)}%"
        case FigureKind.COUNT:
            return formats.number(value)
        case _:
            assert_never(definition.kind)


def measured_text(measured: Measured) -> str:
    """The same for a value of a report."""
    return value_text(measured.definition, measured.value)


def institute_text(figure: ReportFigure, institute: str) -> str:
    """One institute's value: counts and sums that have no row are zero."""
    found = figure.of_institute(institute)
    if found is not None:
        return measured_text(found)
    nothing = None if figure.definition.kind.is_quotient else Decimal(0)
    return value_text(figure.definition, nothing)


def exact_text(definition: FigureDefinition, value: Decimal | None) -> str:
    """A value to its last digit: money in full, for a table of numbers."""
    if value is not None and definition.kind is FigureKind.SUM:
        return formats.money(int(value))
    return value_text(definition, value)


def unit_text(definition: FigureDefinition) -> str:
    """The unit as a word; money names its currency."""
    if definition.kind is FigureKind.SUM:
        return formats.millions_unit()
    return definition.unit_in(_language())


def title_text(definition: FigureDefinition) -> str:
    """The figure's name in the active language."""
    return definition.title_in(_language())


def definition_text(definition: FigureDefinition) -> str:
    """The figure's definition in the active language."""
    return definition.definition_in(_language())


def grain_text(definition: FigureDefinition) -> str:
    """What one value of the figure stands for, such as `institute, fiscal year`."""
    comma = pgettext("between the words of an enumeration", ", ")
    return comma.join(_(word) for word in definition.grain.split(", "))


def dimension_text(definition: FigureDefinition, key: str) -> str:
    """A value of a figure's dimension by its name: a kind of organisation, a status."""
    return dimension_labels(definition).get(key, key)


def dimension_labels(definition: FigureDefinition) -> Mapping[str, str]:
    """The names of all values of a figure's dimension, in the order in which they are listed."""
    if definition.dimension == "organisation_kind":
        profile = queries.profile_in_use()
        return {kind.key: formats.local_name(kind) for kind in profile.organisation_kinds}
    if definition.dimension == "institute_status":
        return {key: str(label) for key, label in STATUS_LABELS.items()}
    return {}


def published_text(value: PublishedValue) -> str:
    """A published value with its unit, as published."""
    if value.unit == "text":
        return value.value
    number = Decimal(value.value)
    decimals = max(0, -int(number.as_tuple().exponent))
    text = formats.number(number, decimals)
    match value.unit:
        case "percent":
            return f"{text}%"
        case "ratio":
            return f"{text} : 1"
        case "million_usd":
            return f"{text}\N{NO-BREAK SPACE}{formats.millions_unit('USD')}"
        case _:
            return text


def currency_unit_text(profile: JurisdictionProfile) -> str:
    """One unit of the currency in words: `US dollar`, `美元`."""
    locale = Locale.parse("zh_Hans_CN" if formats.is_chinese() else "en_US")
    return numbers.get_currency_name(profile.currency, count=1, locale=locale)


def report_finding(report: Report) -> str:
    """What the report says, as its title: the match if there is one, else the membership."""
    ratio = _total(report, "funding.match_ratio")
    if ratio is not None:
        return _("For each federal %(unit)s, the institutes brought %(ratio)s of their own") % {
            "unit": currency_unit_text(queries.profile_in_use()),
            "ratio": formats.number(ratio, 2),
        }
    members = int(_total(report, "memberships.members") or 0)
    return ngettext(
        "%(number)s organisation belonged to the network",
        "%(number)s organisations belonged to the network",
        members,
    ) % {"number": formats.number(members)}


def report_lede(report: Report) -> str:
    """What was counted, in one sentence under the title."""
    members = formats.number(_total(report, "memberships.members") or 0)
    institutes = len(report.figure("memberships.members").by_institute)
    return _(
        "In %(period)s, %(members)s organisations belonged to %(institutes)s institutes, which "
        "brought %(cost_share)s beside %(federal)s of federal money."
    ) % {
        "period": formats.fiscal_year(report.period.year),
        "members": members,
        "institutes": formats.number(institutes),
        "cost_share": _money(report, "funding.cost_share_total"),
        "federal": _money(report, "funding.federal_obligated"),
    }


def figure_finding(report: Report, figure: ReportFigure) -> str:
    """What one figure says, as the title of its page."""
    if figure.definition.id == "funding.match_ratio" and figure.total.value is not None:
        return report_finding(report)
    return _("%(figure)s in %(period)s: %(value)s") % {
        "figure": title_text(figure.definition),
        "period": formats.fiscal_year(report.period.year),
        "value": measured_text(figure.total),
    }


def _total(report: Report, figure_id: str) -> Decimal | None:
    return report.figure(figure_id).total.value


def _money(report: Report, figure_id: str) -> str:
    return formats.money_in_millions(int(_total(report, figure_id) or 0))


def _language() -> str:
    return "zh-hans" if formats.is_chinese() else "en"


def attested_by(part: InstitutePart) -> str:
    """Who attested a part; the program where no person did, empty before the attestation."""
    if part.attested_at is None:
        return ""
    return formats.user_name(part.attested_by)
