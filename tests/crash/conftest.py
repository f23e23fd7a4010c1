"""One driver for all crash tests of a run."""

from collections.abc import Iterator

import pytest

from tests.crash.lab import Lab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("crash")) as running:
        yield running
