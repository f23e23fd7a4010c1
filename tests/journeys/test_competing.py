"""An institute's manager writes and opens a project call; a member asks, and is answered; a visitor
sees nothing of it.
"""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

CODE = "NF-PC-8"
PAGE = "/opportunities/nf-pc-8/"


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def draft_call(manager: Page, address: str) -> None:
    """The manager drafts the call from the template of one stage."""
    manager.goto(f"{address}/competitions/")
    follow(manager, "Draft a competition")
    manager.locator("#id_kind").select_option("project_call")
    manager.locator("#id_template").select_option("project_call")
    manager.locator("#id_code").fill(CODE)
    manager.locator("#id_title").fill("Sensors on curved parts")
    manager.locator("#id_institute").select_option(index=1)
    press(manager, "Draft")
    expect(manager.get_by_role("main")).to_contain_text("Draft")


def write_terms(manager: Page) -> None:
    """Opening is refused with what is lacking; then the terms are entered."""
    press(manager, "Open it")
    expect(manager.get_by_role("main")).to_contain_text("has no summary")
    manager.go_back()
    follow(manager, "Edit the terms")
    manager.locator("#id_summary").fill("Projects that put a sensor on a curved part.")
    manager.locator("#id_eligibility").fill("Members of the institute.")
    manager.locator("#id_level").select_option("institute")
    manager.locator("#id_ceiling_minor").fill("1,000,000")
    now = datetime.now(UTC)  # noqa: TID251 -- what the browser enters
    manager.locator("#id_opens_at").fill(now.strftime("%Y-%m-%dT%H:%M"))
    press(manager, "Store")


def test_project_call_is_opened_to_members_and_a_question_answered(
    sign_in: SignIn, browser: Browser, address: str
) -> None:
    manager = sign_in("institute_manager")
    draft_call(manager, address)
    write_terms(manager)
    press(manager, "Open it")
    expect(manager.get_by_role("heading", level=1)).to_contain_text("Sensors on curved parts")
    expect(manager.get_by_role("heading", level=1)).to_contain_text("Open")

    with browser.new_context() as stranger:
        answer = stranger.new_page().goto(f"{address}{PAGE}")
        assert answer is not None
        assert answer.status == 404

    manager.context.clear_cookies()

    member = sign_in("member_company")
    member.goto(f"{address}/desk/")
    follow(member, "Sensors on curved parts")
    follow(member, "Questions and answers")
    member.locator("#id_text").fill("May a university lead?")
    press(member, "Ask")
    member.context.clear_cookies()

    manager = sign_in("institute_manager")
    manager.goto(f"{address}/desk/")
    expect(manager.get_by_role("main")).to_contain_text("Question 1 waits for an answer")
    manager.goto(f"{address}{PAGE}questions/1/answer/")
    manager.locator("#id_answer").fill("A member leads.")
    press(manager, "Answer")
    manager.context.clear_cookies()

    member = sign_in("member_company")
    member.goto(f"{address}{PAGE}questions/")
    expect(member.get_by_role("main")).to_contain_text("A member leads.")
