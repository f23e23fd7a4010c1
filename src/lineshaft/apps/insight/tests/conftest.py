"""What tests of insight have in common: folders of their own, and who looks at the pages."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from lineshaft.apps.insight.models import Snapshot
from lineshaft.apps.insight.tests.factories import CELLS, make_cells, make_snapshot, signed_in
from lineshaft.plumbing.roles import Role, ScopeKind


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.SNAPSHOTS_DIR = tmp_path / "snapshots"
    settings.FILES_DIR = tmp_path / "files"
    settings.IS_DEMONSTRATION = True  # no second factor is asked for


@pytest.fixture
def officer() -> Client:
    return signed_in(Role.PROGRAMME_OFFICER, name="Odile Officer")


@pytest.fixture
def manager() -> Client:
    return signed_in(
        Role.INSTITUTE_MANAGER, ScopeKind.INSTITUTE, "america-makes", name="Mona Manager"
    )


@pytest.fixture
def snapshot() -> Snapshot:
    """The newest snapshot, with the cells of a year."""
    made = make_snapshot()
    make_cells(made, CELLS)
    return made
