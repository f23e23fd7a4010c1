from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from lineshaft.apps.funding import queries, services
from lineshaft.apps.funding.models import Account, Agreement, AgreementSponsor, Transfer
from lineshaft.apps.funding.rules import AccountKind, TransferCode
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.factories import IN_TERM, MILLION, NOW, SYSTEM, TODAY
from lineshaft.kernel.errors import NotPermitted, Refused
from lineshaft.plumbing.actor import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def shared(*parts: services.SponsorPart, total_minor: int = 10 * MILLION) -> Agreement:
    """An active agreement of DOD, and of DOE with 4 million unless other parts are given."""
    parts = parts or (services.SponsorPart(factories.agency("DOE").pk, 4 * MILLION),)
    terms = services.AgreementTerms(
        number="W911-2",
        currency="USD",
        signed_on=factories.STARTS_ON,
        starts_on=factories.STARTS_ON,
        ends_on=factories.ENDS_ON,
        federal_total_minor=total_minor,
        co_sponsors=parts,
    )
    signed = services.sign_agreement(
        SYSTEM, factories.institute(), factories.agency(), terms=terms, now=NOW
    )
    services.activate_agreement(SYSTEM, signed.pk, today=TODAY, now=NOW)
    return Agreement.objects.select_related("institute", "agency").get(pk=signed.pk)


def row(
    under: Agreement,
    code: TransferCode,
    amount_minor: int,
    *,
    agency: str = "",
    name: str = "",
    pending: str = "",
) -> services.TransferRow:
    return services.TransferRow(
        factories.transfer_id("row", under.pk, code, agency, name),
        under.pk,
        code,
        amount_minor,
        "USD",
        IN_TERM,
        agency_id=factories.agency(agency).pk if agency else None,
        pending_id=factories.transfer_id("row", under.pk, "obligate", pending, name)
        if pending
        else None,
        reason="said so" if code is TransferCode.RELEASE else "",
    )


def post(actor: Actor, *rows: services.TransferRow) -> services.PostOutcome:
    return services.post_transfers(actor, rows, now=NOW, why="test")


def balance(under: Agreement, kind: AccountKind, agency: str) -> int:
    return Account.objects.get(agreement=under, kind=kind, agency__key=agency).balance_minor


def test_sponsors_parts_sum_to_the_federal_total() -> None:
    parts = AgreementSponsor.objects.filter(agreement=shared())
    assert dict(parts.values_list("agency__key", "federal_total_minor")) == {
        "DOD": 6 * MILLION,
        "DOE": 4 * MILLION,
    }


@pytest.mark.parametrize(
    ("part_minor", "agency"),
    [
        pytest.param(10 * MILLION, "DOE", id="leaves the lead nothing"),
        pytest.param(0, "DOE", id="nothing"),
        pytest.param(4 * MILLION, "DOD", id="the lead twice"),
    ],
)
def test_impossible_part_is_refused(part_minor: int, agency: str) -> None:
    with pytest.raises(Refused) as refused:
        shared(services.SponsorPart(factories.agency(agency).pk, part_minor))
    assert refused.value.code == "sponsor_parts"
    assert Agreement.objects.count() == 0


def test_each_sponsor_authorises_within_its_own_part() -> None:
    under = shared()
    post(SYSTEM, row(under, TransferCode.AUTHORISE, 6 * MILLION))
    post(SYSTEM, row(under, TransferCode.AUTHORISE, 4 * MILLION, agency="DOE"))
    with pytest.raises(Refused) as refused:
        post(SYSTEM, row(under, TransferCode.AUTHORISE, 1, agency="DOE", name="more"))
    assert refused.value.code == "agreement_total_exceeded"
    assert balance(under, AccountKind.AWARD, "DOD") == 6 * MILLION
    assert balance(under, AccountKind.AWARD, "DOE") == 4 * MILLION


def test_one_sponsors_money_is_not_obligated_for_another() -> None:
    under = shared()
    post(SYSTEM, row(under, TransferCode.AUTHORISE, 6 * MILLION))
    with pytest.raises(Refused) as refused:
        post(SYSTEM, row(under, TransferCode.OBLIGATE, MILLION, agency="DOE"))
    assert refused.value.code == "limit_exceeded"


