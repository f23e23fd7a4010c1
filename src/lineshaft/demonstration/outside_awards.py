"""Awards of other agencies that nobody made: forty, of which two pay for the same work.

The two are one text, told again by another agency with a few words changed, to a firm and to the
university that it works with. What shares a process or a method with others is common ground and
no overlap.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.rules import OverlapScope
from lineshaft.demonstration.loading import WHY, Loading
from lineshaft.demonstration.names import person_names
from lineshaft.demonstration.values import SEED

AWARDS: Final = 40
SOURCE: Final = "demo"
FIRST_YEAR: Final = 2016
YEARS: Final = 7
THOUSAND_MINOR: Final = 100_000
UEI_LETTERS: Final = "DEM"
"""Before nine digits: so none is made, since no UEI holds a number that could be a DUNS or an EIN.
*Source*: General Services Administration, technical specification of the UEI (SAM), 2022."""

_AGENCIES: Final = (
    ("National Science Foundation", "Advanced Manufacturing", "Standard Grant"),
    ("Department of Energy", "AMMTO", "Cooperative Agreement"),
    ("Department of Defense", "ONR", "Contract"),
    ("National Aeronautics and Space Administration", "", "Grant"),
    ("Department of Commerce", "NIST", "Cooperative Agreement"),
)
_PROCESSES: Final = (
    ("laser powder-bed fusion", "Parts of nickel alloys crack along pores that no scan has shown."),
    ("friction stir welding", "In thick plate the tool wears out before the seam is closed."),
    ("roll-to-roll printing", "Printed lines break wherever two webs were spliced."),
    ("filament winding", "Near the dome of a vessel the fibres lie looser than the drawing says."),
    ("injection moulding", "Resins made from plants shrink with the humidity of the day."),
    ("wafer bonding", "At low temperature voids remain along the rim of the wafer."),
    ("cell culture at scale", "The yield of each litre falls as the vessel grows."),
    ("five-axis milling", "Chatter marks the trailing edge of slender blades."),
    ("investment casting", "One core in twenty shifts while the metal is poured."),
    ("thermal spraying", "A coat that holds on the test plate flakes off a curved one."),
)
_APPROACHES: Final = (
    ("Acoustic sensing for", "Microphones listen to the machine, and a cut shows what they heard."),
    ("A reduced model of", "Heat and flow are computed in a second, on the controller itself."),
    ("Lower energy use in", "A meter on each drive tells where the electricity goes."),
    ("Qualification of", "Five sites make coupons under one plan and break them blind."),
    ("A course in", "Two colleges teach it in twelve weeks, half of them in the workshop."),
    ("Reuse of scrap from", "What is left over is sorted by alloy or grade and fed back in."),
    ("Robots that tend", "An arm loads and unloads at night, with nobody in the hall."),
    ("Digital records of", "Every part carries a code under which all its settings are kept."),
    ("Small batches by", "Change-over is cut into steps that are timed and done beforehand."),
    ("Inspection after", "X-ray images are read twice, by people and by a program."),
)
_TRIALS: Final = (
    "Three job shops lend a machine for six months.",
    "Forty runs are planned so that each setting meets every other.",
    "An older machine is fitted out first, since most shops own one of those.",
    "A national laboratory repeats a tenth of the measurements.",
    "Trials begin on a test geometry and end on a part that is sold.",
    "Operators keep a diary, which is read beside the sensors.",
    "Material of two suppliers is used, and neither knows which is which.",
    "A round robin among universities checks the numbers of the first year.",
    "Failures are kept on a shelf and opened by whoever asks.",
    "The second year is done at a customer's plant.",
)
_RESULTS: Final = (
    "The tables go to the standards body, with all that could not be explained.",
    "Software is published with the data that it was tried on.",
    "A price for each part is the result, labour and rejects included.",
    "Whoever takes part may use the patents without a fee.",
    "The controller's code is handed to makers of such machines.",
    "A handbook of sixty pages is printed for the shop floor.",
    "If the target is missed by half, the work stops after eighteen months.",
    "Ten firms have said that they would buy the first units.",
    "Graduates are asked after two years what they earn and where.",
    "A pilot line stays open to firms of fewer than 500 people.",
)
_OVERLAPPING: Final = (
    (
        "Repairing gear teeth by wire-fed deposition",
        (
            "Large gears of wind turbines are scrapped when a single tooth has broken. This "
            "project restores the tooth in place: a wire is fed into a small melt pool, layer "
            "upon layer, while a camera watches the width of the bead and a controller keeps "
            "it.\n\n"
            "Twelve gears taken out of service are repaired and run on a test stand until "
            "they fail again. The repaired teeth are sectioned, and hardness and residual "
            "stress are set beside those of new ones. The project ends with a procedure that "
            "a service crew can follow in a day, and with the cost of a repair beside that of "
            "a new gear."
        ),
    ),
    (
        "In-place restoration of broken gear teeth",
        (
            "Large gears of wind turbines are scrapped when one tooth has broken. The project "
            "restores the tooth in place: a wire is fed into a small melt pool, layer upon "
            "layer, while a camera watches the width of the bead and a controller keeps it.\n\n"
            "Ten gears taken out of service are repaired and run on a test stand until they "
            "fail again. The repaired teeth are sectioned, and hardness and residual stress "
            "are set beside those of new ones. It ends with a procedure that a service crew "
            "can follow in a day. A partner trains crews of two wind parks."
        ),
    ),
)
"""The same work, told by two agencies."""


def record_outside_awards(loading: Loading) -> None:
    """Store them, to organisations of the demonstration, each linked by an invented UEI, and have
    them compared.
    """
    recipients = [_recipients("industry_sme"), _recipients("university")]
    chosen = [recipients[place % 2][place % len(recipients[place % 2])] for place in range(AWARDS)]
    numbers = {one.pk: f"{UEI_LETTERS}{place:09}" for place, one in enumerate(chosen, start=1)}
    network.register_organisations(
        loading.actor,
        [_numbered(one, numbers[one.pk]) for one in dict.fromkeys(chosen)],
        now=loading.now,
        why=WHY,
    )
    rows = list(_rows(loading, chosen, numbers))
    network.register_outside_awards(
        loading.actor, rows, now=loading.now, why=WHY, is_demonstration=True
    )
    network.find_overlaps(loading.actor, OverlapScope.ALL, now=loading.now)


def work_of(place: int) -> tuple[str, str]:
    """Title and text of the award at that place; any two but the first two share one sentence of
    four at most.
    """
    if place < len(_OVERLAPPING):
        return _OVERLAPPING[place]
    tens, ones = divmod(place, 10)
    process, trouble = _PROCESSES[ones]
    begins, how = _APPROACHES[(ones + tens) % 10]
    trial, result = _TRIALS[(ones + 2 * tens) % 10], _RESULTS[(ones + 3 * tens) % 10]
    return f"{begins} {process}", f"{trouble} {how}\n\n{trial} {result}"


def _numbered(one: Organisation, uei: str) -> network.OrganisationRow:
    """The organisation as it is registered, with its UEI."""
    return network.OrganisationRow(
        name=one.name,
        kind=one.kind,
        city=one.city,
        region=one.region,
        country=one.country,
        level=one.level,
        identifiers=(("uei", uei),),
        is_demonstration=True,
    )


def _rows(
    loading: Loading, chosen: Sequence[Organisation], numbers: Mapping[int, str]
) -> Iterator[network.AwardRow]:
    rng = Random(f"{SEED}:outside awards")
    people = person_names(rng, set())
    for place in range(AWARDS):
        title, abstract = work_of(place)
        agency, office, instrument = _AGENCIES[place % len(_AGENCIES)]
        recipient = chosen[place]
        starts_on = date(FIRST_YEAR + place % YEARS, rng.randint(1, 12), 1)
        yield network.AwardRow(
            source=SOURCE,
            number=f"DEMO-{place + 1:04}",
            title=title,
            abstract=abstract,
            agency_name=agency,
            office_name=office,
            instrument=instrument,
            investigator=next(people),
            recipient=recipient.name,
            recipient_uei=numbers[recipient.pk],
            city=recipient.city,
            region=recipient.region,
            country=recipient.country,
            currency=loading.profile.currency,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=rng.choice((365, 730, 1095))),
            amount_minor=rng.randrange(120, 1500, 5) * THOUSAND_MINOR,
        )


def _recipients(kind: str) -> list[Organisation]:
    rows = Organisation.objects.filter(kind=kind, is_demonstration=True, merged_into=None)
    return list(rows.order_by("pk")[:AWARDS])
