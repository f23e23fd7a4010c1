import csv
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.funding.tests import factories as funding
from lineshaft.apps.insight import queries, services
from lineshaft.apps.insight.models import ReportEdition
from lineshaft.apps.insight.tests.factories import (
    MILLION,
    NOW,
    SYSTEM,
    VALUES,
    YEAR,
    attest_all,
    make_books,
    make_draft,
    make_institutes,
    make_membership,
    make_organisation,
    make_published,
    make_snapshot,
)
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.jobs.models import Job

pytestmark = pytest.mark.django_db
RATIO = f"/reports/{YEAR}/figures/funding.match_ratio/"


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def visitor() -> Client:
    return Client()


def _text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_report_states_its_finding_and_opens_every_number(visitor: Client) -> None:
    services.load_published_values(SYSTEM, now=NOW)
    edition = make_published()
    text = _text(visitor, f"/reports/{YEAR}/")
    assert "For each federal US dollar, the institutes brought 1.60 of their own" in text
    assert f'href="{RATIO}"' in text
    assert f'href="{RATIO}records/?institute=lift"' in text
    assert edition.snapshot.hash in text
    assert edition.sha256 in text
    assert "1 of 2 institutes brought at least as much as they were given." in text


def test_report_in_chinese_names_institutes_and_figures_in_chinese(visitor: Client) -> None:
    make_published()
    visitor.cookies["django_language"] = "zh-hans"
    text = _text(visitor, f"/reports/{YEAR}/")
    assert "国家增材制造创新中心" in text
    assert "配套比例" in text


def test_draft_is_for_the_network_staff_alone(
    visitor: Client, manager: Client, officer: Client
) -> None:
    make_draft()
    for path in (
        f"/reports/{YEAR}/",
        RATIO,
        f"{RATIO}values.csv",
        f"{RATIO}records/",
        f"/reports/{YEAR}/report.json",
        f"/reports/{YEAR}/?edition=1",
    ):
        _text(visitor, path, 404)
        _text(manager, path, 404)
        _text(officer, path)
    assert "This is a draft." in _text(officer, f"/reports/{YEAR}/")


def test_published_year_shows_nothing_of_a_later_year(visitor: Client) -> None:
    later = {("memberships.members", "", YEAR + 1, ""): (987_654, None)}
    make_published({**VALUES, **later})
    for path in (f"/reports/{YEAR}/", f"/reports/{YEAR}/figures/memberships.members/"):
        assert "987" not in _text(visitor, path)
    _text(visitor, f"/reports/{YEAR + 1}/", 404)
    own = {("memberships.members", "lift", YEAR + 1, ""): (987_654, None)}
    make_snapshot({**VALUES, **own})
    assert "987" not in _text(visitor, "/institutes/lift/figures/")


def test_institute_sees_its_own_newest_figures_and_no_others(manager: Client) -> None:
    make_published()
    newest = {
        ("memberships.members", "america-makes", YEAR, ""): (123_456, None),
        ("memberships.members", "lift", YEAR, ""): (654_321, None),
    }
    make_snapshot({**VALUES, **newest})
    assert "123,456" in _text(manager, "/institutes/america-makes/figures/")
    assert "654,321" not in _text(manager, "/institutes/lift/figures/")


def test_figure_page_shows_definition_query_and_what_others_published(visitor: Client) -> None:
    services.load_published_values(SYSTEM, now=NOW)
    make_published()
    text = _text(visitor, RATIO)
    assert "It is not the statutory test" in text
    assert "FROM money_years" in text
    assert "3 : 1" in text
    assert "nearly 3:1" in text
    _text(visitor, f"/reports/{YEAR}/figures/funding.nothing/", 404)


def test_figure_as_csv_and_json(visitor: Client) -> None:
    make_published()
    rows = list(csv.DictReader(io.StringIO(_text(visitor, f"{RATIO}values.csv"))))
    assert [(row["institute"], row["value"]) for row in rows] == [
        ("", "1.60"),
        ("america-makes", "2.00"),
        ("lift", "0.80"),
    ]
    values = json.loads(_text(visitor, f"{RATIO}values.json"))["values"]
    assert [one["value"] for one in values] == [1.6, 2, 0.8]
    _text(visitor, f"{RATIO}values.xml", 404)


