"""Pages of records that may be one organisation: the queue by probability, files of what was
decided, and what a record looks like before it is made.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lineshaft.apps.network import exchange, queries, rules, services
from lineshaft.apps.network.models import OrganisationPair
from lineshaft.apps.network.queries import LookAlike
from lineshaft.apps.network.views import wording
from lineshaft.apps.network.views.queue import (
    Queue,
    organisations_crumb,
    pair_tag,
    pair_url,
    reasons_text,
)
from lineshaft.apps.network.views.weighing import probability
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.exchange.writing import Provenance
from lineshaft.plumbing.listing import paginate
from lineshaft.plumbing.permit import may, permit
from lineshaft.web import formats
from lineshaft.web.downloads import table_download
from lineshaft.web.pages import Action, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table

_FORMS: Final = ("csv", "xlsx", "json")


@require_GET
def list_pairs(request: HttpRequest) -> HttpResponse:
    """Pairs of records that may be one, the likeliest first, narrowed as the address says."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    queue = Queue.of(request)
    page = paginate(request, queue.rows())
    table = Table(
        caption=_("Organisations that may be one, the most likely first"),
        columns=(
            Column("first", _("One record")),
            Column("second", _("The other record")),
            Column("probability", _("Probability"), is_number=True),
            Column("likeness", _("Likeness"), is_number=True),
            Column("why", _("Why")),
            Column("state", _("State")),
        ),
        rows=tuple(_pair_row(one, queue) for one in page),
        page=page,
        empty=_("No pair waits. Look again after organisations were registered or imported."),
        is_stacked=True,
    )
    actions = [Action(_("Look again"), reverse("network:request_resolution"), is_post=True)]
    if page.items and queue.waits:
        url = pair_url(page.items[0], queue)
        actions.insert(0, Action(_("Review the first"), url, is_primary=True))
    return render_page(
        request,
        "network/list_pairs.html",
        {
            "table": table,
            "form": queue.form,
            "total": page.total,
            "is_narrowed": bool(queue.chosen),
            "actions": tuple(actions),
            "crumbs": organisations_crumb(),
            "decisions": _files("network:export_decisions"),
            "records": _files("network:export_records"),
        },
    )


@require_POST
def request_resolution(request: HttpRequest) -> HttpResponse:
    """Have every record compared with the others, by name and by all that is known."""
    job = services.request_resolution(actor_of(request), now=clock.now())
    return redirect("jobs:show_job", pk=job.pk)


@require_GET
def export_decisions(request: HttpRequest, form: str) -> HttpResponseBase:
    """What was merged and what was kept apart, as rules that `lineshaft resolve` reads."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    pairs = queries.decided_pairs(actor)
    return table_download(
        actor,
        form,
        name="organisation-decisions",
        columns=exchange.decision_export_columns(),
        rows=exchange.decision_export_rows(pairs),
        provenance=Provenance(
            title=_("Which records are one organisation"),
            generated_at=clock.now(),
            is_demonstration=pairs.filter(first__is_demonstration=True).exists(),
        ),
    )


@require_GET
def export_records(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every record, merged ones too, with its id, as `lineshaft resolve` reads them."""
    actor = actor_of(request)
    permit(actor, rules.PERMISSIONS["find_lookalikes"])
    rows = queries.records_visible_to(actor)
    return table_download(
        actor,
        form,
        name="organisation-records",
        columns=exchange.record_export_columns(),
        rows=exchange.record_export_rows(rows),
        provenance=Provenance(
            title=_("Records of organisations"),
            generated_at=clock.now(),
            is_demonstration=rows.filter(is_demonstration=True).exists(),
        ),
    )


def lookalikes_table(actor: Actor, found: tuple[LookAlike, ...]) -> Table:
    """What somebody is about to register looks like."""
    office = may(actor, rules.PERMISSIONS["find_lookalikes"])
    return Table(
        caption=_("Registered already, and alike"),
        columns=(
            Column("name", _("Organisation")),
            Column("place", _("Place")),
            Column("why", _("Why")),
            *((Column("likeness", _("Likeness"), is_number=True),) if office else ()),
        ),
        rows=tuple(
            Row(
                (
                    Cell(
                        formats.local_name(one.organisation),
                        url=reverse("network:show_organisation", args=[one.organisation.pk]),
                    ),
                    Cell(wording.organisation_place(one.organisation)),
                    Cell(reasons_text(one.reasons)),
                    *((Cell(formats.percent_bp(one.score_bp, 0)),) if office else ()),
                )
            )
            for one in found
        ),
        is_stacked=True,
    )


# --------------------------------------------------------------------------------------- leaves


def _files(view: str) -> list[tuple[str, str]]:
    """The forms of a file with their addresses."""
    return [(form.upper(), reverse(view, args=[form])) for form in _FORMS]


def _pair_row(pair: OrganisationPair, queue: Queue) -> Row:
    tag = pair_tag(pair)
    score = formats.percent_bp(pair.score_bp, 0) if pair.score_bp else formats.MISSING
    return Row(
        (
            Cell(
                formats.local_name(pair.first),
                url=pair_url(pair, queue),
                note=wording.organisation_place(pair.first),
            ),
            Cell(formats.local_name(pair.second), note=wording.organisation_place(pair.second)),
            Cell(probability(pair)),
            Cell(score),
            Cell(reasons_text(pair.reason_list)),
            Cell(tag.text, tag=tag.tone),
        )
    )
