import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lineshaft.demonstration.personas import OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

FUNDING = f"/institutes/{OWN_INSTITUTE}/funding/"
PART = f"/reports/2022/institutes/{OWN_INSTITUTE}/"


def row_text(page: Page, beginning: str) -> str:
    """The text of the one table row whose first cell is `beginning`."""
    return (
        page.get_by_role("row")
        .filter(has=page.get_by_role("rowheader", name=beginning, exact=True))
        .first.inner_text()
    )


def upload(tmp_path: Path) -> str:
    path = tmp_path / "ledger-extract.csv"
    path.write_text("date,account,amount\n2022-03-01,4100,500000.00\n")
    return str(path)


def test_visitor_goes_from_home_through_an_institute_to_the_records_of_a_figure(
    visitor: Page, address: str
) -> None:
    visitor.get_by_role("link", name="Institutes", exact=True).first.click()
    visitor.get_by_role("link", name="America Makes", exact=True).first.click()
    expect(visitor).to_have_url(f"{address}/institutes/america-makes/")
    visitor.get_by_role("link", name="Figures", exact=True).first.click()
    visitor.goto(f"{address}/reports/2021/")
    visitor.get_by_role("link", name="Members", exact=True).first.click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("2,300")
    visitor.goto(f"{address}/reports/2021/figures/memberships.members/records/")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("2,300")
    visitor.get_by_role("main").get_by_role("table").get_by_role("link").first.click()
    expect(visitor.get_by_role("heading", level=1)).to_be_visible()


def test_wrong_person_is_refused_and_told_whom_to_ask(sign_in: SignIn, address: str) -> None:
    page = sign_in("learner")
    answer = page.goto(f"{address}/reports/2022/publish/")
    assert answer is not None
    assert answer.status in {403, 404}
    answer = page.goto(f"{address}/institutes/{OWN_INSTITUTE}/contributions/record/")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("ask the programme office")


def test_year_is_closed_from_a_contribution_to_the_published_report(
    sign_in: SignIn, address: str, tmp_path: Path
) -> None:
    finance = sign_in("institute_finance")
    finance.goto(f"{address}{FUNDING}")
    before = row_text(finance, "FY2022")
    contribution = record_contribution(finance, address, upload(tmp_path))

    manager = sign_in_anew(finance, sign_in, "institute_manager")
    manager.goto(contribution)
    manager.get_by_role("link", name=re.compile("^Accept")).first.click()
    manager.get_by_role("button", name=re.compile("^Accept")).first.click()
    expect(manager.get_by_role("heading", level=1)).to_be_visible()
    manager.goto(f"{address}{FUNDING}")
    assert row_text(manager, "FY2022") != before

    manager.goto(f"{address}{PART}")
    part_before = row_text(manager, "Match ratio")
    manager.get_by_role("button", name=re.compile("up to date")).first.click()
    wait_for_job(manager)
    manager.goto(f"{address}{PART}")
    assert row_text(manager, "Match ratio") != part_before
    manager.get_by_label("I have checked these figures").check()
    manager.get_by_role("button", name="Attest these figures").click()
    expect(manager.get_by_role("main")).to_contain_text("Attested by")

    officer = sign_in_anew(manager, sign_in, "programme_officer")
    officer.goto(f"{address}/reports/2022/publish/")
    officer.get_by_role("button", name="Publish", exact=True).click()
    expect(officer.get_by_role("main")).to_contain_text("Published")

    officer.context.clear_cookies()
    answer = officer.goto(f"{address}/reports/2022/")
    assert answer is not None
    assert answer.status == 200
    document = officer.request.get(f"{address}/reports/2022/report.pdf")
    assert document.body()[:5] == b"%PDF-"


def test_board_moves_a_lever_of_the_forecast_without_a_script(
    browser: Browser, address: str
) -> None:
    page = browser.new_context(java_script_enabled=False, locale="en-US").new_page()
    page.goto(f"{address}/accounts/login/")
    page.get_by_role("button", name="Enter as institute.manager@demo.example").click()
    page.goto(f"{address}/institutes/{OWN_INSTITUTE}/funding/")
    page.get_by_role("link", name="Standing alone").last.click()
    finding = page.get_by_role("heading", level=1).inner_text()
    page.get_by_label("More service income a year").fill("400000000")
    page.get_by_role("button", name="Show what changes").click()
    assert "services=400000000" in page.url
    assert page.get_by_role("heading", level=1).inner_text() != finding
    assert "beyond FY" in row_text(page, "Money lasts until")
    page.get_by_role("link", name="Back to what is recorded").click()
    assert page.get_by_role("heading", level=1).inner_text() == finding
    page.context.close()


def record_contribution(page: Page, address: str, file: str) -> str:
    """Record half a million in cash with its evidence; the address of the contribution."""
    member = page.request.get(f"{address}/api/v1/members?institute={OWN_INSTITUTE}&limit=1").json()[
        "items"
    ][0]["organisation"]
    name = member["name"] if isinstance(member, dict) else member
    page.get_by_role("link", name=re.compile("Record a contribution")).first.click()
    page.get_by_label("Contributor").fill(str(name))
    page.get_by_label("Kind", exact=True).select_option("cash")
    page.get_by_label("Date", exact=True).fill("2022-03-01")
    page.get_by_label("Amount in USD").fill("500000")
    page.get_by_label("Evidence files").set_input_files(file)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/contributions/[0-9a-f-]{36}/$"))
    return page.url


def sign_in_anew(page: Page, sign_in: SignIn, persona: str) -> Page:
    """Another persona, in the same browser."""
    page.context.clear_cookies()
    page.close()
    return sign_in(persona)


def wait_for_job(page: Page) -> None:
    """Wait until the worker has done the job whose page is shown."""
    for _attempt in range(60):
        if page.get_by_text("Done", exact=True).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    pytest.fail(f"The job was not done: {page.get_by_role('main').inner_text()}")
