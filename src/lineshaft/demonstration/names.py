"""Names of organisations and people that do not exist: coined stems, the words of a trade."""

from collections.abc import Iterator
from random import Random
from typing import Final

_HEADS: Final = (
    "Abr", "Ald", "Ard", "Bar", "Bel", "Bran", "Brev", "Cal", "Cand", "Cor", "Dal", "Dar",
    "Del", "Dor", "Elm", "Er", "Fal", "Fen", "Gal", "Gor", "Hal", "Har", "Hol", "Ister", "Jar",
    "Kel", "Kest", "Lan", "Lor", "Mar", "Mel", "Mor", "Nar", "Nor", "Ol", "Or", "Pel", "Quel",
    "Rav", "Ros", "Sel", "Sor", "Tal", "Tor", "Ul", "Val", "Ver", "Wen", "Wil", "Yar",
)  # fmt: skip
_TAILS: Final = (
    "abeth", "adine", "aker", "alis", "amont", "andar", "aven", "aweth", "brin", "brook",
    "dane", "deva", "dric", "elin", "emar", "endra", "enford", "enwick", "era", "eston", "idon",
    "igar", "illan", "imore", "indale", "inor", "isk", "ister", "ivan", "olan", "omar", "onde",
    "oran", "orvik", "ovale", "rick", "ton", "undy", "urne", "uvane", "vane", "verra", "wick",
    "winter", "wyn", "yard",
)  # fmt: skip
TRADES: Final = {
    "industry": (
        "Additive Works", "Aerostructures", "Alloys", "Automation", "Bearings", "Biologics",
        "Castings", "Ceramics", "Circuits", "Coatings", "Composites", "Controls", "Die & Mold",
        "Drives", "Electronics", "Extrusions", "Fasteners", "Fibers", "Finishing", "Forge",
        "Gear & Shaft", "Instruments", "Machine Works", "Materials", "Metrology", "Optics",
        "Packaging", "Photonics", "Plastics", "Polymers", "Power Systems", "Precision",
        "Process Systems", "Robotics", "Semiconductors", "Sensors", "Stampings", "Textiles",
        "Tool & Die", "Turbine Parts", "Valves", "Welding",
    ),
    "university": (
        "State University", "University", "Institute of Technology", "Polytechnic",
    ),
    "community_college": (
        "Community College", "Technical College", "Valley Community College", "County College",
    ),
    "federal_laboratory": (
        "National Laboratory", "Research Laboratory",
    ),
    "ffrdc": (
        "Federal Research Center", "Systems Research Center",
    ),
    "state_or_local_government": (
        "County Economic Office", "State Office of Manufacturing", "Port Authority",
        "City Works",
    ),
    "training_body": (
        "Workforce Academy", "Apprenticeship Trust", "Skills Center",
    ),
    "cluster_body": (
        "Manufacturing Cluster", "Regional Development Partnership",
    ),
    "association": (
        "Manufacturers Association", "Trade Council", "Engineering Society",
    ),
    "federal_centre": (
        "Extension Center", "Manufacturing Extension Center",
    ),
    "non_profit": (
        "Foundation", "Research Trust", "Innovation Alliance",
    ),
}  # fmt: skip
_INITIALS: Final = "ABCDEFGHIJKLMNOPRSTVWY"
FORMS: Final = ("Inc.", "LLC", "Co.", "Corporation")


def organisation_names(random: Random, kind: str, taken: set[str]) -> Iterator[str]:
    """Endless names for organisations of a kind, none of them in `taken`, to which each is added.

    Two stems are joined as soon as the single ones run short, so there is no end at any scale.
    """
    group = kind if kind in TRADES else "industry"
    own = 0
    while True:
        stem = _stem(random)
        if own > len(_HEADS) * len(_TAILS) // 4:
            joint = " & " if group == "industry" else " "
            stem = f"{stem}{joint}{_stem(random)}"
        name = f"{stem} {random.choice(TRADES[group])}"
        if group == "industry":
            name = f"{name} {random.choice(FORMS)}"
        if name not in taken:
            taken.add(name)
            own += 1
            yield name


def person_names(random: Random, taken: set[str]) -> Iterator[str]:
    """Endless names of people who do not exist: an initial and a coined surname."""
    while True:
        name = f"{random.choice(_INITIALS)}. {_stem(random)}"
        if name not in taken:
            taken.add(name)
            yield name


def place_name(random: Random) -> str:
    """The name of a town that does not exist."""
    return f"{_stem(random)}{random.choice(('', ' Falls', ' Mills', 'ville', ' Springs'))}"


def _stem(random: Random) -> str:
    return random.choice(_HEADS) + random.choice(_TAILS)
