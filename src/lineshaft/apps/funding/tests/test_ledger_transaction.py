"""Work in the ledger's transaction where others were faster, or in the way."""

import pytest
from django.db import IntegrityError, OperationalError

from lineshaft.apps.funding.services.ledger import in_ledger_transaction
from lineshaft.apps.funding.tests import factories
from lineshaft.kernel.errors import Unavailable

pytestmark = pytest.mark.django_db


def test_work_beaten_to_an_id_is_repeated_once_and_other_failures_are_raised() -> None:
    stored = factories.authorised(factories.agreement())
    attempts: list[int] = []

    def work() -> str:
        attempts.append(1)
        if len(attempts) == 1:
            raise IntegrityError
        return "found"

    assert in_ledger_transaction([stored.pk], work) == "found"
    attempts.clear()
    with pytest.raises(IntegrityError):
        in_ledger_transaction([factories.transfer_id("not stored")], work)


class _OfServer(Exception):
    sqlstate = "40P01"


class _OfFile(Exception):
    sqlite_errorname = "SQLITE_BUSY"


class _Other(Exception):
    sqlstate = "57014"


@pytest.mark.parametrize(
    ("cause", "failures", "attempts", "ends"),
    [
        pytest.param(_OfServer(), 4, 5, "found", id="broken off and repeated"),
        pytest.param(_OfServer(), 5, 5, "accounts_busy", id="broken off always"),
        pytest.param(_OfFile(), 1, 1, "accounts_busy", id="waited for long enough"),
        pytest.param(_Other(), 1, 1, "raised", id="another failure"),
    ],
)
def test_work_that_the_database_breaks_off_begins_anew_or_is_told_in_a_sentence(
    cause: Exception, failures: int, attempts: int, ends: str
) -> None:
    made: list[int] = []

    def work() -> str:
        made.append(1)
        if len(made) <= failures:
            raise OperationalError from cause
        return "found"

    try:
        ended = in_ledger_transaction([], work)
    except Unavailable as error:
        ended = error.code
    except OperationalError:
        ended = "raised"
    assert (ended, len(made)) == (ends, attempts)
