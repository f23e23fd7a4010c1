import re
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.insight import queries
from lineshaft.apps.insight.models import Snapshot
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    NOW,
    YEAR,
    Values,
    make_institutes,
    make_published,
    make_snapshot,
    signed_in,
)
from lineshaft.apps.network.models import Institute
from lineshaft.engines.economics import DUES, PARTNERS, SERVICES, Verdict
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind

pytestmark = pytest.mark.django_db
OUTLOOK: Final = "/institutes/america-makes/outlook/"
ALL: Final = "/outlooks/"
FIRST: Final = YEAR - 6
NEXT: Final = YEAR + 1
MAKES_NAME: Final = "America Makes"


def money_of(
    key: str,
    *,
    base: int,
    cash: int,
    dues: int = 0,
    in_kind: int = 0,
    left: int = 0,
    days: int | None = None,
    members: int = 12,
) -> dict[tuple[str, str, int, str], tuple[int, int | None]]:
    """Seven equal years, and half of one that goes on; `left` and `days` of award as of NEXT."""
    values: dict[tuple[str, str, int, str], tuple[int, int | None]] = {}
    for year in range(FIRST, YEAR + 1):
        values[queries.BASE_FIGURE, key, year, ""] = (base, None)
        values[queries.CASH_FIGURE, key, year, ""] = (cash, None)
        values[queries.IN_KIND_FIGURE, key, year, ""] = (in_kind, None)
        values[queries.DUES_FIGURE, key, year, ""] = (dues, None)
        values[queries.DUES_FIGURE, key, year, "sme"] = (dues, None)
    values[queries.BASE_FIGURE, key, NEXT, ""] = (base // 10, None)
    values["memberships.members", key, NEXT, ""] = (members, None)
    if days is not None:
        values["funding.federal_undrawn", key, NEXT, ""] = (left, None)
        values["funding.award_days_left", key, NEXT, ""] = (days, None)
    return values


MAKES: Final = money_of(
    "america-makes",
    base=10 * MILLION,
    cash=6 * MILLION,
    dues=2 * MILLION,
    in_kind=3 * MILLION,
    left=14 * MILLION,
    days=183,
)
"""14 M$ left until April 2024, 1 M$ of it drawn since October 2022: three halves of a year."""

NETWORK: Final = money_of("", base=10 * MILLION, cash=6 * MILLION)
VALUES: Final[Values] = {**MAKES, **NETWORK}
LAGGING: Final[Values] = {
    place: value
    for place, value in VALUES.items()
    if (place[0], place[2]) != (queries.BASE_FIGURE, NEXT)
}
"""Nothing is recorded after the last of the seven years."""


def _outlook(values: Values = VALUES, *, taken_at: datetime = NOW) -> queries.Outlook:
    snapshot = make_snapshot(values, taken_at=taken_at)
    found = queries.outlook_of(
        snapshot, queries.InstituteName("america-makes", MAKES_NAME, "国家增材制造创新中心")
    )
    assert found is not None
    return found


def _text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


# ---------------------------------------------------------------------------------------- reading


def test_books_count_no_money_twice() -> None:
    books = _outlook().books
    assert books.years == tuple(range(FIRST, NEXT))
    assert {one.key: one.amounts[-1] for one in books.streams} == {
        DUES: 2 * MILLION,
        SERVICES: 0,
        PARTNERS: 4 * MILLION,  # what was accepted in cash beyond the dues
    }
    assert books.own(-1) == 6 * MILLION
    assert books.cost(-1) == 16 * MILLION
    assert books.members == 12


def test_recorded_own_income_takes_the_place_of_the_estimate(manager: Client) -> None:
    income = {
        (queries.INCOME_FIGURE, "america-makes", YEAR, stream): (amount, None)
        for stream, amount in {"": 4 * MILLION, "dues": MILLION, "licences": 3 * MILLION}.items()
    }
    found = _outlook({**VALUES, **income})
    assert {one.key: one.amounts[-2:] for one in found.books.streams} == {
        DUES: (0, MILLION),
        SERVICES: (0, 0),
        "licences": (0, 3 * MILLION),
        PARTNERS: (6 * MILLION, 2 * MILLION),
    }
    text = _text(manager, OUTLOOK)
    assert "Licences and royalties" in text
    assert "Membership dues" in text
    assert "estimate" not in text
    entries = "/institutes/america-makes/own-income/?stream=licences&amp;since=2021-10-01"
    assert f'href="{entries}&amp;before=2022-10-01"' in text


def test_what_is_left_of_the_award_counts_from_the_end_of_the_last_year() -> None:
    found = _outlook()
    assert found.books.base_left == 15 * MILLION
    assert found.books.award_months == 18
    assert found.award_ends_on == date(2024, 4, 1)
    assert (found.records_end, found.counted_from) == (date(2022, 10, 1), date(2022, 11, 1))
    assert found.projection.runway_months == 17
    assert found.month(17) == date(2024, 4, 1)


def test_records_that_lag_are_counted_from_their_end() -> None:
    found = _outlook(LAGGING, taken_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert found.is_lagging
    assert found.books.elapsed_months == 0
    assert found.counted_from == date(2022, 10, 1)


def test_dues_beyond_the_cash_accepted_leave_nothing_of_partners() -> None:
    key = "america-makes"
    found = _outlook({**money_of(key, base=1, cash=5, dues=8), **NETWORK})
    assert {one.key: one.amounts[-1] for one in found.books.streams}[PARTNERS] == 0
    assert found.award_ends_on is None


def test_money_that_went_back_on_balance_counts_as_nothing() -> None:
    back = {(queries.BASE_FIGURE, "america-makes", YEAR, ""): (-MILLION, None)}
    assert _outlook({**VALUES, **back}).books.base[-1] == 0


def test_institute_without_money_in_an_ended_year_has_no_outlook() -> None:
    now_alone = {(queries.BASE_FIGURE, "lift", NEXT, ""): (5, None)}
    snapshot = make_snapshot({**VALUES, **now_alone})
    assert queries.outlook_of(snapshot, queries.InstituteName("lift", "LIFT", "")) is None


def _three(snapshot_values: Values) -> Snapshot:
    Institute.objects.get_or_create(key="third", defaults={"name": "Third", "status": "active"})
    return make_snapshot(snapshot_values)


def test_outlooks_are_sorted_by_urgency_and_leave_out_the_terminated() -> None:
    makes_institutes = make_institutes()
    assert len(makes_institutes) == 2
    third = money_of("third", base=0, cash=6 * MILLION)
    lift = money_of("lift", base=10 * MILLION, cash=MILLION)
    gone = {("network.institutes_by_status", "lift", NEXT, "terminated"): (1, None)}
    values = {**VALUES, **lift, **third}
    snapshot = _three(values)
    found = queries.outlooks_visible_to(Actor.system("test"), snapshot)
    assert [(one.institute.key, one.projection.verdict) for one in found] == [
        ("lift", Verdict.OUT),
        ("america-makes", Verdict.RUNS_OUT),
        ("third", Verdict.STANDS),
    ]
    closed = _three({**values, **gone})
    found = queries.outlooks_visible_to(Actor.system("test"), closed)
    assert [one.institute.key for one in found] == ["america-makes", "third"]


# ------------------------------------------------------------------------------------------ pages


def test_outlook_page_states_finding_reason_method_and_what_lacks(manager: Client) -> None:
    make_snapshot(VALUES)
    text = _text(manager, OUTLOOK)
    assert "America Makes has money until Apr 2024; own income pays 38% of its cost" in text
    assert "Base money ends in Apr 2024, and own income does not pay the whole cost." in text
    assert "Gardner and McKenzie" in text
    assert "Dues are estimated from memberships" in text
    assert "Own income by stream: fees for services" in text
    assert "Back-test: each recorded year forecast from the years before it" in text
    assert 'aria-current="page">Standing alone' in text


def test_outlook_page_in_chinese_says_the_same(manager: Client) -> None:
    make_snapshot(VALUES)
    manager.cookies["django_language"] = "zh-hans"
    text = _text(manager, OUTLOOK)
    assert "国家增材制造创新中心" in text
    assert "2024年4月" in text
    assert "Gardner" in text
    assert "own income" not in text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param("renewal=50000000&award_end=2032-10-01", "Apr 2029", id="renewal"),
        pytest.param("terminated=2022-12-10", "Dec 2022", id="terminated"),
        pytest.param("reserve=10000000", "Apr 2025", id="reserve"),
        pytest.param("services=10000000", "beyond FY2034", id="services"),
        pytest.param("members=72", "beyond FY2034", id="members"),
        pytest.param("fee=500&cost=0", "beyond FY2034", id="fee"),
        pytest.param("cost=-62.5", "beyond FY2034", id="cost"),
        pytest.param("partners=0&reserve=14000000", "Apr 2025", id="partners"),
    ],
)
def test_lever_moves_the_outlook_by_address_alone(
    manager: Client, asked: str, expected: str
) -> None:
    make_snapshot(VALUES)
    text = _text(manager, f"{OUTLOOK}?{asked}")
    assert "Under your changes below; nothing is stored." in text
    row = re.search(r"Money lasts until\s*</th>(.*?)</tr>", text, re.DOTALL)
    assert row is not None
    assert re.findall(r"<td[^>]*>\s*([^<]*?)\s*</td>", row[1]) == ["Apr 2024", expected]


