"""The portfolio's pages, exports, API and denominators: who reads what, and what it costs."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.insight import queries, rules, services
from lineshaft.apps.insight.models import PortfolioCell, Snapshot
from lineshaft.apps.insight.queries import BasisKind, Selection
from lineshaft.apps.insight.rules import Flow
from lineshaft.apps.insight.tests.factories import (
    CELLS,
    MILLION,
    NOW,
    SYSTEM,
    YEAR,
    Cells,
    make_cells,
    make_draft,
    make_money,
    make_published,
    page_text,
)
from lineshaft.apps.network.models import Institute, TechnologyArea
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.actor import Actor

pytestmark = pytest.mark.django_db
PAGE = "/portfolio/"
RECORDS = "/portfolio/records/"
API = "/api/v1/portfolio"


def _published(cells: Cells = CELLS) -> Snapshot:
    edition = make_published()
    make_cells(edition.snapshot, cells)
    return edition.snapshot


# ------------------------------------------------------------------------------------ who reads


def test_portfolio_before_anything_is_published_says_so_to_the_public(
    client: Client, snapshot: Snapshot
) -> None:
    text = page_text(client, PAGE)
    assert "No figures of the portfolio can be read yet" in text
    assert "as soon as the annual report of the year is published" in text
    assert 'href="/reports/"' in text[text.index('class="empty"') :]
    assert "<select" not in text
    assert 'class="tile' not in text
    assert PortfolioCell.objects.filter(snapshot=snapshot).exists()


def test_published_portfolio_tells_the_public_what_the_report_tells_and_no_more(
    client: Client,
) -> None:
    _published()
    text = page_text(client, PAGE)
    assert "Portfolio across agencies, FY2022" in text
    assert "$10,000,000" in text
    assert "1.60" in text  # 24 M$ over 15 M$
    assert "Planned and actual" not in text
    assert "Travel" not in text
    assert "Personnel of a third party" not in text
    assert "the flow ends at the institutes" in text
    for path in (
        f"{PAGE}?basis=newest",
        f"{RECORDS}?figure=portfolio.costs_incurred",
        f"{RECORDS}?basis=newest&figure=portfolio.federal_obligated",
        "/portfolio/cells.csv?basis=newest",
        f"{API}?figure=portfolio.costs_incurred",
        f"{API}?basis=newest",
        f"{API}/flows?basis=newest",
    ):
        page_text(client, path, 404)


def test_year_published_before_the_portfolio_was_computed_is_named(client: Client) -> None:
    make_published()
    text = page_text(client, PAGE)
    assert "Not shown: FY2022." in text
    assert "No report is published yet" not in text


def test_newest_portfolio_without_cells_or_snapshot_says_so(officer: Client) -> None:
    text = page_text(officer, PAGE)
    assert "No figures of the portfolio can be read yet" in text
    assert "once the figures are brought up to date" in text
    assert 'value="published"' in text  # the other basis can still be chosen
    make_draft()
    text = page_text(officer, PAGE)
    assert "Not shown: FY2022." in text


def test_newest_portfolio_shows_the_office_plans_costs_and_their_difference(
    officer: Client, snapshot: Snapshot
) -> None:
    text = page_text(officer, PAGE)
    assert snapshot.short_hash in text
    assert "Planned and actual by fiscal year" in text
    assert "Federal money planned and incurred by category of cost" in text
    assert "$1,000,000" in text  # 3 M$ planned less 2 M$ incurred
    assert "Drawn, no cost recorded" in text
    assert "where its partners are" in text


def test_newest_portfolio_of_an_institute_is_its_own_part(
    manager: Client, snapshot: Snapshot
) -> None:
    text = page_text(manager, f"{PAGE}?basis=newest")
    assert "$10,000,000" in text
    assert "$5,000,000" not in text
    assert "LIFT" not in text
    answer = json.loads(page_text(manager, f"{API}?basis=newest&rows=institute"))
    assert [one["row"] for one in answer["items"]] == ["america-makes"]
    assert answer["snapshots"][str(YEAR)] == snapshot.hash
    assert "No figures of the portfolio can be read yet" in page_text(manager, PAGE)


# -------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        pytest.param("agency=DOE", "$5,000,000", id="agency"),
        pytest.param("institute=america-makes", "$10,000,000", id="institute"),
        pytest.param("state=OH", "$15,000,000", id="state"),
        pytest.param("area=composites", "$15,000,000", id="area"),
        pytest.param("area=materials", "$15,000,000", id="the area above"),
        pytest.param("first_year=2022&last_year=2022", "$15,000,000", id="years"),
        pytest.param("rows=state&columns=technology_areas", "$15,000,000", id="dimensions"),
        pytest.param("rows=fiscal_year", "$15,000,000", id="years as rows"),
        pytest.param("figure=portfolio.federal_drawn", "$6,000,000", id="figure"),
    ],
)
def test_portfolio_selects_and_divides(
    officer: Client, snapshot: Snapshot, asked: str, total: str
) -> None:
    materials = TechnologyArea.objects.create(key="materials", name="Materials")
    TechnologyArea.objects.create(key="composites", name="Composites", parent=materials)
    assert PortfolioCell.objects.filter(snapshot=snapshot).count() == len(CELLS)
    text = page_text(officer, f"{PAGE}?{asked}")
    table = text[text.index('id="crosswise"') : text.index('id="planned"')]
    foot = table[table.index("<tfoot") :]
    assert total in foot


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("agency=EPA", "EPA is not one of the available choices"),
        ("first_year=2022&last_year=x", "x is not one of the available choices"),
        ("rows=agency&columns=agency", "Choose something else than for the rows."),
    ],
)
def test_portfolio_refuses_what_it_does_not_know(
    officer: Client, snapshot: Snapshot, asked: str, said: str
) -> None:
    assert snapshot.is_kept
    text = page_text(officer, f"{PAGE}?{asked}", 422)
    assert said in text
    page_text(officer, f"{RECORDS}?{asked}", 404)
    page_text(officer, f"/portfolio/cells.csv?{asked}", 404)


def test_portfolio_refuses_years_in_the_wrong_order(officer: Client, snapshot: Snapshot) -> None:
    assert snapshot.fiscal_years == range(2021, 2023)
    text = page_text(officer, f"{PAGE}?first_year=2022&last_year=2021", 422)
    assert "The last year lies before the first." in text


def test_portfolio_in_chinese_names_what_it_shows(officer: Client, snapshot: Snapshot) -> None:
    assert snapshot.is_kept
    officer.cookies["django_language"] = "zh-hans"
    text = page_text(officer, PAGE)
    for word in ("联邦资金承诺额", "国家增材制造创新中心", "俄亥俄", "各机构投资组合"):
        assert word in text


def test_portfolio_costs_the_same_whatever_it_holds(officer: Client, snapshot: Snapshot) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            page_text(officer, path)
        return len(caught)

    paths = (
        PAGE,
        f"{PAGE}?area=composites&agency=DOD",
        f"{RECORDS}?figure=portfolio.cost_share_cash&agency=DOD",
        f"{RECORDS}?figure=portfolio.costs_incurred",
        f"{RECORDS}?figure=portfolio.federal_planned",
        f"{RECORDS}?figure=portfolio.federal_planned&less=portfolio.costs_incurred",
        f"{RECORDS}?figure=portfolio.federal_obligated&state=OH&per=population",
        API,
    )
    services.record_shipped_denominators(SYSTEM, now=NOW)
    TechnologyArea.objects.create(key="composites", name="Composites")
    under = funding.agreement()
    funding.obligation(under, MILLION)
    funding.cost(under, 100)
    for path in paths:
        page_text(officer, path)
    before = [cost(path) for path in paths]
    for number in range(3):
        key = f"more-{number}"
        Institute.objects.create(key=key, name=key, status="active")
        make_cells(
            snapshot,
            {
                (figure, agency, key, year, part): value
                for (figure, agency, _institute, year, part), value in CELLS.items()
            },
        )
        under = funding.agreement(f"MORE-{number}", institute_key=key)
        funding.obligation(under, MILLION, name=key)
        funding.cost(under, 100 + number)
    assert [cost(path) for path in paths] == before


def test_flow_is_drawn_well_formed_and_each_of_its_links_opens(
    officer: Client, snapshot: Snapshot
) -> None:
    assert snapshot.is_kept
    text = page_text(officer, PAGE)
    flow = text[text.index('id="flow"') :]
    drawing = flow[flow.index("<svg") : flow.index("</svg>") + 6]
    links = [one.get("href", "") for one in ET.fromstring(drawing).iter("a")]  # noqa: S314 -- ours
    assert len(links) == len(set(links)) == 7
    for link in links:
        page_text(officer, link)


def test_flow_on_a_phone_is_told_in_stages(officer: Client, snapshot: Snapshot) -> None:
    assert snapshot.is_kept
    text = page_text(officer, PAGE)
    narrow = text[text.index('<svg class="chart-narrow" role="group"') :]
    drawing = ET.fromstring(narrow[: narrow.index("</svg>") + 6])  # noqa: S314 -- ours
    texts = [one.text for one in drawing.iter("text")]
    stages = [texts.index("Where it came from"), texts.index("What it was used for")]
    assert stages == sorted(stages)
    assert texts[stages[0] + 1 : stages[0] + 3] == ["DOD", "6.0\u00a0M$"]
    assert texts[stages[1] + 5 : stages[1] + 7] == ["Travel", "2.0\u00a0M$"]
    assert 'id="flow-numbers"' in text


# ----------------------------------------------------------------------------------- the records


def test_records_open_behind_each_figure_and_show_what_is_counted(
    officer: Client, snapshot: Snapshot
) -> None:
    assert snapshot.is_kept
    make_money()
    for figure, shown in (
        ("portfolio.federal_obligated", "$10,000,000"),
        ("portfolio.federal_drawn", "$1,000,000"),
        ("portfolio.cost_share_cash", "$2,000,000"),
        ("portfolio.cost_share_in_kind", "$0.07"),
        ("portfolio.match_ratio", "$2,000,000"),
        ("portfolio.match_ratio&of=obligations", "$10,000,000"),
        ("portfolio.costs_incurred&part=travel", "$7"),
    ):
        text = page_text(officer, f"{RECORDS}?figure={figure}&agency=DOD&institute=america-makes")
        assert shown in text, figure
        assert "Agency: DOD · Institute: America Makes" in text
    page_text(officer, f"{RECORDS}?figure=portfolio.federal_drawn&of=costs", 404)
    assert "No record that you may see" in page_text(
        officer, f"{RECORDS}?figure=portfolio.federal_planned"
    )
    text = page_text(officer, f"{RECORDS}?figure=portfolio.federal_drawn&areas=-&state=OH")
    assert "No record that you may see" in text


def test_records_of_a_published_year_withhold_what_the_public_may_not_see(client: Client) -> None:
    _published()
    make_money()
    text = page_text(client, f"{RECORDS}?figure=portfolio.cost_share_cash&part=travel")
    assert "1 record is counted and withheld" in text
    assert "Brass and Bolt Works" not in text
    assert "$10,000,000" in page_text(client, f"{RECORDS}?figure=portfolio.federal_obligated")


# ---------------------------------------------------------------------------------- taken away


def test_cells_are_exported_with_what_the_reader_may_know(client: Client, officer: Client) -> None:
    _published()

    def rows(reader: Client) -> list[dict[str, str]]:
        response = reader.get("/portfolio/cells.csv")
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        lines = [line for line in text.splitlines() if not line.startswith(("#", '"#'))]
        return list(csv.DictReader(io.StringIO("\n".join(lines))))

    public = rows(client)
    assert {one["Figure"] for one in public} == {
        figure.id for figure in queries.portfolio_library().reported
    }
    assert {one["Kind or category"] for one in public} == {""}
    office = rows(officer)
    assert len(office) == len(CELLS)
    assert {one["Kind or category"] for one in office} == {"", "cash", "personnel", "travel"}
    for form in ("xlsx", "json"):
        response = client.get(f"/portfolio/cells.{form}")
        assert response.status_code == 200
        assert len(response.getvalue()) > 500
    page_text(client, "/portfolio/cells.pdf", 404)


def test_api_gives_the_same_figures_and_flows(client: Client, officer: Client) -> None:
    _published()
    answer = json.loads(page_text(client, f"{API}?figure=portfolio.match_ratio&columns=state"))
    assert answer["basis"] == "published"
    assert answer["total"] == {
        "row": "", "column": "", "value": 1.6, "numerator": 24 * MILLION,
        "denominator": 15 * MILLION,
    }  # fmt: skip
    assert [(one["row"], one["column"], one["value"]) for one in answer["items"]] == [
        ("DOD", "OH", 2),
        ("DOE", "OH", 0.8),
    ]
    flows = json.loads(page_text(client, f"{API}/flows"))["items"]
    assert {
        "source": "kind/in_kind",
        "target": "institute/lift",
        "amount_minor": 4 * MILLION,
    } in flows
    assert not any(one["source"].startswith("institute/") for one in flows)
    flows = json.loads(page_text(officer, f"{API}/flows?institute=lift"))["items"]
    assert {
        "source": "kind/personnel",
        "target": "institute/lift",
        "amount_minor": 4 * MILLION,
    } in flows
    assert json.loads(page_text(client, f"{API}?rows=moon", 422))["status"] == 422
    empty = json.loads(page_text(client, f"{API}?figure=portfolio.match_ratio&first_year=2023"))
    assert (empty["total"]["value"], empty["items"]) == (None, [])


# ------------------------------------------------------------------------------------ the rules


def test_flows_conserve_where_uses_are_told_and_end_at_institutes_where_not() -> None:
    drawn = {("DOD", "a"): 100, ("DOE", "a"): -30, ("DOD", "b"): 10}
    brought = {("cash", "a"): 40}
    incurred = {("travel", "a"): 90, ("supplies", "a"): -5, ("travel", "b"): 4}
    flows = rules.money_flows(drawn=drawn, brought=brought, incurred=incurred)
    assert flows == (
        Flow("agency/DOD", "institute/a", 100),
        Flow("agency/DOD", "institute/b", 10),
        Flow("ahead", "institute/a", 15),
        Flow("institute/a", "brought", 40),
        Flow("institute/a", "category/travel", 90),
        Flow("institute/a", "returned", 30),
        Flow("institute/b", "category/travel", 4),
        Flow("institute/b", "no_cost", 6),
        Flow("kind/cash", "institute/a", 40),
        Flow("taken_back", "institute/a", 5),
    )
    told = rules.money_flows(drawn=drawn, brought=brought, incurred=None)
    assert [one.target for one in told if one.source == "institute/a"] == ["returned"]
    assert rules.money_flows(drawn={}, brought={}, incurred={}) == ()


def test_basis_of_a_reader_who_reads_nothing_whole_is_the_published() -> None:
    assert queries.basis_to_read(Actor.public()).kind is BasisKind.PUBLISHED
    with pytest.raises(NotFound):
        queries.basis_to_read(Actor.public(), BasisKind.NEWEST)
    nothing = queries.basis_to_read(SYSTEM)
    assert (nothing.is_newest, nothing.years, nothing.newest_snapshot) == (True, (), None)
    assert (
        queries.totals(nothing, queries.cells_of(nothing, Selection()))[
            queries.OBLIGATED_CELLS
        ].value
        == 0
    )


def test_api_refuses_one_dimension_twice(snapshot: Snapshot) -> None:
    answer = Client().get(f"{API}?rows=agency&columns=agency")
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == "columns"
    assert "Choose something else than for the rows." in answer.content.decode()
