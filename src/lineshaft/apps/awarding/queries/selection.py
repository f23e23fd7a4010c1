"""Reads of the selection: what is chosen among, where each stands, what is noted and was decided.

Every read begins with what the stage judges and is open to the reader; what a conflict closes is
in no list, no sum, no place and no scenario. Places are counted among what the reader sees.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform

from lineshaft.apps.awarding import rules
from lineshaft.apps.awarding.models import (
    ApplicationMark,
    OverlapPair,
    SelectionChoice,
    SelectionRecord,
    SelectionScenario,
)
from lineshaft.apps.competitions.models import Application, Competition, Stage, Submission
from lineshaft.apps.competitions.queries import (
    applications_in,
    applications_judged,
    may_read_submissions,
    open_to,
)
from lineshaft.apps.competitions.rules import BUDGET, TERMS, Outcome, Source
from lineshaft.apps.reviewing.models import Review
from lineshaft.apps.reviewing.queries import Ranked, ranking_of
from lineshaft.apps.reviewing.rules import SUBMITTED
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_SELECTION: Final = gettext_noop("There is no such selection, or none that you may see.")
NO_CANDIDATE: Final = gettext_noop("There is no such application, or none that you may see.")
NO_SCENARIO: Final = gettext_noop("There is no such scenario, or none that you may see.")
NO_PAIR: Final = gettext_noop("There is no such pair, or none that you may see.")
_PROGRAM: Final = Actor.system("selection")


@dataclass(frozen=True)
class Candidate:
    """An application in the selection, as it was handed in last; `ranked` is None without a review.

    `asked_minor` is the sponsors' money of its budget.
    """

    submission: Submission
    ranked: Ranked | None
    choice: SelectionChoice | None
    record: SelectionRecord | None
    marks: tuple[ApplicationMark, ...]

    @property
    def application(self) -> Application:
        """The application itself."""
        return self.submission.application

    @property
    def said(self) -> dict[str, Any]:
        """What it says of itself as a whole, as it was handed in."""
        found: dict[str, Any] = self.submission.terms  # type: ignore[attr-defined] # annotated
        return found

    @property
    def name(self) -> str:
        """Its title as it was handed in, under the name by which pages choose a language."""
        return str(self.said["title"])

    @property
    def name_zh(self) -> str:
        """Its Chinese title as it was handed in, empty where there is none."""
        return str(self.said["title_zh"])

    @cached_property
    def asked_minor(self) -> int:
        """The sponsors' money that its budget asks for."""
        lines = self.submission.budget["lines"]  # type: ignore[attr-defined] # annotated
        return sum(minor for source, _key, _year, minor in lines if source == Source.FEDERAL)

    @property
    def outcome(self) -> Outcome | None:
        """What was decided, or else what is chosen so far."""
        held = self.record or self.choice
        return Outcome(held.outcome) if held else None

    @property
    def amount_minor(self) -> int:
        """The amount that was decided or is chosen; nothing where there is none."""
        held = self.record or self.choice
        return (held.amount_minor or 0) if held else 0

    @property
    def has_amount(self) -> bool:
        """Whether it is selected or waits, so that an amount stands beside it."""
        return self.outcome in {Outcome.SELECTED, Outcome.WAITLISTED}

    @property
    def reason(self) -> str:
        """The reason given with the choice."""
        held = self.record or self.choice
        return held.reason if held else ""

    @property
    def marks_digest(self) -> str:
        """What tells whether its marks changed since they were seen."""
        said = sorted((one.mark, one.reason) for one in self.marks)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def score(self, basis: rules.Basis) -> Decimal | None:
        """Its score on that basis; None without a review."""
        if self.ranked is None:
            return None
        return self.ranked.estimate if basis is rules.Basis.ESTIMATE else self.ranked.mean

    def as_chosen(self) -> rules.Chosen:
        """The candidate as the rules of the decision see it."""
        return rules.Chosen(
            application_id=self.application.pk,
            number=self.application.number,
            rank=self.ranked.rank if self.ranked else None,
            outcome=self.outcome,
            amount_minor=self.amount_minor,
            reason=self.reason,
        )

    def as_seen(self) -> rules.Candidate:
        """The candidate as the factors of policy see it."""
        lead = self.application.lead
        return rules.Candidate(
            application_id=self.application.pk,
            number=self.application.number,
            region=lead.region,
            areas=frozenset(self.said["areas"]),
            lead_kind=lead.kind,
            marks=frozenset(one.mark for one in self.marks),
        )


