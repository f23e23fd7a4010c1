"""Writing at the same time as others, and what a writer reads of it."""

import pytest
from django.utils.translation import override

from lineshaft.apps.competitions import queries, rules, services
from lineshaft.apps.competitions.models import Application
from lineshaft.apps.competitions.services import ApplicationTerms, PartnerRow, TeamRow
from lineshaft.apps.competitions.tests.applicants import (
    fill,
    letter_of,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.factories import NOW, make_open
from lineshaft.kernel.errors import Refused, Stale
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.mail.models import OutboxMessage

pytestmark = pytest.mark.django_db


def test_own_writings_make_nobody_stale_and_those_of_others_do() -> None:
    ada, bea = make_applicant(), make_applicant("Bea Partner", "Brass Works")
    made = make_application(applicant=ada)
    row = PartnerRow(organisation_id=bea.organisation.pk, shares=("need",))
    services.add_partner(ada.actor, made, row, now=NOW)
    invited = TeamRow("Bea", rules.TeamRole.EDITOR, bea.user.email, bea.organisation.pk)
    member = services.invite_to_team(ada.actor, made, invited, now=NOW)
    services.join_team(bea.actor, member, now=NOW)

    def write(actor: Actor, text: str, seen: int) -> int:
        return services.write_section(actor, made, "need", text, seen=seen, now=NOW).revision

    assert [write(ada.actor, text, 0) for text in ("One.", "One two.", "Three.")] == [1, 2, 3]
    with pytest.raises(Stale):
        write(bea.actor, "Mine.", 2)
    assert [write(bea.actor, text, 3) for text in ("Mine.", "Mine too.")] == [4, 5]
    with pytest.raises(Stale):
        write(ada.actor, "Four.", 3)
    assert write(ada.actor, "Four.", 5) == 6
    for seen in (3, 4):
        with pytest.raises(Stale):
            write(ada.actor, "Five.", seen)
    assert write(ada.actor, "Five.", 5) == 7


def test_receipt_and_refusals_name_the_stage_in_the_readers_language() -> None:
    ada, call = make_applicant(), make_open(template="four_stage", agencies=("DOC",))
    call.stages.update(name="Full proposal", name_zh="正式申请")
    ada.user.language = "zh-hans"
    ada.user.save()
    made = fill(ada.actor, make_application(call, ada))
    services.submit_application(ada.actor, made, now=NOW)
    receipt = OutboxMessage.objects.get(recipient=ada.user.email)
    assert "“正式申请”" in receipt.body
    assert "Full proposal" not in receipt.body
    with override("zh-hans"), pytest.raises(Refused) as caught:
        services.submit_application(ada.actor, made, now=NOW)
    assert (caught.value.code, caught.value.params["stage"]) == ("unchanged", "正式申请")


def last_seen(application: Application, part: str) -> int:
    return services.last_version_of(application, part)


def test_tables_that_others_did_not_touch_are_not_stale() -> None:
    ada = make_applicant()
    made = make_application(applicant=ada)

    def put(source: str, minor: int, seen: int) -> None:
        amounts = {("other", 1): minor}
        services.set_budget(ada.actor, made, source, amounts, seen=seen, now=NOW)

    seen = last_seen(made, "budget")
    put("federal", 100, seen)
    put("cash", 200, seen)  # in another window, read before the first was written
    put("cash", 200, seen)  # sent twice
    with pytest.raises(Stale):
        put("cash", 300, seen)
    put("cash", 300, last_seen(made, "budget"))
    made.refresh_from_db()
    assert (made.federal_minor, made.cash_minor) == (100, 300)


def test_plan_of_revenue_that_changed_meanwhile_is_stale() -> None:
    ada = make_applicant()
    made = make_application(applicant=ada)
    seen = last_seen(made, "revenue")

    def put(minor: int, seen: int | None) -> None:
        services.set_revenue(ada.actor, made, {("dues", 1): minor}, seen=seen, now=NOW)

    put(5, seen)
    put(5, seen)
    with pytest.raises(Stale):
        put(6, seen)
    put(6, None)
    put(0, last_seen(made, "revenue"))
    assert made.revenue.count() == 0


def test_table_that_somebody_else_wrote_meanwhile_is_not_overwritten() -> None:
    ada = make_applicant()
    made = make_application(make_open(), ada)
    services.edit_application(ada.actor, made, ApplicationTerms(title="x", term_months=24), now=NOW)
    seen = services.last_version_of(made, rules.BUDGET)
    assert seen == 0
    first = {("personnel", 1): 500}
    services.set_budget(ada.actor, made, "federal", first, seen=seen, now=NOW)
    services.set_budget(ada.actor, made, "federal", first, seen=seen, now=NOW)  # sent again
    services.set_budget(ada.actor, made, "cash", first, seen=seen, now=NOW)  # another table
    with pytest.raises(Stale):
        services.set_budget(ada.actor, made, "federal", {("travel", 1): 1}, seen=seen, now=NOW)
    latest = services.last_version_of(made, rules.BUDGET)
    services.set_budget(ada.actor, made, "federal", {("travel", 1): 1}, seen=latest, now=NOW)
    assert made.budget.get(source="federal").amount_minor == 1
    services.set_revenue(ada.actor, made, {("dues", 1): 5}, seen=0, now=NOW)
    with pytest.raises(Stale):
        services.set_revenue(ada.actor, made, {("dues", 1): 6}, seen=0, now=NOW)


def test_parts_are_told_in_lines() -> None:
    ada, call = make_applicant(), make_open()
    made = make_application(call, ada)
    said = {"is_federal": True, "conditions": "If the site stands."}
    services.add_commitment(ada.actor, made, letter_of(500, **said), now=NOW)
    lines = services.lines_of(
        rules.COMMITMENTS, queries.content_of(made, rules.COMMITMENTS), call.currency
    )
    assert "The money is of federal origin" in lines
    assert "If the site stands." in lines
    document = {"id": 1, "kind": "narrative", "name": "plan.docx", "sha256": "ab" * 32}
    pages = [{**document, "pages": None}, {**document, "pages": 3}]
    uncounted, counted = services.lines_of(rules.DOCUMENTS, {"documents": pages}, call.currency)
    assert "pages)" not in uncounted
    assert "(3 pages)" in counted
