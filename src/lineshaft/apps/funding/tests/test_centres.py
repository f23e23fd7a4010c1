"""Agreements with an extension centre: under a rule of their own, in no figure of institutes."""

from datetime import date

import pytest
from django.db import connection

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.facts import FACTS
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, STARTS_ON, SYSTEM, TODAY
from lineshaft.apps.network.models import Institute

pytestmark = [pytest.mark.django_db, pytest.mark.database]

KEY = "ohio-mep"


def of_a_centre() -> Agreement:
    """A yearly agreement of NIST with a centre, 10 million beside 4 in fiscal year 2022."""
    commerce = factories.agency("DOC")
    nist = factories.agency("NIST")
    nist.parent = commerce
    nist.save()
    centre = Institute.objects.create(
        key=KEY, name="Ohio MEP", status="active", kind="extension_centre"
    )
    terms = services.AgreementTerms(
        "70NANB-1", "USD", STARTS_ON, STARTS_ON, date(2022, 10, 1), 20 * MILLION
    )
    signed = services.sign_agreement(SYSTEM, centre, nist, terms=terms, now=NOW)
    services.activate_agreement(SYSTEM, signed.pk, today=TODAY, now=NOW)
    under = Agreement.objects.select_related("institute", "agency").get(pk=signed.pk)
    factories.obligation(under, 10 * MILLION)
    factories.contribution(under, amount_minor=4 * MILLION, is_accepted=True)
    return under


def test_centre_is_bound_by_its_own_rule_year_by_year_and_by_no_term() -> None:
    under = of_a_centre()
    found = queries.rule_standings_of(under, today=date(2023, 6, 1))
    assert [(one.rule.id, one.standing.value, one.year) for one in found] == [
        ("M-01", "not_met", 2022)
    ]
    position = queries.match_position(KEY, today=TODAY)
    assert position.rule is not None
    assert (position.rule.id, position.missing_minor) == ("M-01", 6 * MILLION)
    (year,) = queries.match_overview(KEY, today=TODAY)[1]
    assert year.rule is not None
    assert year.rule.id == "M-01"


def test_money_of_a_centre_is_counted_by_its_own_key_alone() -> None:
    of_a_centre()
    assert (queries.count_obligations(), queries.count_obligations(institute=KEY)) == (0, 1)
    assert (queries.count_contributions(), queries.count_contributions(institute=KEY)) == (0, 1)
    factories.obligation(factories.agreement(), MILLION, occurred_on=IN_TERM)
    assert queries.count_obligations() == 1


@pytest.mark.parametrize("name", ["agreements", "transfers", "contributions"])
def test_facts_leave_the_money_of_centres_out(name: str) -> None:
    of_a_centre()
    table = next(table for table in FACTS if table.name == name)
    with connection.cursor() as cursor:
        cursor.execute(table.sql)
        assert cursor.fetchall() == []
