"""Computing an assignment: affinities from texts, the problem, the solver's answer.

The solver itself is `engines.optimise.assignment`; here records become its numbers and its numbers
become records. Affinities are whole millionths, so the same texts give the same sums.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.db import transaction

from lineshaft.apps.competitions import rules as competition_rules
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.queries import applications_judged
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import ApplicationAffinity, AssignmentRun, ProposedPair
from lineshaft.apps.reviewing.queries import (
    Ground,
    ground_of,
    seats_accepted,
    texts_by_seat,
    texts_digest,
)
from lineshaft.engines.match.affinity import affinities
from lineshaft.engines.optimise.assignment import (
    Assignment,
    Infeasible,
    Matrix,
    Objective,
    Pairs,
    PanelRule,
    Problem,
    assign,
)
from lineshaft.kernel.text import gettext_noop

STEPS: Final = 3
COUNTING: Final = gettext_noop("counting affinities from the texts")
SOLVING: Final = gettext_noop("looking for the best assignment")
KEEPING: Final = gettext_noop("checking and keeping it")

type Report = Callable[[int, int, str], None]
type CheckStop = Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The problem of a ground under terms, and what its numbers stand for."""

    problem: Problem
    applications: tuple[int, ...]
    seats: tuple[int, ...]
    rule_keys: tuple[str, ...]

    def pairs_of(self, pairs: Pairs) -> list[tuple[int, int, float]]:
        """Application's id, seat's id and score of each pair."""
        return [
            (self.applications[row], self.seats[column], score)
            for row, column, score in zip(
                pairs.application.tolist(),
                pairs.reviewer.tolist(),
                pairs.score.tolist(),
                strict=True,
            )
        ]

    def numbered(self, pairs: Iterable[rules.Pair]) -> list[tuple[int, int]]:
        """The numbers of these pairs of ids, without those that the problem does not know."""
        rows = {pk: place for place, pk in enumerate(self.applications)}
        columns = {pk: place for place, pk in enumerate(self.seats)}
        return [
            (rows[first], columns[second])
            for first, second in sorted(pairs)
            if first in rows and second in columns
        ]

    def scored(self, pairs: Iterable[rules.Pair]) -> Pairs:
        """These pairs with their scores; one that may not be counts nothing."""
        numbered = np.array(self.numbered(pairs), dtype=np.int64).reshape(-1, 2)
        score = self.problem.scores.of_pairs(numbered[:, 0], numbered[:, 1])
        shape = (len(self.applications), len(self.seats))
        counted = np.where(np.isfinite(score), score, 0.0)
        return Pairs.of(shape, numbered[:, 0], numbered[:, 1], counted)


def compute_assignment(
    run_id: int, *, now: datetime, report: Report, check_stop: CheckStop
) -> AssignmentRun | None:
    """Compute what a run proposes and keep it; None where it is not waited for any more.

    Run twice it does the same once. Out of time the best found is kept, with its gap.
    """
    run = AssignmentRun.objects.select_related("stage__competition").get(pk=run_id)
    if run.state != rules.COMPUTING:
        return None
    began_s = time.monotonic()
    report(0, STEPS, COUNTING)
    fits = count_affinities(run.stage, now=now)
    check_stop()
    report(1, STEPS, SOLVING)
    ground = ground_of(None, run.stage)
    asked = problem_of(ground, run.terms, fits)
    found = assign(
        asked.problem,
        objective=Objective(run.objective),
        time_limit_s=float(run.time_limit_s),
        report=lambda _note: check_stop(),
    )
    check_stop()
    report(2, STEPS, KEEPING)
    took_ms = round((time.monotonic() - began_s) * 1_000)
    return _kept(run_id, ground, asked, found, took_ms=took_ms)


def count_affinities(stage: Stage, *, now: datetime) -> dict[int, dict[int, int]]:
    """The affinity of every pair of the stage in millionths, by application's and seat's id.

    Counted anew and kept where a text, an application or the panel has changed.
    """
    seats = list(seats_accepted(stage).order_by("pk"))
    submissions = applications_judged(None, stage).order_by("application__number", "pk")
    digests = [f"{pk}:{digest}" for pk, digest in submissions.values_list("application", "digest")]
    names = [str(seat.pk) for seat in seats]
    digest = rules.digest_of([*digests, *names, texts_digest(seats)])
    kept = ApplicationAffinity.objects.filter(stage=stage)
    if kept.filter(digest=digest).count() == len(digests) == kept.count():
        return {
            one.application_id: {int(seat): units for seat, units in one.of_seats.items()}
            for one in kept
        }
    texts = {one.application_id: text_of(one.content) for one in submissions}
    own = texts_by_seat(seats)
    counted = affinities(list(texts.values()), [own[seat.pk] for seat in seats])
    units = np.rint(counted * rules.AFFINITY_UNITS).astype(np.int64)
    found = {
        application: dict(zip((seat.pk for seat in seats), row, strict=True))
        for application, row in zip(texts, units.tolist(), strict=True)
    }
    with transaction.atomic():
        Stage.objects.select_for_update(of=("self",)).get(pk=stage.pk)
        kept.delete()
        ApplicationAffinity.objects.bulk_create(
            ApplicationAffinity(
                stage=stage,
                application_id=application,
                of_seats={str(seat): each for seat, each in row.items()},
                digest=digest,
                counted_at=now,
            )
            for application, row in found.items()
        )
    return found


