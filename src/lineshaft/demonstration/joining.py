"""Who is on the way into an institute in the demonstration: applications in each state, invoices
paid and unpaid, invitations. One invented applicant applies for every invented organisation.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import MemberAgreement, MembershipApplication
from lineshaft.apps.network.models import Institute, Organisation
from lineshaft.demonstration.loading import Loading, id_of
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.kernel.text import gettext_noop
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.services import register_user
from lineshaft.plumbing.actor import Actor

APPLICANT: Final = gettext_noop("Applicant (demonstration)")
EMAIL: Final = "applicant@demo.example"
ORIGIN: Final = "http://localhost"
PURPOSE: Final = "Pilot runs and training (demonstration)"
REASON: Final = "No capacity before the next fiscal year (demonstration)"
APPLIED_DAYS_AGO: Final = (61, 47, 40)
"""When those applied who are members by now; the steps after took days that differ."""

NEEDED: Final = 100
"""Of so many firms the first that are free apply."""

ADDRESSES: Final = ("colleague@demo.example", "second.colleague@demo.example")


def join_institutes(loading: Loading) -> None:
    """Every institute has an application to decide; the own institute has one in each state."""
    user = register_user(loading.actor, email=EMAIL, name=APPLICANT, password=None, now=loading.now)
    taken: set[int] = set()
    for number, institute in enumerate(institutes_at_work(loading.actor)):
        outsiders = _outsiders(institute, taken)
        waiting = _apply(loading, user, institute, next(outsiders), days_ago=5 + number)
        if number % 2:
            memberships.decline_application(loading.actor, waiting, reason=REASON, now=loading.now)
            _apply(loading, user, institute, next(outsiders), days_ago=3)
        if institute.key == OWN_INSTITUTE:
            _in_each_state(loading, user, institute, outsiders)


def _in_each_state(
    loading: Loading, user: User, institute: Institute, outsiders: Iterator[Organisation]
) -> None:
    for place, days_ago in enumerate(APPLIED_DAYS_AGO):
        application = _apply(loading, user, institute, next(outsiders), days_ago=days_ago)
        _sign(loading, user, application, days_ago=days_ago - 9 - place)
        _pay(loading, application, place, days_ago=days_ago - 20 - 3 * place)
        if place == 0:
            _invite(loading, application)
    unpaid = _apply(loading, user, institute, next(outsiders), days_ago=30)
    _sign(loading, user, unpaid, days_ago=20)
    memberships.issue_invoice(loading.actor, unpaid, now=_ago(loading, 19))
    approved = _apply(loading, user, institute, next(outsiders), days_ago=12)
    _approve(loading, approved, days_ago=6)
    withdrawn = _apply(loading, user, institute, next(outsiders), days_ago=25)
    memberships.withdraw_application(_applicant(user), withdrawn, now=_ago(loading, 21))


def _outsiders(institute: Institute, taken: set[int]) -> Iterator[Organisation]:
    """Small firms of the demonstration that never were members there nor have applied anywhere."""
    members = MemberAgreement.objects.filter(institute=institute).values("organisation_id")
    firms = Organisation.objects.filter(is_demonstration=True, kind="industry_sme")
    # The last one registered is the small manufacturer's, who applies by the pages.
    for firm in firms.exclude(pk__in=members).order_by("-pk")[1:NEEDED]:
        if firm.pk not in taken:
            taken.add(firm.pk)
            yield firm


def _apply(
    loading: Loading,
    user: User,
    institute: Institute,
    organisation: Organisation,
    *,
    days_ago: int,
) -> MembershipApplication:
    row = memberships.ApplicationRow(
        institute.key,
        "sme",
        organisation_id=organisation.pk,
        purpose=PURPOSE,
        is_demonstration=True,
    )
    when = _ago(loading, days_ago)
    return memberships.apply_for_membership(_applicant(user), institute, row, now=when)


def _approve(
    loading: Loading, application: MembershipApplication, *, days_ago: int
) -> MembershipApplication:
    when = _ago(loading, days_ago)
    return memberships.approve_application(
        loading.actor, application, starts_on=when.date(), now=when
    )


def _sign(
    loading: Loading, user: User, application: MembershipApplication, *, days_ago: int
) -> None:
    approved = _approve(loading, application, days_ago=days_ago)
    when = _ago(loading, days_ago - 2)
    memberships.sign_agreement(
        _applicant(user),
        application,
        name=APPLICANT,
        title="Owner",
        sha256=approved.document_sha256,
        now=when,
    )
    memberships.countersign_agreement(
        loading.actor,
        application,
        name="Institute manager (demonstration)",
        title="Manager",
        sha256=approved.document_sha256,
        now=when,
    )


def _pay(
    loading: Loading, application: MembershipApplication, place: int, *, days_ago: int
) -> None:
    when = _ago(loading, days_ago)
    invoice = memberships.issue_invoice(loading.actor, application, now=when)
    memberships.record_payment(
        loading.actor,
        invoice,
        id=id_of("dues", place),
        amount_minor=invoice.total_minor,
        received_on=when.date(),
        now=when,
    )


def _invite(loading: Loading, application: MembershipApplication) -> None:
    for address in ADDRESSES:
        memberships.invite_person(
            loading.actor,
            application.organisation,
            email=address,
            origin=ORIGIN,
            now=loading.now,
            is_demonstration=True,
        )


def _applicant(user: User) -> Actor:
    return Actor(user_id=user.pk, label=APPLICANT)


def _ago(loading: Loading, days: int) -> datetime:
    return loading.now - timedelta(days=days)
