"""Conflicts of interest for tests of what lies above them."""

from lineshaft.apps.competitions.models import Application, Conflict
from lineshaft.apps.competitions.rules import ConflictKind, ConflictOrigin
from lineshaft.apps.network.models import Person
from lineshaft.apps.network.tests.factories import make_person
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor


def close(application: Application, person: Person) -> Conflict:
    """Close the application to that person by a conflict that nobody has decided."""
    return Conflict.objects.create(
        application=application,
        person=person,
        kind=ConflictKind.FINANCIAL,
        origin=ConflictOrigin.DECLARED,
        about="shares",
        evidence={"text": "Holds shares."},
        found_at=application.begun_at,
        declared_by="test",
    )


def close_to(actor: Actor, application: Application) -> Conflict:
    """Close the application to that actor."""
    user = User.objects.get(pk=actor.own_id)
    person = Person.objects.filter(user=user).first()
    return close(application, person or make_person(user.name, user=user))
