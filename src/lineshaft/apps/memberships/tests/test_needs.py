from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from lineshaft.apps.memberships import queries, rules, services
from lineshaft.apps.memberships.forms.directory import AnswerForm
from lineshaft.apps.memberships.models import Need, NeedAnswer
from lineshaft.apps.memberships.services import NeedRow
from lineshaft.apps.memberships.tests.factories import make_agreement
from lineshaft.apps.memberships.tests.test_directory import member
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.apps.network.tests.factories import (
    NOW,
    make_institute,
    make_organisation,
    make_technology_area,
)
from lineshaft.kernel.errors import Invalid, NotFound, NotPermitted, Refused, Stale
from lineshaft.plumbing import clock
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor, RoleGrant
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.mail.models import OutboxMessage
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

ROW = NeedRow(
    rules.NeedKind.WANTED, "A laser welder", "To join thin sheet.", date(2023, 1, 1), "robotics"
)
ANSWER = {"text": "We have one.", "contact_email": "cogs@cogs.example"}
LIST = reverse("memberships:list_needs")


@pytest.fixture
def two() -> tuple[Organisation, Organisation]:
    make_technology_area()
    mxd: Institute = make_institute("mxd", name="MxD")
    both = make_organisation("Gears"), make_organisation("Cogs")
    for one in both:
        make_agreement(one, mxd)
    return both


def of(organisation: Organisation) -> Actor:
    grant = RoleGrant(Role.MEMBER, ScopeKind.ORGANISATION, str(organisation.pk))
    return Actor(
        user_id=make_user().pk,
        label="x",
        grants=frozenset({grant}),
        organisation_ids=frozenset({organisation.pk}),
        institute_keys=frozenset({"mxd"}),
    )


def test_need_is_posted_answered_and_closed(
    public: Actor, programme_officer: Actor, two: tuple[Organisation, Organisation]
) -> None:
    gears, cogs = two
    asking, answering = of(gears), of(cogs)
    need = services.post_need(asking, gears, ROW, now=NOW)
    assert not queries.needs_visible_to(public).exists()
    seen = queries.needs_visible_to(answering)
    assert list(queries.needs_filtered(seen, on=NOW.date())) == [need]
    answer = services.answer_need(answering, need, cogs, **ANSWER, now=NOW)
    for reader, found in ((asking, [answer]), (answering, [answer]), (programme_officer, [])):
        assert list(queries.answers_visible_to(reader)) == found
    assert not queries.answers_visible_to(of(make_organisation("Third"))).exists()
    message = OutboxMessage.objects.get()
    assert message.subject == "An answer to “A laser welder”"
    assert "We have one" not in message.body
    (own,) = queries.own_needs(asking, on=NOW.date())
    assert own.answer_count == 1  # type: ignore[attr-defined] # annotated
    codes = []
    for actor, organisation, now in (
        (answering, cogs, NOW),
        (asking, gears, NOW),
        (of(gears), gears, NOW + timedelta(days=61)),
    ):
        with pytest.raises(Refused) as refused:
            services.answer_need(actor, need, organisation, **ANSWER, now=now)
        codes.append(refused.value.code)
    assert codes == ["answered", "own_need", "expired"]
    with pytest.raises(NotPermitted):
        services.close_need(answering, need, reason=rules.CloseReason.FOUND_HERE, now=NOW)
    closed = services.close_need(asking, need, reason=rules.CloseReason.FOUND_HERE, now=NOW)
    assert (closed.state, closed.close_reason) == ("closed", "found_here")
    with pytest.raises(Refused) as refused:
        services.answer_need(answering, need, cogs, **ANSWER, now=NOW)
    assert refused.value.code == "wrong_state"
    texts = str(list(AuditEvent.objects.values_list("verb", "changes", "why")))
    assert all(verb in texts for verb in ("post_need", "answer_need", "close_need"))
    assert "We have one" not in texts


