"""The calendar (iCalendar, RFC 5545) of a visit, for those who may read it.

What was cancelled stays in it as cancelled, so that it leaves the calendars that have it.
"""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from lineshaft.apps.awarding import queries, rules
from lineshaft.apps.awarding.views.words import competition_to_read, visit_title

PRODUCT: Final = "-//Lineshaft//awarding//EN"


@require_safe
@login_required
def feed_visit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The visit, and each item of its agenda."""
    actor, shown = competition_to_read(request, key)
    visit = queries.visit_by_id(actor, shown, pk)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    said = {"code": shown.code, "title": visit_title(visit)}
    calendar.add("x-wr-calname", _("%(code)s, site visit: %(title)s") % said)
    event = Event()
    event.add("uid", f"{visit.uid}@lineshaft")
    event.add("sequence", visit.revision)
    event.add("dtstamp", visit.changed_at)
    event.add("last-modified", visit.changed_at)
    is_off = visit.state == rules.VISIT_CANCELLED or queries.is_withdrawn(visit)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("summary", _("%(code)s, site visit: %(title)s") % said)
    event.add("location", visit.place)
    event.add("url", request.build_absolute_uri(visit.get_absolute_url()))
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    if not queries.is_withdrawn(visit):
        lines = [f"{one.starts_at:%H:%M} UTC {one.title}" for one in visit.agenda.all()]
        event.add("description", "\n".join([line for line in (visit.remark, *lines) if line]))
    calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="visit-{visit.pk}.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    return response
