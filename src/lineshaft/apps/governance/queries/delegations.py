"""Reads of delegations: what a user holds on a day, and the list."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from typing import Any, Final

from django.db import connection
from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from lineshaft.apps.governance.models import Delegation
from lineshaft.kernel.errors import NotFound
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.queries import grant_rows_in_force, known_grants
from lineshaft.plumbing.actor import Actor, DelegatedPower, RoleGrant
from lineshaft.plumbing.roles import ScopeKind

type RowsOfUser = Callable[[int], QuerySet[Any]]

_ANYBODY: Final = -1
_ANY_DAY: Final = date(1, 1, 1)
_MARK: Final = -2
"""Stands where a delegation has its id, and a grant 0, in a row that only says that it is there."""

_NO_DELEGATION: Final = gettext_noop("There is no such delegation, or none that you may see.")


def in_force_q(on: date) -> Q:
    """That a delegation is in force on that day, as a condition on its row."""
    return (
        Q(starts_on__lte=on, revoked_at__isnull=True)
        & (Q(ends_on__isnull=True) | Q(ends_on__gt=on))
        & upheld_q(on)
    )


def upheld_q(on: date) -> Q:
    """That whoever gave a delegation still holds on that day the grant by which they gave it."""
    own = grant_rows_in_force(on).filter(
        user_id=OuterRef("giver_id"),
        user__is_active=True,
        role=OuterRef("giver_role"),
        scope_kind=OuterRef("giver_scope_kind"),
        scope_id=OuterRef("giver_scope_id"),
    )
    return Q(giver__isnull=True) | Q(Exists(own))


def delegations_upheld(rows: Iterable[Delegation], *, on: date) -> frozenset[int]:
    """The ids of those whose givers still hold on that day what they gave them by; one query."""
    ids = [one.pk for one in rows]
    upheld = Delegation.objects.filter(upheld_q(on), pk__in=ids)
    return frozenset(upheld.values_list("pk", flat=True))


def grants_and_powers(
    user_id: int, *, on: date, marked: RowsOfUser
) -> tuple[frozenset[RoleGrant], frozenset[DelegatedPower], bool]:
    """What the user is granted on that day, and what was delegated to them, or to who holds one of
    these grants' roles at an institute; one query, since every request of theirs begins with it.

    `marked` gives the rows of a user in an app above, and the third part says whether there is one;
    it has to be a function that stays the same, since its statement is written once.
    """
    sql, parameters = _grants_and_powers_sql(connection.vendor, marked)
    day = connection.ops.adapt_datefield_value
    bound = {_ANYBODY: user_id, day(_ANY_DAY): day(on)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [bound.get(one, one) for one in parameters])
        rows = cursor.fetchall()
    return (
        known_grants((role, kind, scope) for pk, _m, role, kind, scope, *_rest in rows if pk == 0),
        frozenset(
            DelegatedPower(
                *(pk, verb, institute, body, most, currency),
                agency=scope if kind == ScopeKind.AGENCY else "",
                role=role,
            )
            for pk, most, verb, institute, body, currency, role, kind, scope in rows
            if pk > 0
        ),
        any(row[0] == _MARK for row in rows),
    )


@cache
def _grants_and_powers_sql(_vendor: str, marked: RowsOfUser) -> tuple[str, tuple[Any, ...]]:
    """The statement of `grants_and_powers` with its parameters, for `_ANYBODY` on `_ANY_DAY`.

    Written once: to write it takes as long as to ask it fifty times, and every request asks it.
    """
    user_id, on = _ANYBODY, _ANY_DAY
    granted = grant_rows_in_force(on).filter(user_id=user_id)
    by_role = granted.filter(
        role=OuterRef("role"),
        scope_kind=ScopeKind.INSTITUTE,
        scope_id=OuterRef("institute__key"),
    )
    delegated = Delegation.objects.filter(
        Q(person__user_id=user_id) | Exists(by_role), in_force_q(on)
    )
    text, number = CharField(), BigIntegerField()
    grant_rows = granted.annotate(
        pk_of=Value(0, output_field=number),
        a=F("role"),
        b=F("scope_kind"),
        c=F("scope_id"),
        d=Value("", output_field=text),
        e=Value("", output_field=text),
        f=Value("", output_field=text),
        g=Value("", output_field=text),
        most=Value(None, output_field=number),
    )
    power_rows = delegated.annotate(
        pk_of=Cast("pk", number),
        a=F("verb"),
        b=Coalesce("institute__key", Value(""), output_field=text),
        c=Coalesce("body__key", Value(""), output_field=text),
        d=F("currency"),
        e=F("giver_role"),
        f=F("giver_scope_kind"),
        g=F("giver_scope_id"),
        most=Cast("up_to_minor", number),
    )
    mark_rows = marked(user_id).annotate(
        pk_of=Value(_MARK, output_field=number),
        most=Value(None, output_field=number),
        **{column: Value("", output_field=text) for column in "abcdefg"},
    )
    columns = ("pk_of", "most", "a", "b", "c", "d", "e", "f", "g")
    granted_rows, *others = (
        rows.order_by().values_list(*columns) for rows in (grant_rows, power_rows, mark_rows)
    )
    sql, parameters = granted_rows.union(*others, all=True).query.sql_with_params()
    return sql, tuple(parameters)


def delegations_visible_to(actor: Actor) -> QuerySet[Delegation]:
    """What the actor reads: the programme office all, an institute's staff and its sponsor those
    over it, and everybody their own.
    """
    rows = Delegation.objects.select_related("person", "institute", "body").order_by("-pk")
    if actor.is_network_staff:
        return rows
    if actor.user_id is None:
        return rows.none()
    own = Q(person__user_id=actor.user_id)
    return rows.filter(own | Q(institute__key__in=sorted(actor.staff_institute_keys)))


def delegation_by_id(actor: Actor, pk: int) -> Delegation:
    """The delegation of that id; raises NotFound, also where it may not be seen."""
    found = delegations_visible_to(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_NO_DELEGATION, code="no_delegation")
    return found
