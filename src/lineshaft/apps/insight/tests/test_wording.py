from decimal import Decimal

import pytest
from django.utils import translation

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import InstitutePart, PublishedValue
from lineshaft.apps.insight.services import documents, wording
from lineshaft.apps.insight.tests.factories import SYSTEM, VALUES, YEAR, make_draft
from lineshaft.reference.published import load_published_values


def _published(value: str, unit: str) -> PublishedValue:
    return PublishedValue(value=value, unit=unit)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        pytest.param("2500", "count", "2,500", id="count"),
        pytest.param("72", "percent", "72%", id="percent"),
        pytest.param("2.7", "ratio", "2.7 : 1", id="ratio"),
        pytest.param("307", "million_usd", "307\N{NO-BREAK SPACE}M$", id="money"),
        pytest.param("cost -35%", "text", "cost -35%", id="text"),
    ],
)
def test_published_value_is_written_with_its_unit_and_digits(
    value: str, unit: str, said: str
) -> None:
    assert wording.published_text(_published(value, unit)) == said


@pytest.mark.parametrize(
    ("figure", "value", "short", "exact"),
    [
        pytest.param("memberships.members", 2503, "2,503", "2,503", id="count"),
        pytest.param(
            "funding.federal_drawn",
            12_345_678,
            "0.1\N{NO-BREAK SPACE}M$",
            "$123,456.78",
            id="money",
        ),
        pytest.param("funding.match_ratio", Decimal("2.80"), "2.80 : 1", "2.80 : 1", id="ratio"),
        pytest.param("memberships.sme_share", Decimal("72.0"), "72.0%", "72.0%", id="share"),
        pytest.param("funding.match_ratio", None, "–", "–", id="nothing"),
    ],
)
def test_value_is_written_by_what_it_is(
    figure: str, value: Decimal | int | None, short: str, exact: str
) -> None:
    definition = queries.figure_by_id(figure)
    number = None if value is None else Decimal(value)
    assert wording.value_text(definition, number) == short
    assert wording.exact_text(definition, number) == exact


def test_unit_of_money_is_its_currency_and_of_a_count_its_word() -> None:
    assert wording.unit_text(queries.figure_by_id("funding.federal_drawn")) == "M$"
    with translation.override("zh-hans"):
        assert wording.unit_text(queries.figure_by_id("memberships.states_covered")) == "个"


def test_dimension_without_names_keeps_its_keys() -> None:
    assert wording.dimension_text(queries.figure_by_id("memberships.members"), "key") == "key"


@pytest.mark.django_db
def test_report_with_a_match_states_it_and_parts_say_who_attested() -> None:
    make_draft()
    report = queries.report_to_read(SYSTEM, YEAR)
    ratio = report.figure("funding.match_ratio")
    assert wording.figure_finding(report, ratio) == wording.report_finding(report)
    parts = InstitutePart.objects.select_related("attested_by")
    assert {wording.attested_by(one) for one in parts} == {""}


def test_document_says_what_kind_of_file_it_is() -> None:
    kinds = {
        kind: documents.Document(kind, "en", "name", b"").media_type
        for kind in documents.MEDIA_TYPES
    }
    assert kinds == documents.MEDIA_TYPES


@pytest.mark.django_db
def test_report_without_a_match_states_the_membership() -> None:
    values = {key: value for key, value in VALUES.items() if not key[0].startswith("funding.")}
    make_draft(values)
    report = queries.report_to_read(SYSTEM, YEAR)
    assert wording.report_finding(report) == "3 organisations belonged to the network"
    ratio = report.figure("funding.match_ratio")
    assert wording.figure_finding(report, ratio) == "Match ratio in FY2022: –"
    assert wording.institute_text(ratio, "lift") == "–"
    assert wording.institute_text(report.figure("funding.federal_drawn"), "lift") == (
        "0.0\N{NO-BREAK SPACE}M$"
    )


def test_every_note_of_the_published_values_is_marked_for_translation() -> None:
    noted = {metric.figure_note for metric in load_published_values().metrics} - {""}
    assert noted == set(wording.FIGURE_NOTES)


def test_grain_is_said_in_the_language_of_the_reader() -> None:
    by_kind = queries.figure_by_id("memberships.members_by_kind")
    assert wording.grain_text(by_kind) == "institute, fiscal year, kind of organisation"
    with translation.override("zh-hans"):
        assert wording.grain_text(by_kind) == "创新中心、财年、单位类别"
