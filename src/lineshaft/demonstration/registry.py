"""What the demonstration's members say of themselves, look for and offer; records entered twice.

All of it is invented. Records that look alike joined other institutes after the demonstration
year, so that the figures of that year stay as they are published.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from lineshaft.apps.governance.queries import institutes_at_work
from lineshaft.apps.memberships import services as memberships
from lineshaft.apps.memberships.models import Need
from lineshaft.apps.memberships.rules import CloseReason, DocumentKind, NeedKind
from lineshaft.apps.network import services as network
from lineshaft.apps.network.models import Organisation
from lineshaft.apps.network.queries import technology_areas
from lineshaft.demonstration.loading import WHY, Loading
from lineshaft.demonstration.personas import OWN_INSTITUTE
from lineshaft.demonstration.values import SEED, OrganisationPlan, Plan
from lineshaft.plumbing.sharing import SharingLevel

ENTRIES: Final = 100
NEEDS: Final = 20
ANSWERS: Final = 12
LOOKALIKES: Final = 12
JOINED_ON: Final = date(2024, 10, 1)
PROCESSES: Final = (
    ("laser powder-bed fusion", "激光粉末床熔融"),
    ("investment casting", "熔模铸造"),
    ("five-axis milling", "五轴铣削"),
    ("roll-to-roll printing", "卷对卷印刷"),
    ("filament winding", "纤维缠绕"),
    ("injection moulding", "注塑成型"),
    ("wafer bonding", "晶圆键合"),
    ("cell culture at scale", "规模化细胞培养"),
    ("friction stir welding", "搅拌摩擦焊"),
    ("inline metrology", "在线计量"),
)
DOCUMENTS: Final = (
    (DocumentKind.OPERATING_MODEL, "How the shared line is booked and charged"),
    (DocumentKind.WORK_PLAN, "Work plan of the coming year"),
    (DocumentKind.EXPERIENCE, "What the first three small firms taught us"),
    (DocumentKind.WORK_PLAN, "Road map to the second pilot line"),
    (DocumentKind.RESULT, "Results of the round-robin test"),
    (DocumentKind.EXPERIENCE, "Tiers that small firms can pay"),
)
WANTED: Final = (
    "A partner for a pilot line in {process}",
    "Somebody to test {process} on thin parts",
    "A second source for {process}",
    "A university that measures {process}",
)
OFFERED: Final = (
    "Machine time for {process}, evenings",
    "Training places in {process}",
    "Sample parts made by {process}",
)


def enter_directory(loading: Loading, plan: Plan) -> None:
    """A hundred members say what they do, times the scale; the member persona's is among them."""
    random = Random(SEED + 31)
    areas = list(technology_areas().order_by("key").values_list("key", flat=True))
    chosen = _members(plan)[: ENTRIES * loading.scale]
    stored = Organisation.objects.in_bulk([loading.organisation_ids[one.number] for one in chosen])
    for one in chosen:
        (process, process_zh), (second, _second_zh) = random.sample(PROCESSES, 2)
        row = memberships.DirectoryRow(
            description=f"We do {process} for parts from one piece to a few thousand.",
            description_zh=f"我们提供{process_zh}，从单件到几千件。",
            capabilities=f"{process}, {second}",
            areas=tuple(random.sample(areas, random.choice((1, 2)))),
            contact_name="Front desk (demonstration)",
            contact_email=f"desk{one.number}@member.example",
            level=random.choice((SharingLevel.NETWORK, SharingLevel.PUBLIC)),
            is_demonstration=True,
        )
        organisation = stored[loading.organisation_ids[one.number]]
        memberships.list_in_directory(loading.actor, organisation, row, now=loading.now)


