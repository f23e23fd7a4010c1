import pytest

from lineshaft.plumbing.triggers import declared_triggers, missing_triggers

APPEND_ONLY = {
    "audit_auditevent",
    "audit_auditseal",
    "audit_sealedevent",
    "funding_transfer",
}
"""Tables of which no row changes or goes, whatever code runs; a few columns may be open."""


def test_append_only_tables_refuse_update_and_delete() -> None:
    declared = {trigger.name for trigger in declared_triggers()}
    wanted = {f"{table}_{what}" for table in APPEND_ONLY for what in ("no_update", "no_delete")}
    assert wanted - declared == set()


def test_trigger_names_are_unique() -> None:
    names = [trigger.name for trigger in declared_triggers()]
    assert len(names) == len(set(names))


@pytest.mark.database
@pytest.mark.django_db
def test_every_declared_trigger_stands_in_a_fresh_database() -> None:
    assert missing_triggers() == []
