"""From a topic to an award, by six: a member proposes and applies, a researcher endorses, the
institute's manager opens a project call, a reviewer judges, the programme officer has it judged,
decides and awards, and the public reads what came of it.
"""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Shell, SignIn
from tests.journeys.test_applying import narrative

pytestmark = pytest.mark.journey

TOPIC = "Sensors on tubes"
CODE = "NF-PC-9"
KEY = "nf-pc-9"
TITLE = "Rings that feel"
OPPORTUNITY = f"/opportunities/{KEY}/"
COMPETITION = f"/competitions/{KEY}/"
REVIEW = 2
"""The number of the stage in which the call is reviewed."""

DEADLINE_PASSES = f"""
from lineshaft.apps.competitions.models import Stage
from lineshaft.plumbing import clock
Stage.objects.filter(competition__code="{CODE}", number=1).update(ends_at=clock.now())
"""
JOB_MS = 60_000


def press(page: Page, name: str | re.Pattern[str]) -> None:
    exact = isinstance(name, str)
    page.get_by_role("main").get_by_role("button", name=name, exact=exact).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    exact = isinstance(name, str)
    page.get_by_role("main").get_by_role("link", name=name, exact=exact).first.click()


def propose_and_endorse(sign_in: SignIn, address: str) -> str:
    """A member's topic, endorsed by a university; returns the topic's address."""
    member = sign_in("member_company")
    member.goto(f"{address}/topics/")
    follow(member, "Propose a topic")
    member.locator("#id_title").fill(TOPIC)
    member.locator("#id_text").fill("Tubes bend, and nobody measures where.")
    member.locator("#id_level").select_option("public")
    press(member, "Propose")
    expect(member.get_by_role("main")).to_contain_text("open for endorsements")
    topic = member.url
    member.context.clear_cookies()
    researcher = sign_in("university_researcher")
    researcher.goto(topic)
    follow(researcher, "Endorse")
    researcher.locator("#id_remark").fill("We would bring a test rig.")
    press(researcher, "Endorse")
    expect(researcher.get_by_role("main")).to_contain_text("The endorsement stands.")
    researcher.context.clear_cookies()
    return topic


def open_call(manager: Page, address: str, topic: str) -> None:
    """The institute drafts a call of one stage that takes the topic up, writes its terms, and opens
    it.
    """
    manager.goto(f"{address}/competitions/draft/")
    manager.locator("#id_kind").select_option("project_call")
    manager.locator("#id_template").select_option("project_call")
    manager.locator("#id_code").fill(CODE)
    manager.locator("#id_title").fill(TOPIC)
    manager.locator("#id_institute").select_option("nextflex")
    press(manager, "Draft")
    manager.goto(topic)
    follow(manager, "Take up in a competition")
    manager.locator("#id_competition").select_option(KEY)
    press(manager, "Take up")
    expect(manager.get_by_role("main")).to_contain_text(f"{CODE} takes the topic up.")
    manager.goto(f"{address}{OPPORTUNITY}")
    follow(manager, "Edit the terms")
    manager.locator("#id_summary").fill("Projects that put a sensor on a tube.")
    manager.locator("#id_eligibility").fill("Members of the institute.")
    manager.locator("#id_level").select_option("public")
    manager.locator("#id_ceiling_minor").fill("1,000,000")
    manager.locator("#id_total_minor").fill("2,000,000")
    now = datetime.now(UTC)  # noqa: TID251 -- what the browser enters
    manager.locator("#id_zone").select_option("UTC")
    manager.locator("#id_opens_at").fill(now.strftime("%Y-%m-%dT%H:%M"))
    press(manager, "Store")
    press(manager, "Open it")
    expect(manager.get_by_role("heading", level=1)).to_contain_text("Open")


