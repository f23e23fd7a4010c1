import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lineshaft.config.dump import applied_migrations
from lineshaft.config.platform import answering_name, is_migrated, prepare_database
from lineshaft.kernel.errors import Unavailable
from lineshaft.plumbing.triggers import lift_triggers, missing_triggers


@pytest.mark.parametrize(
    ("allowed", "name"),
    [
        (["localhost", "127.0.0.1"], "localhost"),
        (["plant.example", "localhost"], "plant.example"),
        ([".example.gov"], "example.gov"),
        (["*"], "localhost"),
        (["[::1]"], "[::1]"),
        ([], "localhost"),
    ],
)
def test_answering_name_is_one_that_is_allowed(allowed: list[str], name: str) -> None:
    assert answering_name(allowed) == name


FIRST = ("funding", "0001_tables")


def recorded_as_before_the_release(*, is_whole: bool) -> None:
    """The history of a database that the migrations of development have made, or half made."""
    recorder = MigrationRecorder(connection)
    replaced = MigrationLoader(connection).disk_migrations[FIRST].replaces
    assert len(replaced) == 21
    recorder.record_unapplied(*FIRST)
    for key in replaced:
        recorder.record_unapplied(*key)
    for key in replaced if is_whole else replaced[:3]:
        recorder.record_applied(*key)


@pytest.mark.django_db
@pytest.mark.database
def test_database_of_the_last_development_version_is_at_this_one() -> None:
    recorded_as_before_the_release(is_whole=True)
    assert is_migrated()
    assert FIRST in applied_migrations()
    assert ("funding", "0003_open_accounts") not in applied_migrations()


@pytest.mark.django_db
@pytest.mark.database
def test_database_that_stops_short_of_the_first_release_says_what_to_do() -> None:
    recorded_as_before_the_release(is_whole=False)
    with pytest.raises(Unavailable, match="a development version"):
        is_migrated()


@pytest.mark.django_db(transaction=True)
def test_prepare_database_installs_triggers_that_are_not_those_of_the_program() -> None:
    lift_triggers()
    assert is_migrated()
    assert missing_triggers()
    prepare_database()
    assert missing_triggers() == []
