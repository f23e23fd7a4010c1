"""What a load changes of the process that loads."""

import gc

import pytest

from lineshaft.demonstration.loading import few_collections


def fails_within() -> None:
    with few_collections():
        message = str(gc.get_threshold()[0])
        raise ValueError(message)


def test_collector_looks_seldom_within_the_block_and_as_before_after_it() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="100000"):
        fails_within()
    assert gc.get_threshold() == before