def test_lever_out_of_range_is_refused_beside_its_field(manager: Client) -> None:
    make_snapshot(VALUES)
    text = _text(manager, f"{OUTLOOK}?fee=-101&terminated=soon", 422)
    assert "id_fee_error" in text
    assert "id_terminated_error" in text
    assert 'value="-101"' in text
    assert "America Makes has money until Apr 2024" in text


def test_outlook_page_without_money_says_what_to_do(manager: Client) -> None:
    make_institutes()
    assert "No money of America Makes is recorded" in _text(manager, OUTLOOK)
    make_snapshot({("memberships.members", "america-makes", YEAR, ""): (3, None)})
    assert "No money of America Makes is recorded" in _text(manager, OUTLOOK)


def test_numbers_open_to_records_of_years_that_have_a_report(officer: Client) -> None:
    make_published(VALUES)
    text = _text(officer, OUTLOOK)
    link = "/reports/{}/figures/funding.federal_drawn/records/?institute=america-makes"
    assert link.format(YEAR) in text
    assert link.format(YEAR - 1) not in text


def test_outlook_is_for_those_who_read_the_institute_whole(
    manager: Client, officer: Client
) -> None:
    make_snapshot({**VALUES, **money_of("lift", base=777 * MILLION, cash=MILLION)})
    lift = "/institutes/lift/outlook/"
    _text(manager, lift, 404)
    _text(Client(), lift, 404)
    _text(Client(), ALL, 404)
    member = signed_in(Role.MEMBER, ScopeKind.ORGANISATION, "1")
    _text(member, ALL, 404)
    _text(member, OUTLOOK, 404)
    assert "777" in _text(officer, lift)
    own = _text(manager, ALL)
    assert OUTLOOK in own
    assert lift not in own
    assert lift in _text(officer, ALL)
    assert OUTLOOK in _text(manager, "/institutes/america-makes/funding/")
    assert OUTLOOK not in _text(Client(), "/institutes/america-makes/funding/")