def apply(member: Page, address: str) -> str:
    """Write an application to the call and hand it in; returns its address."""
    member.goto(f"{address}{OPPORTUNITY}")
    follow(member, "Apply")
    member.locator("#id_title").fill(TITLE)
    press(member, "Start the application")
    workspace = member.url
    member.goto(f"{workspace}edit/")
    member.locator("#id_abstract").fill("Rings of film that feel a tube bend.")
    member.locator('[name="areas"]').first.check()
    member.locator("#id_term_months").fill("12")
    member.locator("#id_trl_from").select_option("4")
    member.locator("#id_trl_to").select_option("6")
    press(member, "Save")
    sections = member.get_by_role("main").locator('a[href*="/sections/"]')
    for url in {one.get_attribute("href") for one in sections.all()}:
        member.goto(f"{address}{url}")
        member.locator("#id_text").fill("A film is printed, bent and read.")
        press(member, "Save")
    for source in ("federal", "cash"):
        member.goto(f"{workspace}budget/{source}/")
        member.locator('[name="personnel-1"]').fill("500,000")
        press(member, "Save")
    for kind in ("narrative", "budget_justification"):
        member.goto(f"{workspace}documents/attach/")
        member.locator("#id_kind").select_option(kind)
        member.locator("#id_file").set_input_files(
            {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": narrative()}
        )
        press(member, "Attach")
    member.goto(f"{workspace}submit/")
    press(member, "Hand in")
    expect(member.get_by_role("main")).to_contain_text("Handed in as version 1.")
    return workspace


def seat_reviewer(sign_in: SignIn, address: str) -> None:
    """The officer begins the review and invites; the reviewer takes the seat."""
    officer = sign_in("programme_officer")
    officer.goto(f"{address}{OPPORTUNITY}")
    press(officer, re.compile("^Begin “"))
    officer.goto(f"{address}{COMPETITION}panel/{REVIEW}/candidates/?q=Reviewer+(demonstration)")
    officer.get_by_role("checkbox", name="Reviewer (demonstration)", exact=True).check()
    press(officer, "Invite the ticked")
    press(officer, "Invite")
    expect(officer.get_by_role("main")).to_contain_text("1 reviewer is invited.")
    officer.context.clear_cookies()
    reviewer = sign_in("reviewer")
    reviewer.goto(f"{address}/reviews/invitations/")
    follow(reviewer, "Accept")
    press(reviewer, "Accept")
    expect(reviewer.get_by_role("main")).to_contain_text("You sit on the panel.")
    reviewer.context.clear_cookies()


def review(sign_in: SignIn, address: str) -> None:
    """The officer assigns the application by hand; the reviewer submits a review of it."""
    officer = sign_in("programme_officer")
    officer.goto(f"{address}{COMPETITION}assignment/{REVIEW}/")
    follow(officer, re.compile(TITLE))
    follow(officer, "Assign")
    press(officer, "Assign")
    expect(officer.get_by_role("main")).to_contain_text("is assigned and told of it.")
    officer.context.clear_cookies()
    reviewer = sign_in("reviewer")
    reviewer.goto(f"{address}/reviews/")
    follow(reviewer, re.compile(TITLE))
    follow(reviewer, "Write the review")
    for scores in reviewer.locator("main fieldset").all():
        scores.get_by_role("radio").first.check()
    for strengths in reviewer.locator('textarea[name^="strengths-"]').all():
        strengths.fill("The film is printed on a line that stands.")
    reviewer.locator("#id_summary").fill("Worth its money.")
    press(reviewer, "Save, and go on to submitting")
    press(reviewer, "Submit the review")
    expect(reviewer.get_by_role("main")).to_contain_text("Your review is submitted.")
    reviewer.context.clear_cookies()


def select_and_publish(officer: Page, address: str) -> None:
    """Rank, select, decide, publish, print the letters and send them."""
    main = officer.get_by_role("main")
    officer.goto(f"{address}{COMPETITION}ranking/")
    expect(main).to_contain_text(TITLE)
    officer.goto(f"{address}{OPPORTUNITY}")
    press(officer, re.compile("^Begin “"))
    officer.goto(f"{address}{COMPETITION}selection/")
    main.locator('a[href*="/selection/applications/"]').first.click()
    main.get_by_label("Selected", exact=True).check()
    officer.locator("#id_explanation").fill("The film and the line convinced.")
    press(officer, "Keep the choice")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("1 of 1")
    follow(officer, "Decide")
    officer.locator("#id_decision").fill("The one application is selected on its merit.")
    press(officer, "Decide")
    expect(main).to_contain_text("The decision is entered.")
    officer.goto(f"{address}{OPPORTUNITY}")
    press(officer, "Publish the results")
    officer.goto(f"{address}{COMPETITION}letters/")
    press(officer, "Print what is missing")
    expect(main).to_contain_text("Done", timeout=JOB_MS)
    officer.goto(f"{address}{COMPETITION}letters/")
    press(officer, "Send the decision letters")
    expect(officer.get_by_role("heading", level=1)).to_contain_text("1 of 1")


def test_topic_becomes_an_award(
    sign_in: SignIn, shell: Shell, browser: Browser, address: str
) -> None:
    topic = propose_and_endorse(sign_in, address)
    manager = sign_in("institute_manager")
    open_call(manager, address, topic)
    manager.context.clear_cookies()
    member = sign_in("member_company")
    workspace = apply(member, address)
    member.context.clear_cookies()
    shell(DEADLINE_PASSES)
    seat_reviewer(sign_in, address)
    review(sign_in, address)
    officer = sign_in("programme_officer")
    select_and_publish(officer, address)
    officer.context.clear_cookies()

    member = sign_in("member_company")
    member.goto(f"{workspace}decision/")
    main = member.get_by_role("main")
    expect(main).to_contain_text("The film and the line convinced.")
    with member.expect_download() as letter:
        main.get_by_role("link", name=re.compile("English")).first.click()
    assert letter.value.path().read_bytes().startswith(b"%PDF")
    member.context.clear_cookies()

    with browser.new_context() as stranger:
        page = stranger.new_page()
        page.goto(f"{address}{OPPORTUNITY}results/")
        expect(page.get_by_role("main")).to_contain_text(TITLE)
        page.goto(topic)
        expect(page.get_by_role("main")).to_contain_text(CODE)

    officer = sign_in("programme_officer")
    officer.goto(f"{address}{COMPETITION}awards/")
    follow(officer, "Open the award")
    press(officer, "Open the award")
    expect(officer.get_by_role("main")).to_contain_text("The award is opened.")
