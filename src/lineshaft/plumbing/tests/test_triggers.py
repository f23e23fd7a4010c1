import pytest
from django.apps import apps
from django.db import connection

from lineshaft.plumbing.triggers import (
    append_only,
    declared_triggers,
    install_triggers,
    lift_triggers,
    lifted,
    missing_triggers,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_missing_triggers_after_migration_are_none() -> None:
    assert missing_triggers() == []


def test_lifted_drops_every_trigger_and_installs_it_again() -> None:
    is_postgresql = connection.vendor == "postgresql"
    expected = [
        trigger.name
        for trigger in declared_triggers()
        if (trigger.postgresql if is_postgresql else trigger.sqlite)
    ]
    with lifted():
        assert missing_triggers() == expected
    assert missing_triggers() == []


def test_missing_triggers_names_one_that_was_replaced() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER audit_auditseal_no_update ON audit_auditseal")
            cursor.execute(
                "CREATE TRIGGER audit_auditseal_no_update BEFORE DELETE ON audit_auditseal"
                " FOR EACH ROW EXECUTE FUNCTION lineshaft_refuse_change('other')"
            )
        else:
            cursor.execute("DROP TRIGGER audit_auditseal_no_update")
            cursor.execute(
                "CREATE TRIGGER audit_auditseal_no_update BEFORE UPDATE ON audit_auditseal"
                " BEGIN SELECT 1; END"
            )
    assert missing_triggers() == ["audit_auditseal_no_update"]


def test_missing_triggers_on_postgresql_names_all_whose_function_was_replaced() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's triggers hold their own text and call no function")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION lineshaft_refuse_change() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
    assert "audit_auditseal_no_update" in missing_triggers()


def test_lift_triggers_outside_the_test_runner_is_refused(settings: object) -> None:
    settings.IS_TESTING = False  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="test runner alone"):
        lift_triggers()


def test_install_triggers_twice_changes_nothing() -> None:
    install_triggers(apps.get_app_config("audit"))
    assert missing_triggers() == []


def test_append_only_with_updatable_columns_fixes_the_others() -> None:
    update, delete, truncate = append_only("thing", updatable_columns=("note",))
    assert "UPDATE OF {fixed_columns}" in update.sqlite
    assert (delete.name, truncate.sqlite) == ("thing_no_delete", "")
