"""Earlier releases give each name of a scenario once: the migration doesn't go back over more."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor

from lineshaft.apps.awarding.models import SelectionScenario
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.tests.factories import NOW, make_open
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

NAME = "0003_scenario_names"


def make_scenario(stage: Stage, name: str, maker: User) -> None:
    SelectionScenario.objects.create(
        competition=stage.competition,
        stage=stage,
        name=name,
        basis="mean",
        budget_minor=1,
        result={},
        made_at=NOW,
        made_by=maker.name,
        made_by_user=maker,
    )


def go_back() -> None:
    """Take that one migration back, as the command does."""
    executor = MigrationExecutor(connection)
    before = executor.loader.project_state(("awarding", NAME), at_end=False)
    executor.unapply_migration(before, executor.loader.get_migration("awarding", NAME))


def test_migration_refuses_to_go_back_over_a_name_that_two_gave() -> None:
    stage = make_open().stages.earliest("number")
    for maker in (make_user("Paula"), make_user("Olaf")):
        make_scenario(stage, "Base case", maker)
    stood = list(SelectionScenario.objects.order_by("pk").values())
    with pytest.raises(IrreversibleError, match=r"1 name\(s\) of scenarios are given more than"):
        go_back()
    assert list(SelectionScenario.objects.order_by("pk").values()) == stood


def test_migration_goes_back_where_each_name_is_given_once() -> None:
    one, other = (make_open().stages.earliest("number") for _ in range(2))
    paula, olaf = make_user("Paula"), make_user("Olaf")
    for stage, name, maker in (
        (one, "Base case", paula),
        (one, "Rural first", olaf),
        (other, "Base case", olaf),
    ):
        make_scenario(stage, name, maker)
    go_back()
    try:
        assert SelectionScenario.objects.values("name").count() == 3
    finally:
        call_command("migrate", "awarding", verbosity=0)  # with the triggers of the table
    assert SelectionScenario.objects.filter(made_by_user=None).count() == 3
    with pytest.raises(DatabaseError, match="append-only"):
        SelectionScenario.objects.update(name="Another")