def test_faults_and_refusals_change_nothing(
    system: Actor, two: tuple[Organisation, Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    gears, cogs = two
    wrong = NeedRow("x", "t" * 151, "", NOW.date(), "nowhere", SharingLevel.RESTRICTED)
    with pytest.raises(Invalid) as invalid:
        services.post_need(system, gears, wrong, now=NOW)
    faults = [fault.field for fault in invalid.value.errors]
    assert faults == ["title", "text", "level", "kind", "area", "expires_on"]
    with pytest.raises(Refused):
        services.post_need(system, make_organisation("Outside"), ROW, now=NOW)
    need = services.post_need(system, gears, replace(ROW, area=""), now=NOW)
    with pytest.raises(Invalid) as invalid:
        services.answer_need(system, need, cogs, text="", contact_email="", now=NOW)
    assert [fault.field for fault in invalid.value.errors] == ["text", "contact_email"]
    with pytest.raises(Invalid):
        services.close_need(system, need, reason=rules.CloseReason.NOT_CLOSED, now=NOW)
    with pytest.raises(NotFound):
        services.close_need(system, Need(pk=0), reason=rules.CloseReason.WITHDRAWN, now=NOW)
    services.answer_need(system, need, cogs, **ANSWER, now=NOW)
    assert not OutboxMessage.objects.exists()  # nobody posted it

    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(NeedAnswer.objects, "create", collide)
    third = make_organisation("Third")
    with pytest.raises(Stale):
        services.answer_need(system, need, third, **ANSWER, now=NOW)


@pytest.mark.parametrize("number", [1, 3])
def test_list_needs_takes_few_queries(
    client: Client,
    system: Actor,
    two: tuple[Organisation, Organisation],
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now = clock.now()
    row = replace(ROW, level=SharingLevel.PUBLIC, expires_on=now.date() + timedelta(days=9))
    for _place in range(number):
        services.post_need(system, two[0], row, now=now)
    inside = replace(row, title="Hidden", level=SharingLevel.NETWORK)
    hidden = services.post_need(system, two[0], inside, now=now)
    with django_assert_num_queries(3):
        text = client.get(LIST).content.decode()
    noun = "need or offer is open" if number == 1 else "needs and offers are open"
    assert f"{number} {noun}" in text
    assert "Hidden" not in text
    assert client.get(hidden.get_absolute_url()).status_code == 404
    for narrowed, found in (
        ({"q": "laser", "kind": "wanted", "area": "robotics"}, True),
        ({"kind": "offered"}, False),
        ({"state": "past"}, False),
    ):
        assert ("A laser welder" in client.get(LIST, narrowed).content.decode()) == found
        items = client.get("/api/v1/needs", narrowed).json()["items"]
        assert len(items) == (number if found else 0)
    assert client.get(reverse("memberships:post_need")).status_code == 403


def test_members_meet_on_the_board(
    client: Client, settings: Settings, two: tuple[Organisation, Organisation]
) -> None:
    settings.IS_DEMONSTRATION = True
    gears, cogs = two
    last = (clock.today() + timedelta(days=30)).isoformat()
    entered = {
        "kind": "wanted",
        "title": "A laser welder",
        "text": "To join thin sheet.",
        "area": "robotics",
        "expires_on": last,
        "level": "network",
    }
    member(client, gears)
    assert "Post a need or an offer" in client.get(LIST).content.decode()
    assert client.post(reverse("memberships:post_need"), entered).status_code == 302
    need = Need.objects.get()
    text = client.get(need.get_absolute_url()).content.decode()
    assert "Nobody has answered yet" in text
    assert reverse("memberships:close_need", args=[need.pk]) in text
    member(client, cogs)
    url = reverse("memberships:answer_need", args=[need.pk])
    assert url in client.get(need.get_absolute_url()).content.decode()
    assert client.post(url, ANSWER).headers["Location"] == need.get_absolute_url()
    assert "We have one." in client.get(need.get_absolute_url()).content.decode()
    assert client.post(url, ANSWER).status_code == 409
    api = entered | {"organisation_id": cogs.pk, "kind": "offered"}
    posted = client.post("/api/v1/needs", api, content_type="application/json").json()
    assert (posted["kind"], posted["area"]) == ("offered", "robotics")
    member(client, gears)
    answered = client.post(
        f"/api/v1/needs/{posted['id']}/answers",
        ANSWER | {"organisation_id": gears.pk},
        content_type="application/json",
    )
    assert answered.json()["organisation_id"] == gears.pk
    close = reverse("memberships:close_need", args=[need.pk])
    assert client.post(close, {"reason": "found_here"}).status_code == 302
    assert "A partner was found here" in client.get(need.get_absolute_url()).content.decode()
    Need.objects.filter(pk=posted["id"]).update(expires_on=clock.today())
    assert client.get(f"/api/v1/needs/{posted['id']}").json()["state"] == "open"
    assert "Expired" in client.get(f"/needs/{posted['id']}/").content.decode()
    member(client, cogs)
    closed = client.post(
        f"/api/v1/needs/{posted['id']}/close",
        {"reason": "withdrawn"},
        content_type="application/json",
    )
    assert closed.json()["close_reason"] == "withdrawn"


def test_whoever_works_for_two_says_for_which(two: tuple[Organisation, Organisation]) -> None:
    form = AnswerForm(ANSWER | {"for_organisation": str(two[1].pk)}, organisations=two)
    assert form.is_valid()
    assert form.organisation() == two[1]
