"""Contributions that look claimed on two awards: an institute's page, and a table for one."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from lineshaft.apps.funding import queries
from lineshaft.apps.funding.models import (
    CONTRIBUTION_STATE_LABELS,
    DUPLICATE_SIGN_LABELS,
    Contribution,
)
from lineshaft.apps.funding.queries import Duplicate
from lineshaft.apps.funding.rules import UNIFORM_GUIDANCE, ContributionState
from lineshaft.apps.funding.views.tones import CONTRIBUTION_TONES
from lineshaft.apps.funding.views.transfers import funding_crumbs
from lineshaft.apps.network.queries import institute_by_key
from lineshaft.kernel.errors import NotFound
from lineshaft.plumbing.listing import paginate
from lineshaft.web.formats import date_local, local_name, money
from lineshaft.web.navigation import institute_tabs
from lineshaft.web.pages import Crumb, actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table


@require_GET
def list_duplicates(request: HttpRequest, key: str) -> HttpResponse:
    """The institute's contributions that look claimed on another award too."""
    actor = actor_of(request)
    institute = institute_by_key(actor, key)
    if not queries.may_read_contributors(actor, institute.key):
        raise NotFound(code="contributions", message=queries.NOT_OPEN)
    page = paginate(request, queries.contributions_claimed_twice(actor, institute.key))
    found = queries.duplicates_of(actor, page)
    name = local_name(institute)
    title = (
        ngettext(
            "%(count)s contribution to %(institute)s looks claimed on another award too",
            "%(count)s contributions to %(institute)s look claimed on another award too",
            page.total,
        )
        % {"count": page.total, "institute": name}
        if page.total
        else _("No contribution to %(institute)s looks claimed on another award")
        % {"institute": name}
    )
    context = {
        "title": title,
        "lede": _(
            "Compared with every award of the network by evidence, and by contributor, amount, "
            "kind and date. A second person accepts them, with the reason."
        ),
        "crumbs": (
            *funding_crumbs(institute),
            Crumb(_("Contributions"), reverse("funding:list_contributions", args=[key])),
        ),
        "tabs": institute_tabs(key, "funding:show_funding", actor),
        "table": Table(
            caption=_("Contributions that look claimed twice"),
            columns=(
                Column("date", _("Date")),
                Column("contributor", _("Contributor")),
                Column("claimed", _("Claimed"), is_number=True),
                Column("state", _("State")),
                Column("other", _("Looks like")),
                Column("common", _("In common")),
            ),
            rows=tuple(
                _row(contribution, one)
                for contribution in page
                for one in found.get(contribution.pk, ())
            ),
            page=page,
            empty=_("Nothing was found."),
            is_stacked=True,
        ),
        "citation": UNIFORM_GUIDANCE,
    }
    return render_page(request, "funding/list_duplicates.html", context)


def duplicates_table(duplicates: Sequence[Duplicate]) -> Table | None:
    """What one contribution looks like; None where nothing was found."""
    if not duplicates:
        return None
    return Table(
        caption=_("Looks claimed on another award too"),
        columns=(
            Column("other", _("Other contribution")),
            Column("common", _("In common")),
            Column("claimed", _("Claimed"), is_number=True),
            Column("state", _("State")),
        ),
        rows=tuple(_duplicate_row(one) for one in duplicates),
        is_stacked=True,
    )


def _duplicate_row(duplicate: Duplicate) -> Row:
    other = duplicate.other
    cells = (_other_cell(duplicate), _common_cell(duplicate), _claimed_cell(other))
    return Row((*cells, _state_cell(other)))


def _row(contribution: Contribution, duplicate: Duplicate) -> Row:
    return Row(
        (
            Cell(date_local(contribution.occurred_on), url=contribution.get_absolute_url()),
            Cell(local_name(contribution.organisation.standing)),
            _claimed_cell(contribution),
            _state_cell(contribution),
            _other_cell(duplicate),
            _common_cell(duplicate),
        )
    )


def _other_cell(duplicate: Duplicate) -> Cell:
    other = duplicate.other
    if other is None:
        return Cell(_("one that you may not open, under another award"))
    return Cell(
        _("%(contributor)s, %(day)s, under %(agreement)s")
        % {
            "contributor": local_name(other.organisation.standing),
            "day": date_local(other.occurred_on),
            "agreement": other.agreement.number,
        },
        url=other.get_absolute_url(),
    )


def _common_cell(duplicate: Duplicate) -> Cell:
    return Cell("; ".join(str(DUPLICATE_SIGN_LABELS[sign]) for sign in duplicate.signs))


def _claimed_cell(contribution: Contribution | None) -> Cell:
    return Cell(money(contribution.claimed) if contribution else "–")


def _state_cell(contribution: Contribution | None) -> Cell:
    if contribution is None:
        return Cell("–")
    state = ContributionState(contribution.state)
    return Cell(str(CONTRIBUTION_STATE_LABELS[state]), tag=CONTRIBUTION_TONES[state])