def post_needs(loading: Loading, plan: Plan) -> None:
    """Needs and offers, some answered, one closed, one that has expired."""
    random = Random(SEED + 32)
    areas = list(technology_areas().order_by("key").values_list("key", flat=True))
    members = _members(plan)[: NEEDS + ANSWERS]
    stored = Organisation.objects.in_bulk([loading.organisation_ids[one.number] for one in members])
    organisations = [stored[loading.organisation_ids[one.number]] for one in members]
    posted: list[Need] = []
    for place, organisation in enumerate(organisations[:NEEDS]):
        kind = NeedKind.OFFERED if place % 3 == 2 else NeedKind.WANTED
        process = random.choice(PROCESSES)[0]
        text = random.choice(OFFERED if kind is NeedKind.OFFERED else WANTED)
        moment = loading.now - timedelta(days=40 if place == 1 else random.randrange(1, 30))
        days = 30 if place == 1 else 120
        row = memberships.NeedRow(
            kind=kind,
            title=text.format(process=process),
            text=f"Small series, drawings on request. We know {process} from the outside.",
            expires_on=moment.date() + timedelta(days=days),
            area=random.choice(areas),
            level=SharingLevel.PUBLIC if place % 4 == 0 else SharingLevel.NETWORK,
            is_demonstration=True,
        )
        posted.append(memberships.post_need(loading.actor, organisation, row, now=moment))
    open_needs = [need for place, need in enumerate(posted) if place != 1]
    for place, organisation in enumerate(organisations[NEEDS:]):
        memberships.answer_need(
            loading.actor,
            open_needs[place // 2],
            organisation,
            text="We have done this before and would like to talk.",
            contact_email=f"desk{organisation.pk}@member.example",
            now=loading.now,
        )
    memberships.close_need(
        loading.actor, open_needs[-1], reason=CloseReason.FOUND_HERE, now=loading.now
    )


def share_documents(loading: Loading) -> None:
    """What a few institutes tell the others: how they work, what they plan, what they learnt."""
    random = Random(SEED + 34)
    institutes = list(institutes_at_work(loading.actor))
    levels = (SharingLevel.NETWORK, SharingLevel.NETWORK, SharingLevel.PUBLIC)
    for place, (kind, title) in enumerate(DOCUMENTS):
        institute = institutes[place % len(institutes)]
        row = memberships.DocumentRow(kind, title, random.choice(levels), is_demonstration=True)
        text = f"{title}, {institute.name}.\nThis is a document of the demonstration.\n"
        memberships.share_document(
            loading.actor,
            institute,
            row,
            text.encode(),
            name=f"{institute.key}-{kind}.txt",
            now=loading.now,
        )


def enter_lookalikes(loading: Loading, plan: Plan) -> None:
    """Members that another institute entered again under another spelling, and what came of it.

    One pair is merged, one proposed, one kept apart; the others wait to be looked at.
    """
    random = Random(SEED + 33)
    institutes = [one.key for one in institutes_at_work(loading.actor) if one.key != OWN_INSTITUTE]
    twins = [one for one in _members(plan) if one.kind.startswith("industry")][-LOOKALIKES:]
    rows = [
        network.OrganisationRow(
            name=name,
            kind=one.kind,
            city=one.place if place % 3 else "",
            region=one.region,
            country=loading.profile.country_code,
            ownership_country=loading.profile.country_code,
            is_demonstration=True,
        )
        for place, (one, name) in enumerate(zip(twins, _misspelt(twins), strict=True))
    ]
    outcome = network.register_organisations(loading.actor, rows, now=loading.now, why=WHY)
    joined = {(one.organisation, one.institute) for one in plan.memberships}
    members = []
    for one, pk in zip(twins, outcome.organisation_ids, strict=True):
        free = [key for key in institutes if (one.number, key) not in joined]
        tier = {"industry_sme": "sme", "industry_large": "industry"}[one.kind]
        members.append(
            memberships.MemberRow(
                pk, random.choice(free), tier, JOINED_ON, signed_on=JOINED_ON, is_demonstration=True
            )
        )
    memberships.admit_members(loading.actor, members, now=loading.now, why=WHY)
    network.find_lookalikes(loading.actor, now=loading.now)
    network.resolve_organisations(loading.actor, now=loading.now)
    stored = Organisation.objects.in_bulk(
        [*outcome.organisation_ids, *(loading.organisation_ids[one.number] for one in twins)]
    )
    pairs = [
        (stored[pk], stored[loading.organisation_ids[one.number]])
        for one, pk in zip(twins, outcome.organisation_ids, strict=True)
    ]
    for twin, survivor in pairs[:2]:
        pair = network.propose_merge(
            loading.actor, twin, survivor, why="The same address and phone.", now=loading.now
        )
        if twin is pairs[0][0]:
            network.merge_organisations(loading.actor, pair, now=loading.now)
    network.keep_apart(loading.actor, *pairs[2], why="Two firms of two brothers.", now=loading.now)


def _members(plan: Plan) -> Sequence[OrganisationPlan]:
    """Lasting members, those of the own institute first, firms before others."""
    lasting = {one.organisation for one in plan.memberships if one.ends_on is None}
    own = {
        one.organisation
        for one in plan.memberships
        if one.ends_on is None and one.institute == OWN_INSTITUTE
    }
    members = [one for one in plan.organisations if one.number in lasting]
    return sorted(members, key=lambda one: (one.number not in own, one.number))


def _misspelt(twins: Sequence[OrganisationPlan]) -> Iterator[str]:
    """Each name as somebody else wrote it: another form (and no town, or it would be found as what
    is there already), two letters swapped, the town behind.
    """
    for place, one in enumerate(twins):
        words = one.name.removesuffix(".").split()
        if place % 3 == 0:
            yield " ".join([*words[:-1], "Company"])
        elif place % 3 == 1:
            first = words[0]
            yield " ".join([first[:2] + first[3] + first[2] + first[4:], *words[1:]])
        else:
            yield " ".join([*words[:-1], "of", one.place])
