"""An application that the member company leads, for the table of addresses; its call is over by the
clock of today.
"""

import io
from datetime import UTC, date, datetime
from typing import Final

from pypdf import PdfWriter

from lineshaft.apps.competitions import services as competitions
from lineshaft.apps.competitions.models import Competition
from lineshaft.apps.competitions.rules import TeamRole
from lineshaft.apps.network.models import Organisation
from lineshaft.plumbing.access.models import User
from lineshaft.plumbing.actor import Actor

NOW: Final = datetime(2022, 9, 1, 12, tzinfo=UTC)
OF_APPLICATION: Final = (
    *("show_workspace", "edit_application", "submit_application", "resume_application"),
    *("withdraw_from_competition", "write_section", "set_budget", "set_revenue"),
    *("add_commitment", "remove_commitment", "attach_document", "download_document"),
    *("remove_document", "add_partner", "share_with_partner", "remove_partner"),
    *("invite_to_team", "remove_from_team", "list_versions", "show_version"),
    *("show_own_overlaps",),
)


def applying(organisations: list[Organisation], users: dict[str, User]) -> dict[str, object]:
    """What the addresses of an application name."""
    user, lead, partner = users["member_company"], organisations[0], organisations[1]
    ids = frozenset({lead.pk})
    actor = Actor(user_id=user.pk, label=user.name, organisation_ids=ids)
    call = Competition.objects.get(code="2022-DOD-1")
    made = competitions.start_application(actor, call, lead, title="Anvils", now=NOW)
    row = competitions.LetterRow("Brass", "cash", "Bea", date(2022, 8, 1), ((1, 100),))
    letter = competitions.add_commitment(actor, made, row, now=NOW)
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=200)
    writer.write(content)
    document = competitions.attach_document(
        actor, made, "narrative", content, name="plan.pdf", now=NOW
    )
    named = competitions.PartnerRow(organisation_id=partner.pk)
    partnership = competitions.add_partner(actor, made, named, now=NOW)
    invited = competitions.TeamRow("Bea", TeamRole.READER, "bea@brass.example")
    member = competitions.invite_to_team(actor, made, invited, now=NOW)
    return {
        **{f"competitions:{name}:pk": made.pk for name in OF_APPLICATION},
        "competitions:join_team:pk": member.pk,
        "competitions:section": "need",
        "competitions:source": "federal",
        "competitions:letter": letter.pk,
        "competitions:document": document.pk,
        "competitions:partner": partnership.pk,
        "competitions:member": member.pk,
        "competitions:show_version:number": 1,
        "competitions:show_submission:pk": 1,
        "competitions:download_submitted:pk": 1,
        "workspaces:application_id": made.pk,
        "workspaces:key": "need",
    }