def test_extension_centre_stands_in_no_list_of_outlooks(officer: Client) -> None:
    make_snapshot({**VALUES, **money_of("ohio-mep", base=MILLION, cash=MILLION)})
    Institute.objects.create(
        key="ohio-mep", name="Ohio MEP", status="active", kind="extension_centre"
    )
    assert "Ohio MEP" not in _text(officer, ALL)
    keys = [one["institute"] for one in officer.get("/api/v1/outlooks").json()["items"]]
    assert keys == ["america-makes"]


def test_network_page_says_who_runs_out_why_and_when(officer: Client) -> None:
    make_institutes()
    _three({**VALUES, **money_of("third", base=0, cash=6 * MILLION)})
    text = _text(officer, ALL)
    assert "Institutes whose money is spent within two years: 1 of 2" in text
    assert text.index("America Makes</a>") < text.index("Third</a>")
    assert "Base money ends in Apr 2024" in text
    assert "beyond FY2033" in text


def test_network_page_adds_sources_of_institutes_whose_streams_differ(officer: Client) -> None:
    make_institutes()
    income = {
        (queries.INCOME_FIGURE, "america-makes", YEAR, stream): (amount, None)
        for stream, amount in {"": 4 * MILLION, "dues": MILLION, "licences": 3 * MILLION}.items()
    }
    lift = money_of("lift", base=10 * MILLION, cash=MILLION)
    make_snapshot({**VALUES, **lift, **income})
    # 20 of base money, 3 each in kind, from licences and from partners, 1 of dues
    assert "2.1" in _text(officer, ALL)


