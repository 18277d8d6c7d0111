"""The made-up station: who sells what to whom, where and in which language. Pure, from a seed."""

import random
from dataclasses import dataclass

_AES = (
    "Avery Quill", "Jordan Vale", "Morgan Ashby", "Riley Tamarack", "Casey Lindqvist", "Devon Marlow",
    "Emerson Pike", "Harper Solano", "Kendall Rowe", "Quinn Barlow", "Sage Holloway", "Tatum Birchfield",
)  # fmt: skip
LEAVER = "Devon Marlow"  # whose book goes to House for the last year
UNKNOWN_AE = "Rowan Fennick"  # sells, and is not in the ledger's list of account executives
MARKETS = ("SEA", "SFO", "LAX", "CVC", "NYC", "HOU", "DAL", "CMP", "MMT")
_MARKET_WEIGHTS = (8, 22, 26, 9, 14, 7, 6, 5, 3)
LANGUAGES = ("M", "C", "M/C", "V", "T", "K", "J", "SA", "P", "HM", "E")
_LANGUAGE_WEIGHTS = (18, 16, 5, 16, 10, 9, 3, 7, 5, 4, 7)

_FIRST = (
    "Amber", "Anchor", "Aspen", "Azure", "Bamboo", "Beacon", "Birch", "Blue Heron", "Bright", "Canyon", "Cedar",
    "Clover", "Coral", "Crescent", "Delta", "Dragonfly", "Ember", "Evergreen", "Falcon", "Fern", "Garnet", "Golden",
    "Granite", "Harbor", "Hazel", "Horizon", "Indigo", "Ivory", "Jade", "Juniper", "Lantern", "Laurel", "Lotus",
    "Maple", "Meadow", "Mesa", "Noble", "Orchid", "Pearl", "Pine Ridge", "Plum", "Quartz", "Red Gate", "River",
    "Sable", "Saffron", "Sierra", "Silver", "Summit", "Sunrise", "Tidal", "Topaz", "Valley", "Willow",
)  # fmt: skip
_KINDS: dict[str, tuple[str, ...]] = {
    "Automotive": ("Motors", "Auto Group", "Tire & Brake"),
    "Consumer goods": ("Tea Company", "Rice Mills", "Home Goods"),
    "Retail": ("Market", "Furniture", "Jewelers", "Supermarket"),
    "Telecom": ("Wireless", "Broadband"),
    "Casino": ("Casino", "Resort & Casino"),
    "Restaurant": ("Kitchen", "Noodle House", "Bakery"),
    "Travel": ("Travel", "Airlines", "Cruises"),
    "Insurance": ("Insurance", "Life Insurance"),
    "Financial services": ("Bank", "Credit Union", "Mortgage"),
    "Healthcare": ("Hospital", "Dental", "Health Plan", "Clinic"),
    "General outreach": ("Community Fund", "Outreach Campaign"),
    "Government": ("County Health", "Transit Authority", "Water District"),
    "Education": ("College", "Language School"),
    "Non-profit": ("Foundation", "Cultural Center"),
    "Political": ("for Assembly", "Ballot Committee"),
    "Utility": ("Power & Light", "Energy"),
}
_AGENCY_KINDS = ("Media", "Advertising", "Communications", "Group", "Partners")
_AGENCY_FIRST = (
    "Orbit", "Lumen", "Northwind", "Parallel", "Tandem", "Signal Hill", "Open Door", "Copperline", "Fifth Season",
    "Longview", "Bluebird", "Keystone", "Paper Boat", "Trellis", "Wavelength", "Lighthouse", "Foxglove", "Atlas",
)  # fmt: skip
_DIRECT_RESPONSE = ("Kitchen Pro", "Sleep Well", "Garden Hose", "Joint Relief", "Pocket Tool", "Glow Skin", "Smart Mop")


@dataclass(frozen=True)
class Size:
    """How large a station is made up. At most 12 account executives and 90 agencies have names."""

    customers: int = 300
    agencies: int = 18
    aes: int = 10
    years_back: int = 2  # of closed months before this year


@dataclass(frozen=True)
class Customer:
    """Somebody who buys spots, and how."""

    bill_code: str
    sector: str | None  # None: nobody has filed it yet
    ae: str
    markets: tuple[str, ...]
    languages: tuple[str, ...]
    revenue_type: str
    billing: str
    rate: int  # dollars for a :30
    weight: float  # share of the station's spots
    season: int  # the month of the year in which they buy most; 0 = none
    first_month: int  # counted from the start of the sample
    last_month: int  # buys nothing from here on
    known: bool = True  # False: the clerk has yet to say who this is

    @property
    def agency_share(self) -> float:
        """The agency's commission."""
        return 0.15 if self.has_agency else 0.0

    @property
    def has_agency(self) -> bool:
        return ":" in self.bill_code

    @property
    def is_worldlink(self) -> bool:
        return self.bill_code.startswith("WorldLink")


