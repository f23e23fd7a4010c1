"""Applicants and what they write, for tests of applications."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from allauth.account.models import EmailAddress
from pypdf import PdfWriter

from lineshaft.apps.competitions import services
from lineshaft.apps.competitions.models import Application, Competition, RequiredDocument
from lineshaft.apps.competitions.rules import SectionKey, Source
from lineshaft.apps.competitions.services import ApplicationTerms, LetterRow
from lineshaft.apps.competitions.tests.factories import MILLION_MINOR, NOW, make_open
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.tests.factories import make_organisation, make_technology_area
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.access.tests.factories import make_user
from lineshaft.plumbing.actor import Actor

YEARS: Final = 5
TERMS: Final = ApplicationTerms(
    title="Light castings",
    abstract="An open line for light castings.",
    areas=("robotics",),
    term_months=60,
    trl_from=4,
    trl_to=7,
    mrl_from=4,
    mrl_to=7,
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who applies, for which organisation, and as which actor."""

    user: User
    organisation: Organisation
    actor: Actor


def make_applicant(name: str = "Ada Applicant", organisation: str = "Anvil Works") -> Applicant:
    """A person with a verified address, of an organisation of the registry."""
    user = make_user(name)
    firm = make_organisation(organisation)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    ids = frozenset({firm.pk})
    return Applicant(user, firm, Actor(user_id=user.pk, label=name, organisation_ids=ids))


def make_application(
    competition: Competition | None = None,
    applicant: Applicant | None = None,
    *,
    title: str = "Light castings",
    now: datetime = NOW,
) -> Application:
    """An application that was begun and says nothing yet."""
    who = applicant or make_applicant()
    return services.start_application(
        who.actor, competition or make_open(), who.organisation, title=title, now=now
    )


def pdf_of(pages: int) -> io.BytesIO:
    """A PDF of so many empty pages."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(width=200, height=200)
    content = io.BytesIO()
    writer.write(content)
    content.seek(0)
    return content


def fill(
    actor: Actor,
    application: Application,
    *,
    federal_minor: int = 70 * MILLION_MINOR,
    others_minor: int = 70 * MILLION_MINOR,
    now: datetime = NOW,
    **terms: Any,
) -> Application:
    """Write everything that a call for an institute asks for."""
    make_technology_area("robotics")
    said = {name: getattr(TERMS, name) for name in ApplicationTerms.__slots__} | terms
    services.edit_application(actor, application, ApplicationTerms(**said), now=now)
    for key in SectionKey:
        services.write_section(actor, application, key, f"About {key}.", now=now)
    for source, total in ((Source.FEDERAL, federal_minor), (Source.CASH, others_minor)):
        amounts = {("other", year): total // YEARS for year in range(1, YEARS + 1)}
        amounts["other", 1] += total - sum(amounts.values())
        services.set_budget(actor, application, source, amounts, now=now)
    services.set_revenue(actor, application, {("dues", 6): MILLION_MINOR}, now=now)
    services.add_commitment(actor, application, letter_of(others_minor or 1), now=now)
    stage = application.competition.stages.get(number=1)
    for one in RequiredDocument.objects.filter(stage=stage):
        services.attach_document(
            actor, application, one.kind, pdf_of(2), name=f"{one.kind}.pdf", now=now
        )
    application.refresh_from_db()
    return application


def letter_of(minor: int, **changes: Any) -> LetterRow:
    """A letter by which a firm gives so much in the first year."""
    said: dict[str, Any] = {
        "giver_name": "Brass Works",
        "kind": "cash",
        "signatory": "Bea Brass",
        "signed_on": date(2026, 2, 1),
        "amounts": ((1, minor),),
    }
    return LetterRow(**(said | changes))
