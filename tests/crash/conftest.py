"""One driver for all crash tests of a run."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.crash.lab import Lab
from tests.tables import migrated_file, migrated_template


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    is_sqlite = connection.vendor == "sqlite"
    made = migrated_file if is_sqlite else migrated_template
    with Lab(tmp_path_factory.mktemp("crash"), template=str(made(tmp_path_factory))) as running:
        yield running
