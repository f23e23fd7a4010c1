"""What the suites that cross apps share: where a browser is."""

import pytest

from scripts.run_tests import find_chromium


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The machine's Chromium; a journey without one is skipped and says so."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium found: on Debian, apt install chromium")
    return path
