"""Of the verbs that are broken off: those of a selection, its letters and awards, on a competition
of their own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding import services as awarding
from lineshaft.apps.awarding.models import Award, OverlapPair, SelectionRecord
from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition
from lineshaft.apps.competitions.rules import Outcome, SectionKey, Source
from lineshaft.apps.funding import services as funding
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.kernel.competitions import StageGate
from lineshaft.kernel.ids import derived_id
from tests.crash.applying import letter_row, pdf
from tests.crash.competing import TERMS, WHY
from tests.crash.scenarios import ACTOR, MILLION_MINOR, NOW

CODE: Final = "2022-7"


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _application(number: int = 1) -> Application:
    return Application.objects.get(competition__code=CODE, number=number)


def _over(number: int) -> datetime:
    """A minute after the end of that stage."""
    ends_at = _competition().stages.get(number=number).ends_at
    assert ends_at is not None
    return ends_at + timedelta(minutes=1)


def _apply(number: int) -> None:
    firm = Organisation.objects.get(name=f"Anvil Works {number}")
    made = competitions.start_application(ACTOR, _competition(), firm, title="Anvils", now=NOW)
    terms = competitions.ApplicationTerms(
        title="Anvils",
        abstract="Anvils for all.",
        areas=(TechnologyArea.objects.earliest("pk").key,),
        term_months=60,
        trl_from=3,
        trl_to=6,
    )
    competitions.edit_application(ACTOR, made, terms, now=NOW)
    for key in SectionKey:
        competitions.write_section(ACTOR, made, key, f"About {key}.", now=NOW)
    for source in (Source.FEDERAL, Source.CASH):
        amounts = {("other", 1): 70 * MILLION_MINOR}
        competitions.set_budget(ACTOR, made, source, amounts, now=NOW)
    competitions.set_revenue(ACTOR, made, {("dues", 1): 100}, now=NOW)
    competitions.add_commitment(ACTOR, made, letter_row(70 * MILLION_MINOR), now=NOW)
    for document in _competition().stages.get(number=1).documents.all():
        name = f"{document.kind}.pdf"
        competitions.attach_document(ACTOR, made, document.kind, pdf(), name=name, now=NOW)
    competitions.submit_application(ACTOR, made, now=NOW)


def _prepare() -> None:
    """A competition in its selection, with two applications that nobody reviewed."""
    terms = replace(TERMS, agencies=("DOD", "NSF"), match_share_bp=5_000)
    proposal = competitions.CompetitionProposal(CODE, "institute", "four_stage", terms)
    draft = competitions.draft_competition(ACTOR, proposal, now=NOW)
    competitions.open_competition(ACTOR, draft, now=NOW)
    draft.stages.update(gate=StageGate.OPEN)
    for number in (1, 2):
        _apply(number)
    for number in (1, 2, 3):
        competitions.begin_review(ACTOR, _competition(), now=_over(number))
    competitions.begin_selection(ACTOR, _competition(), now=_over(4))


def _choose(number: int, outcome: Outcome) -> object:
    minor = None if outcome is Outcome.NOT_SELECTED else 70 * MILLION_MINOR
    terms = awarding.ChoiceTerms(outcome, minor, explanation=WHY)
    return awarding.record_selection_choice(
        ACTOR, _competition(), _application(number), terms, now=_over(4)
    )


def _overlap() -> object:
    pair = _application(1).pk, _application(2).pk
    return awarding.note_overlap(ACTOR, _competition(), pair, reason=WHY, now=_over(4))


def _record() -> SelectionRecord:
    return SelectionRecord.objects.get(application=_application())


def _activate() -> None:
    """The agreement in force, with money of each agency to obligate."""
    agreement = Award.objects.get().agreement
    assert agreement is not None
    today = _over(5).date()
    funding.activate_agreement(ACTOR, agreement.pk, today=today, now=_over(5))
    agreement.refresh_from_db()
    for part in agreement.sponsors.all():
        funding.authorise_funds(
            ACTOR,
            agreement,
            now=_over(5),
            id=derived_id("authorise", CODE, part.agency_id),
            amount_minor=part.federal_total_minor,
            currency="USD",
            occurred_on=today,
            agency_id=part.agency_id,
        )


SELECTING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "awarding.make_scenario": lambda: awarding.make_scenario(
        ACTOR, _competition(), awarding.ScenarioTerms("One", 70 * MILLION_MINOR), now=_over(4)
    ),
    "awarding.set_policy_marks": lambda: awarding.set_policy_marks(
        ACTOR, _competition(), _application(), {rules.PolicyMark.RURAL: WHY}, now=_over(4)
    ),
    "awarding.note_overlap": _overlap,
    "awarding.remove_overlap": lambda: awarding.remove_overlap(
        ACTOR, _competition(), OverlapPair.objects.get(), now=_over(4)
    ),
    "awarding.record_selection_choice": lambda: _choose(1, Outcome.SELECTED),
    "awarding.decide_selection": lambda: awarding.decide_selection(
        ACTOR, _competition(), "The first.", now=_over(5)
    ),
    "awarding.print_letters": lambda: awarding.print_letters(ACTOR, _competition(), now=_over(5)),
    "awarding.make_selection_letters": lambda: awarding.make_selection_letters(
        ACTOR, _competition(), _record(), now=_over(5)
    ),
    "awarding.send_letters": lambda: awarding.send_letters(
        ACTOR, _competition(), rules.LetterKind.DECISION, now=_over(5)
    ),
    "awarding.open_agreement": lambda: awarding.open_agreement(
        ACTOR,
        _competition(),
        _application(),
        awarding.AwardTerms(key="anvils", name="Anvils", co_sponsors={"NSF": 20 * MILLION_MINOR}),
        now=_over(5),
    ),
    "awarding.obligate_award": lambda: awarding.obligate_award(
        ACTOR, _competition(), _application(), 1, "NSF", today=_over(5).date(), now=_over(5)
    ),
}

BEFORE_SELECTING: Final[dict[str, Callable[[], object]]] = {
    "awarding.make_scenario": _prepare,
    "awarding.decide_selection": lambda: _choose(2, Outcome.NOT_SELECTED),
    "awarding.send_letters": lambda: awarding.print_missing_letters(
        ACTOR, _competition(), now=_over(5)
    ),
    "awarding.open_agreement": lambda: competitions.publish_results(
        ACTOR, _competition(), now=_over(5)
    ),
    "awarding.obligate_award": _activate,
}
"""What has to happen before."""
