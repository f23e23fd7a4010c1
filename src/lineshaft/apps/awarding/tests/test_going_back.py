"""Earlier releases give each name of a scenario once, and have an award given by one agency: the
migrations don't go back over more.
"""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from lineshaft.apps.awarding import services
from lineshaft.apps.awarding.models import Award, PlannedObligation, SelectionScenario
from lineshaft.apps.awarding.tests.selecting import published
from lineshaft.apps.competitions.models import Stage
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, make_open
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.triggers import missing_triggers
from tests.marks import slow_on_postgresql

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

NAMES = "0003_scenario_names"
AGENCIES = "0004_obligations_by_agency"


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


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


def go_back(name: str) -> None:
    """Take that one migration back, as the command does."""
    executor = MigrationExecutor(connection)
    before = executor.loader.project_state(("awarding", name), at_end=False)
    executor.unapply_migration(before, executor.loader.get_migration("awarding", name))


def opened(parts: dict[str, int]) -> Award:
    """An award of DOC, and of others with these parts."""
    world = published((5,), agencies=("DOC", "DOE"))
    terms = services.AwardTerms(key="anvils", name="Anvils", co_sponsors=parts)
    one = world.applications[0]
    return services.open_agreement(SYSTEM, world.competition, one, terms, now=world.now)


@slow_on_postgresql
def test_migration_refuses_to_go_back_over_a_name_that_two_gave() -> None:
    stage = make_open().stages.earliest("number")
    for maker in (make_user("Paula"), make_user("Olaf")):
        make_scenario(stage, "Base case", maker)
    stood = list(SelectionScenario.objects.order_by("pk").values())
    with pytest.raises(IrreversibleError, match=r"1 name\(s\) of scenarios are given more than"):
        go_back(NAMES)
    assert list(SelectionScenario.objects.order_by("pk").values()) == stood


@slow_on_postgresql
def test_migration_goes_back_where_each_name_is_given_once() -> None:
    one, other = (make_open().stages.earliest("number") for _ in range(2))
    paula, olaf = make_user("Paula"), make_user("Olaf")
    for stage, name, maker in (
        (one, "Base case", paula),
        (one, "Rural first", olaf),
        (other, "Base case", olaf),
    ):
        make_scenario(stage, name, maker)
    go_back(AGENCIES)
    go_back(NAMES)
    try:
        assert SelectionScenario.objects.values("name").count() == 3
    finally:
        call_command("migrate", "awarding", verbosity=0)  # with the triggers of the table
    assert SelectionScenario.objects.filter(made_by_user=None).count() == 3
    with pytest.raises(DatabaseError, match="append-only"):
        SelectionScenario.objects.update(name="Another")


@slow_on_postgresql
def test_migration_refuses_to_go_back_over_an_award_of_several_agencies() -> None:
    opened({"DOE": 1})
    stood = list(PlannedObligation.objects.order_by("pk").values())
    with pytest.raises(IrreversibleError, match=r"1 award\(s\) are given by several agencies"):
        go_back(AGENCIES)
    assert list(PlannedObligation.objects.order_by("pk").values()) == stood


@slow_on_postgresql
def test_migration_names_the_leading_agency_of_what_was_foreseen() -> None:
    opened({})
    stood = list(PlannedObligation.objects.order_by("pk").values())
    go_back(AGENCIES)
    try:
        assert PlannedObligation.objects.values("year").count() == 5
    finally:
        call_command("migrate", "awarding", verbosity=0)  # with the triggers of the table
    assert list(PlannedObligation.objects.order_by("pk").values()) == stood
    with pytest.raises(DatabaseError, match="append-only"):
        PlannedObligation.objects.update(year=9)
    assert missing_triggers() == []
