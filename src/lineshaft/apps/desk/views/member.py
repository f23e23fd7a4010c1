"""What a member has, as tables of its desk: memberships, needs, results, what is to come."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lineshaft.apps.desk.queries import ROWS_SHOWN, MemberDesk
from lineshaft.apps.memberships.models import TierTerms
from lineshaft.web import formats
from lineshaft.web.tables import Cell, Column, Row, Table


def membership_table(desk: MemberDesk) -> Table:
    """The memberships in force, what each gives and what is owed for it."""
    profile = formats.profile()
    tiers = {tier.key: tier for tier in profile.tiers}
    currency = profile.currency
    rows = tuple(
        Row(
            (
                Cell(
                    formats.local_name(one.agreement.institute),
                    reverse("network:show_institute", args=[one.agreement.institute.key]),
                    note=formats.local_name(one.agreement.organisation.standing),
                ),
                Cell(
                    formats.local_name(tiers.get(one.agreement.tier)),
                    reverse("memberships:show_member", args=[one.agreement.pk]),
                ),
                Cell(
                    formats.date_local(one.agreement.ends_on),
                    note=_("since %(day)s") % {"day": formats.date_local(one.agreement.starts_on)},
                ),
                Cell(_given(one.terms)),
                Cell(
                    formats.money(one.owed_minor, currency),
                    note=_("due on %(day)s") % {"day": formats.date_local(one.due_on)}
                    if one.due_on
                    else "",
                ),
            )
        )
        for one in desk.benefits
    )
    columns = (
        Column("institute", _("Institute")),
        Column("tier", _("Membership tier")),
        Column("until", _("Until")),
        Column("gives", _("What it gives")),
        Column("owed", _("Owed"), is_number=True),
    )
    return Table(_("Memberships in force, and what they give"), columns, rows, is_stacked=True)


def need_table(desk: MemberDesk) -> Table:
    """The open needs and offers of the reader's organisations."""
    rows = tuple(
        Row(
            (
                Cell(one.title, one.get_absolute_url()),
                Cell(str(one.get_kind_display())),
                Cell(formats.date_local(one.expires_on)),
                Cell(formats.number(one.answer_count)),  # type: ignore[attr-defined] # annotated
            )
        )
        for one in desk.needs
    )
    columns = (
        Column("title", _("What")),
        Column("kind", _("Kind")),
        Column("until", _("Until, not included"), is_short=True),
        Column("answers", _("Answers"), is_number=True),
    )
    return Table(_("Open needs and offers of yours"), columns, rows, is_stacked=True)


def result_table(desk: MemberDesk) -> Table:
    """The newest results that institutes share with the reader."""
    rows = tuple(
        Row(
            (
                Cell(one.title, one.file.get_absolute_url()),
                Cell(
                    formats.local_name(one.institute),
                    reverse("network:show_institute", args=[one.institute.key]),
                ),
                Cell(formats.date_local(one.shared_at.date())),
            )
        )
        for one in desk.results
    )
    columns = (
        Column("title", _("Result")),
        Column("institute", _("Institute")),
        Column("shared", _("Shared on"), is_short=True),
    )
    return Table(_("Results you may read, newest first"), columns, rows, is_stacked=True)


def event_table(desk: MemberDesk, *, today: date) -> Table:
    """What is to come, the next first: meetings that the reader may see, and days of its own."""
    coming = [*_meeting_days(desk), *_own_days(desk)]
    coming = sorted((one for one in coming if one[0] >= today), key=lambda one: one[0])
    rows = tuple(
        Row((Cell(formats.date_local(on)), what, where)) for on, what, where in coming[:ROWS_SHOWN]
    )
    columns = (
        Column("on", _("When"), is_short=True),
        Column("what", _("What")),
        Column("where", _("Where")),
    )
    return Table(_("What is to come, the next first"), columns, rows, is_stacked=True)


def _meeting_days(desk: MemberDesk) -> Iterator[tuple[date, Cell, Cell]]:
    for one in desk.meetings:
        what = _("Meeting %(number)s") % {"number": one.number}
        body = Cell(formats.local_name(one.body), one.body.get_absolute_url())
        yield one.held_on, Cell(what, one.get_absolute_url()), body


def _own_days(desk: MemberDesk) -> Iterator[tuple[date, Cell, Cell]]:
    """When dues are due, terms and needs end, and commitments are to be met."""
    for one in desk.benefits:
        agreement = one.agreement
        shown = reverse("memberships:show_member", args=[agreement.pk])
        institute = Cell(formats.local_name(agreement.institute))
        if one.due_on is not None:
            yield one.due_on, Cell(_("Dues are due"), shown), institute
        if agreement.ends_on is not None:
            yield agreement.ends_on, Cell(_("The membership ends"), shown), institute
    for need in desk.needs:
        what = _("Need or offer ends: %(title)s") % {"title": need.title}
        board = Cell(_("Needs and offers"), reverse("memberships:list_needs"))
        yield need.expires_on, Cell(what, need.get_absolute_url()), board
    for commitment in desk.commitments:
        review = commitment.decision.review
        what = _("Commitment to meet: %(text)s") % {"text": commitment.text}
        institute = Cell(formats.local_name(review.institute))
        yield commitment.due_on, Cell(what, review.get_absolute_url()), institute


def _given(terms: TierTerms | None) -> str:
    """What a tier gives, in words; where the institute has set no terms of its own, that."""
    if terms is None:
        return _("The institute has not set its own terms; the network's template holds.")
    given = [
        _("Bookings: %(rate)s") % {"rate": terms.get_rate_class_display()},
        ngettext(
            "%(number)s training seat a year",
            "%(number)s training seats a year",
            terms.training_seats,
        )
        % {"number": terms.training_seats},
        ngettext(
            "%(number)s day to ask for a licence",
            "%(number)s days to ask for a licence",
            terms.licence_option_days,
        )
        % {"number": terms.licence_option_days},
        ngettext("%(number)s vote", "%(number)s votes", terms.votes) % {"number": terms.votes},
    ]
    if terms.may_lead_projects:
        given.append(_("May lead in project calls"))
    return "; ".join(given)
