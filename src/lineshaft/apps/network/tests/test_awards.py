"""Awards of other agencies: recorded, corrected, refused, read."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError

from lineshaft.apps.network import queries, services
from lineshaft.apps.network.models import Organisation, OutsideAward
from lineshaft.apps.network.tests.factories import NOW, make_agency, make_organisation
from lineshaft.kernel.errors import FieldError, Invalid, NotFound, NotPermitted, Stale
from lineshaft.plumbing.access.tests.factories import make_actor
from lineshaft.plumbing.actor import Actor
from lineshaft.plumbing.audit.models import AuditEvent
from lineshaft.plumbing.roles import Role, ScopeKind
from lineshaft.plumbing.search.queries import search
from lineshaft.plumbing.sharing import SharingLevel

pytestmark = pytest.mark.django_db

UEI = "HJ7LJZ2K9C35"
FILE = services.AwardFile("awards.csv", "ab" * 32)
ROW = services.AwardRow(
    source="nsf",
    number="0002790",
    title="Forging &amp; casting",
    abstract="We forge.<br/><br/>Then we cast where p<q.",
    agency_name="NSF",
    office_name="CMMI",
    currency="USD",
    recipient="Anvil Works",
    recipient_uei=UEI.lower(),
    investigator="A. Example",
    starts_on=date(2020, 9, 1),
    amount_minor=14_975_400,
    row=2,
)
OFFICE = Role.PROGRAMME_OFFICER


@pytest.fixture(autouse=True)
def _agencies() -> None:
    make_agency("NSF")
    make_agency("AFRL", parent=make_agency("DOD"))


def sponsor(agency: str = "DOD") -> Actor:
    return make_actor(Role.AGENCY_SPONSOR, ScopeKind.AGENCY, agency)


def record(*rows: services.AwardRow, actor: Actor | None = None) -> services.AwardOutcome:
    who = actor or make_actor(OFFICE)
    return services.register_outside_awards(who, rows, now=NOW, file=FILE, why="import")


def faults(*rows: services.AwardRow, actor: Actor | None = None) -> list[tuple[int | None, str]]:
    with pytest.raises(Invalid) as raised:
        record(*rows, actor=actor)
    return [(fault.row, fault.field) for fault in raised.value.errors]


def one_fault(*rows: services.AwardRow, actor: Actor | None = None) -> FieldError:
    with pytest.raises(Invalid) as raised:
        record(*rows, actor=actor)
    (fault,) = raised.value.errors
    return fault


@pytest.mark.database
def test_award_is_recorded_as_its_register_says_in_plain_text() -> None:
    recipient = make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    assert record(ROW) == services.AwardOutcome(1, 0, 0)
    award = queries.outside_award_by_id(make_actor(OFFICE), OutsideAward.objects.get().pk)
    assert (award.title, award.abstract) == (
        "Forging & casting",
        "We forge.\n\nThen we cast where p<q.",
    )
    assert award.paragraphs == ("We forge.", "Then we cast where p<q.")
    assert (award.year, award.agency and award.agency.key) == (2020, "NSF")
    assert award.organisation == recipient
    assert award.seen_organisation_id == recipient.pk  # type: ignore[attr-defined] # annotated
    assert (award.source_name, award.source_sha256, award.source_row) == (*_file(), 2)
    event = AuditEvent.objects.get()
    assert (event.verb, event.agency, event.count) == ("register_outside_awards", "NSF", 1)
    assert event.changes == {"created": 1, "updated": 0}
    assert award.recorded_in == event


def _file() -> tuple[str, str]:
    return FILE.name, FILE.sha256


@pytest.mark.database
def test_same_rows_again_change_nothing_and_another_content_corrects() -> None:
    record(ROW, replace(ROW, number="2"))
    assert record(ROW, ROW, replace(ROW, number="2")) == services.AwardOutcome(0, 0, 2)
    assert AuditEvent.objects.count() == 1
    changed = replace(ROW, title="Casting", amount_minor=None)
    assert record(changed, replace(ROW, number="2")) == services.AwardOutcome(0, 1, 1)
    award = OutsideAward.objects.get(number=ROW.number)
    assert (award.title, award.amount) == ("Casting", None)
    event = AuditEvent.objects.latest("pk")
    assert (event.subject_id, event.count) == (str(award.pk), 1)
    assert event.changes == {
        "created": 0,
        "updated": 1,
        "awards": {"nsf 0002790": ["title", "amount"]},
    }
    assert record(changed) == services.AwardOutcome(0, 0, 1)


def test_recipient_that_is_registered_later_is_linked_and_stays() -> None:
    record(ROW)
    recipient = make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    assert record(ROW).updated == 1
    recipient.identifiers.all().delete()
    assert record(ROW).unchanged == 1
    assert OutsideAward.objects.get().organisation == recipient


@pytest.mark.database
def test_correction_takes_back_the_links_that_a_register_does_not_name_any_more() -> None:
    make_organisation("Anvil Works", identifiers=[("uei", UEI)])
    record(ROW)
    corrected = replace(ROW, agency_name="Nobody", recipient_uei="ZQGGHJH74DW7")
    assert record(corrected).updated == 1
    award = OutsideAward.objects.get()
    assert (award.agency, award.organisation) == (None, None)
    event = AuditEvent.objects.latest("pk")
    assert event.changes["awards"] == {
        "nsf 0002790": ["agency_name", "recipient_uei", "agency", "organisation"]
    }
    assert record(corrected).unchanged == 1
    registered = make_organisation("Loom Works", identifiers=[("uei", "ZQGGHJH74DW7")])
    assert record(corrected).updated == 1
    assert OutsideAward.objects.get().organisation == registered


@pytest.mark.parametrize("level", [SharingLevel.PUBLIC, SharingLevel.RESTRICTED])
def test_row_without_a_level_leaves_that_of_the_award(level: SharingLevel) -> None:
    record(replace(ROW, level=level))
    assert record(ROW).unchanged == 1
    assert record(replace(ROW, title="Casting")).updated == 1
    award = OutsideAward.objects.get()
    assert (award.title, award.level) == ("Casting", level)
    assert record(replace(ROW, number="2")).created == 1
    assert OutsideAward.objects.get(number="2").level == SharingLevel.PUBLIC


def test_recipient_that_was_merged_is_read_as_what_stands_for_it() -> None:
    merged = make_organisation("Anvil", identifiers=[("uei", UEI)])
    record(ROW)
    standing = make_organisation("Anvil Works")
    Organisation.objects.filter(pk=merged.pk).update(merged_into=standing)
    rows = queries.outside_awards_visible_to(Actor.public())
    assert (
        queries.outside_awards_filtered(Actor.public(), rows, organisation=standing.pk).count() == 1
    )
    (award,) = queries.with_recipient_seen_by(Actor.public(), rows)
    assert award.seen_organisation_id == standing.pk  # type: ignore[attr-defined] # annotated
    standing.level = SharingLevel.RESTRICTED
    standing.save(update_fields=["level"])
    found = queries.outside_awards_filtered(Actor.public(), rows, organisation=standing.pk)
    assert not found.exists()
    (award,) = queries.with_recipient_seen_by(Actor.public(), rows)
    assert award.seen_organisation_id is None  # type: ignore[attr-defined] # annotated


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"number": ""}, "number", id="no number"),
        pytest.param({"agency_name": ""}, "agency", id="no agency"),
        pytest.param({"source": "N S F"}, "source", id="no register"),
        pytest.param({"year": 20}, "year", id="no year"),
        pytest.param({"starts_on": date(1, 1, 1), "year": 2020}, "starts_on", id="no start"),
        pytest.param({"ends_on": date(9999, 12, 31)}, "ends_on", id="no end"),
        pytest.param({"amount_minor": -(10**15) - 1}, "amount", id="no amount"),
        pytest.param({"country": "USA"}, "country", id="no country"),
        pytest.param({"level": "institute"}, "level", id="no level"),
        pytest.param({"abstract": "x" * 20_001}, "abstract", id="long text"),
        pytest.param({"office_name": "x" * 201}, "office", id="long office"),
    ],
)
def test_row_that_cannot_be_stored_is_refused_where_it_stands(
    changes: dict[str, Any], field: str
) -> None:
    assert faults(ROW, replace(ROW, number="2", row=3), replace(ROW, **changes, row=4))[:1] == [
        (4, field)
    ]
    assert OutsideAward.objects.count() == 0


def test_number_with_two_contents_is_refused() -> None:
    fault = one_fault(ROW, replace(ROW, title="Other", row=3))
    assert (fault.row, fault.as_text()) == (
        3,
        "Row 2 gives award 0002790 already, with another content. Keep one of the two rows.",
    )


def test_sponsor_records_awards_of_own_agency_and_of_its_offices() -> None:
    common = replace(ROW, source="usaspending")
    own = replace(common, agency_name="DOD", office_name="AFRL")
    assert record(own, actor=sponsor()).created == 1
    assert record(replace(own, title="Other"), actor=sponsor("AFRL")).updated == 1
    fault = one_fault(common, actor=sponsor())
    assert fault.as_text() == (
        "“NSF” is not an agency that you answer for. You may record awards of: DOD."
    )
    assert faults(replace(common, agency_name="Nobody"), actor=sponsor()) == [(2, "agency")]


@pytest.mark.parametrize(
    ("source", "is_taken"),
    [
        pytest.param("sbir", True, id="common"),
        pytest.param("dod", True, id="its own"),
        pytest.param("dod-list", True, id="a new one"),
        pytest.param("held", True, id="one that holds its own"),
        pytest.param("nsf", False, id="that of another agency"),
        pytest.param("doe", False, id="named as another agency"),
        pytest.param("theirs", False, id="one that holds those of others alone"),
    ],
)
def test_sponsor_records_under_no_register_of_another_agency(
    source: str, *, is_taken: bool
) -> None:
    make_agency("DOE")
    record(
        replace(ROW, source="theirs", number="0"),
        replace(ROW, source="held", number="0", agency_name="AFRL"),
    )
    own = replace(ROW, source=source, agency_name="DOD")
    if is_taken:
        assert record(own, actor=sponsor()).created == 1
        return
    fault = one_fault(own, actor=sponsor())
    assert (fault.field, fault.row) == ("source", 2)
    assert fault.as_text() == (
        f"“{source}” is the register of another agency. Name the register in which the award "
        "stands: your own agency's, or a common one such as sbir, sbir-page, usaspending."
    )
    assert record(own).created == 1


@pytest.mark.parametrize("level", [SharingLevel.PUBLIC, SharingLevel.RESTRICTED])
def test_sponsor_takes_over_no_award_of_another_agency_nor_one_unseen(level: str) -> None:
    is_unseen = level == SharingLevel.RESTRICTED
    common = replace(ROW, source="usaspending")
    record(replace(common, level=level, agency_name="DOD" if is_unseen else "NSF"))
    fault = one_fault(replace(common, agency_name="DOD"), actor=sponsor())
    assert fault.as_text().startswith("Award 0002790 is recorded already, for another agency or")
    assert OutsideAward.objects.get().level == level
    own = replace(common, number="2", agency_name="DOD", level="restricted")
    assert faults(own, actor=sponsor())


@pytest.mark.parametrize("role", [Role.INSTITUTE_MANAGER, Role.AUDITOR, Role.MEMBER])
def test_recording_awards_is_for_the_office_and_sponsors(role: Role) -> None:
    actor = make_actor(role)
    assert not services.may_register_outside_awards(actor)
    with pytest.raises(NotPermitted, match="programme office"):
        record(ROW, actor=actor)
    assert services.may_register_outside_awards(sponsor())
    assert services.may_register_outside_awards(make_actor(OFFICE))


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        (Actor.public(), ["public"]),
        (make_actor(Role.REVIEWER), ["network", "public"]),
        (make_actor(Role.AUDITOR), ["network", "public", "restricted"]),
    ],
    ids=["public", "network", "staff"],
)
def test_awards_are_read_by_their_level(reader: Actor, seen: list[str]) -> None:
    levels = [SharingLevel.PUBLIC, SharingLevel.NETWORK, SharingLevel.RESTRICTED]
    record(*(replace(ROW, number=level, agency_name=level, level=level) for level in levels))
    rows = queries.outside_awards_visible_to(reader)
    assert sorted(rows.values_list("level", flat=True)) == seen
    assert queries.agencies_of_outside_awards(reader) == seen
    found = search(reader, "forging", kinds=["network.outsideaward"])
    assert found.total == len(seen)
    hidden = OutsideAward.objects.exclude(level__in=seen)
    for award in hidden:
        with pytest.raises(NotFound):
            queries.outside_award_by_id(reader, award.pk)


@pytest.mark.database
def test_awards_are_narrowed_by_words_agency_and_year_and_counted() -> None:
    record(
        ROW,
        replace(ROW, number="2", year=2021, abstract="Weaving", recipient="Loom Ltd"),
        replace(ROW, number="3", agency_name="DOD", starts_on=None),
    )
    public = Actor.public()
    rows = queries.outside_awards_visible_to(public)

    def numbers(**chosen: Any) -> list[str]:
        narrowed = queries.outside_awards_filtered(public, rows, **chosen)
        return sorted(narrowed.values_list("number", flat=True))

    assert numbers() == ["0002790", "2", "3"]
    assert numbers(q="forging anvil cast") == ["0002790", "3"]
    assert numbers(q="LOOM") == ["2"]
    assert numbers(agency="DOD") == ["3"]
    assert numbers(year=2021) == ["2"]
    assert queries.outside_awards_by_agency(rows) == [("NSF", 2), ("DOD", 1)]
    assert queries.years_of_outside_awards(public) == [2021, 2020]


def test_recording_awards_that_lost_a_race_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    def collide(*_args: object, **_kwargs: object) -> None:
        raise IntegrityError

    monkeypatch.setattr(OutsideAward.objects, "bulk_create", collide)
    with pytest.raises(Stale):
        record(ROW)
    assert not OutsideAward.objects.exists()
