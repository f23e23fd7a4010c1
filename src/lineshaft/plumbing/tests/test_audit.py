from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy

from lineshaft.kernel.errors import NotFound, NotPermitted
from lineshaft.kernel.money import Money
from lineshaft.plumbing.access.tests.factories import make_actor, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit import services
from lineshaft.plumbing.audit.models import AuditEvent, AuditSeal, SealedEvent
from lineshaft.plumbing.audit.queries import events_of, events_visible_to
from lineshaft.plumbing.audit.rules import FIRST_DIGEST, SEAL_EVENTS_MAX, plain, seal_digest
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.triggers import lifted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def record(institute: str = "", actor: Actor | None = None) -> AuditEvent:
    with transaction.atomic():
        return services.record_event(
            actor or Actor.system("test"),
            "test_verb",
            ("test.thing", "1"),
            changes={"amount": Money(5, "USD")},
            institute=institute,
            now=NOW,
        )


def change(sql: str) -> None:
    with lifted(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_record_event_then_seal_verifies() -> None:
    record()
    record()
    assert services.seal(now=NOW) == 2
    assert services.seal(now=NOW) == 0
    record()
    assert services.seal(now=NOW) == 1
    assert AuditSeal.objects.count() == 2
    assert services.verify() == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET verb = 'other'",
        "DELETE FROM audit_auditevent",
        "UPDATE audit_auditseal SET events = 9",
        "DELETE FROM audit_sealedevent",
    ],
)
def test_trail_changed_by_sql_is_refused_by_the_database(sql: str) -> None:
    record()
    services.seal(now=NOW)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        pytest.param("UPDATE audit_auditevent SET why = 'x'", "audit event", id="content"),
        pytest.param("UPDATE audit_auditevent SET digest = 'x'", "audit event", id="digest"),
        pytest.param("UPDATE audit_auditseal SET events = 9", "audit seal", id="seal"),
        pytest.param("DELETE FROM audit_sealedevent", "audit seal", id="membership"),
        pytest.param("UPDATE audit_auditseal SET previous_digest = 'x'", "audit seal", id="chain"),
    ],
)
def test_verify_after_corruption_names_the_place(sql: str, where: str) -> None:
    record()
    services.seal(now=NOW)
    change(sql)
    places = {str(problem).rsplit(" ", 1)[0] and problem.where for problem in services.verify()}
    assert {place.rsplit(" ", 1)[0] for place in places} >= {where}


def test_verify_with_a_dropped_trigger_names_it() -> None:
    with connection.cursor() as cursor:
        table = " ON audit_auditevent" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_auditevent_no_delete{table}")
    assert [problem.where for problem in services.verify()] == ["audit_auditevent_no_delete"]


def test_erase_event_keeps_the_chain_verifiable() -> None:
    event = record()
    services.seal(now=NOW)
    services.erase_event(
        make_actor(Role.ADMINISTRATOR, user_id=make_user().pk), event.pk, now=NOW, why="request"
    )
    event.refresh_from_db()
    assert (event.actor_label, event.changes, event.is_erased) == ("", {}, True)
    assert services.verify() == []


def test_erase_event_is_for_administrators_and_for_events_that_exist() -> None:
    event = record()
    with pytest.raises(NotPermitted):
        services.erase_event(make_actor(Role.PROGRAMME_OFFICER), event.pk, now=NOW, why="")
    with pytest.raises(NotFound):
        services.erase_event(make_actor(Role.ADMINISTRATOR), 0, now=NOW, why="")


def test_seal_of_a_backlog_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineshaft.plumbing.audit.rules.SEAL_EVENTS_MAX", 2)
    for _number in range(5):
        record()
    assert services.seal(now=NOW) == 5
    assert list(AuditSeal.objects.values_list("events", flat=True)) == [2, 2, 1]
    assert SEAL_EVENTS_MAX == 10_000


def test_seal_recent_seals_what_came_since_the_last_settled_seal() -> None:
    record()
    assert services.seal_recent(now=NOW) == 1  # nothing has settled: the whole trail
    record()
    record()
    assert services.seal_recent(now=NOW + timedelta(hours=1)) == 2
    record()
    assert services.seal_recent(now=NOW + timedelta(days=3)) == 1
    assert services.seal_recent(now=NOW + timedelta(days=3)) == 0
    assert services.verify() == []


def test_seal_recent_takes_up_an_event_that_was_committed_late() -> None:
    """Its number is lower than that of an event which a seal of this hour holds already."""
    settled, late, early = record(), record(), record()
    seal_of(settled, NOW)
    seal_of(early, NOW + timedelta(days=2))
    assert services.seal_recent(now=NOW + timedelta(days=2)) == 1
    assert late.sealedevent.seal_id == 3
    assert services.verify() == []


def test_seal_recent_does_not_look_behind_the_settled_seal() -> None:
    left, settled = record(), record()
    seal_of(settled, NOW)
    assert services.seal_recent(now=NOW + timedelta(days=2)) == 0
    assert services.seal(now=NOW + timedelta(days=2)) == 1
    assert left.sealedevent.seal_id == 2


def seal_of(event: AuditEvent, now: datetime) -> None:
    last = AuditSeal.objects.order_by("-number").first()
    number, previous = (last.number + 1, last.digest) if last else (1, FIRST_DIGEST)
    seal = AuditSeal.objects.create(
        number=number,
        previous_digest=previous,
        digest=seal_digest(previous, [(event.pk, event.digest)]),
        events=1,
        sealed_at=now,
    )
    SealedEvent.objects.create(event=event, seal=seal)


def test_events_visible_to_are_those_of_the_own_institute_and_own_acts() -> None:
    user = make_user()
    finance = make_actor(Role.INSTITUTE_FINANCE, ScopeKind.INSTITUTE, "lift", user_id=user.pk)
    own_institute = record("lift")
    foreign = record("mxd")
    own_act = record("", finance)
    assert list(events_visible_to(finance)) == [own_act, own_institute]
    assert list(events_visible_to(Actor.public())) == []
    assert list(events_visible_to(make_actor(Role.PROGRAMME_OFFICER, user_id=0))) == [
        own_act,
        foreign,
        own_institute,
    ]


def test_events_of_a_row_are_its_own_only() -> None:
    user = make_user()
    with transaction.atomic():
        event = services.record_event(Actor.system("test"), "make", user, now=NOW)
    record()
    assert list(events_of(Actor.system("test"), user)) == [event]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Role.MEMBER, "member"),
        (Money(5, "USD"), {"amount_minor": 5, "currency": "USD"}),
        (date(2026, 1, 2), "2026-01-02"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"b", "a"}, ["a", "b"]),
        ((1, None, True), [1, None, True]),
    ],
)
def test_plain_gives_the_stated_form(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_plain_of_a_lazy_translation_is_its_text() -> None:
    assert plain(gettext_lazy("Institute")) == "Institute"


@pytest.mark.django_db(transaction=True)
def test_record_event_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="in the transaction of its verb"):
        services.record_event(Actor.system("test"), "x", ("test.thing", "1"), now=NOW)


def test_plain_of_an_unstated_type_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="no stated form"):
        plain(object())
