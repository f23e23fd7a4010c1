"""Of the verbs that are broken off: those of applications, on a competition of their own."""

import io
from collections.abc import Callable
from datetime import date
from typing import Final

from allauth.account.models import EmailAddress
from pypdf import PdfWriter

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Application, Competition, TeamMember
from lineshaft.apps.competitions.rules import SectionKey, Source, TeamRole
from lineshaft.apps.network.models import Organisation, TechnologyArea
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor
from tests.crash.competing import TERMS, WHY
from tests.crash.scenarios import ACTOR, MILLION_MINOR, NOW

CODE: Final = "2022-3"
ADDRESS: Final = "applicant@anvil.example"


def _competition() -> Competition:
    return Competition.objects.get(code=CODE)


def _draft() -> Competition:
    proposal = competitions.CompetitionProposal(CODE, "institute", "two_step", TERMS)
    return competitions.draft_competition(ACTOR, proposal, now=NOW)


def _application() -> Application:
    return Application.objects.get(competition__code=CODE)


def _firm(number: int) -> Organisation:
    return Organisation.objects.get(name=f"Anvil Works {number}")


def _applicant() -> Actor:
    user = User.objects.filter(email=ADDRESS).first()
    if user is None:
        user = User.objects.create_user(ADDRESS, name="Applicant")
        EmailAddress.objects.create(user=user, email=ADDRESS, verified=True)
    return Actor(user_id=user.pk, label=user.name)


def pdf() -> io.BytesIO:
    """A PDF of one page."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(content)
    return content


def _edit() -> object:
    terms = competitions.ApplicationTerms(
        title="Anvils",
        abstract="Anvils for all.",
        areas=(TechnologyArea.objects.earliest("pk").key,),
        term_months=60,
        trl_from=3,
        trl_to=6,
    )
    return competitions.edit_application(ACTOR, _application(), terms, now=NOW)


def _budget(source: Source) -> object:
    amounts = {("other", 1): 70 * MILLION_MINOR}
    return competitions.set_budget(ACTOR, _application(), source, amounts, now=NOW)


def letter_row(minor: int) -> competitions.LetterRow:
    """A letter by which a firm gives so much in the first year."""
    return competitions.LetterRow("Brass", "cash", "Bea", date(2022, 8, 1), ((1, minor),))


def _letter() -> object:
    return competitions.add_commitment(ACTOR, _application(), letter_row(100), now=NOW)


def _attach() -> object:
    return competitions.attach_document(
        ACTOR, _application(), "narrative", pdf(), name="plan.pdf", now=NOW
    )


def _invite(name: str, email: str) -> object:
    row = competitions.TeamRow(name, TeamRole.LEAD, email)
    return competitions.invite_to_team(ACTOR, _application(), row, now=NOW)


def _finish() -> object:
    for key in SectionKey:
        competitions.write_section(ACTOR, _application(), key, f"About {key}.", now=NOW)
    return _budget(Source.CASH)


APPLYING_VERBS: Final[dict[str, Callable[[], object]]] = {
    "competitions.set_eligible_leads": lambda: competitions.set_eligible_leads(
        ACTOR, _competition(), ["industry_large"], now=NOW
    ),
    "competitions.start_application": lambda: competitions.start_application(
        ACTOR, _competition(), _firm(1), title="Anvils", now=NOW
    ),
    "competitions.edit_application": _edit,
    "competitions.write_section": lambda: competitions.write_section(
        ACTOR, _application(), "need", "Nobody makes them.", now=NOW
    ),
    "competitions.set_budget": lambda: _budget(Source.FEDERAL),
    "competitions.set_revenue": lambda: competitions.set_revenue(
        ACTOR, _application(), {("dues", 1): 100}, now=NOW
    ),
    "competitions.add_commitment": _letter,
    "competitions.remove_commitment": lambda: competitions.remove_commitment(
        ACTOR, _application(), _application().commitments.get(), now=NOW
    ),
    "competitions.attach_document": _attach,
    "competitions.remove_document": lambda: competitions.remove_document(
        ACTOR, _application(), _application().documents.latest("pk"), now=NOW
    ),
    "competitions.add_partner": lambda: competitions.add_partner(
        ACTOR, _application(), competitions.PartnerRow(organisation_id=_firm(2).pk), now=NOW
    ),
    "competitions.share_with_partner": lambda: competitions.share_with_partner(
        ACTOR, _application(), _application().partners.get(), shares=["need"], part=WHY, now=NOW
    ),
    "competitions.remove_partner": lambda: competitions.remove_partner(
        ACTOR, _application(), _application().partners.get(), now=NOW
    ),
    "competitions.invite_to_team": lambda: _invite("Applicant", ADDRESS),
    "competitions.join_team": lambda: competitions.join_team(
        _applicant(), TeamMember.objects.get(email=ADDRESS), now=NOW
    ),
    "competitions.remove_from_team": lambda: competitions.remove_from_team(
        ACTOR, _application(), TeamMember.objects.get(name="Second"), now=NOW
    ),
    "competitions.submit_application": lambda: competitions.submit_application(
        ACTOR, _application(), now=NOW
    ),
    "competitions.withdraw_from_competition": lambda: competitions.withdraw_from_competition(
        ACTOR, _application(), why=WHY, now=NOW
    ),
    "competitions.resume_application": lambda: competitions.resume_application(
        ACTOR, _application(), now=NOW
    ),
}

BEFORE_APPLYING: Final[dict[str, Callable[[], object]]] = {
    "competitions.set_eligible_leads": _draft,
    "competitions.start_application": lambda: competitions.open_competition(
        ACTOR, _competition(), now=NOW
    ),
    "competitions.remove_document": _attach,
    "competitions.remove_from_team": lambda: _invite("Second", ""),
    "competitions.join_team": _applicant,
    "competitions.submit_application": _finish,
}
"""What has to happen before."""


# ------------------------------------------------------------------------- killed while handing in


def prepare_application() -> None:
    """An application that lacks its document alone."""
    _draft()
    competitions.open_competition(ACTOR, _competition(), now=NOW)
    competitions.start_application(ACTOR, _competition(), _firm(1), title="Anvils", now=NOW)
    _edit()
    _budget(Source.FEDERAL)
    _finish()


def attach_once() -> None:
    """Attach the document, unless it stands."""
    if not _application().documents.exists():
        _attach()


def submit_once() -> None:
    """Hand in, unless it was."""
    if not _application().submissions.exists():
        competitions.submit_application(ACTOR, _application(), now=NOW)
