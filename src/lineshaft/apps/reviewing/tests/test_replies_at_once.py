"""Two who act at once: remarks are released once, a reply is handed in once; on either database."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from lineshaft.apps.competitions.tests.factories import SYSTEM
from lineshaft.apps.reviewing import services
from lineshaft.apps.reviewing.models import RemarkRelease, ReplySubmission
from lineshaft.apps.reviewing.tests.reviewed import (
    REVIEW,
    begin_replies,
    join,
    make_in_review,
    make_proposal,
    make_review,
    make_seat,
)
from lineshaft.kernel.errors import Refused
from lineshaft.plumbing.access.tests.factories import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What becomes of these when they begin together: done, or the code of the refusal."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        start.wait()
        try:
            act()
        except Refused as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_remarks_are_released_and_a_reply_is_handed_in_once() -> None:
    call = make_in_review()
    made = make_proposal(call)
    leads = [join(made, make_user(name)) for name in ("Ada", "Bea")]
    make_review(make_seat(call.stages.get(number=REVIEW)), made)
    now = begin_replies(call)
    release = [lambda: services.release_remarks(SYSTEM, call, now=now)] * 2
    assert at_once(*release) == ["done", "nothing_to_release"]
    assert RemarkRelease.objects.count() == 1
    services.write_reply(leads[0], made, {0: "Thank you."}, now=now)
    submit = [
        lambda: services.submit_reply(leads[0], made, now=now),
        lambda: services.submit_reply(leads[1], made, now=now),
    ]
    assert at_once(*submit) == ["done", "reply_unchanged"]
    assert ReplySubmission.objects.count() == 1
