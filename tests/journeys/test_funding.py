"""The agency's money from a proposal of two persons to its limit, and a report to its receipt."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey


def test_large_obligation_takes_a_second_sponsor_and_is_drawn_to_its_limit(
    sign_in: SignIn, address: str
) -> None:
    sponsor = sign_in("second_agency_sponsor")
    waiting = sponsor.get_by_role("listitem").filter(has_text="to approve or reject")
    waiting.get_by_role("link", name="Open the oldest").click()
    main = sponsor.get_by_role("main")
    expect(main).to_contain_text("What approval would do")
    main.get_by_role("link", name="Approve", exact=True).click()
    sponsor.get_by_label("I know that this can not be undone").check()
    sponsor.get_by_role("main").get_by_role("button", name=re.compile("^Approve")).click()
    expect(sponsor.get_by_role("main")).to_contain_text("Approved")
    transfer = sponsor.url.rstrip("/").rpartition("/")[2]
    sponsor.context.clear_cookies()
    sponsor.close()

    finance = sign_in("institute_finance")
    draw = f"{address}/transfers/{transfer}/draw/"
    refusal = submit_draw(finance, draw, "5,000,000.01")
    expect(refusal).to_contain_text("$5,000,000")
    submit_draw(finance, draw, "4,999,999.99")
    expect(finance.get_by_text("Drawdown of $4,999,999.99 is recorded.")).to_be_visible()
    refusal = submit_draw(finance, draw, "0.02")
    expect(refusal).to_contain_text("$0.01")


def test_report_is_certified_and_opened_to_a_receipt(
    sign_in: SignIn, address: str, tmp_path: Path
) -> None:
    receipt = tmp_path / "invoice-77.txt"
    receipt.write_text("Brass and Bolt Works, invoice 77, 1,234.56\n")
    page = sign_in("institute_finance")
    agreement = agreement_page(page, address)
    page.goto(f"{agreement}costs/record/")
    page.get_by_label("Category", exact=True).select_option("supplies")
    page.get_by_label("Payee").fill("Brass and Bolt Works")
    page.get_by_label("Date", exact=True).fill("2022-11-02")
    page.get_by_label("Amount in USD").fill("1234.56")
    page.get_by_label("Evidence files").set_input_files(str(receipt))
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_role("main")).to_contain_text("invoice-77.txt")

    page.goto(f"{agreement}financial-report/?period_end=2023-09-30&term=annual&basis=accrual")
    page.get_by_role("link", name="Certify").click()
    page.get_by_label("I certify this report as it is shown here").check()
    page.get_by_role("button", name="Certify").click()
    expect(page.get_by_role("main")).to_contain_text("Certified by")

    page.goto(f"{agreement}financial-report/lines/e/?period_end=2023-09-30&basis=accrual")
    page.get_by_role("main").get_by_role("row", name=re.compile("1,234.56")).get_by_role(
        "link"
    ).first.click()
    page.get_by_role("main").get_by_role("link", name="Brass and Bolt Works").click()
    href = page.get_by_role("link", name="invoice-77.txt").get_attribute("href")
    assert "invoice 77" in page.request.get(f"{address}{href}").text()


def agreement_page(page: Page, address: str) -> str:
    """The address of the institute's agreement in force."""
    page.goto(f"{address}/institutes/nextflex/funding/")
    page.get_by_role("link", name="DEMO-nextflex-2", exact=True).first.click()
    found = re.match(r".*/agreements/[0-9]+/", page.url)
    assert found is not None
    return found[0]


def submit_draw(page: Page, address: str, amount: str) -> Locator:
    """Draw that amount; what the form says where it refuses."""
    page.goto(address)
    page.get_by_label("Date", exact=True).fill("2022-10-05")
    page.get_by_label("Amount in USD").fill(amount)
    page.get_by_role("main").get_by_role("button").last.click()
    return page.get_by_role("alert")