@pytest.mark.parametrize("form", ["json", "pdf", "xlsx"])
def test_report_is_downloaded_as_it_was_published(visitor: Client, form: str) -> None:
    edition = make_published()
    found = visitor.get(f"/reports/{YEAR}/report.{form}?edition={edition.number}")
    stored = queries.documents_of(edition).get(format=form, language="en")
    assert found.status_code == 200
    assert len(found.content) == stored.file.size_bytes
    assert found["Content-Disposition"] == f'attachment; filename="{stored.file.name}"'
    _text(visitor, f"/reports/{YEAR}/report.docx", 404)


def test_restated_edition_stays_readable_and_says_so(visitor: Client, officer: Client) -> None:
    make_published()
    page = officer.post(f"/reports/{YEAR}/restate/", {"reason": "A slip of LIFT"})
    assert page.status_code == 302
    assert "This edition has been restated." in _text(visitor, f"/reports/{YEAR}/")
    draft = _text(officer, f"/reports/{YEAR}/?edition=2")
    assert "Edition 2. Restated because: A slip of LIFT" in draft
    assert officer.post(f"/reports/{YEAR}/restate/", {"reason": ""}).status_code == 422


def test_office_opens_a_report_once(officer: Client, visitor: Client, manager: Client) -> None:
    make_snapshot()
    assert officer.post("/reports/open/", {"fiscal_year": YEAR}).status_code == 302
    assert ReportEdition.objects.get().fiscal_year == YEAR
    assert officer.post("/reports/open/", {"fiscal_year": YEAR}).status_code == 422
    assert officer.post("/reports/open/", {"fiscal_year": YEAR - 1}).status_code == 409
    for client in (visitor, manager):
        assert client.get("/reports/open/").status_code == 403


def test_manager_attests_what_was_shown(manager: Client, officer: Client) -> None:
    make_draft()
    path = f"/reports/{YEAR}/institutes/america-makes/"
    standing = queries.part_to_read(SYSTEM, YEAR, "america-makes")
    text = _text(manager, path)
    assert standing.digest in text
    assert "America Makes has still to attest its figures of FY2022" in text
    assert "America Makes, FY2022" in _text(manager, "/reports/")
    wrong = manager.post(path, {"seen_digest": "0" * 64, "is_confirmed": "on"})
    assert wrong.status_code == 409
    assert standing.digest in wrong.content.decode()
    assert manager.post(path, {"seen_digest": standing.digest}).status_code == 422
    done = manager.post(path, {"seen_digest": standing.digest, "is_confirmed": "on"})
    assert done.status_code == 302
    assert "Attested by Mona Manager" in _text(manager, path)
    assert officer.post(f"{path}withdraw/").status_code == 403
    assert manager.post(f"{path}withdraw/").status_code == 302
    assert not queries.part_to_read(SYSTEM, YEAR, "america-makes").is_attested


def test_part_attested_by_the_program_says_so(officer: Client) -> None:
    make_draft()
    standing = queries.part_to_read(SYSTEM, YEAR, "america-makes")
    services.attest_part(
        SYSTEM, YEAR, institute="america-makes", seen_digest=standing.digest, note="", now=NOW
    )
    text = _text(officer, f"/reports/{YEAR}/institutes/america-makes/")
    assert "Attested by the program on" in text
    assert "None" not in text


def test_publish_page_has_no_button_while_somebody_has_to_attest(officer: Client) -> None:
    make_draft()
    text = _text(officer, f"/reports/{YEAR}/publish/")
    assert "The button to publish appears here when the last of them has attested." in text
    assert 'type="submit">Publish<' not in text


def test_part_of_another_institute_is_not_there(manager: Client, visitor: Client) -> None:
    make_draft()
    path = f"/reports/{YEAR}/institutes/lift/"
    for client in (manager, visitor):
        assert client.get(path).status_code == 404


def test_part_that_changed_shows_what_was_attested_beside_it(manager: Client) -> None:
    edition = make_draft()
    attest_all(edition)
    changed = {**VALUES, ("memberships.members", "america-makes", YEAR, ""): (77, None)}
    edition.snapshot = make_snapshot(changed)
    edition.save(update_fields=["snapshot"])
    text = _text(manager, f"/reports/{YEAR}/institutes/america-makes/")
    assert "changed since they were attested" in text
    assert "When attested" in text
    assert ">77<" in text


