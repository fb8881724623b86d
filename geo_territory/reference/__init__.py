"""The bundled geography: states, counties, countries, ZIP points and cities, all in EPSG:4326, ids as text.

Nothing here reaches a network. Sources, licences and checksums are in data/README.md;
`python -m geo_territory.reference.build` makes the files again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo_territory.errors import FileError
from geo_territory.tables import Cities, Countries

STATES_FILE = "us_states.parquet"
COUNTIES_FILE = "us_counties.parquet"
COUNTRIES_FILE = "countries.parquet"
ZIP_POINTS_FILE = "us_zip_points.parquet"
CITIES_FILE = "cities.parquet"

_PACKAGE = Path(__file__).resolve().parents[1]
DATA_FOLDERS = (_PACKAGE / "data", _PACKAGE.parent / "data")

_WITHOUT_DECOMPOSITION = str.maketrans(
    {
        "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "ß": "ss", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d", "Đ": "D", "đ": "d",
        "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Ħ": "H", "ħ": "h", "ı": "i", "Ə": "A", "ə": "a",
        "‘": "'", "’": "'", "ʻ": "'", "–": "-",
    }
)  # fmt: skip


def data_path(name: str) -> Path:
    """Return the path of a bundled file, in a checkout or in an installed package.

    Raises FileError when it is in neither.
    """
    for folder in DATA_FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise FileError(
        f"The bundled file {name} is missing: install Geo Territory again, "
        "or in a checkout run `python -m geo_territory.reference.build` (and `.sample` for the sample company)."
    )


def states() -> gpd.GeoDataFrame:
    """Return the 50 states, DC and five territories by FIPS code; their borders are exactly their counties'."""
    return _areas(STATES_FILE).copy(deep=False)


def counties() -> gpd.GeoDataFrame:
    """Return US counties of 2023 by five-digit FIPS code: an exact coverage, neighbours share every vertex.

    Falls Church, Virginia (51610) has no area at this scale (1:10,000,000) and is not a row.
    """
    return _areas(COUNTIES_FILE).copy(deep=False)


def countries() -> gpd.GeoDataFrame:
    """Return the countries of the world at 1:50,000,000, cut at the antimeridian: an exact coverage."""
    return _areas(COUNTRIES_FILE).copy(deep=False)


def land() -> gpd.GeoDataFrame:
    """Return the land of the world as one row, the union of `countries()`."""
    return _land().copy(deep=False)


def zip_points() -> pd.DataFrame:
    """Return the point that stands for each US ZIP code, by five-character code (median error about 2 km)."""
    return _table(ZIP_POINTS_FILE).copy(deep=False)


def cities() -> pd.DataFrame:
    """Return populated places by GeoNames id: all US ones listed, elsewhere those of 1,000 inhabitants or more."""
    return _cities().copy(deep=False)


def ascii_name(names: pd.Series) -> pd.Series:
    """Return names in plain ASCII letters where they are Latin ("Łódź" -> "Lodz"); others lose what has no equivalent."""
    plain = names.str.translate(_WITHOUT_DECOMPOSITION).str.normalize("NFKD")
    return plain.str.encode("ascii", "ignore").str.decode("ascii").rename(Cities.ascii_name)


@cache
def _areas(file: str) -> gpd.GeoDataFrame:
    return gpd.read_parquet(data_path(file))


@cache
def _table(file: str) -> pd.DataFrame:
    return pd.read_parquet(data_path(file))


@cache
def _land() -> gpd.GeoDataFrame:
    world = _areas(COUNTRIES_FILE)
    union = shapely.coverage_union_all(world.geometry.to_numpy())
    return gpd.GeoDataFrame({Countries.name: ["Land"]}, geometry=[union], crs=world.crs)


@cache
def _cities() -> pd.DataFrame:
    places = _table(CITIES_FILE).copy(deep=False)
    places.insert(1, Cities.ascii_name, ascii_name(places[Cities.name]))
    return places
