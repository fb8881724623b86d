"""The people of the sample company and the territories it grew into.

The company began in Ohio. Where it began, people were hired one state at a time, and their territories are small and
light; where it came late, one person was given whatever was left. Nobody has redrawn the map since.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from geo_territory import reference
from geo_territory.projection import haversine_km
from geo_territory.tables import AlignmentRows, Cities, Counties, Reps, Territories

BEYOND_THE_SAMPLE = ("AK", "HI", "AS", "GU", "MP", "PR", "VI")
HEADQUARTERS = ("Columbus", "OH")
OUTSIDE_REP = Reps.rep_id
INSIDE_REP = "inside_rep_id"


@dataclass(frozen=True)
class Territory:
    """A territory as history left it: whole states, the counties taken over from others, and who covers it from where.

    `area_code` is the base's; `counties` are FIPS codes taken out of the states of another territory; `fte` the rep's share of full time;
    `reach` how many accounts there are for the population, 1 being usual.
    """

    territory_id: str
    name: str
    rep: str
    base: tuple[str, str]
    inside: int
    area_code: str
    states: tuple[str, ...]
    counties: tuple[str, ...] = ()
    fte: float = 1.0
    reach: float = 1.0


TERRITORIES = (
    # The founder's brother-in-law moved to Columbus from Buffalo and kept western New York: a territory in two pieces.
    Territory(
        "T01", "Ohio Valley", "Walter Nyland", ("Columbus", "OH"), 0, "614", ("OH", "WV", "KY"), ("36013", "36029", "36063"),
        reach=1.2,
    ),
    Territory("T02", "Great Lakes", "Denise Okafor", ("Detroit", "MI"), 0, "313", ("MI", "IN"), reach=1.6),
    Territory("T03", "Pennsylvania", "Paul Strand", ("Pittsburgh", "PA"), 0, "412", ("PA",), reach=2.0),
    Territory("T04", "New York", "Ines Carvalho", ("Albany", "NY"), 1, "518", ("NY",)),
    Territory("T05", "New England", "Ruth Abelson", ("Boston", "MA"), 1, "617", ("CT", "MA", "ME", "NH", "RI", "VT"), fte=0.8),
    # Philadelphia and its suburbs came with the first Baltimore rep's contacts.
    Territory(
        "T06", "Mid-Atlantic", "Tomas Weld", ("Baltimore", "MD"), 1, "410", ("DC", "DE", "MD", "NJ", "VA"),
        ("42017", "42029", "42045", "42091", "42101"),
    ),
    Territory("T07", "Carolinas and Tennessee", "Grace Lindqvist", ("Charlotte", "NC"), 2, "704", ("NC", "SC", "TN")),
    Territory("T08", "Southeast", "Marcus Bell", ("Atlanta", "GA"), 2, "404", ("AL", "FL", "GA"), reach=1.1),
    # Gary and Hammond are called from Chicago.
    Territory("T09", "Illinois and Wisconsin", "Helen Brandt", ("Chicago", "IL"), 3, "312", ("IL", "WI"), ("18089", "18127")),
    Territory("T10", "Upper Plains", "Lars Engdahl", ("Minneapolis", "MN"), 3, "612", ("IA", "MN", "ND", "NE", "SD"), reach=1.15),
    Territory("T11", "Central Plains", "Joan Petrie", ("Kansas City", "MO"), 3, "816", ("AR", "KS", "MO", "OK"), ("47157",)),
    Territory("T12", "Texas and the Gulf", "Rafael Quiroga", ("Dallas", "TX"), 2, "214", ("LA", "MS", "TX"), reach=1.1),
    # Las Vegas is an hour's flight for the Californian, a day's drive for Denver.
    Territory("T13", "California", "Amy Takeda", ("Los Angeles", "CA"), 4, "213", ("CA",), ("32003",), reach=0.95),
    Territory(
        "T14", "Mountain and Northwest", "Neil Farrow", ("Denver", "CO"), 4, "303",
        ("AZ", "CO", "ID", "MT", "NM", "NV", "OR", "UT", "WA", "WY"), reach=0.95,
    ),
)  # fmt: skip

INSIDE_REPS = (("Carla Mundt", 1.0), ("Derek Osei", 1.0), ("Fiona Rask", 1.0), ("Gil Navarro", 1.0), ("Petra Holm", 0.5))
VICE_PRESIDENT_ID, VICE_PRESIDENT = "V01", "Sandra Keel"


def territories() -> pd.DataFrame:
    """Return one row per territory: its name, its outside rep and the inside rep who phones its accounts."""
    table = pd.DataFrame(
        {
            Territories.territory_id: [t.territory_id for t in TERRITORIES],
            Territories.name: [t.name for t in TERRITORIES],
            OUTSIDE_REP: [outside_id(number) for number in range(len(TERRITORIES))],
            INSIDE_REP: [inside_id(t.inside) for t in TERRITORIES],
        }
    )
    return table.set_index(Territories.territory_id)


def outside_id(number: int) -> str:
    """Return the id of the outside rep of territory `number`, counted from 0."""
    return f"R{number + 1:02d}"


def inside_id(number: int) -> str:
    """Return the id of inside rep `number`, counted from 0."""
    return f"I{number + 1:02d}"


def current_alignment() -> pd.DataFrame:
    """Return the county alignment of the lower 48 states: county FIPS -> territory, sorted by county."""
    counties = reference.counties()
    counties = counties[~counties[Counties.state].isin(BEYOND_THE_SAMPLE)]
    of_state = {state: t.territory_id for t in TERRITORIES for state in t.states}
    taken_over = {county: t.territory_id for t in TERRITORIES for county in t.counties}
    territory = counties[Counties.state].map(of_state)
    territory.update(pd.Series(taken_over))
    table = counties[[Counties.name, Counties.state]].assign(**{AlignmentRows.territory_id: territory})
    return pd.DataFrame(table).rename_axis(AlignmentRows.unit_id).sort_index()


def draw_reps(rng: np.random.Generator) -> pd.DataFrame:
    """Return fourteen outside reps, five inside reps and the vice-president they report to, with bases rounded to about a kilometre."""
    outside = [(outside_id(i), t.rep, "outside", t.fte, t.base, t.territory_id) for i, t in enumerate(TERRITORIES)]
    inside = [(inside_id(i), name, "inside", fte, HEADQUARTERS, None) for i, (name, fte) in enumerate(INSIDE_REPS)]
    people = [*outside, *inside, (VICE_PRESIDENT_ID, VICE_PRESIDENT, "vp", 1.0, HEADQUARTERS, None)]
    table = pd.DataFrame(people, columns=[Reps.rep_id, Reps.name, Reps.role, Reps.fte, "base", Reps.territory_id]).set_index(Reps.rep_id)
    at = pd.DataFrame([base_of(place) for place in table.pop("base")], index=table.index, columns=[Reps.lat, Reps.lon])
    email = table[Reps.name].str.lower().str.replace(" ", ".") + "@example.com"
    leave = rng.integers(15, 31, len(table))
    led_by = pd.Series(VICE_PRESIDENT_ID, index=table.index).drop(VICE_PRESIDENT_ID)
    table = table.join(at.round(2)).assign(**{Reps.email: email, Reps.leave_days: leave, Reps.manager_id: led_by})
    columns = [Reps.name, Reps.email, Reps.role, Reps.fte, Reps.leave_days, Reps.lat, Reps.lon, Reps.territory_id, Reps.manager_id]
    return table[columns]


@cache
def base_of(place: tuple[str, str]) -> tuple[float, float]:
    """Return latitude and longitude [degree] of a US city and state."""
    cities = reference.cities()
    name, state = place
    city = cities[(cities[Cities.country] == "US") & (cities[Cities.name] == name) & (cities[Cities.state] == state)].iloc[0]
    return float(city[Cities.lat]), float(city[Cities.lon])


def km_from(lat: float, lon: float, places: pd.DataFrame) -> np.ndarray:
    """Return great-circle distances [km] of places with `lat` and `lon` columns from one point."""
    return haversine_km(np.asarray(lon), np.asarray(lat), places[Reps.lon].to_numpy(), places[Reps.lat].to_numpy())