def test_network_page_without_money_says_so(officer: Client) -> None:
    assert "No institute’s money is recorded yet" in _text(officer, ALL)


def test_network_page_says_that_records_lag(officer: Client) -> None:
    make_snapshot(LAGGING, taken_at=datetime(2025, 3, 1, tzinfo=UTC))
    assert "Nothing is recorded after FY2022 yet" in _text(officer, ALL)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_at_any_number_of_institutes(officer: Client, count: int) -> None:
    keys = ("america-makes", "lift", "third")[:count]
    own: dict[Any, Any] = {}
    for key in keys:
        own |= money_of(key, base=MILLION, cash=MILLION, left=MILLION, days=900)
    _three({**NETWORK, **own})
    _text(officer, ALL)
    with CaptureQueriesContext(connection) as asked:
        _text(officer, ALL)
    assert len(asked) == LIST_QUERIES
    with CaptureQueriesContext(connection) as asked:
        _text(officer, OUTLOOK)
    assert len(asked) == PAGE_QUERIES


LIST_QUERIES: Final = 7
PAGE_QUERIES: Final = 10


# -------------------------------------------------------------------------------------------- API


def test_outlooks_over_the_api_are_those_of_the_pages(manager: Client, officer: Client) -> None:
    make_snapshot({**VALUES, **money_of("lift", base=MILLION, cash=MILLION)})
    (own,) = manager.get("/api/v1/outlooks").json()["items"]
    assert (own["institute"], own["verdict"], own["reasons"]) == (
        "america-makes",
        "runs_out",
        ["award_ends"],
    )
    assert (own["runway_months"], own["coverage_bp"]) == (17, 3750)
    assert len(officer.get("/api/v1/outlooks").json()["items"]) == 2
    shown = manager.get("/api/v1/outlooks/america-makes").json()
    assert {key: shown[key] for key in own} == own
    first = shown["years"][0]
    assert first["own"]["amount_minor"] == 6 * MILLION
    assert sum(one["amount_minor"] for one in first["streams"].values()) == 6 * MILLION
    assert first["base_minor"] == 10 * MILLION
    assert shown["own_interval_coverage_bp"] == 10_000


def test_outlooks_over_the_api_are_for_those_who_may_read_them(manager: Client) -> None:
    assert manager.get("/api/v1/outlooks").json()["items"] == []
    assert manager.get("/api/v1/outlooks/america-makes").status_code == 404
    make_snapshot({**VALUES, **money_of("lift", base=MILLION, cash=MILLION)})
    assert manager.get("/api/v1/outlooks/lift").status_code == 404
    assert Client().get("/api/v1/outlooks/america-makes").status_code == 404
    assert Client().get("/api/v1/outlooks").status_code == 404
