import pytest

from lineshaft.engines.match.resolution.places import (
    Address,
    read_address,
    read_phone,
    read_place,
    read_postcode,
    town_of,
)
from lineshaft.engines.match.resolution.prepare import Record, features_of


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("224 N. Central ", Address("224", "central", "n")),
        ("650 East 85Th St, Suite 4", Address("650", "85", "e")),
        ("0012B West Avenue", Address("12", "avenue", "w")),
        ("P.O. Box 812", Address("812", "box", "")),
        ("❶ Main St", Address("", "❶", "")),
        ("Old Mill", Address("", "old", "")),
        ("North", Address("", "", "n")),
        ("", Address("", "", "")),
    ],
)
def test_read_address(text: str, address: Address) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(312) 555-0142", "5550142"),
        ("+1 312 555 0142", "5550142"),
        ("555 0142", "5550142"),
        ("12", ""),
        ("0000000000", ""),
        ("", ""),
    ],
)
def test_read_phone(text: str, number: str) -> None:
    assert read_phone(text) == number


@pytest.mark.parametrize(
    ("text", "postcode", "town"),
    [
        ("03063-1026", "030631026", "03063"),
        ("3063", "03063", "03063"),
        ("481090000", "48109", "48109"),
        ("00000", "", ""),
        ("SW1A 1AA", "sw1a1aa", "sw1a1"),
        ("", "", ""),
    ],
)
def test_read_postcode(text: str, postcode: str, town: str) -> None:
    assert read_postcode(text) == postcode
    assert town_of(postcode) == town


def test_read_place_has_no_accents_and_no_punctuation() -> None:
    assert read_place("  São-Paulo ") == "sao paulo"


@pytest.mark.parametrize(
    ("latitude", "longitude", "metres"),
    [
        ("0", "1", (0, 111_320)),
        ("60.0", "1", (6_679_200, 55_660)),
        ("0", "0", (None, None)),
        ("91", "0", (None, None)),
        ("12", "181", (None, None)),
        ("north", "", (None, None)),
        ("nan", "1", (None, None)),
    ],
)
def test_features_of_a_place_on_earth(
    latitude: str, longitude: str, metres: tuple[int | None, int | None]
) -> None:
    features = features_of(Record("1", "Quillon", latitude=latitude, longitude=longitude))

    assert (features.north_m, features.east_m) == metres
