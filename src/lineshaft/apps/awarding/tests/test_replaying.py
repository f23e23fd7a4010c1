"""A competition that is laid down again is the one that the verbs made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from lineshaft.apps.awarding.tests import selecting
from lineshaft.apps.awarding.tests.selecting import Selecting, published
from lineshaft.apps.competitions.models import Competition, Stage
from lineshaft.apps.funding.models import Account
from lineshaft.apps.funding.tests import factories as funding
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from tests import replaying
from tests.replaying import replayed

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite replays"),
]

TABLES = (
    "competitions_competition",
    "competitions_application",
    "competitions_submission",
    "reviewing_review",
    "reviewing_reviewscore",
    "awarding_selectionrecord",
    "awarding_selectionchoice",
    "audit_auditevent",
)
"""Of which every row is compared; of the others the number."""


@pytest.fixture(autouse=True)
def _files_apart(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


@pytest.fixture(autouse=True)
def _by_this_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one is made by the verbs, whatever other workers have left."""
    monkeypatch.setattr(replaying, "shared", None)


def counts() -> dict[str, int]:
    """How many rows each table holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 -- of the database
            found[name] = cursor.fetchone()[0]
    return found


def content(table: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608 -- as above
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@dataclass(frozen=True, slots=True)
class Stored:
    """What a database and the folder of files hold."""

    counts: dict[str, int]
    rows: dict[str, list[tuple[Any, ...]]]
    files: set[str]


def stored(folder: Path) -> Stored:
    files = {path.name for path in folder.rglob("*") if path.is_file()}
    return Stored(counts(), {table: content(table) for table in TABLES}, files)


def test_what_is_laid_down_is_what_the_verbs_made(tmp_path: Path, settings: Settings) -> None:
    made: list[tuple[Selecting, Stored]] = []
    for place in range(2):
        settings.FILES_DIR = tmp_path / str(place)
        with transaction.atomic():
            replaying.begin()
            world = published((5, 2), contact="Rea Player")
            made.append((world, stored(tmp_path / str(place))))
            transaction.set_rollback(True)
    (first, by_verbs), (again, laid_down) = made
    assert by_verbs == laid_down
    assert first == again
    assert first.competition is not again.competition
    assert first.competition.__dict__.keys() <= again.competition.__dict__.keys()
    assert by_verbs.counts["competitions_application"] == 2
    assert by_verbs.files


def test_a_test_that_has_written_runs_the_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[int] = []
    verbs = selecting.run_to_selection

    def counted(call: Competition, *rest: Any) -> Stage:
        run.append(call.pk)
        return verbs(call, *rest)

    monkeypatch.setattr(selecting, "run_to_selection", counted)
    with transaction.atomic():
        replaying.begin()
        selecting.make_selecting((4, 2), contact="Rea Player")
        selecting.make_selecting((4, 2), contact="Rea Player")
        transaction.set_rollback(True)
    assert len(run) == 2
    replaying.begin()
    selecting.make_selecting((4, 2), contact="Rea Player")
    assert len(run) == 2


def test_money_that_is_laid_down_stands_in_the_accounts() -> None:
    made = []
    for _time in range(2):
        with transaction.atomic():
            replaying.begin()
            moved = funding.authorised(funding.agreement())
            balances = Account.objects.order_by("kind").values_list("kind", "credits_posted")
            made.append((moved.pk, list(balances)))
            transaction.set_rollback(True)
    assert made[0] == made[1]
    assert ("award", moved.amount_minor) in made[1][1]


@replayed
def named(user: User, name: str) -> str:
    """Changes what it was given where the name begins so."""
    calls.append(name)
    if name.startswith("Given"):
        user.name = name
    User.objects.filter(pk=user.pk).update(name=name)
    return name


calls: list[str] = []


@pytest.mark.parametrize(
    ("before", "names", "runs"),
    [
        pytest.param(lambda _time: None, ("Ada", "Bea"), 2, id="the same before"),
        pytest.param(lambda time: make_user(f"Cai {time}"), ("Ada", "Bea"), 4, id="another"),
        pytest.param(lambda _time: None, ("Given Ada",), 2, id="changes what it was given"),
    ],
)
def test_what_stands_for_the_verbs_depends_on_all_that_was_written(
    before: Callable[[int], object], names: tuple[str, ...], runs: int
) -> None:
    calls.clear()
    for time in range(2):
        with transaction.atomic():
            replaying.begin()
            user = make_user(f"Somebody of {names} {runs}")
            before(time)
            for name in names:
                named(user, name)
                assert User.objects.get(pk=user.pk).name == name
            transaction.set_rollback(True)
    assert len(calls) == runs


def test_numbers_begin_anew_with_each_test_and_go_on_after_what_is_laid_down() -> None:
    found = []
    for _time in range(2):
        with transaction.atomic():
            replaying.begin()
            found.append([make_user("Ada").email, make_user("Bea").email])
            transaction.set_rollback(True)
    assert found[0] == found[1] == ["user1@example.org", "user2@example.org"]


@pytest.mark.parametrize("is_known", [True, False])
def test_what_one_worker_has_made_another_lays_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    calls.clear()
    monkeypatch.setattr(replaying, "shared", tmp_path)
    numbers = replaying._numbers  # noqa: SLF001 -- of another process
    for known in (numbers, numbers if is_known else {}):
        monkeypatch.setattr(replaying, "_recordings", {})
        with transaction.atomic():
            replaying.begin()
            user = make_user("Somebody at work")
            monkeypatch.setattr(replaying, "_numbers", known)
            assert named(user, "Dora") == "Dora"
            assert User.objects.get(pk=user.pk).name == "Dora"
            transaction.set_rollback(True)
        monkeypatch.setattr(replaying, "_numbers", numbers)
    assert len(calls) == (1 if is_known else 2)
