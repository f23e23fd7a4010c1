"""Whole years as account books: entries in order of date, with the balances expected among them."""

import pytest

from lineshaft.apps.funding import services
from lineshaft.apps.funding.models import Agreement
from lineshaft.apps.funding.tests import factories
from lineshaft.apps.funding.tests.account_book import AccountBook
from lineshaft.apps.funding.tests.factories import ENDS_ON, NOW, STARTS_ON, SYSTEM
from lineshaft.kernel.periods import FiscalYear

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MILLION = 100_000_000
YEAR_END = FiscalYear(10).period(2022).ends_on

PLAIN_YEAR = """
2021-10-01  authorise                     appropriation > award    1,000,000.00
2021-10-04  obligate autumn               award ~> drawn             300,000.00
2021-10-25  draw autumn                   award > drawn               50,000.00
2021-10-28  incur october personnel       cost_source > incurred      50,000.00
2021-11-05  pay october                   incurred > paid             50,000.00
2021-11-25  draw autumn                   award > drawn               60,000.00
2021-11-30  incur november personnel      cost_source > incurred      45,000.00
2021-12-02  encumber lathe equipment      cost_source ~> incurred    120,000.00
2021-12-15  contribute_in_kind hours personnel   source ~> in_kind    80,000.00
=           in_kind 0 ~ 80,000.00
2021-12-20  accept hours                  source > in_kind            80,000.00
=           award 890,000.00 ~ 190,000.00    drawn 110,000.00 ~ 190,000.00
=           incurred 45,000.00 ~ 120,000.00  paid 50,000.00
=           in_kind 80,000.00                cash 0
2022-01-10  draw autumn                   award > drawn              190,000.00
2022-01-12  liquidate lathe               cost_source > incurred     120,000.00
2022-01-20  pay lathe                     incurred > paid            120,000.00
2022-01-25  pay november                  incurred > paid             45,000.00
2022-02-01  obligate spring               award ~> drawn             400,000.00
2022-02-25  draw spring                   award > drawn              100,000.00
2022-03-01  contribute_cash fees cash     source ~> cash             150,000.00
2022-03-10  accept fees                   source > cash              150,000.00
2022-03-31  incur project contractual     cost_source > incurred     160,000.00
2022-04-10  pay project                   incurred > paid            160,000.00
=           award 600,000.00 ~ 300,000.00    drawn 400,000.00 ~ 300,000.00
=           incurred 0                       paid 375,000.00
=           in_kind 80,000.00                cash 150,000.00
=           SF-425 2022-03-31 accrual  a 400,000.00  b 215,000.00  c 185,000.00  \
d 1,000,000.00  e 375,000.00  f 0  g 375,000.00  h 625,000.00  \
i 1,000,000.00  j 230,000.00  k 770,000.00  l 0  m 0  n 0  o 0
2022-06-25  draw spring                   award > drawn              250,000.00
2022-07-15  incur overhead indirect       cost_source > incurred     140,000.00
2022-08-10  pay overhead                  incurred > paid            140,000.00
2022-09-20  release spring                award ~| drawn              50,000.00
2022-09-25  contribute_in_kind software licence  source ~> in_kind    40,000.00
=           award 350,000.00                 drawn 650,000.00
=           incurred 0                       paid 515,000.00
=           in_kind 80,000.00 ~ 40,000.00    cash 150,000.00
=           SF-425 2022-09-30 accrual  a 650,000.00  b 515,000.00  c 135,000.00  \
d 1,000,000.00  e 515,000.00  f 0  g 515,000.00  h 485,000.00  \
i 1,000,000.00  j 230,000.00  k 770,000.00  l 0  m 0  n 0  o 0
"""

