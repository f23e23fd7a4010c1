"""People who may be conflicted, and applications that were handed in, for tests of conflicts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import Application, Competition, Conflict
from lineshaft.apps.competitions.tests.applicants import (
    Applicant,
    fill,
    make_applicant,
    make_application,
)
from lineshaft.apps.competitions.tests.factories import NOW, SYSTEM, after_deadline
from lineshaft.apps.network.models import Organisation, Person
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_actor, make_grant, make_user
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.roles import Role, ScopeKind


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody who runs a competition or reviews in it."""

    user: User
    person: Person
    actor: Actor


def make_judge(
    name: str = "Olga Officer",
    role: Role | None = Role.PROGRAMME_OFFICER,
    scope_kind: ScopeKind = ScopeKind.NETWORK,
    scope_id: str = "",
    *,
    organisation: Organisation | None = None,
    email: str = "",
) -> Judge:
    """A person with a user who holds that role, granted and stored."""
    user = make_user(name)
    if role is not None:
        make_grant(user, role, scope_kind, scope_id)
    person = make_person(name, organisation=organisation, user=user, email=email)
    institutes = frozenset({scope_id}) if scope_kind is ScopeKind.INSTITUTE else frozenset()
    actor = make_actor(role, scope_kind, scope_id, user_id=user.pk, institute_keys=institutes)
    return Judge(user, person, actor)


def make_handed_in(
    call: Competition,
    applicant: Applicant | None = None,
    *,
    title: str = "Light castings",
    now: datetime = NOW,
) -> Application:
    """An application that is whole and was handed in."""
    who = applicant or make_applicant()
    made = fill(who.actor, make_application(call, who, title=title, now=now), title=title, now=now)
    services.submit_application(who.actor, made, now=now)
    return made


def close_call(call: Competition) -> Competition:
    """The competition with its first call over and the review begun."""
    return services.begin_review(SYSTEM, call, now=after_deadline(call))


def found_of(person: Person, **narrowed: Any) -> list[tuple[int, str]]:
    """The application and the kind of every conflict of the person that stands."""
    rows = Conflict.objects.filter(person=person, cleared_at__isnull=True, **narrowed)
    return sorted(rows.values_list("application_id", "kind"))
