"""The API of the selection, its results and decisions.

Amounts are minor units; scores are decimals on the scale of the criteria.
"""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from lineshaft.apps.awarding import queries, services
from lineshaft.apps.awarding.queries import Candidate, Result
from lineshaft.apps.competitions.queries import competition_by_key
from lineshaft.apps.competitions.rules import Outcome
from lineshaft.plumbing import clock
from lineshaft.plumbing.rest import RowId, actor_of, idempotent

router = Router(tags=["awarding"])


class SelectionCandidateOut(Schema):
    """An application in a selection; `rank` is its place among what the caller sees, null without a
    review. `outcome` and `amount_minor` are chosen, and decided once the competition is.
    """

    application: int
    number: int
    title: str
    lead: int
    state: str
    rank: int | None
    reviews: int
    mean: Decimal | None
    estimate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    asked_minor: int
    outcome: Outcome | None
    amount_minor: int | None
    is_departure: bool
    reason: str
    revision: int


class SelectionOut(Schema):
    """A selection: the stage whose ranked list it follows, and the candidates, the best first."""

    opportunity_id: str
    stage: int | None
    currency: str
    total_minor: int | None
    selected_minor: int
    candidates: list[SelectionCandidateOut]


class SelectionChoiceIn(Schema):
    """What is chosen for an application; `seen` is the revision that was read, 0 for none."""

    outcome: Outcome
    amount_minor: int | None = None
    reason: str = ""
    explanation: str = ""
    explanation_zh: str = ""
    seen: int | None = None


class SelectionChoiceOut(Schema):
    """A choice as it stands."""

    application: int
    outcome: Outcome
    amount_minor: int | None
    revision: int


class SelectionResultOut(Schema):
    """An application that was selected."""

    lead: str
    lead_zh: str
    state: str
    title: str
    title_zh: str
    amount_minor: int


class SelectionConflictsOut(Schema):
    """How many conflicts of interest were found, and what was decided of them."""

    found: int
    open: int
    recusals: int
    mitigations: int
    waivers: int


class SelectionResultsOut(Schema):
    """Published results; `reviewers` are those who submitted a review, by sector."""

    opportunity_id: str
    published_at: datetime | None
    decision: str
    decision_zh: str
    currency: str
    applications: int
    reviewers: dict[str, int]
    conflicts: SelectionConflictsOut
    selected: list[SelectionResultOut]
    is_demonstration: bool


class SelectionLetterOut(Schema):
    """A letter that was sent, by the SHA-256 of its file."""

    kind: str
    language: str
    sha256: str
    printed_at: datetime


class ApplicationDecisionOut(Schema):
    """What was decided on the caller's own application; `outcome` is null until it was sent."""

    application: int
    outcome: Outcome | None
    amount_minor: int | None
    decided_at: datetime | None
    explanation: str
    explanation_zh: str
    letters: list[SelectionLetterOut]


@router.get(
    "/competitions/{key}/selection",
    response=SelectionOut,
    operation_id="show_selection",
    summary="The selection of a competition",
)
def show_selection(request: HttpRequest, key: str) -> SelectionOut:
    """What is chosen among, as far as it is open to the caller."""
    actor = actor_of(request)
    shown = competition_by_key(actor, key)
    selection = queries.selection_of(actor, shown)
    return SelectionOut(
        opportunity_id=shown.key,
        stage=selection.judged.number if selection.judged else None,
        currency=shown.currency,
        total_minor=shown.total_minor,
        selected_minor=selection.selected_minor,
        candidates=[
            _candidate(one, is_departure=one.application.pk in selection.departures)
            for one in selection.candidates
        ],
    )


@router.post(
    "/competitions/{key}/selection/{application_id}",
    response=SelectionChoiceOut,
    operation_id="record_selection_choice",
    summary="Choose what becomes of an application",
)
def record_selection_choice(
    request: HttpRequest, key: str, application_id: RowId, payload: SelectionChoiceIn
) -> HttpResponse:
    """The choice, until the decision; refused as stale where somebody chose since."""
    actor = actor_of(request)

    def perform() -> SelectionChoiceOut:
        shown = competition_by_key(actor, key)
        candidate = queries.selection_of(actor, shown).candidate(application_id)
        said = payload.dict(exclude={"seen"})
        made = services.record_selection_choice(
            actor,
            shown,
            candidate.application,
            services.ChoiceTerms(**said),
            seen=payload.seen,
            now=clock.now(),
        )
        return SelectionChoiceOut(
            application=made.application_id,
            outcome=Outcome(made.outcome),
            amount_minor=made.amount_minor,
            revision=made.revision,
        )

    return idempotent(request, "record_selection_choice", perform)


@router.get(
    "/opportunities/{key}/results",
    response=SelectionResultsOut,
    operation_id="show_results",
    summary="Published results",
)
def show_results(request: HttpRequest, key: str) -> SelectionResultsOut:
    """Who was selected; not found before the results are published."""
    results = queries.results_of(actor_of(request), key)
    shown = results.competition
    return SelectionResultsOut(
        opportunity_id=shown.key,
        published_at=shown.published_at,
        decision=shown.decision,
        decision_zh=shown.decision_zh,
        currency=shown.currency,
        applications=results.applications,
        reviewers={sector.value: count for sector, count in results.reviewers.items()},
        conflicts=SelectionConflictsOut(**asdict(results.conflicts)),
        selected=[_result(one) for one in results.selected],
        is_demonstration=shown.is_demonstration,
    )


@router.get(
    "/competition-applications/{application_id}/decision",
    response=ApplicationDecisionOut,
    operation_id="show_decision",
    summary="The decision on one's own application",
)
def show_decision(request: HttpRequest, application_id: RowId) -> ApplicationDecisionOut:
    """What was decided, once it was sent to the team."""
    application, addressed = queries.letters_to(actor_of(request), application_id)
    record = addressed.record if addressed else None
    letters = addressed.letters.values() if addressed else ()
    return ApplicationDecisionOut(
        application=application.pk,
        outcome=Outcome(record.outcome) if record else None,
        amount_minor=record.amount_minor if record else None,
        decided_at=record.decided_at if record else None,
        explanation=record.explanation if record else "",
        explanation_zh=record.explanation_zh if record else "",
        letters=[
            SelectionLetterOut(
                kind=one.kind,
                language=one.language,
                sha256=one.sha256,
                printed_at=one.printed_at,
            )
            for one in letters
        ],
    )


def _candidate(one: Candidate, *, is_departure: bool) -> SelectionCandidateOut:
    ranked, held = one.ranked, one.record or one.choice
    return SelectionCandidateOut(
        application=one.application.pk,
        number=one.application.number,
        title=one.name,
        lead=one.application.lead_id,
        state=one.application.lead.region,
        rank=ranked.rank if ranked else None,
        reviews=ranked.reviews if ranked else 0,
        mean=ranked.mean if ranked else None,
        estimate=ranked.estimate if ranked else None,
        low=ranked.low if ranked else None,
        high=ranked.high if ranked else None,
        asked_minor=one.asked_minor,
        outcome=one.outcome,
        amount_minor=held.amount_minor if held else None,
        is_departure=is_departure,
        reason=one.reason,
        revision=one.choice.revision if one.choice else 0,
    )


def _result(one: Result) -> SelectionResultOut:
    return SelectionResultOut(
        lead=one.lead.name,
        lead_zh=one.lead.name_zh,
        state=one.lead.region,
        title=one.name,
        title_zh=one.name_zh,
        amount_minor=one.record.amount_minor or 0,
    )
