"""A large movement in parts: what one person moves or proposes near it counts together."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Transfer, TransferProposal
from lineshaft.apps.funding.rules import TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM
from lineshaft.apps.funding.tests.test_proposals import (
    LARGE,
    first_officer,
    funded,
    obligate,
    proposed,
    second_officer,
)
from lineshaft.apps.funding.tests.test_services import refusal_code
from lineshaft.kernel.errors import Refused
from lineshaft.kernel.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_parts_of_one_person_that_pass_the_threshold_take_two() -> None:
    agreement = funded()
    for name, days in (("one", 0), ("later", 7)):
        part = obligate(
            first_officer(),
            agreement,
            3 * MILLION,
            name=name,
            occurred_on=IN_TERM + timedelta(days=days),
        )
        assert isinstance(part, Transfer)
    assert isinstance(obligate(second_officer(), agreement, 3 * MILLION, name="b"), Transfer)
    other = factories.agreement("W911-2")
    factories.authorised(other, 20 * MILLION)
    assert isinstance(obligate(first_officer(), other, 3 * MILLION, name="c"), Transfer)
    near = IN_TERM + timedelta(days=1)
    passing = proposed(
        obligate(first_officer(), agreement, 2 * MILLION, name="d", occurred_on=near)
    )
    services.approve_transfer(second_officer(), passing.pk, now=NOW)
    small = obligate(second_officer(), agreement, MILLION, name="e", occurred_on=near)
    assert isinstance(small, Transfer)
    again = obligate(first_officer(), agreement, 3 * MILLION)
    assert isinstance(again, Transfer)


@pytest.mark.parametrize(
    ("decide", "takes_two"),
    [
        pytest.param(lambda _pk: None, True, id="waiting"),
        pytest.param(
            lambda pk: services.approve_transfer(second_officer(), pk, now=NOW),
            True,
            id="approved",
        ),
        pytest.param(
            lambda pk: services.reject_transfer(second_officer(), pk, reason="No", now=NOW),
            False,
            id="rejected",
        ),
        pytest.param(
            lambda pk: services.withdraw_transfer(first_officer(), pk, now=NOW),
            False,
            id="withdrawn",
        ),
    ],
)
def test_part_that_was_proposed_counts_while_it_stands(
    decide: Callable[[UUID], object], *, takes_two: bool
) -> None:
    agreement = funded(40 * MILLION)
    officer = first_officer()
    obligate(officer, agreement, 3 * MILLION, name="alone")
    decide(proposed(obligate(officer, agreement, 3 * MILLION, name="beside")).pk)
    moved = obligate(officer, agreement, MILLION, name="last")
    assert isinstance(moved, TransferProposal) is takes_two
    other = obligate(second_officer(), agreement, MILLION, name="other")
    assert isinstance(other, Transfer)
    later = IN_TERM + timedelta(days=7)
    later_on = obligate(officer, agreement, MILLION, name="later", occurred_on=later)
    assert isinstance(later_on, Transfer)


def test_part_beside_what_waits_is_refused_in_a_batch_and_a_taking_back_counts_by_itself() -> None:
    agreement = funded(40 * MILLION)
    officer = first_officer()
    alone = factories.booked(obligate(officer, agreement, MILLION, name="alone"))
    waiting = proposed(obligate(officer, agreement, LARGE, name="large"))
    row = services.TransferRow(
        factories.transfer_id("part"),
        agreement.pk,
        TransferCode.OBLIGATE,
        1,
        "USD",
        IN_TERM,
    )
    with pytest.raises(Refused) as refused:
        services.post_transfers(officer, [row], now=NOW, why="month")
    assert refusal_code(refused) == "two_persons_wanted"
    assert "6000000.00 USD that you moved or proposed within 7 days" in refused.value.as_text()
    again = proposed(obligate(officer, agreement, LARGE, name="large"))
    assert (again.pk, TransferProposal.objects.count()) == (waiting.pk, 1)
    released = services.release_obligation(
        officer, alone, id=new_id(), occurred_on=IN_TERM, reason="x", now=NOW
    )
    assert isinstance(released, Transfer)


def test_whether_it_takes_two_is_asked_once_and_under_the_lock() -> None:
    agreement = funded()
    officer = first_officer()
    with CaptureQueriesContext(connection) as told:
        assert isinstance(obligate(officer, agreement, MILLION), Transfer)
    asked = [
        place
        for place, query in enumerate(told.captured_queries)
        if "SUM(" in query["sql"] and "recorded_by_id" in query["sql"]
    ]
    locked = [
        place
        for place, query in enumerate(told.captured_queries)
        if query["sql"].startswith("SELECT") and '"funding_account"."id"' in query["sql"]
    ]
    assert (len(asked), locked[0] < asked[0]) == (1, True)


def test_batch_counts_its_own_parts_and_those_before_it() -> None:
    agreement = funded()
    obligate(first_officer(), agreement, 2 * MILLION)

    def row(name: str, amount_minor: int) -> services.TransferRow:
        return services.TransferRow(
            factories.transfer_id("part", name),
            agreement.pk,
            TransferCode.OBLIGATE,
            amount_minor,
            "USD",
            IN_TERM,
        )

    rows = [row("a", 2 * MILLION), row("b", MILLION)]
    with pytest.raises(Refused) as refused:
        services.post_transfers(first_officer(), rows, now=NOW, why="month")
    assert refusal_code(refused) == "two_persons_wanted"
    assert Transfer.objects.filter(code="obligate").count() == 1
    services.post_transfers(first_officer(), rows[:1], now=NOW, why="month")
    services.post_transfers(SYSTEM, rows, now=NOW, why="month")
    assert Transfer.objects.filter(code="obligate").count() == 3
