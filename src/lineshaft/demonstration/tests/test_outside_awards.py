from itertools import combinations

from lineshaft.demonstration.outside_awards import AWARDS, work_of


def sentences(text: str) -> set[str]:
    return {part.strip() for part in text.replace("\n", " ").split(".") if part.strip()}


def test_two_awards_are_one_work_and_no_others_share_more_than_a_sentence() -> None:
    works = [work_of(place) for place in range(AWARDS)]
    assert len({title for title, _text in works}) == AWARDS
    shared = {
        (one, other): len(sentences(works[one][1]) & sentences(works[other][1]))
        for one, other in combinations(range(AWARDS), 2)
    }
    assert [pair for pair, count in shared.items() if count > 1] == []
    words = [set(text.split()) for _title, text in works]
    alike = {pair: len(words[pair[0]] & words[pair[1]]) for pair in shared}
    assert max(alike, key=lambda pair: alike[pair]) == (0, 1)
    assert alike[0, 1] > 60
