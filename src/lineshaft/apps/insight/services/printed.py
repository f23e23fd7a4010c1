"""The annual report as a PDF, set by Typst from one template and the packaged Chinese font."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from lineshaft.apps.insight.models import PublishedValue
from lineshaft.apps.insight.queries import PartStanding, Report, ReportFigure
from lineshaft.apps.insight.services import wording
from lineshaft.engines.analytics.figures import FigureKind
from lineshaft.web import formats
from lineshaft.web.printing import print_document

TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "insight" / "annual_report.typ"
_TILES: Final = (
    "memberships.members",
    "memberships.sme_share",
    "memberships.states_covered",
    "funding.federal_obligated",
    "funding.cost_share_total",
    "funding.match_ratio",
)
_MONEY: Final = (
    "memberships.members",
    "memberships.sme_share",
    "funding.federal_obligated",
    "funding.federal_drawn",
    "funding.cost_share_cash",
    "funding.cost_share_in_kind",
    "funding.match_ratio",
)


def render_pdf(
    report: Report, language: str, marks: Sequence[str], parts: Sequence[PartStanding]
) -> bytes:
    """The report for print, dated as its data, so that the same report gives the same bytes."""
    return print_document(
        TEMPLATE, "report", _content(report, language, marks, parts), dated=report.snapshot.taken_at
    )


def _content(
    report: Report, language: str, marks: Sequence[str], parts: Sequence[PartStanding]
) -> dict[str, Any]:
    """Everything that the template prints, as text in the language of the report."""
    profile = formats.profile()
    period = report.period
    return {
        "language": "zh" if language.startswith("zh") else "en",
        "region": "cn" if language.startswith("zh") else "us",
        "network": profile.network_name_zh if language.startswith("zh") else profile.network_name,
        "kicker": _("Annual report, %(period)s") % {"period": period.label_in(language)},
        "title": wording.report_finding(report),
        "lede": wording.report_lede(report),
        "marks": list(marks),
        "about": _("%(from)s to %(to)s. Figures as of %(as_of)s UTC, snapshot %(hash)s.")
        % {
            "from": formats.date_local(period.starts_on),
            "to": formats.date_local(period.last_day),
            "as_of": formats.date_local(report.snapshot.taken_at),
            "hash": report.snapshot.hash,
        },
        "footer": _("%(period)s, snapshot %(hash)s")
        % {"period": period.label_in(language), "hash": report.snapshot.short_hash},
        "tiles": [_tile(report.figure(figure_id)) for figure_id in _TILES],
        "dimensions": [_bars(figure) for figure in report.figures if len(figure.by_dimension) > 1],
        "institutes": _institutes(report, language),
        "definitions_title": _("What the figures mean, and what others published"),
        "definitions": [_definition(figure) for figure in report.figures],
        "published_title": _("Published by others"),
        "attested_title": _("Attested by the institutes"),
        "attested": [_attested(part, language) for part in parts if part.is_attested],
    }


def _tile(figure: ReportFigure) -> dict[str, str]:
    return {
        "label": wording.title_text(figure.definition),
        "value": wording.measured_text(figure.total),
    }


def _bars(figure: ReportFigure) -> dict[str, Any]:
    most = max((one.numerator or 0) for one in figure.by_dimension) or 1
    return {
        "title": wording.title_text(figure.definition),
        "bars": [
            {
                "label": wording.dimension_text(figure.definition, one.dimension),
                "value": wording.measured_text(one),
                "permille": (one.numerator or 0) * 1000 // most,
            }
            for one in figure.by_dimension
        ],
    }


def _institutes(report: Report, language: str) -> dict[str, Any]:
    figures = [report.figure(figure_id) for figure_id in _MONEY]
    reporting = {one.institute for figure in figures for one in figure.by_institute}
    return {
        "title": _("By institute"),
        "unit": _("Money in %(unit)s") % {"unit": formats.millions_unit()},
        "columns": [_("Institute"), *(wording.title_text(one.definition) for one in figures)],
        "rows": [
            [one.name_in(language), *(_short(figure, one.key) for figure in figures)]
            for one in report.institutes
            if one.key in reporting
        ],
        "total": [_("Network"), *(_short_total(figure) for figure in figures)],
    }


def _short(figure: ReportFigure, institute: str) -> str:
    if figure.definition.kind is FigureKind.SUM:
        found = figure.of_institute(institute)
        return formats.millions(int(found.value or 0) if found else 0)
    return wording.institute_text(figure, institute)


def _short_total(figure: ReportFigure) -> str:
    if figure.definition.kind is FigureKind.SUM:
        return formats.millions(int(figure.total.value or 0))
    return wording.measured_text(figure.total)


def _definition(figure: ReportFigure) -> dict[str, Any]:
    definition = figure.definition
    return {
        "title": wording.title_text(definition),
        "value": wording.measured_text(figure.total),
        "text": wording.definition_text(definition),
        "about": _("%(figure)s, version %(version)s. %(authority)s")
        % {
            "figure": definition.id,
            "version": definition.version,
            "authority": definition.authority,
        },
        "published": [_published(value) for value in figure.published],
    }


def _published(value: PublishedValue) -> str:
    said = value.qualifier or str(wording.PRECISION_LABELS[value.precision])
    return _("%(name)s: %(value)s (%(said)s). %(source)s; %(confidence)s.") % {
        "name": formats.local_name(value),
        "value": wording.published_text(value),
        "said": said,
        "source": value.source,
        "confidence": wording.CONFIDENCE_LABELS[value.confidence],
    }


def _attested(standing: PartStanding, language: str) -> str:
    part = standing.part
    by = wording.attested_by(part)
    text = _("%(institute)s: %(by)s, %(on)s") % {
        "institute": standing.institute.name_in(language),
        "by": by,
        "on": formats.date_local(part.attested_at.date() if part.attested_at else None),
    }
    return f"{text}. {part.note}" if part.note else text
