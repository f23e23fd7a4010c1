"""Overlaps from end to end on DuckDB: what is found, and what must not change it."""

import random
from dataclasses import replace
from typing import Any

import pytest

from lineshaft.engines.match.overlap.awards import Award, Fields, Kind, Overlap, Passage
from lineshaft.engines.match.overlap.candidates import COMMON_AWARDS
from lineshaft.engines.match.overlap.evidence import passages
from lineshaft.engines.match.overlap.on_duckdb import find_candidates
from lineshaft.engines.match.overlap.search import overlaps
from lineshaft.engines.match.overlap.tests.awards import SHARED, award, corpus, sentence, text
from lineshaft.engines.match.overlap.words import Reader


def found(awards: list[Award], fields: Fields = Fields.TEXT, **options: Any) -> list[Overlap]:
    return overlaps(awards, engine=find_candidates, fields=fields, **options)


def ids(pairs: list[Overlap]) -> list[tuple[str, str]]:
    return [(pair.a, pair.b) for pair in pairs]


def test_equal_texts_are_found_first_and_longer_ones_by_their_share() -> None:
    pairs = found(corpus(), threshold=0.5)
    assert ids(pairs) == [("A1", "A2"), ("A1", "A3"), ("A2", "A3")]
    assert [pair.score for pair in pairs] == [1.0, 0.875, 0.875]
    assert (pairs[1].share_a, pairs[1].share_b, pairs[1].kind) == (1.0, 0.75, Kind.SAME_WORK)


def test_all_fields_find_a_pair_that_shares_no_text() -> None:
    pairs = found(corpus(), Fields.ALL)
    assert [(pair.a, pair.b, pair.score, pair.facts[0], pair.passages) for pair in pairs[-1:]] == [
        ("B1", "B2", 0.6, "reissued", ())
    ]


def test_passages_are_places_in_the_texts_as_they_stand() -> None:
    ours = f"<p>{sentence('own')}</p> {text(*SHARED)} {sentence('end')}"
    theirs = f"{text(*SHARED).upper()} {sentence('other')} {sentence('end')}"
    (pair,) = found([award(ours, "A"), award(theirs, "B")], threshold=0.5)
    assert [ours[one.a_start : one.a_end].rstrip(".") for one in pair.passages] == [
        text(*SHARED).rstrip("."),
        sentence("end").rstrip("."),
    ]
    assert [theirs[one.b_start : one.b_end].casefold() for one in pair.passages] == [
        ours[one.a_start : one.a_end].casefold() for one in pair.passages
    ]
    assert str(Passage(1, 20, 3, 22)) == "1-20:3-22"


def test_what_stands_in_many_awards_is_no_evidence() -> None:
    template = text("funded", "under", "act")
    many = [award(f"{template} {sentence(f'own{n}w')}") for n in range(COMMON_AWARDS + 1)]
    assert found(many, threshold=0.1) == []
    assert len(found(many[:-1], threshold=0.1)) == COMMON_AWARDS * (COMMON_AWARDS - 1) // 2


def test_pair_that_shares_little_beside_a_template_is_boilerplate() -> None:
    template = text("funded", "under", "act", "of", "congress")
    many = [award(f"{template} {sentence(f'own{n}w')}") for n in range(COMMON_AWARDS)]
    two = [award(f"{template} {text('laser', 'steel', 'seam')}", name) for name in ("A", "B")]
    pairs = found([*many, *two], threshold=0.8)
    assert [(pair.a, pair.b, pair.score, pair.kind) for pair in pairs] == [
        ("A", "B", 0.8, Kind.BOILERPLATE)
    ]


def test_passage_of_a_text_that_repeats_itself_is_its_longest_run() -> None:
    reader = Reader()
    ours, theirs = "go " * 30, "go " * 40
    (passage,) = passages(reader.words(ours), reader.words(theirs))
    assert str(passage) == "0-89:0-89"


def test_few_shared_words_are_no_evidence() -> None:
    two = [award(sentence("short", 24), "A"), award(sentence("short", 24), "B")]
    assert found(two, threshold=0.0) == [] or found(two, threshold=0.0)[0].score == 0
    longer = [award(sentence("long", 25), "A"), award(sentence("long", 25), "B")]
    assert [pair.score for pair in found(longer)] == [1.0]


@pytest.mark.parametrize("fields", Fields)
def test_order_of_rows_and_case_of_letters_change_nothing(fields: Fields) -> None:
    awards = corpus()
    expected = found(awards, fields, threshold=0.3)
    assert len(expected) > 2
    shuffled = random.Random(3).sample(awards, len(awards))
    assert found(shuffled, fields, threshold=0.3) == expected
    louder = [
        replace(one, abstract=one.abstract.upper(), title=one.title.upper(), lead=one.lead.upper())
        for one in awards
    ]
    assert found(louder, fields, threshold=0.3) == expected


@pytest.mark.parametrize("fields", Fields)
def test_an_unrelated_award_changes_nothing(fields: Fields) -> None:
    awards = corpus()
    assert found([*awards, award(text("new", "award"))], fields, threshold=0.3) == found(
        awards, fields, threshold=0.3
    )


def test_against_compares_between_the_two_only() -> None:
    awards = corpus()
    pairs = overlaps(
        awards[:1],
        [*awards[1:3], awards[0]],
        engine=find_candidates,
        fields=Fields.TEXT,
        threshold=0.5,
    )
    assert ids(pairs) == [("A1", "A2"), ("A2", "A3")]


@pytest.mark.parametrize(("awards", "against"), [([], None), ([award("")], []), ([], [award("")])])
def test_nothing_to_compare_gives_nothing(awards: list[Award], against: list[Award] | None) -> None:
    assert overlaps(awards, against, engine=find_candidates) == []


def test_empty_and_very_long_abstracts_are_taken() -> None:
    long = "endless " * 700_000
    awards = [award(""), award(""), award("   "), award(long), award(f"{long} {text(*SHARED)}")]
    assert found([*awards, award(text(*SHARED), "A"), award(text(*SHARED), "B")])[0].a == "A"


def test_progress_is_told_step_by_step() -> None:
    told: list[str] = []
    found(corpus(), progress=lambda _done, _total, note: told.append(note))
    assert (told[0], told[-1]) == ("reading abstracts", "comparing")
