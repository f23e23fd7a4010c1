"""Reads of proposals of assignments, and of all that one is computed from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.queries import (
    applications_judged,
    conflicted_pairs,
    may_read_submissions,
    open_to,
)
from lineshaft.apps.network.queries import profile_in_use
from lineshaft.apps.reviewing import rules
from lineshaft.apps.reviewing.models import (
    AssignmentRun,
    PanelSeat,
    ProposedPair,
    Review,
    ReviewerText,
)
from lineshaft.apps.reviewing.queries.assignments import assignments_standing, is_some_closed
from lineshaft.apps.reviewing.queries.judging import titles_judged
from lineshaft.apps.reviewing.queries.panels import seats_accepted
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.actor import Actor

NO_RUN: Final = gettext_noop("There is no such proposal, or none that you may see.")


@dataclass(frozen=True, slots=True)
class Ground:
    """What an assignment stands on: applications and panel, in their order, and their pairs.

    `closed` are pairs that conflicts of interest close, `standing` those that are assigned, `begun`
    those of them whose review somebody has begun. `digest` names applications, panel and standing
    assignment, but no conflict: those are looked at anew.
    """

    judged: tuple[rules.Judged, ...]
    panel: tuple[rules.Panelist, ...]
    closed: frozenset[rules.Pair]
    standing: frozenset[rules.Pair]
    begun: frozenset[rules.Pair]
    digest: str


@dataclass(frozen=True, slots=True)
class ExplanationShown:
    """Why a run came to no assignment, as it is kept, with the numbers and titles, by id, of the
    applications that it names, and with the names of the reviewers by seat.
    """

    told: Mapping[str, Any]
    numbers: Mapping[int, int]
    titles: Mapping[int, str]
    reviewers: Mapping[int, str]


def runs_shown(actor: Actor, stage: Stage) -> QuerySet[AssignmentRun]:
    """The proposals for a stage, the newest first, for whoever runs the competition."""
    if not may_read_submissions(actor, stage.competition):
        return AssignmentRun.objects.none()
    return AssignmentRun.objects.filter(stage=stage).select_related("job").order_by("-pk")


def run_by_id(actor: Actor, stage: Stage, pk: int) -> AssignmentRun:
    """One of them; raises NotFound."""
    found = runs_shown(actor, stage).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_RUN, code="no_run")
    found.stage = stage
    return found


def explanation_shown(actor: Actor, run: AssignmentRun) -> ExplanationShown | None:
    """Why there is no assignment, with titles as they were first written; None where the run came
    to another end, and where it has to do with an application that is closed to the actor: one that
    it names, or any of the stage where least loads are at fault, whose lack is counted over all.
    """
    if run.state != rules.INFEASIBLE:
        return None
    if run.explanation["seats"] and is_some_closed(actor, run.stage):
        return None
    applications, seats = _ids_explained(run)
    opened = applications_judged(actor, run.stage).filter(application__in=applications)
    numbers = dict(opened.order_by().values_list("application_id", "application__number"))
    if applications - numbers.keys():
        return None
    people = PanelSeat.objects.filter(pk__in=seats)
    return ExplanationShown(
        run.explanation,
        numbers,
        titles_judged(run.stage, applications, is_local=False),
        dict(people.values_list("pk", "reviewer__person__name")),
    )


def pairs_shown(actor: Actor, run: AssignmentRun) -> QuerySet[ProposedPair]:
    """What a run proposes for the applications that are open to the actor."""
    rows = open_to(actor, ProposedPair.objects.filter(run=run))
    return rows.select_related("seat__reviewer__person", "application__lead").order_by(
        "application__number", "seat_id"
    )


def terms_in_force(stage: Stage) -> rules.AssignmentTerms:
    """The terms of the proposal that was adopted last, without its forced and forbidden pairs; or
    those that are offered for the stage.
    """
    adopted = AssignmentRun.objects.filter(stage=stage, state=rules.ADOPTED)
    last = adopted.order_by("-ended_at", "-pk").first()
    if last is None:
        return rules.default_terms(stage.reviewers_least)
    last.forced, last.forbidden = [], []
    return last.terms


def ground_of(actor: Actor | None, stage: Stage) -> Ground:
    """What an assignment of the stage stands on, as far as it is open to the actor; all of it for
    None. As many queries for any number of applications and reviewers.
    """
    groups = {one.key: one.group for one in profile_in_use().organisation_kinds}
    applications = list(
        applications_judged(actor, stage)
        .order_by("application__number", "pk")
        .values_list("application_id", "application__lead__kind", "digest")
    )
    seats = list(seats_accepted(stage).order_by("pk"))
    panel = tuple(_panelist(seat) for seat in seats)
    seat_of_person = {one.person_id: one.seat_id for one in panel}
    known = {pk for pk, _kind, _digest in applications}
    has_review = Exists(Review.objects.filter(assignment=OuterRef("pk")))
    assigned = [
        (pair, is_begun)
        for *pair, is_begun in assignments_standing(stage)
        .order_by("application_id", "seat_id")
        .values_list("application_id", "seat_id", has_review)
    ]
    standing = frozenset((first, second) for (first, second), _ in assigned if first in known)
    closed = conflicted_pairs(stage.competition, sorted(seat_of_person))
    return Ground(
        judged=tuple(
            rules.Judged(pk, rules.SECTORS_OF_GROUP.get(groups.get(kind, ""), frozenset()))
            for pk, kind, _digest in applications
        ),
        panel=panel,
        closed=frozenset(
            (application, seat_of_person[person])
            for application, person in closed
            if application in known
        ),
        standing=standing,
        begun=standing & {(first, second) for (first, second), is_begun in assigned if is_begun},
        digest=rules.digest_of(
            [
                sorted((pk, kind, digest) for pk, kind, digest in applications),
                [(one.seat_id, one.load_most, one.sector, one.employer_id) for one in panel],
                texts_digest(seats),
                sorted(standing),
            ]
        ),
    )


def texts_by_seat(seats: Iterable[PanelSeat]) -> dict[int, list[str]]:
    """The texts of each seat's reviewer, by the seat's id: what they say that they know, and their
    own texts, oldest first; one query.
    """
    found = {seat.pk: [seat.reviewer.statement] for seat in seats}
    seat_of_reviewer = {seat.reviewer_id: seat.pk for seat in seats}
    rows = ReviewerText.objects.filter(reviewer__in=list(seat_of_reviewer)).order_by("pk")
    for reviewer, title, text in rows.values_list("reviewer_id", "title", "text"):
        found[seat_of_reviewer[reviewer]].append(f"{title}\n{text}")
    return {seat: [text for text in texts if text.strip()] for seat, texts in found.items()}


def texts_digest(seats: Iterable[PanelSeat]) -> str:
    """The SHA-256 of all those texts."""
    return rules.digest_of(sorted(texts_by_seat(seats).items()))


def _ids_explained(run: AssignmentRun) -> tuple[frozenset[int], frozenset[int]]:
    """The applications and the seats that the explanation of a run names."""
    found: Mapping[str, Any] = run.explanation
    ways = found["freeing"]
    applications = {
        *found["applications"],
        *(one for _key, one in found["rules"]),
        *(first for first, _second in found["forced"]),
        *(one for way in ways for one in way["applications"]),
    }
    seats = {
        *found["seats"],
        *(second for _first, second in found["forced"]),
        *(one for way in ways for one in way["seats"]),
    }
    return frozenset(applications), frozenset(seats)


def _panelist(seat: PanelSeat) -> rules.Panelist:
    employer = seat.reviewer.person.organisation
    return rules.Panelist(
        seat_id=seat.pk,
        person_id=seat.reviewer.person_id,
        load_most=seat.load_most,
        sector=seat.reviewer.sector,
        employer_id=(employer.merged_into_id or employer.pk) if employer else None,
    )
