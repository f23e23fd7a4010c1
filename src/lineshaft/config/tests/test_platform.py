import pytest

from lineshaft.config.platform import answering_name


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
