"""A team of two applies; a missing match is refused with its citation; nothing late is
taken.
"""

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfWriter

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

OPEN = "/opportunities/demo-2026-02/"
CLOSED = "/opportunities/demo-2026-01/"
TITLE = "Small electric forges"


def narrative() -> bytes:
    """A document of three pages."""
    writer, content = PdfWriter(), io.BytesIO()
    for _page in range(3):
        writer.add_blank_page(width=595, height=842)
    writer.write(content)
    return content.getvalue()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def write(page: Page, section: str, text: str) -> None:
    follow(page, section)
    page.locator("#id_text").fill(text)
    press(page, "Save")


def test_team_of_two_organisations_applies(sign_in: SignIn, address: str) -> None:
    lead = sign_in("member_company")
    lead.goto(f"{address}/desk/")
    expect(lead.get_by_role("main")).to_contain_text(f"“{TITLE}” is not handed in yet")
    lead.goto(f"{address}/opportunities/applications/")
    follow(lead, TITLE)
    workspace = lead.url
    expect(lead.get_by_role("main")).to_contain_text("Attach “Project narrative”.")
    follow(lead, "Technical approach and roadmap")
    lead.locator("#id_text").press_sequentially("Three furnaces.")
    expect(lead.locator("#saved")).to_contain_text("Saved at", timeout=15_000)
    lead.reload()
    expect(lead.locator("#id_text")).to_have_value("Three furnaces.")
    lead.goto(workspace)
    write(lead, "Benefit to the nation, production and jobs", "Heat from wires.")
    follow(lead, "Attach a document")
    lead.locator("#id_kind").select_option("narrative")
    lead.locator("#id_file").set_input_files(
        {"name": "narrative.pdf", "mimeType": "application/pdf", "buffer": narrative()}
    )
    press(lead, "Attach")
    expect(lead.get_by_role("main")).to_contain_text("narrative.pdf")

    follow(lead, "Check and hand in")
    press(lead, "Hand in")
    main = lead.get_by_role("main")
    expect(main).to_contain_text("are lacking")
    expect(main).to_contain_text(re.compile(r"2 CFR 200\.204|15 U\.S\.C\. 278s\(e\)\(7\)\(A\)"))
    lead.goto(workspace)
    follow(lead, "Others, in cash")
    lead.locator('[name="equipment-1"]').fill("20,000,000")
    press(lead, "Save")
    follow(lead, "Check and hand in")
    press(lead, "Hand in")
    expect(lead.get_by_role("main")).to_contain_text("Handed in as version 1.")

    lead.context.clear_cookies()
    partner = sign_in("university_researcher")
    answer = partner.goto(workspace)
    assert answer is not None
    assert answer.status == 404
    partner.context.clear_cookies()
    officer = sign_in("programme_officer")
    answer = officer.goto(workspace)
    assert answer is not None
    assert answer.status == 404
    officer.goto(f"{address}/competitions/demo-2026-02/applications/")
    expect(officer.get_by_role("main")).to_contain_text("Nothing can be read yet")


def test_late_application_is_not_taken_and_what_was_handed_in_is_opened(
    sign_in: SignIn, address: str
) -> None:
    late = sign_in("member_company")
    late.goto(f"{address}{CLOSED}apply/")
    late.locator("#id_title").fill("Too late")
    press(late, "Start the application")
    expect(late.get_by_role("main")).to_contain_text("No stage in which applications")
    late.context.clear_cookies()
    officer = sign_in("programme_officer")
    officer.goto(f"{address}/competitions/demo-2026-01/applications/")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("24 applications")
    follow(officer, "Photonic couplers (demonstration)")
    expect(officer.get_by_role("main")).to_contain_text("Each fibre is aligned by hand")