def test_agency_that_is_no_sponsor_is_refused() -> None:
    under = shared()
    with pytest.raises(Refused) as refused:
        post(SYSTEM, row(under, TransferCode.AUTHORISE, MILLION, agency="NSF"))
    assert refused.value.code == "agency_not_sponsor"


def test_co_sponsor_moves_its_own_money_alone() -> None:
    under = shared()
    energy, defense = factories.sponsor("DOE"), factories.sponsor("DOD")
    post(energy, row(under, TransferCode.AUTHORISE, 4 * MILLION, agency="DOE"))
    post(energy, row(under, TransferCode.OBLIGATE, 3 * MILLION, agency="DOE"))
    post(defense, row(under, TransferCode.AUTHORISE, 6 * MILLION))
    post(defense, row(under, TransferCode.OBLIGATE, 4 * MILLION, agency="DOD"))
    with pytest.raises(NotPermitted):
        post(energy, row(under, TransferCode.OBLIGATE, 1, agency="DOD", name="other"))
    with pytest.raises(NotPermitted):
        post(energy, row(under, TransferCode.OBLIGATE, 1, name="unnamed"))
    with pytest.raises(NotPermitted):
        post(energy, row(under, TransferCode.RELEASE, 1, pending="DOD"))
    post(energy, row(under, TransferCode.RELEASE, MILLION, pending="DOE"))
    assert balance(under, AccountKind.AWARD, "DOE") == 4 * MILLION
    post(defense, replace(row(under, TransferCode.RELEASE, 1, pending="DOE"), id=_other_id()))


def _other_id() -> UUID:
    return factories.transfer_id("lead", "administers", "all")


def test_draw_takes_from_the_sponsor_that_obligated() -> None:
    under = shared()
    post(SYSTEM, row(under, TransferCode.AUTHORISE, 4 * MILLION, agency="DOE"))
    post(SYSTEM, row(under, TransferCode.OBLIGATE, 3 * MILLION, agency="DOE"))
    post(factories.finance(), row(under, TransferCode.DRAW, 2 * MILLION, pending="DOE"))
    assert balance(under, AccountKind.DRAWN, "DOE") == 2 * MILLION
    assert balance(under, AccountKind.DRAWN, "DOD") == 0


def test_id_sent_again_for_another_sponsor_is_refused() -> None:
    under = shared()
    sent = row(under, TransferCode.AUTHORISE, MILLION)
    post(SYSTEM, sent)
    assert post(SYSTEM, sent) == services.PostOutcome(0, 1)
    with pytest.raises(Refused) as refused:
        post(SYSTEM, replace(sent, agency_id=factories.agency("DOE").pk))
    assert refused.value.code == "transfer_id_reused"


def test_co_sponsor_reads_what_it_sponsors() -> None:
    under = shared()
    Agreement.objects.filter(pk=under.pk).update(level="restricted")
    post(SYSTEM, row(under, TransferCode.AUTHORISE, MILLION))
    energy = factories.sponsor("DOE", overseen="")
    assert [one.pk for one in queries.agreements_visible_to(energy)] == [under.pk]
    assert queries.transfers_visible_to(energy).count() == 1
    other = factories.sponsor("NSF", overseen="")
    assert queries.agreements_visible_to(other).count() == 0


def test_nothing_is_dated_into_closed_books() -> None:
    under = factories.agreement()
    obligation = factories.obligation(under)
    Account.objects.filter(agreement=under).update(closed_through=IN_TERM)
    with pytest.raises(Refused) as refused:
        factories.drawdown(obligation, MILLION)
    assert refused.value.code == "books_closed"
    with pytest.raises(Refused) as refused:
        factories.authorised(under, MILLION)
    assert refused.value.code == "books_closed"
    later = services.draw_funds(
        SYSTEM,
        obligation,
        id=factories.transfer_id("later"),
        amount_minor=MILLION,
        currency="USD",
        occurred_on=date(2022, 3, 2),
        now=NOW,
    )
    assert Transfer.objects.filter(pk=later.pk).exists()