SHARED_YEAR = """
2021-10-01  authorise                     appropriation > award      500,000.00
2021-10-01  authorise of DOD              appropriation > award      200,000.00
2021-10-10  obligate whole                award ~> drawn             400,000.00
2021-10-10  obligate part of DOD          award ~> drawn             150,000.00
2021-11-20  draw whole                    award > drawn              220,000.00
2021-11-20  draw part                     award > drawn               80,000.00
=           award of DOE 280,000.00 ~ 180,000.00  drawn of DOE 220,000.00 ~ 180,000.00
=           award of DOD 120,000.00 ~ 70,000.00   drawn of DOD 80,000.00 ~ 70,000.00
2022-01-15  authorise of DOD              appropriation > award      150,000.00  ! \
agreement_total_exceeded
2022-01-15  obligate more of DOD          award ~> drawn              60,000.00  ! limit_exceeded
2022-02-01  contribute_in_kind line personnel   source ~> in_kind    150,000.00
2022-02-10  accept line                   source > in_kind           150,000.00
2022-03-01  contribute_cash fees cash     source ~> cash             100,000.00
2022-03-15  accept fees                   source > cash               90,000.00
=           in_kind 150,000.00    cash 90,000.00
=           rule L-040 not_met
"""

SHARED_YEAR_AFTER_THE_WAIVER = """
=           rule L-040 met
2022-05-01  return of DOD                 drawn > award               20,000.00
2022-06-01  draw whole                    award > drawn              100,000.00
2022-06-02  incur staff personnel         cost_source > incurred     250,000.00
2022-06-20  pay staff                     incurred > paid            250,000.00
=           award of DOE 180,000.00 ~ 80,000.00   drawn of DOE 320,000.00 ~ 80,000.00
=           award of DOD 140,000.00 ~ 70,000.00   drawn of DOD 60,000.00 ~ 70,000.00
=           rule L-040 met
=           rule L-040 on 2022-10-01 not_met
=           SF-425 2022-09-30 accrual  a 380,000.00  b 250,000.00  c 130,000.00  \
d 700,000.00  e 250,000.00  f 0  g 250,000.00  h 450,000.00  \
i 300,000.00  j 240,000.00  k 60,000.00  l 0  m 0  n 0  o 0
"""

HARD_YEAR = """
2021-10-01  authorise                     appropriation > award      800,000.00
2021-10-01  withhold                      award > reserve             50,000.00
2021-10-05  obligate winter               award ~> drawn             400,000.00
2021-10-20  draw winter                   award > drawn              250,000.00
2021-10-21  draw winter                   award > drawn              200,000.00  ! pending_exceeded
2021-10-31  incur furnace supplies        cost_source > incurred      30,000.00
2021-11-03  correct furnace               incurred > cost_source      27,000.00
2021-11-05  pay furnace                   incurred > paid              5,000.00  ! limit_exceeded
2021-11-05  pay furnace                   incurred > paid              3,000.00
=           award 500,000.00 ~ 150,000.00    drawn 250,000.00 ~ 150,000.00
=           reserve 50,000.00                incurred 0            paid 3,000.00
2021-12-01  encumber press equipment      cost_source ~> incurred     90,000.00
2021-12-20  liquidate press               cost_source > incurred      60,000.00
2022-01-05  pay press                     incurred > paid             60,000.00
2022-01-15  release_encumbrance press     cost_source ~| incurred     10,000.00
=           incurred 0 ~ 20,000.00           paid 63,000.00
2022-02-01  return                        drawn > award               40,000.00
=           award 540,000.00 ~ 150,000.00    drawn 210,000.00 ~ 150,000.00
2022-02-10  contribute_cash gift cash     source ~> cash              60,000.00
2022-02-20  accept gift                   source > cash               60,000.00
2022-02-28  correct gift                  cash > source               15,000.00
2022-03-01  contribute_in_kind hours personnel   source ~> in_kind    20,000.00
2022-03-05  refuse hours                  source ~| in_kind           20,000.00
=           cash 45,000.00                   in_kind 0
2022-03-31  earn_income services          income_source > income      25,000.00
2022-04-15  use_income supplies           income > income_used        10,000.00
2022-04-20  use_income supplies           income > income_used        20,000.00  ! limit_exceeded
2022-05-01  release_reserve               reserve > award             20,000.00
2022-06-01  incur staff personnel         cost_source > incurred     300,000.00
2022-06-20  pay staff                     incurred > paid            120,000.00
2022-07-01  release winter                award ~| drawn             100,000.00
2022-07-15  incur project contractual     cost_source > incurred     600,000.00  ! \
authorised_exceeded
=           award 560,000.00 ~ 50,000.00     drawn 210,000.00 ~ 50,000.00
=           reserve 30,000.00                incurred 180,000.00 ~ 20,000.00
=           paid 183,000.00                  income 15,000.00      income_used 10,000.00
=           SF-425 2022-09-30 accrual  a 210,000.00  b 183,000.00  c 27,000.00  \
d 770,000.00  e 363,000.00  f 20,000.00  g 383,000.00  h 387,000.00  \
i 770,000.00  j 45,000.00  k 725,000.00  l 25,000.00  m 0  n 10,000.00  o 15,000.00
=           SF-425 2022-09-30 cash  a 210,000.00  b 183,000.00  c 27,000.00  \
d 770,000.00  e 183,000.00  f 200,000.00  g 383,000.00  h 387,000.00  \
i 770,000.00  j 45,000.00  k 725,000.00  l 25,000.00  m 0  n 10,000.00  o 15,000.00
"""


