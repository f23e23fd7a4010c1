"""A year's membership and its invoice, for tests of what is written off and paid after all."""

from datetime import date

import pytest
from pytest_django import Settings

from lineshaft.apps.memberships.models import Invoice, MemberAgreement
from lineshaft.apps.memberships.tests.factories import (
    make_agreed,
    make_agreement,
    make_application,
    make_invoice,
    pay,
    standing,
    take_back,
)
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import NOW, make_institute, make_organisation
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user

YEAR = (date(2022, 1, 1), date(2023, 1, 1))


@pytest.fixture
def house(settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demonstration on November 1, 2022, with mail."""
    settings.IS_DEMONSTRATION = True
    settings.FILES_DIR = tmp_path
    settings.MAIL_URL = "smtp://mail.example"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def mxd() -> Institute:
    """An institute."""
    return make_institute("mxd", name="MxD")


@pytest.fixture
def gears() -> Organisation:
    """A member."""
    return make_organisation("Gears")


@pytest.fixture
def contact() -> User:
    """Who applied for it."""
    return make_user("Ada Owner")


@pytest.fixture
def membership(gears: Organisation, mxd: Institute, contact: User) -> MemberAgreement:
    """A year's membership at a dollar a day; Ada applied for it."""
    agreement = make_agreement(gears, mxd, starts_on=YEAR[0], ends_on=YEAR[1])
    make_agreed(agreement)
    application = make_application(gears, mxd, contact=contact, state="signed")
    application.state, application.agreement, application.admitted_at = "admitted", agreement, NOW
    application.save(update_fields=["state", "agreement", "admitted_at"])
    return agreement


@pytest.fixture
def given_back(membership: MemberAgreement) -> Invoice:
    """The year's invoice, paid, of which 65 dollars were given back."""
    invoice = make_invoice(membership, span=YEAR)
    take_back(pay(invoice), 65_00)
    return standing(invoice)
