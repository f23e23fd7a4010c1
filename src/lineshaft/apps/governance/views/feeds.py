"""Calendar feeds (iCalendar, RFC 5545) of meetings: as much as whoever asks may read, no more.

A calendar program that signs in as nobody gets the public meetings. A meeting that was cancelled
stays in the feed as cancelled, so that it leaves the calendars that have it.
"""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from lineshaft.apps.governance import queries, rules
from lineshaft.apps.governance.models import Meeting
from lineshaft.plumbing import clock
from lineshaft.plumbing.actor import Actor
from lineshaft.web import formats
from lineshaft.web.pages import actor_of

PRODUCT: Final = "-//Lineshaft//meetings//EN"
WITHOUT_END: Final = timedelta(hours=2)
"""How long a calendar shows a meeting whose end was not said."""


@require_safe
def feed_meetings(request: HttpRequest) -> HttpResponse:
    """The meetings of every body."""
    return _feed(request, _("Meetings"))


@require_safe
def feed_body_meetings(request: HttpRequest, key: str) -> HttpResponse:
    """The meetings of one body."""
    body = queries.body_by_key(actor_of(request), key)
    return _feed(request, formats.local_name(body), key)


def _feed(request: HttpRequest, name: str, key: str = "") -> HttpResponse:
    actor = actor_of(request)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for meeting in queries.meetings_to_feed(actor, on=clock.today(), body=key):
        calendar.add_component(_event(request, actor, meeting))
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{key or "meetings"}.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Cookie, Accept-Language"
    return response


def _event(request: HttpRequest, actor: Actor, meeting: Meeting) -> Event:
    event = Event()
    event.add("uid", f"{meeting.uid}@lineshaft")
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("sequence", int(meeting.state == rules.CANCELLED))
    event.add("status", "CANCELLED" if meeting.state == rules.CANCELLED else "CONFIRMED")
    said = {"body": formats.local_name(meeting.body), "number": meeting.number}
    event.add("summary", _("%(body)s, meeting %(number)s") % said)
    event.add("url", request.build_absolute_uri(meeting.get_absolute_url()))
    if meeting.is_written and meeting.closes_on is not None:
        event.add("dtstart", meeting.held_on)
        event.add("dtend", meeting.closes_on + timedelta(days=1))
    else:
        event.add("dtstart", meeting.starts_at)
        event.add("dtend", meeting.ends_at or meeting.starts_at + WITHOUT_END)
    if meeting.place:
        event.add("location", meeting.place)
    if meeting.link and not actor.is_anonymous:
        event.add("conference", meeting.link, parameters={"VALUE": "URI"})
    return event