def aes_of(size: Size) -> tuple[str, ...]:
    """Those who sell, House and whoever the ledger does not know apart."""
    return _AES[: size.aes]


def make_world(seed: int, months: int, size: Size) -> tuple[Customer, ...]:
    """The customers of a station that is looked at for so many months."""
    dice = random.Random(f"world {seed}")
    names = _Names(_agencies(dice, size.agencies), aes_of(size))
    worldlink = [_worldlink(dice, product, months) for product in _DIRECT_RESPONSE]
    buyers = sorted(f"{first} {kind}" for first in _FIRST for kinds in _KINDS.values() for kind in kinds)
    dice.shuffle(buyers)
    chosen = buyers[: size.customers - len(worldlink)]
    made = [_customer(dice, name, rank, names, months) for rank, name in enumerate(chosen)]
    return (*made, *worldlink)


def sector_of(name: str) -> str:
    """The sector that a customer's name gives away."""
    return next(sector for sector, kinds in _KINDS.items() if any(name.endswith(f" {kind}") for kind in kinds))


@dataclass(frozen=True)
class _Names:
    """Who may stand between a customer and the station."""

    agencies: list[str]
    aes: tuple[str, ...]


def _agencies(dice: random.Random, count: int) -> list[str]:
    """Different names; the first ones do not depend on how many."""
    kinds = [dice.randrange(len(_AGENCY_KINDS)) for _ in _AGENCY_FIRST]
    rounds = range(-(-count // len(_AGENCY_FIRST)))
    names = [
        f"{first} {_AGENCY_KINDS[(kind + number) % len(_AGENCY_KINDS)]}"
        for number in rounds
        for first, kind in zip(_AGENCY_FIRST, kinds, strict=True)
    ]
    return names[:count]


def _customer(dice: random.Random, name: str, rank: int, names: _Names, months: int) -> Customer:
    sector = sector_of(name)
    starts = dice.random() < 0.25
    ends = dice.random() < 0.2
    first = dice.randrange(1, months - 4) if starts else 0
    return Customer(
        bill_code=_bill_code(dice, name, names.agencies),
        sector=None if dice.random() < 0.04 else sector,
        ae="House" if dice.random() < 0.08 else UNKNOWN_AE if dice.random() < 0.015 else dice.choice(names.aes),
        markets=tuple(dict.fromkeys(dice.choices(MARKETS, _MARKET_WEIGHTS, k=dice.choice((1, 1, 1, 2, 3))))),
        languages=tuple(dict.fromkeys(dice.choices(LANGUAGES, _LANGUAGE_WEIGHTS, k=dice.choice((1, 1, 2))))),
        revenue_type=dice.choices(("Internal Ad Sales", "Paid Programming", "Branded Content", "Trade"), (90, 5, 2, 3))[
            0
        ],
        billing="Calendar" if dice.random() < 0.45 else "Broadcast",
        rate=dice.choice((25, 35, 45, 55, 60, 75, 90, 120, 150, 220)),
        weight=1.0 / (rank + 8) ** 0.75,
        season=dice.choice((0, 0, 1, 2, 5, 6, 9, 10, 11, 12)),
        first_month=first,
        last_month=dice.randrange(first + 3, months) if ends else months,
        known=dice.random() >= 0.03,
    )


def _bill_code(dice: random.Random, name: str, agencies: list[str]) -> str:
    kind = dice.random()
    if kind < 0.45:
        return name
    if kind < 0.5:
        return f"Direct:{name}"
    if kind < 0.56:
        return ":".join([*dice.sample(agencies, 2), name])
    return f"{dice.choice(agencies)}:{name}"


def _worldlink(dice: random.Random, product: str, months: int) -> Customer:
    return Customer(
        bill_code=f"WorldLink:{product}",
        sector="Consumer goods",
        ae="House",
        markets=("MMT",),
        languages=("E",),
        revenue_type="Direct Response Sales",
        billing="Broadcast",
        rate=dice.choice((60, 80, 110)),
        weight=0.09,
        season=0,
        first_month=0,
        last_month=months,
    )
