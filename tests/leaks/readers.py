"""Who asks at the doors of every app."""

from lineshaft.apps.competitions.models import Application, ApplicationPartner
from lineshaft.apps.network.tests.factories import make_organisation
from lineshaft.apps.reviewing.tests.reviewed import join
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_grant, make_user
from lineshaft.plumbing.roles import Role, ScopeKind


def make_partner(
    application: Application, name: str = "Pia Partner", organisation: str = "Pia Works"
) -> User:
    """Somebody of a partner to whom the lead shares no part."""
    user, firm = make_user(name), make_organisation(organisation)
    ApplicationPartner.objects.create(application=application, organisation=firm)
    join(application, user, "reader", organisation=firm)
    make_grant(user, Role.MEMBER, ScopeKind.ORGANISATION, str(firm.pk))
    return user
