"""The verbs at the end of an agreement: renewal and close-out."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import (
    Agreement,
    CloseoutStep,
    Renewal,
)
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import (
    ENDS_ON,
    IN_TERM,
    MILLION,
    NOW,
    STARTS_ON,
    SYSTEM,
    TODAY,
)
from lineshaft.apps.funding.tests.test_services_agreements import (
    code,
    of_energy,
)
from lineshaft.apps.network.models import Institute
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.database]

# --------------------------------------------------------------------------------------- renewal


def following(**given: object) -> services.AgreementTerms:
    base = services.AgreementTerms("DE-2", "USD", TODAY, ENDS_ON, date(2031, 10, 1), 20 * MILLION)
    return replace(base, **given)  # type: ignore[arg-type]


def review(under: Agreement, on: date = IN_TERM) -> Renewal:
    return services.open_renewal_review(SYSTEM, under.pk, on=on, today=TODAY, now=NOW)


def notify(renewal: Renewal, on: date = IN_TERM) -> Renewal:
    return services.notify_deficiencies(
        SYSTEM, renewal.pk, deficiencies="No members", on=on, today=TODAY, now=NOW
    )


def renew(renewal: Renewal, on: date = TODAY, *, today: date = TODAY, **given: object) -> Agreement:
    return services.grant_renewal(
        SYSTEM,
        renewal.pk,
        terms=following(**given),
        progress="Standards met",
        on=on,
        today=today,
        now=NOW,
    )


def test_reviewed_agreement_is_renewed_by_one_that_follows() -> None:
    under = of_energy()
    renewal = review(under)
    after = renew(renewal)
    renewal.refresh_from_db()
    assert (after.state, after.number, after.agency.key) == ("draft", "DE-2", "DOE")
    assert (renewal.state, renewal.renewed_by_id) == ("renewed", after.pk)
    assert queries.first_term(after).ends_on == ENDS_ON
    with pytest.raises(Refused) as refused:
        review(under)
    assert code(refused) == "renewal_decided"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"ends_on": date(2032, 10, 1)}, "renewal_longer", id="6 years after 5"),
        pytest.param({"starts_on": date(2026, 9, 30)}, "renewal_overlaps", id="overlaps"),
        pytest.param({"number": "DE-1"}, "number_taken", id="number taken"),
    ],
)
def test_impossible_renewal_is_refused_and_leaves_the_review_open(
    given: dict[str, Any], expected: str
) -> None:
    renewal = review(of_energy())
    with pytest.raises(Refused) as refused:
        renew(renewal, **given)
    renewal.refresh_from_db()
    assert (code(refused), renewal.state) == (expected, "under_review")
    assert Agreement.objects.count() == 1


def test_second_renewal_is_held_to_the_very_first_term() -> None:
    under = of_energy()
    second = renew(review(under), ends_on=date(2029, 10, 1))
    services.activate_agreement(SYSTEM, second.pk, today=TODAY, now=NOW)
    later = date(2028, 10, 1)
    renewal = services.open_renewal_review(SYSTEM, second.pk, on=later, today=later, now=NOW)
    third = renew(
        renewal,
        later,
        today=later,
        number="DE-3",
        starts_on=date(2029, 10, 1),
        ends_on=date(2034, 10, 1),
    )
    assert queries.first_term(third).starts_on == STARTS_ON


def test_failed_review_gives_a_year_and_then_no_renewal() -> None:
    renewal = notify(review(of_energy()))
    assert (renewal.state, renewal.cure_ends_on) == ("cure_period", date(2023, 3, 1))
    early = date(2023, 2, 28)
    with pytest.raises(Refused) as refused:
        services.find_ineligible(
            SYSTEM, renewal.pk, progress="None", on=early, today=early, now=NOW
        )
    assert code(refused) == "cure_year_runs"
    late = date(2023, 3, 2)
    with pytest.raises(Refused) as refused:
        renew(renewal, late, today=late)
    assert code(refused) == "cure_year_over"
    found = services.find_ineligible(
        SYSTEM, renewal.pk, progress="None", on=late, today=late, now=NOW
    )
    assert found.state == "ineligible"
    with pytest.raises(Refused) as refused:
        renew(renewal, late, today=late)
    assert code(refused) == "wrong_state"


def test_cured_in_time_is_renewed() -> None:
    renewal = notify(review(of_energy()))
    after = renew(renewal, date(2023, 2, 1), today=date(2023, 2, 1))
    renewal.refresh_from_db()
    assert (renewal.state, renewal.renewed_by_id) == ("renewed", after.pk)


def test_steps_of_a_review_are_dated_in_order_and_say_what_they_rest_on() -> None:
    under = of_energy()
    with pytest.raises(Refused) as refused:
        review(under, date(2022, 6, 2))
    assert code(refused) == "step_out_of_order"
    renewal = review(under)
    with pytest.raises(Refused) as refused:
        notify(renewal, IN_TERM - timedelta(days=1))
    assert code(refused) == "step_out_of_order"
    with pytest.raises(Refused) as refused:
        services.notify_deficiencies(
            SYSTEM, renewal.pk, deficiencies=" ", on=IN_TERM, today=TODAY, now=NOW
        )
    assert code(refused) == "deficiencies_missing"
    with pytest.raises(Refused) as refused:
        services.grant_renewal(
            SYSTEM,
            renewal.pk,
            terms=following(),
            progress="",
            on=TODAY,
            today=TODAY,
            now=NOW,
        )
    assert code(refused) == "progress_missing"
    with pytest.raises(Invalid):
        renew(renewal, ends_on=ENDS_ON)
    with pytest.raises(NotFound):
        renew(Renewal(pk=0))
    with pytest.raises(NotPermitted):
        services.open_renewal_review(
            factories.manager(), under.pk, on=IN_TERM, today=TODAY, now=NOW
        )


def test_before_the_statute_there_was_no_year_to_cure() -> None:
    terms = services.AgreementTerms(
        "DE-1", "USD", date(2016, 1, 1), date(2016, 1, 1), date(2021, 1, 1), MILLION
    )
    under = services.sign_agreement(
        SYSTEM, factories.institute(), factories.agency("DOE"), terms=terms, now=NOW
    )
    services.activate_agreement(SYSTEM, under.pk, today=TODAY, now=NOW)
    renewal = review(under, date(2018, 1, 1))
    with pytest.raises(Refused) as refused:
        notify(renewal, date(2018, 2, 1))
    assert code(refused) == "no_cure_period_in_force"


# ------------------------------------------------------------------------------------- close-out


def complete(under: Agreement, item: str, actor: Actor = SYSTEM, on: date = TODAY) -> CloseoutStep:
    return services.complete_closeout_item(
        actor, under.pk, item=item, done_on=on, record="letter 7", today=TODAY, now=NOW
    )


def test_closeout_is_done_item_by_item_and_can_be_opened_again() -> None:
    under = factories.agreement()
    with pytest.raises(Refused) as refused:
        complete(under, "property_report")
    assert code(refused) == "closeout_not_begun"
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    complete(under, "property_report", factories.finance())
    with pytest.raises(Refused) as refused:
        complete(under, "property_report")
    assert code(refused) == "closeout_item_done"
    with pytest.raises(Refused) as refused:
        complete(under, "invention_report", on=TODAY - timedelta(days=1))
    assert code(refused) == "closeout_day"
    with pytest.raises(Refused):
        services.reopen_closeout_item(SYSTEM, under.pk, item="property_report", reason="", now=NOW)
    services.reopen_closeout_item(
        factories.sponsor(), under.pk, item="property_report", reason="a press", now=NOW
    )
    complete(under, "property_report")
    assert CloseoutStep.objects.filter(agreement=under).count() == 2
    under = Agreement.objects.get(pk=under.pk)
    done = {line.item.key: line.step for line in queries.closeout_lines(under)}
    assert [key for key, step in done.items() if step] == ["property_report"]


def test_ledger_has_to_agree_before_its_items_are_done() -> None:
    under = factories.agreement()
    obligation = factories.obligation(under, MILLION)
    claim = factories.contribution(under)
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    for item, expected in (
        ("obligations_liquidated", "obligations_pending"),
        ("cost_share_settled", "cost_share_undecided"),
    ):
        with pytest.raises(Refused) as refused:
            complete(under, item)
        assert code(refused) == expected
    factories.drawdown(obligation, MILLION)
    services.refuse_contribution(SYSTEM, claim.pk, reason="late", today=TODAY, now=NOW)
    complete(under, "obligations_liquidated")
    complete(under, "cost_share_settled")


def test_unknown_item_and_what_is_not_done_are_not_found() -> None:
    under = factories.agreement()
    services.terminate_agreement(SYSTEM, under.pk, reason="over", today=TODAY, now=NOW)
    with pytest.raises(NotFound):
        complete(under, "party")
    with pytest.raises(NotFound):
        services.reopen_closeout_item(
            SYSTEM, under.pk, item="property_report", reason="none", now=NOW
        )
    with pytest.raises(NotPermitted):
        services.reopen_closeout_item(
            factories.finance(), under.pk, item="property_report", reason="none", now=NOW
        )


def test_time_to_cure_of_an_agreement_is_told_on_the_institutes_page(client: Client) -> None:
    under, other = factories.agreement("DE-1", agency_key="DOE"), factories.agreement("DE-3")
    shown = reverse("network:show_institute", args=["america-makes"])

    def told() -> list[tuple[str, str]]:
        return [(one.label, one.url) for one in client.get(shown).context["notices"]]

    renewal = review(under)
    review(other)
    assert told() == []
    notify(renewal)
    address = reverse("funding:show_renewal", args=[under.pk])
    sentence = "DE-1 is not renewed yet: its deficiencies can be remedied until Mar 1, 2023."
    assert told() == [(sentence, address)]
    assert f'<a href="{address}">{sentence}</a>' in client.get(shown).content.decode()
    assert Institute.objects.get(key="america-makes").status == "active"
    renew(renewal)
    assert told() == []


@pytest.mark.parametrize("count", [1, 3])
def test_institutes_page_asks_for_notices_once(client: Client, count: int) -> None:
    for number in range(count):
        notify(review(factories.agreement(f"DE-{number + 10}", agency_key="DOE")))
    shown = reverse("network:show_institute", args=["america-makes"])
    client.get(shown)
    with CaptureQueriesContext(connection) as told:
        client.get(shown)
    asked = [one for one in told.captured_queries if 'FROM "funding_renewal"' in one["sql"]]
    assert len(asked) == 1