@dataclass(frozen=True)
class Selection:
    """What is chosen among, the best first, without a place last; `judged` is the stage whose
    ranked list it follows, None where nobody reviewed.
    """

    competition: Competition
    judged: Stage | None
    candidates: tuple[Candidate, ...]
    pairs: tuple[OverlapPair, ...]

    @property
    def selected_minor(self) -> int:
        """What is selected, in money."""
        return sum(one.amount_minor for one in self.candidates if one.outcome is Outcome.SELECTED)

    @cached_property
    def departures(self) -> frozenset[int]:
        """The applications that are selected below one that is passed over."""
        return rules.departures(self.chosen)

    @property
    def chosen(self) -> list[rules.Chosen]:
        """The candidates as the rules of the decision see them."""
        return [one.as_chosen() for one in self.candidates]

    @property
    def digest(self) -> str:
        """What tells whether a choice changed since it was seen."""
        said = sorted(
            (one.application.pk, one.choice.revision if one.choice else 0)
            for one in self.candidates
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def candidate(self, pk: int) -> Candidate:
        """The candidate of that application; raises NotFound."""
        for one in self.candidates:
            if one.application.pk == pk:
                return one
        raise NotFound(NO_CANDIDATE, code="no_application")


def is_official(actor: Actor, competition: Competition) -> bool:
    """Whether the actor is the selecting official that the competition names."""
    official = competition.selecting_official
    return official is not None and actor.user_id is not None and official.user_id == actor.user_id


def may_read_selection(actor: Actor, competition: Competition) -> bool:
    """Whether the actor reads the selection: whoever runs the competition, and its official."""
    return may_read_submissions(actor, competition) or is_official(actor, competition)


def is_conflicted(actor: Actor, competition: Competition) -> bool:
    """Whether any application that is still in is closed to the actor."""
    rows = applications_in(competition)
    return open_to(actor, rows, "pk").count() < rows.count()


def selection_of(actor: Actor, competition: Competition) -> Selection:
    """The selection as far as it is open to the actor; raises NotFound for who reads none of it.

    In as many queries for any number of applications.
    """
    if not may_read_selection(actor, competition):
        raise NotFound(NO_SELECTION, code="no_selection")
    stage = competition.stages.select_related("competition").order_by("number").last()
    judged = judged_stage(competition)
    reader = _reader(actor, competition)
    handed_in = list(_handed_in(actor, stage)) if stage else []
    ids = [one.application_id for one in handed_in]
    ranked = {}
    if judged is not None and reader is not None:
        ranked = {one.application_id: one for one in ranking_of(reader, judged).rows}
    choices = SelectionChoice.objects.in_bulk(ids, field_name="application_id")
    records = SelectionRecord.objects.in_bulk(ids, field_name="application_id")
    marks: dict[int, list[ApplicationMark]] = {}
    for mark in ApplicationMark.objects.filter(application__in=ids):
        marks.setdefault(mark.application_id, []).append(mark)
    found = [
        Candidate(
            one,
            ranked.get(one.application_id),
            choices.get(one.application_id),
            records.get(one.application_id),
            tuple(marks.get(one.application_id, ())),
        )
        for one in handed_in
    ]
    pairs = OverlapPair.objects.filter(first__in=ids, second__in=ids)
    return Selection(
        competition,
        judged,
        tuple(sorted(found, key=_place)),
        tuple(pairs.select_related("first", "second")),
    )


def judged_stage(competition: Competition) -> Stage | None:
    """The last stage in which reviews were submitted, whose ranked list the selection follows."""
    reviewed = Review.objects.filter(
        assignment__seat__stage__competition=competition,
        assignment__removed_at__isnull=True,
        state=SUBMITTED,
    )
    stages = competition.stages.filter(pk__in=reviewed.values("assignment__seat__stage"))
    return stages.select_related("competition").order_by("-number").first()


def scenarios_visible_to(actor: Actor, competition: Competition) -> list[SelectionScenario]:
    """The scenarios of the competition, the first made first: those counted over nothing that is
    closed to the actor.
    """
    if not may_read_selection(actor, competition):
        return []
    rows = Application.objects.filter(competition=competition)
    seen = set(open_to(actor, rows, "pk").values_list("pk", flat=True))
    found = competition.scenarios.select_related("stage").order_by("pk")
    return [one for one in found if seen.issuperset(one.applications)]


def scenario_by_id(actor: Actor, competition: Competition, pk: int) -> SelectionScenario:
    """One of them; raises NotFound."""
    for one in scenarios_visible_to(actor, competition):
        if one.pk == pk:
            return one
    raise NotFound(NO_SCENARIO, code="no_scenario")


def pair_by_id(selection: Selection, pk: int) -> OverlapPair:
    """A pair of two applications that are both open to the reader; raises NotFound."""
    for pair in selection.pairs:
        if pair.pk == pk:
            return pair
    raise NotFound(NO_PAIR, code="no_pair")


def records_of(competition: Competition) -> QuerySet[SelectionRecord]:
    """What was decided on each application of the competition, whoever asks."""
    rows = SelectionRecord.objects.filter(application__competition=competition)
    return rows.select_related("application__lead").order_by("application__number")


def last_submissions(ids: Sequence[int]) -> dict[int, Submission]:
    """What each of these applications handed in last and did not take back."""
    rows = Submission.objects.filter(application__in=ids, withdrawn_at__isnull=True)
    return {one.application_id: one for one in rows.order_by("stage__number", "number")}


def _handed_in(actor: Actor, stage: Stage) -> QuerySet[Submission]:
    """What is chosen among, with its terms and its budget alone; for an official who runs nothing
    all that is open to them.
    """
    if may_read_submissions(actor, stage.competition):
        rows = applications_judged(actor, stage)
    else:
        rows = open_to(actor, applications_judged(None, stage))
    return rows.defer("content").annotate(
        terms=KeyTransform(TERMS, "content"), budget=KeyTransform(BUDGET, "content")
    )


def _reader(actor: Actor, competition: Competition) -> Actor | None:
    """As whom the ranked list is read; nobody for an official who runs nothing and has a conflict,
    since places of the others would count what is closed.
    """
    if may_read_submissions(actor, competition):
        return actor
    return None if is_conflicted(actor, competition) else _PROGRAM


def _place(one: Candidate) -> tuple[bool, int, int]:
    rank = one.ranked.rank if one.ranked else 0
    return one.ranked is None, rank, one.application.number
