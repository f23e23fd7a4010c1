"""Proposals that were computed and adopted, and assignments by hand, for tests."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lineshaft.apps.competitions.models import Application, Stage
from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.reviewing import queries, rules, services
from lineshaft.apps.reviewing.models import (
    Assignment,
    AssignmentRun,
    PanelSeat,
)
from lineshaft.apps.reviewing.rules import AssignmentTerms
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.jobs.worker import run_until_idle
from lineshaft.plumbing.roles import Role, ScopeKind

TERMS = AssignmentTerms(demand=2, employer_most=None)
OFFICER = Actor(
    user_id=None,
    label="Olga Officer",
    grants=frozenset({RoleGrant(Role.PROGRAMME_OFFICER, ScopeKind.NETWORK)}),
)


def later(stage: Stage, minutes: int = 1) -> Any:
    assert stage.began_at is not None
    return stage.began_at + timedelta(minutes=minutes)


def officer() -> Actor:
    """An officer who has a user, as a job needs one."""
    user = make_user("Olga Officer")
    return replace(OFFICER, user_id=user.pk)


def computed(stage: Stage, terms: AssignmentTerms = TERMS, actor: Actor = SYSTEM) -> AssignmentRun:
    """A proposal that was asked for and computed by its job."""
    run = services.propose_assignment(actor, stage, terms, now=later(stage))
    assert run.state == rules.COMPUTING
    run_until_idle()
    run.refresh_from_db()
    return run


def adopted(stage: Stage, terms: AssignmentTerms = TERMS) -> AssignmentRun:
    return services.adopt_assignment(SYSTEM, computed(stage, terms), now=later(stage))


def standing(stage: Stage) -> set[tuple[int, str]]:
    return {
        (one.application.number, one.seat.reviewer.person.name)
        for one in queries.assignments_standing(stage)
    }


def applications(stage: Stage) -> list[Application]:
    return list(Application.objects.filter(competition=stage.competition).order_by("number"))


def refused(code: str) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda error: error.code == code)


def assign(stage: Stage, one: Application, seat: PanelSeat, **options: Any) -> Assignment:
    return services.assign_reviewer(
        SYSTEM, stage, application_id=one.pk, seat_id=seat.pk, now=later(stage), **options
    )
