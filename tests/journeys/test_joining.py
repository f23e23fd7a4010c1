import re

import pytest
from playwright.sync_api import Page, expect

from lineshaft.demonstration.personas import OWN_INSTITUTE
from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

COLLEAGUE = "learner@demo.example"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def sign(page: Page, action: str) -> None:
    page.get_by_role("link", name=action).click()
    page.get_by_label("Title", exact=True).fill("Owner")
    page.get_by_label("I have read the document and sign it").check()
    page.get_by_role("button", name="Sign the agreement").click()


def test_a_small_firm_joins_pays_and_brings_a_colleague(sign_in: SignIn, address: str) -> None:
    firm = sign_in("small_manufacturer")
    firm.goto(f"{address}/memberships/compare/")
    applies = f'a[href*="/institutes/{OWN_INSTITUTE}/members/apply/"]'
    firm.locator(applies).first.click()
    firm.get_by_role("link", name="Apply for it").click()
    firm.get_by_label("What for").fill("Flexible sensors for pumps")
    firm.get_by_role("button", name="Submit the application").click()
    firm.wait_for_url(re.compile(r"/applications/\d+/$"))
    heading(firm, "asks to join NextFlex")
    application = firm.url

    firm.context.clear_cookies()
    manager = sign_in("institute_manager")
    manager.goto(application)
    manager.get_by_role("link", name="Approve", exact=True).click()
    manager.get_by_role("button", name="Approve the application").click()
    sign(manager, "Sign for the institute")

    manager.context.clear_cookies()
    firm = sign_in("small_manufacturer")
    firm.goto(f"{address}/memberships/mine/")
    heading(firm, "You have 1 agreement to sign")
    firm.goto(application)
    sign(firm, "Sign for the organisation")
    heading(firm, "dues are next")

    firm.context.clear_cookies()
    finance = sign_in("institute_finance")
    finance.goto(application)
    finance.get_by_role("link", name="Issue the invoice").click()
    finance.get_by_role("button", name="Issue the invoice").click()
    finance.get_by_role("link", name=re.compile(r"^NEXTFLEX-\d{4}-\d{4}$")).click()
    finance.get_by_role("link", name="Record a payment").click()
    finance.get_by_role("button", name="Record a payment").click()
    heading(finance, "has paid")
    finance.goto(application)
    heading(finance, "has joined NextFlex")

    finance.context.clear_cookies()
    firm = sign_in("small_manufacturer")
    firm.goto(f"{address}/memberships/mine/")
    firm.get_by_role("link", name="See its people").click()
    firm.get_by_role("link", name="Invite a person").click()
    firm.get_by_label("E-mail address").fill(COLLEAGUE)
    firm.get_by_role("button", name="Invite a person").click()
    expect(firm.get_by_role("main")).to_contain_text(COLLEAGUE)

    firm.context.clear_cookies()
    colleague = sign_in("learner")
    colleague.goto(f"{address}/memberships/mine/")
    colleague.get_by_role("link", name="Accept the invitation").click()
    colleague.get_by_role("button", name="Accept the invitation").click()
    expect(colleague.get_by_role("main")).to_contain_text("NextFlex")