def kept_affinities(stage: Stage, applications: Sequence[int]) -> dict[int, dict[int, int]]:
    """The affinities of these applications as they were counted last; one query."""
    rows = ApplicationAffinity.objects.filter(stage=stage, application__in=applications)
    return {
        one.application_id: {int(seat): units for seat, units in one.of_seats.items()}
        for one in rows
    }


def text_of(content: dict[str, Any]) -> str:
    """What an application says of itself, as it was handed in: title, abstract and sections."""
    terms = content[competition_rules.TERMS]
    parts = [terms[name] for name in ("title", "title_zh", "abstract", "abstract_zh")]
    parts += [content[key]["text"] for key in competition_rules.SectionKey if key in content]
    return "\n".join(part for part in parts if part)


def problem_of(
    ground: Ground, terms: rules.AssignmentTerms, fits: dict[int, dict[int, int]]
) -> Asked:
    """The problem of a ground under terms; a pair without an affinity counts as 0.

    What is begun stays: a pair whose review somebody has begun is forced, unless it is closed.
    """
    applications = tuple(one.application_id for one in ground.judged)
    seats = tuple(one.seat_id for one in ground.panel)
    scores = np.zeros((len(applications), len(seats)))
    for row, application in enumerate(applications):
        of_seats = fits.get(application, {})
        scores[row] = [of_seats.get(seat, 0) / rules.AFFINITY_UNITS for seat in seats]
    places = {pk: place for place, pk in enumerate(applications)}
    columns = {pk: place for place, pk in enumerate(seats)}
    barred = ground.closed | set(terms.forbidden)
    for application, seat in barred:
        if application in places and seat in columns:
            scores[places[application], columns[seat]] = -np.inf
    forced = {*terms.forced, *(ground.begun - barred)}
    made = rules.group_rules(terms, ground.panel, ground.judged)
    problem = Problem(
        Matrix(scores),
        np.full(len(applications), terms.demand, dtype=np.int64),
        np.array([rules.least_of(terms, one) for one in ground.panel], dtype=np.int64),
        np.array([rules.most_of(terms, one) for one in ground.panel], dtype=np.int64),
        forced=tuple(
            (places[first], columns[second])
            for first, second in sorted(forced)
            if first in places and second in columns
        ),
        rules=tuple(
            PanelRule(
                one.key,
                frozenset(columns[seat] for seat in one.seats),
                one.least,
                one.most,
                None
                if one.applications is None
                else frozenset(places[pk] for pk in one.applications),
            )
            for one in made
        ),
    )
    return Asked(problem, applications, seats, tuple(one.key for one in made))


def decimal_of(score: float) -> Decimal:
    """A score as it is stored, in six decimals."""
    return Decimal(round(score * rules.AFFINITY_UNITS)) / rules.AFFINITY_UNITS


def _kept(
    run_id: int, ground: Ground, asked: Asked, found: Assignment | Infeasible, *, took_ms: int
) -> AssignmentRun | None:
    with transaction.atomic():
        run = AssignmentRun.objects.select_for_update().get(pk=run_id)
        if run.state != rules.COMPUTING:
            return None  # stopped or discarded in this moment
        workflow = rules.TRANSITIONS["AssignmentRun"]
        run.digest, run.took_ms = ground.digest, took_ms
        if isinstance(found, Infeasible):
            run.state = workflow.target(run.state, "keep_explanation")
            run.explanation = explanation_of(asked, found)
        else:
            run.state = workflow.target(run.state, "keep_proposal")
            run.certainty = found.status.value
            run.total, run.worst = decimal_of(found.total), decimal_of(found.worst)
            most = float(run.demand)  # of an application whose every reviewer fits wholly
            total_most = most * len(asked.applications)
            run.total_bound = max(run.total, decimal_of(min(found.total_bound, total_most)))
            run.worst_bound = max(run.worst, decimal_of(min(found.worst_bound, most)))
            ProposedPair.objects.bulk_create(
                ProposedPair(
                    run=run, application_id=application, seat_id=seat, affinity=decimal_of(score)
                )
                for application, seat, score in asked.pairs_of(found.pairs)
            )
        run.save()
    return run


def explanation_of(asked: Asked, found: Infeasible) -> dict[str, Any]:
    """What cannot all hold and what would free it, with ids in place of the solver's numbers."""

    def applications(places: Iterable[int]) -> list[int]:
        return [asked.applications[place] for place in places]

    def seats(places: Iterable[int]) -> list[int]:
        return [asked.seats[place] for place in places]

    return {
        "applications": applications(found.applications),
        "seats": seats(found.reviewers),
        "rules": [[key, asked.applications[place]] for key, place in found.rules],
        "forced": [
            [asked.applications[first], asked.seats[second]] for first, second in found.forced
        ],
        "missing": found.missing,
        "freeing": [
            {
                "remedy": way.remedy.value,
                "by": way.by,
                "applications": applications(way.applications),
                "seats": seats(way.reviewers),
                "rule": way.rule,
            }
            for way in found.freeing
        ],
    }