def test_publish_page_names_who_is_missing_and_then_publishes(
    officer: Client, manager: Client
) -> None:
    edition = make_draft()
    assert manager.get(f"/reports/{YEAR}/publish/").status_code == 403
    assert "2 institutes have still to attest" in _text(officer, f"/reports/{YEAR}/publish/")
    refused = officer.post(f"/reports/{YEAR}/publish/")
    assert refused.status_code == 409
    assert "Not attested: America Makes, LIFT." in refused.content.decode()
    attest_all(edition)
    assert "is ready to be published" in _text(officer, f"/reports/{YEAR}/publish/")
    assert officer.post(f"/reports/{YEAR}/publish/").status_code == 302
    assert ReportEdition.objects.get().state == "published"


def test_figures_are_brought_up_to_date_in_the_background(manager: Client, visitor: Client) -> None:
    assert visitor.post("/reports/figures-up-to-date/").status_code == 403
    assert manager.post("/reports/figures-up-to-date/").status_code == 302
    assert Job.objects.get().kind == services.TAKE_SNAPSHOT_JOB


def test_records_withhold_what_the_reader_may_not_see(visitor: Client, manager: Client) -> None:
    make_books()
    make_published()
    path = f"{RATIO}records/?of=contributions"
    text = _text(visitor, path)
    assert "2 records behind the contributions of FY2022" in text
    assert "2 records are counted and withheld" in text
    assert "Small Works" not in text
    own = _text(manager, f"{path}&institute=america-makes")
    assert "Small Works" in own
    assert "withheld" not in own


def test_records_of_a_draft_are_for_the_institute_itself(manager: Client, visitor: Client) -> None:
    make_books()
    make_draft()
    path = f"{RATIO}records/?institute=america-makes"
    assert "Small Works" in _text(manager, path)
    _text(visitor, path, 404)
    _text(manager, f"{RATIO}records/?institute=lift", 404)


@pytest.mark.parametrize(
    ("figure", "kind", "shown"),
    [
        pytest.param("network.institutes_by_status", "institutes", "LIFT", id="institutes"),
        pytest.param("memberships.members", "members", "State University", id="members"),
        pytest.param("memberships.memberships", "memberships", "State University", id="pairs"),
        pytest.param("funding.match_ratio", "obligations", "Obligation", id="obligations"),
        pytest.param("funding.federal_drawn", "drawdowns", "Drawdown", id="drawdowns"),
        pytest.param("funding.cost_share_cash", "contributions_cash", "withheld", id="cash"),
        pytest.param("funding.cost_share_in_kind", "contributions_in_kind", "withheld", id="kind"),
    ],
)
def test_records_of_every_kind_have_their_page(
    visitor: Client, figure: str, kind: str, shown: str
) -> None:
    make_books()
    make_published()
    path = f"/reports/{YEAR}/figures/{figure}/records/"
    assert shown in _text(visitor, f"{path}?of={kind}")
    _text(visitor, f"{path}?of=people", 404)
    _text(visitor, f"{path}?institute=nowhere", 404)


def test_a_share_of_the_members_from_industry_opens_to_those(visitor: Client) -> None:
    make_books()
    make_published()
    path = f"/reports/{YEAR}/figures/memberships.sme_share/records/"
    text = _text(visitor, path)
    assert "Small Works" in text
    assert "State University" not in text


def _count(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        assert client.get(path).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/reports/", 1, id="list_reports"),
        pytest.param(f"/reports/{YEAR}/", 7, id="show_report"),
        pytest.param(RATIO, 6, id="show_figure"),
        pytest.param("/institutes/lift/figures/", 5, id="show_institute_figures"),
        pytest.param(f"{RATIO}records/", 4, id="contributions"),
        pytest.param(f"/reports/{YEAR}/figures/memberships.members/records/", 6, id="members"),
    ],
)
def test_page_asks_as_often_for_one_record_as_for_three(
    visitor: Client, path: str, expected: int
) -> None:
    makes, _lift = make_institutes()
    make_membership(make_organisation("First"), makes)
    agreement = funding.agreement()
    funding.contribution(agreement, name="first", is_accepted=True)
    make_published()
    assert _count(visitor, path) == expected
    for number in range(2):
        make_membership(make_organisation(f"Firm {number}"), makes)
        funding.contribution(
            agreement, name=f"more{number}", amount_minor=MILLION, is_accepted=True
        )
    more = {
        ("memberships.members", f"institute-{number}", YEAR, ""): (number + 1, None)
        for number in range(40)
    }
    draft = services.restate_report(SYSTEM, YEAR, reason="More", now=NOW)
    draft.snapshot = make_snapshot({**VALUES, **more})
    draft.save(update_fields=["snapshot"])
    attest_all(draft)
    services.publish_report(SYSTEM, YEAR, now=NOW)
    assert _count(visitor, path) == expected
