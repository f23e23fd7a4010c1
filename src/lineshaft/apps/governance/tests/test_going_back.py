"""Earlier releases have no word for what was taken back: migrations don't go back over it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from lineshaft.apps.governance import services
from lineshaft.apps.governance.models import Appointment, PolicyVersion
from lineshaft.apps.governance.tests.factories import (
    NOW,
    SYSTEM,
    TODAY,
    make_adopted,
    make_board,
    make_person,
    revise,
    seat,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def revoke() -> None:
    later = services.adopt_policy(
        SYSTEM,
        revise(make_adopted()),
        decision="Vote 4",
        adopted_on=TODAY,
        in_force_on=TODAY + timedelta(days=30),
        now=NOW,
    )
    services.revoke_adoption(SYSTEM, later, why="No quorum", now=NOW)


def annul() -> None:
    held = seat(make_board(), 1, make_person("Ada"))
    services.annul_appointment(SYSTEM, held, why="A slip", now=NOW)


def go_back(name: str) -> None:
    """Take that one migration back, as the command does."""
    executor = MigrationExecutor(connection)
    before = executor.loader.project_state(("governance", name), at_end=False)
    executor.unapply_migration(before, executor.loader.get_migration("governance", name))


def stored() -> tuple[object, ...]:
    return (
        list(PolicyVersion.objects.order_by("pk").values()),
        list(Appointment.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize(
    ("take_back", "migration", "said"),
    [
        pytest.param(
            revoke,
            "0004_revoked_adoptions",
            r"1 adoption\(s\) of a policy were revoked",
            id="revoked adoption",
        ),
        pytest.param(
            annul,
            "0005_annulled_appointments",
            r"1 appointment\(s\) were annulled",
            id="annulled appointment",
        ),
    ],
)
def test_migrations_refuse_to_go_back_over_what_was_taken_back(
    take_back: Callable[[], None], migration: str, said: str
) -> None:
    take_back()
    stood = stored()
    with pytest.raises(IrreversibleError, match=said):
        go_back(migration)
    assert stored() == stood
