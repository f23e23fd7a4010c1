"""Marks that depend on where the tests run."""

from collections.abc import Callable

import pytest
from django.db import connection


def slow_on_postgresql[T: Callable[..., object]](test: T) -> T:
    """Of PostgreSQL asked in `make test-all` alone: there it takes many times as long as here."""
    marked: T = pytest.mark.slow(test) if connection.vendor == "postgresql" else test
    return marked
