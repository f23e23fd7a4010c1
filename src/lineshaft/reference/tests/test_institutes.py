"""The institutes that ship: complete, sourced, and the same as the table they were made from."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from lineshaft.kernel.datafile import parse_table
from lineshaft.kernel.errors import Invalid
from lineshaft.kernel.profile import load_profile
from lineshaft.reference import (
    Confidence,
    DateKind,
    Edition,
    FactKind,
    InstituteReference,
    Precision,
    Sourced,
    SponsorRole,
    load_institutes,
    load_technology_areas,
)
from lineshaft.reference.institutes import parse_institutes

FACTS = Path(__file__).parents[4].parent / "shared" / "facts" / "institutes.csv"
MINOR_PER_MILLION = 100_000_000


def by_key(key: str) -> InstituteReference:
    return next(institute for institute in load_institutes() if institute.key == key)


def every_source(institute: InstituteReference) -> list[Sourced]:
    return [
        institute.status.sourced,
        *([institute.place.sourced] if institute.place else []),
        *(entry.sourced for entry in institute.names),
        *(entry.sourced for entry in institute.sponsors),
        *(entry.sourced for entry in institute.dates),
        *(entry.sourced for entry in institute.facts),
    ]


def test_institutes_that_ship_are_twenty_in_six_possible_states() -> None:
    counts: dict[str, int] = {}
    for institute in load_institutes():
        counts[institute.status.key] = counts.get(institute.status.key, 0) + 1
    assert counts == {"active": 17, "terminated": 1, "planned": 1, "proposed": 1}


@pytest.mark.parametrize("institute", load_institutes(), ids=lambda entry: entry.key)
def test_institute_has_source_and_confidence_for_every_fact(institute: InstituteReference) -> None:
    sources = every_source(institute)
    assert len(sources) >= 3
    assert all(entry.source and entry.confidence in Confidence for entry in sources)


@pytest.mark.parametrize("institute", load_institutes(), ids=lambda entry: entry.key)
def test_institute_names_agencies_and_regions_of_the_profile(institute: InstituteReference) -> None:
    profile = load_profile("us")
    for sponsor in institute.sponsors:
        assert profile.agency(sponsor.agency_key).parent == ""
        parents = {profile.agency(office).parent for office in sponsor.office_keys}
        assert parents <= {sponsor.agency_key, "NIST"}
    assert profile.agency(institute.lead_sponsor.agency_key).is_sponsor
    if institute.place:
        assert profile.place_codes.name_of(institute.place.region) is not None


@pytest.mark.parametrize("institute", load_institutes(), ids=lambda entry: entry.key)
def test_institute_in_the_united_states_has_coordinates_there(
    institute: InstituteReference,
) -> None:
    if institute.place is None:
        assert institute.status.key in {"planned", "proposed"}
        return
    assert 24 < Decimal(institute.place.latitude) < 50
    assert -125 < Decimal(institute.place.longitude) < -66


@pytest.mark.parametrize("institute", load_institutes(), ids=lambda entry: entry.key)
def test_institute_dates_follow_their_precision_and_order(institute: InstituteReference) -> None:
    for entry in institute.dates:
        if entry.precision is not Precision.DAY:
            assert entry.on.day == 1
        if entry.precision is Precision.YEAR:
            assert entry.on.month == 1
    today = {entry.kind: entry.on for entry in institute.dates if entry.edition is Edition.TODAY}
    order = [today[kind] for kind in DateKind if kind in today and kind is not DateKind.AWARDED]
    assert order == sorted(order)


def test_institute_names_once_each_without_the_chinese_and_english_mixed() -> None:
    for institute in load_institutes():
        texts = [entry.text for entry in institute.names]
        assert len(texts) == len(set(texts))
        assert all(entry.text.isascii() is (entry.language == "en") for entry in institute.names)


def test_institute_of_the_founding_paper_keeps_both_editions_side_by_side() -> None:
    photonics = by_key("aim-photonics")
    seed = photonics.fact("initial_federal", Edition.SEED)
    today = photonics.fact("initial_federal")
    assert seed is not None
    assert today is not None
    assert (seed.number, seed.qualifier) == (Decimal(11_000_000_000), "planned")
    assert (today.number, photonics.initial_federal_minor) == (seed.number, 11_000_000_000)
    assert photonics.initial_nonfederal_minor == 50_200_000_000
    assert photonics.fact("initial_nonfederal", Edition.SEED) is None
    stage = photonics.fact("stage", Edition.SEED)
    assert stage is not None
    assert (stage.text, stage.text_zh) == ("Proposal under review", "投标书评审阶段")


def test_institute_dates_keep_announced_awarded_and_established_apart() -> None:
    power = by_key("poweramerica")
    announced, awarded = power.dated(DateKind.ANNOUNCED), power.dated(DateKind.AWARDED)
    seed = power.dated(DateKind.ESTABLISHED, Edition.SEED)
    assert announced is not None
    assert awarded is not None
    assert seed is not None
    assert (announced.on, announced.precision) == (date(2014, 1, 15), Precision.DAY)
    assert (awarded.on, awarded.precision) == (date(2014, 12, 1), Precision.MONTH)
    assert seed.on == announced.on
    assert power.dated(DateKind.TERMINATED) is None


def test_institute_proposed_has_no_money_and_no_place() -> None:
    quantum = by_key("quantum-mfg")
    assert (quantum.initial_federal_minor, quantum.place) == (None, None)
    assert [(s.agency_key, s.role) for s in quantum.sponsors] == [
        ("DOC", SponsorRole.LEAD),
        ("DOE", SponsorRole.CO_FUNDING),
    ]


def test_technology_areas_form_a_tree_with_an_institute_in_every_leaf() -> None:
    areas = load_technology_areas()
    parents = {area.parent for area in areas}
    leaves = {area.key for area in areas} - parents
    used = {key for institute in load_institutes() for key in institute.technology_area_keys}
    assert used == leaves


@pytest.mark.skipif(
    not FACTS.exists(), reason="the table of institutes that the file was made from is not here"
)
def test_institutes_file_says_what_the_table_says() -> None:
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["institute_id"] for row in rows] == [entry.key for entry in load_institutes()]
    for row, institute in zip(rows, load_institutes(), strict=True):
        assert institute.lead_sponsor.agency_key == row["sponsor_department"]
        assert (institute.place.latitude if institute.place else "") == row["lat"]
        assert (institute.place.longitude if institute.place else "") == row["lon"]
        assert institute.status.wording == row["status"]
        assert institute.status.sourced.confidence == row["status_confidence"]
        for measure, edition, column in (
            ("initial_federal", Edition.TODAY, "initial_federal_musd"),
            ("initial_nonfederal", Edition.TODAY, "initial_nonfederal_musd"),
            ("initial_federal", Edition.SEED, "seed004_federal_musd"),
            ("initial_nonfederal", Edition.SEED, "seed004_match_musd"),
            ("partners", Edition.SEED, "seed004_partners_count"),
            ("match_ratio", Edition.SEED, "seed004_match_ratio"),
        ):
            fact = institute.fact(measure, edition)
            number = None if fact is None or fact.number is None else fact.number
            if fact is not None and number is not None and fact.kind is FactKind.MONEY:
                number /= MINOR_PER_MILLION
            assert number == (Decimal(row[column]) if row[column] else None), (measure, edition)
        announced = institute.dated(DateKind.ANNOUNCED)
        assert (announced.on.isoformat() if announced else "") == row["announced_date"]


SOUND = """
[[institutes]]
key = "one"
name = "One"
technology_areas = ["robotics"]
[institutes.status]
key = "active"
wording = "active"
as_of = 2024-01-01
precision = "year"
source = "a page"
confidence = "high"
[institutes.place]
city = "Town"
region = "OH"
latitude = "41.1"
longitude = "-80.6"
source = "a page"
confidence = "high"
[[institutes.sponsors]]
agency = "DOD"
role = "lead"
source = "a page"
confidence = "high"
[[institutes.facts]]
measure = "initial_federal"
kind = "money"
value = "100"
edition = "today"
source = "a page"
confidence = "high"
"""


def test_institutes_file_that_is_sound_is_read() -> None:
    (one,) = parse_institutes(parse_table(SOUND, "x.toml"))
    assert (one.key, one.initial_federal_minor, one.names, one.dates) == ("one", 100, (), ())


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('["robotics"]', '["alchemy"]', "institutes[0].technology_areas"),
        ('role = "lead"', 'role = "co_funding"', "institutes[0].sponsors"),
        ('"41.1"', '"91"', "institutes[0].place.latitude"),
        ('"-80.6"', '"west"', "institutes[0].place.longitude"),
        ('"-80.6"', '"NaN"', "institutes[0].place.longitude"),
        ('key = "active"', 'key = "asleep"', "institutes[0].status.key"),
        ('confidence = "high"\n[institutes.place]', "[institutes.place]", "confidence"),
        ('value = "100"', 'value = "much"', "institutes[0].facts[0].value"),
        ('city = "Town"', 'city = "Town"\nmayor = "x"', "institutes[0].place.mayor"),
    ],
    ids=lambda value: value[:24],
)
def test_institutes_file_with_a_fault_is_refused_by_its_field(
    old: str, new: str, path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        parse_institutes(parse_table(SOUND.replace(old, new, 1), "x.toml"))
    assert caught.value.code == "data_file"
    assert caught.value.errors[0].field.endswith(path)
    assert "x.toml" in str(caught.value)


def test_institutes_file_with_one_twice_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        parse_institutes(parse_table(SOUND + SOUND, "x.toml"))
    assert caught.value.errors[0].field == "institutes[1].key"


def test_institutes_file_with_a_measure_twice_is_refused() -> None:
    fact = SOUND[SOUND.index("[[institutes.facts]]") :]
    with pytest.raises(Invalid) as caught:
        parse_institutes(parse_table(SOUND + fact, "x.toml"))
    assert caught.value.errors[0].field == "institutes[0].facts"


def test_institutes_of_the_founding_paper_are_nine_of_which_five_stood() -> None:
    stages = {
        institute.key: stage.text
        for institute in load_institutes()
        if (stage := institute.fact("stage", Edition.SEED)) is not None
    }
    assert stages == {
        "america-makes": "Established",
        "mxd": "Established",
        "lift": "Established",
        "poweramerica": "Established",
        "iacmi": "Established",
        "aim-photonics": "Proposal under review",
        "nextflex": "Concept papers under first-round review",
        "affoa": "Competition announced",
        "cesmii": "Notice of intent",
    }
