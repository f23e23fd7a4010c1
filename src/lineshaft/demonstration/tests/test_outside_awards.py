from itertools import combinations
from types import SimpleNamespace
from typing import cast

import pytest

from lineshaft.apps.network.models import AwardOverlap, OrganisationIdentifier, OutsideAward
from lineshaft.apps.network.tests.factories import NOW, make_organisation
from lineshaft.demonstration.loading import Loading
from lineshaft.demonstration.outside_awards import AWARDS, record_outside_awards, work_of
from lineshaft.kernel.profile import load_profile
from lineshaft.plumbing.actor import Actor


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


@pytest.mark.django_db
def test_awards_are_linked_to_organisations_of_the_demonstration_and_compared() -> None:
    for kind in ("industry_sme", "university"):
        for number in range(3):
            make_organisation(f"{kind} {number}", kind=kind, is_demonstration=True)
        make_organisation(f"real {kind}", kind=kind)
    loading = SimpleNamespace(actor=Actor.system("demo"), now=NOW, profile=load_profile("us"))
    record_outside_awards(cast("Loading", loading))
    awards = OutsideAward.objects.all()
    assert awards.count() == AWARDS
    assert all(
        award.organisation is not None
        and award.organisation.is_demonstration
        and award.organisation.name == award.recipient
        for award in awards.select_related("organisation")
    )
    numbers = OrganisationIdentifier.objects.filter(scheme="uei").values_list("value", flat=True)
    assert len(numbers) == 6
    assert all(value[3:].isdigit() for value in numbers)
    overlap = AwardOverlap.objects.get()
    assert (overlap.first.number, overlap.second.number) == ("DEMO-0001", "DEMO-0002")
