"""A competition with its results published, an award and letters, for the table of addresses; and
one in its selection.
"""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pypdf import PdfWriter

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import Outcome, SectionKey, Source
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.kernel.competitions import StageGate
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2020, 9, 1, 12, tzinfo=UTC)
SYSTEM: Final = Actor.system("access table")
MILLION_MINOR: Final = 100_000_000
OF_SELECTION: Final = (
    *("show_selection", "export_selection", "record_selection_choice", "set_policy_marks"),
    *("note_overlap", "remove_overlap", "make_scenario", "show_scenario", "decide_selection"),
)
OF_RESULTS: Final = (
    *("list_letters", "print_letters", "send_letters", "download_letter"),
    *("list_awards", "open_agreement", "obligate_award", "show_results", "export_results"),
)


def selecting(organisations: list[Organisation], users: dict[str, User]) -> dict[str, object]:
    """What the addresses of awarding name; the decided application is the member company's."""
    user = users["member_company"]
    lead = Actor(
        user_id=user.pk, label=user.name, organisation_ids=frozenset({organisations[0].pk})
    )
    chosen = _selecting("2020-DOD-1", lead, organisations)
    ended = _selecting("2020-DOD-2", lead, organisations)
    first, second = _applications(chosen)
    now = _over(chosen, 4)
    pair = awarding.note_overlap(SYSTEM, chosen, (first.pk, second.pk), reason="Alike.", now=now)
    terms = awarding.ScenarioTerms("One", 140 * MILLION_MINOR)
    scenario = awarding.make_scenario(SYSTEM, chosen, terms, now=now)
    won = _published(ended)
    return {
        **{f"awarding:{name}:key": chosen.key for name in OF_SELECTION},
        **{f"awarding:{name}:key": ended.key for name in OF_RESULTS},
        **{f"awarding:{name}:application_id": won.pk for name in OF_RESULTS},
        "awarding:application_id": first.pk,
        "awarding:pair": pair.pk,
        "awarding:show_scenario:pk": scenario.pk,
        "awarding:show_decision:pk": won.pk,
        "awarding:download_decision:pk": won.pk,
        "awarding:kind": rules.LetterKind.DECISION.value,
        "awarding:language": "en",
        "awarding:year": 1,
        "awarding:agency": "DOD",
        "selections:key": chosen.key,
        "selections:application_id": first.pk,
        "awards:key": ended.key,
        "results:key": ended.key,
        "decisions:application_id": won.pk,
    }


def _selecting(code: str, lead: Actor, organisations: list[Organisation]) -> Competition:
    """A competition in its selection, with two applications that nobody reviewed."""
    terms = competitions.CompetitionTerms(
        title="Hammer institute",
        summary="One institute for hammers.",
        eligibility="Non-profits.",
        agencies=("DOD",),
        ceiling_minor=70 * MILLION_MINOR,
        opens_at=NOW,
    )
    proposal = competitions.CompetitionProposal(code, "institute", "four_stage", terms)
    made = competitions.draft_competition(SYSTEM, proposal, now=NOW)
    competitions.open_competition(SYSTEM, made, now=NOW)
    made.stages.update(gate=StageGate.OPEN)
    for actor, organisation in ((lead, organisations[0]), (SYSTEM, organisations[1])):
        _apply(actor, made, organisation)
    for number in (1, 2, 3):
        competitions.begin_review(SYSTEM, made, now=_over(made, number))
    return competitions.begin_selection(SYSTEM, made, now=_over(made, 4))


def _apply(actor: Actor, competition: Competition, organisation: Organisation) -> None:
    made = competitions.start_application(actor, competition, organisation, title="Anvils", now=NOW)
    terms = competitions.ApplicationTerms(
        title="Hammers",
        abstract="Hammers for all.",
        areas=(TechnologyArea.objects.earliest("pk").key,),
        term_months=60,
        trl_from=3,
        trl_to=6,
    )
    competitions.edit_application(actor, made, terms, now=NOW)
    for key in SectionKey:
        competitions.write_section(actor, made, key, f"About {key}.", now=NOW)
    for source in (Source.FEDERAL, Source.CASH):
        amounts = {("other", 1): 70 * MILLION_MINOR}
        competitions.set_budget(actor, made, source, amounts, now=NOW)
    competitions.set_revenue(actor, made, {("dues", 1): 100}, now=NOW)
    amounts_by_year = ((1, 70 * MILLION_MINOR),)
    row = competitions.LetterRow("Brass", "cash", "Bea", date(2020, 8, 1), amounts_by_year)
    competitions.add_commitment(actor, made, row, now=NOW)
    for document in competition.stages.get(number=1).documents.all():
        name = f"{document.kind}.pdf"
        competitions.attach_document(actor, made, document.kind, _pdf(), name=name, now=NOW)
    competitions.submit_application(actor, made, now=NOW)


def _published(competition: Competition) -> Application:
    """The first application selected, its letters sent and its award opened."""
    first, second = _applications(competition)
    now = _over(competition, 5)
    for one, outcome, minor in (
        (first, Outcome.SELECTED, 70 * MILLION_MINOR),
        (second, Outcome.NOT_SELECTED, None),
    ):
        terms = awarding.ChoiceTerms(outcome, minor)
        awarding.record_selection_choice(SYSTEM, competition, one, terms, now=now)
    awarding.decide_selection(SYSTEM, competition, "The first.", now=now)
    competitions.publish_results(SYSTEM, competition, now=now)
    awarding.print_missing_letters(SYSTEM, competition, now=now)
    awarding.send_letters(SYSTEM, competition, rules.LetterKind.DECISION, now=now)
    award = awarding.AwardTerms(key="hammers", name="Hammers")
    awarding.open_agreement(SYSTEM, competition, first, award, now=now)
    return first


def _applications(competition: Competition) -> list[Application]:
    return list(competition.applications.order_by("number"))


def _over(competition: Competition, number: int) -> datetime:
    """A minute after the end of that stage."""
    ends_at = competition.stages.get(number=number).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def _pdf() -> io.BytesIO:
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(content)
    return content
