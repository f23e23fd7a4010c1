"""The page of people: for those who work with them."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lineshaft.apps.network import queries
from lineshaft.apps.network.forms import PeopleFilters
from lineshaft.kernel.errors import NotPermitted
from lineshaft.kernel.text import gettext_noop
from lineshaft.web import formats
from lineshaft.web.pages import actor_of, render_page
from lineshaft.web.tables import Cell, Column, Row, Table, paginate, sorting

SORTS = {"name": "name", "organisation": "organisation__name"}


@require_GET
def list_people(request: HttpRequest) -> HttpResponse:
    """The people whom the actor works with; network staff see all."""
    actor = actor_of(request)
    if not queries.may_list_people(actor):
        raise NotPermitted(
            gettext_noop("People are listed for the staff of the network and of institutes.")
        )
    form = PeopleFilters(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    people = queries.people_visible_to(actor)
    if text:
        people = people.filter(
            Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(email__icontains=text)
        )
    order, sort = sorting(request, SORTS, "name")
    page = paginate(request, people.order_by(order, "pk"))
    table = Table(
        caption=_("People"),
        columns=(
            Column("name", _("Name"), sort="name"),
            Column("organisation", _("Organisation"), sort="organisation"),
            Column("email", _("E-mail address")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(formats.local_name(person)),
                    Cell(formats.local_name(person.organisation)),
                    Cell(person.email or formats.MISSING),
                )
            )
            for person in page
        ),
        page=page,
        sort=sort,
        empty=_("Nobody fits this search."),
        is_stacked=True,
    )
    return render_page(
        request, "network/list_people.html", {"table": table, "form": form, "total": page.total}
    )
