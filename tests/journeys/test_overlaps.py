import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import SignIn

pytestmark = pytest.mark.journey

TEXT = (
    "Yarn for turbine blades is spun from recycled fibres, whose length varies from bale to bale. "
    "Sensors at the carding machine read that length, and the spindle speed follows within a "
    "second. The yarn is woven by a partner and pulled apart at two temperatures."
)
RETOLD = TEXT.replace("a partner", "two mills")
REASON = "Word for word but for who weaves; both pay for the whole of it"


def import_awards(page: Page, address: str, path: Path) -> None:
    page.goto(f"{address}/outside-awards/")
    page.get_by_role("link", name="Import awards").click()
    page.locator("#id_file").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_role("main")).to_contain_text("Imported")


def test_award_file_is_imported_and_an_overlap_read_and_decided(
    sign_in: SignIn, address: str, tmp_path: Path
) -> None:
    path = tmp_path / "awards.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("source", "number", "agency", "title", "abstract", "year"))
        writer.writerow(("journey", "J1", "Department of Energy", "Yarn for blades", TEXT, 2021))
        writer.writerow(("journey", "J2", "Department of Defense", "Spun blades", RETOLD, 2022))
    page = sign_in("programme_officer")
    import_awards(page, address, path)

    page.goto(f"{address}/award-overlaps/")
    page.get_by_role("button", name="Compare what is new").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(page.get_by_role("main").get_by_text("Done", exact=True)).to_be_visible()

    page.goto(f"{address}/desk/")
    expect(page.get_by_role("main")).to_contain_text("Overlaps of awards to look at")
    page.goto(f"{address}/award-overlaps/?agency=Department+of+Defense")
    page.get_by_role("link", name="Yarn for blades").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("stand in passages of both")
    left, right = page.locator(".side-by-side .wording").all()
    expect(left.locator("mark")).to_have_count(right.locator("mark").count())
    left.locator("mark").first.get_by_role("link").click()
    assert page.url.endswith("#pb1")
    expect(page.locator("#pb1")).to_be_in_viewport()

    page.get_by_role("button", name="The same work, paid twice").click()
    expect(page.get_by_role("alert")).to_contain_text("Reason")
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="The same work, paid twice").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The same work, paid twice")
    expect(page.get_by_role("main")).to_contain_text(REASON)
    decided = page.url

    page.goto(f"{address}/award-overlaps/?state=same_work")
    expect(page.get_by_role("main")).to_contain_text("Yarn for blades")
    page.goto(decided)
    page.get_by_label("Reason").fill("A report has come")
    page.get_by_role("button", name="Take it up again").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("To be looked at")


def test_text_is_checked_and_read_beside_an_award(sign_in: SignIn, address: str) -> None:
    page = sign_in("member_company")
    page.goto(f"{address}/outside-awards/")
    page.get_by_role("link", name="Check a text").click()
    page.locator("#id_text").fill(
        "Large gears of wind turbines are scrapped when a single tooth has broken. This project "
        "restores the tooth in place: a wire is fed into a small melt pool, layer upon layer, "
        "while a camera watches the width of the bead and a controller keeps it."
    )
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("overlap with the text")
    expect(page.locator("details[open] mark").first).to_be_visible()