def shared_agreement() -> Agreement:
    """The Department of Energy leads; the Department of Defense gives 300,000 of the million."""
    signed = services.sign_agreement(
        SYSTEM,
        factories.institute(),
        factories.agency("DOE"),
        terms=services.AgreementTerms(
            number="DE-1",
            currency="USD",
            signed_on=STARTS_ON,
            starts_on=STARTS_ON,
            ends_on=ENDS_ON,
            federal_total_minor=MILLION,
            co_sponsors=(services.SponsorPart(factories.agency("DOD").pk, 30_000_000),),
        ),
        now=NOW,
    )
    services.activate_agreement(SYSTEM, signed.pk, today=STARTS_ON, now=NOW)
    return Agreement.objects.select_related("institute", "agency").get(pk=signed.pk)


def test_plain_year_comes_to_its_balances() -> None:
    AccountBook(factories.agreement(federal_total_minor=MILLION)).keep(PLAIN_YEAR)
    assert services.verify_ledger() == []


def test_year_of_several_sponsors_holds_by_its_waiver() -> None:
    book = AccountBook(shared_agreement())
    book.keep(SHARED_YEAR)
    book.waive("L-040", share_bp=3_000, until=YEAR_END)
    book.keep(SHARED_YEAR_AFTER_THE_WAIVER)
    assert services.verify_ledger() == []


def test_hard_year_comes_to_its_balances_and_its_report() -> None:
    under = factories.agreement(agency_key="DOE", federal_total_minor=MILLION)
    AccountBook(under).keep(HARD_YEAR)
    assert services.verify_ledger() == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param("=  award 1.00", id="balance"),
        pytest.param("=  award 2.00 ~ 1.00", id="promised"),
        pytest.param("2021-10-02  obligate one  award > drawn  1.00", id="moved, not promised"),
        pytest.param("2021-10-02  obligate one  award ~> drawn  1.00  ! limit_exceeded", id="done"),
        pytest.param("2021-10-02  obligate one  award ~> drawn  3.00  ! sum_too_large", id="why"),
        pytest.param("2021-10-02  obligate one  award ~> drawn  3.00", id="refused"),
        pytest.param("=  rule L-040 met", id="standing"),
        pytest.param("=  SF-425 2022-09-30 cash  a 0", id="report"),
    ],
)
def test_book_that_states_what_is_not_so_does_not_pass(wrong: str) -> None:
    book = AccountBook(factories.agreement(agency_key="DOE", federal_total_minor=MILLION))
    book.keep("2021-10-01  authorise  appropriation > award  2.00")
    with pytest.raises(AssertionError):
        book.keep(wrong)
