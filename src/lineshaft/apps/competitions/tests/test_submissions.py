"""The list of what was handed in is read stage by stage, and says what all other reads say."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from lineshaft.apps.competitions import queries, services
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.tests.applicants import make_applicant
from lineshaft.apps.competitions.tests.conflicting import close_call, make_handed_in, make_judge
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, make_open
from lineshaft.apps.competitions.tests.judging import let_on
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.listing import paginate_parts

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def listed(actor: Actor, call: Competition) -> list[int]:
    """The keys by stage; each stage has as many as are counted, and all are what may be read."""
    shown = Competition.objects.get(pk=call.pk)
    keys = []
    for rows, count in queries.submissions_by_stage(actor, shown):
        of_stage = list(rows.values_list("pk", flat=True))
        assert len(of_stage) == count
        keys += of_stage
    visible = queries.submissions_visible_to(actor, shown)
    assert keys == list(visible.values_list("pk", flat=True))
    return keys


def test_list_holds_what_counts_of_each_stage_that_is_over(programme_officer: Actor) -> None:
    call = make_open(agencies=("DOC",))  # two steps
    ada = make_applicant()
    bert, cora = make_applicant("Bert", "Bolts"), make_applicant("Cora", "Castings")
    first, gone, third = (make_handed_in(call, one) for one in (ada, bert, cora))
    services.write_section(ada.actor, first, "need", "Nobody can.", now=NOW)
    services.submit_application(ada.actor, first, now=NOW + timedelta(hours=1))
    services.withdraw_from_competition(bert.actor, gone, why="Off", now=NOW + timedelta(hours=1))
    assert listed(programme_officer, call) == []
    close_call(call)
    last = first.submissions.get(number=2).pk
    assert listed(programme_officer, call) == [last, third.submissions.get().pk]

    conflicted = make_judge("Olga", organisation=cora.organisation)
    services.watch_people(SYSTEM, call, [conflicted.person], now=NOW)
    assert listed(conflicted.actor, call) == [last]
    assert listed(bert.actor, call) == []

    now = let_on(call)
    services.call_applications(SYSTEM, call, now=now)
    assert listed(programme_officer, call) == [last, third.submissions.get().pk]
    services.cancel_competition(SYSTEM, call, why="No money.", now=now + timedelta(minutes=1))
    assert listed(programme_officer, call) == [last, third.submissions.get().pk]


def test_list_of_a_call_that_was_cut_short_stays_empty(programme_officer: Actor) -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    make_handed_in(call)
    services.cancel_competition(SYSTEM, call, why="No money.", now=NOW + timedelta(days=1))
    assert listed(programme_officer, call) == []


@pytest.mark.parametrize(
    ("asked", "wanted"), [("1", [0, 1]), ("2", [2, 3]), ("3", [4]), ("9", [4]), ("", [0, 1])]
)
def test_page_reaches_over_the_lists_that_it_is_made_of(asked: str, wanted: list[int]) -> None:
    call = make_open(template="four_stage", agencies=("DOC",))
    made = [make_handed_in(call, make_applicant(f"Lead {number}")) for number in range(5)]
    keys = [one.submissions.get().pk for one in made]
    rows = queries.submissions_listed().order_by("pk")
    parts = [(rows.filter(pk__in=keys[:3]), 3), (rows.filter(pk__in=keys[3:]), 2)]
    request = RequestFactory().get("/", {"page": asked})
    page = paginate_parts(request, parts, rows, per_page=2)
    assert [one.pk for one in page] == [keys[place] for place in wanted]
    assert (page.total, page.pages) == (5, 3)
    assert not paginate_parts(request, [], rows).items
