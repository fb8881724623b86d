"""Coordinates made usable: decimal commas, degrees-minutes-seconds, Web Mercator metres, swapped pairs, lost signs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.intake.clean import FIXED, WARNED, Note, is_missing_word, note
from geo_territory.intake.letters import folded
from geo_territory.reference.names import UNITED_STATES, ZIP_COUNTRIES
from geo_territory.tables import Accounts, Countries, States

MERCATOR_RADIUS_M = 6378137.0
MERCATOR_EDGE_M = np.pi * MERCATOR_RADIUS_M
LEAST_METRES = 1000.0
"""Coordinates below this are wrong degrees, not metres."""
MARGIN_DEGREES = 0.5
"""How far outside the boxes around a country's parts a point may lie and still be in it."""
STACK = 5
"""Accounts on exactly one point that make it look like the middle of a postal code."""
MOST = 0.8
"""Share of rows that must agree before the rest of a column is judged by them."""

_NUMBER = r"\d+(?:\.\d+)?"
_DEGREES = (
    rf"^(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<degrees>{_NUMBER})\s*[°º:\s]?\s*(?:(?P<minutes>{_NUMBER})\s*['′’:\s]?\s*)?"
    rf"(?:(?P<seconds>{_NUMBER})\s*(?:\"|″|”|'')?\s*)?(?P<after>[NSEW])?$"
)


@dataclass(frozen=True)
class Points:
    """Latitude and longitude [degree, WGS 84] aligned to the input, missing together."""

    lat: pd.Series
    lon: pd.Series
    notes: tuple[Note, ...]
    facts: tuple[str, ...] = ()


def points(lat: pd.Series, lon: pd.Series, country: pd.Series, state: pd.Series) -> Points:
    """Return points from two columns of text.

    A pair outside its country (or US state) that falls inside when swapped or with the other sign is repaired and noted;
    (0, 0), half a pair and what is no coordinate are missing; a column in Web Mercator metres is converted.
    `country` is ISO alpha-2, `state` the US postal code; both may be missing.
    """
    pair = pd.DataFrame({Accounts.lat: degrees(lat), Accounts.lon: degrees(lon)})
    pair, facts = _from_mercator(pair)
    absent = pair.isna().all(axis=1)
    unread = (pair.isna() & pd.DataFrame({Accounts.lat: _filled(lat), Accounts.lon: _filled(lon)})).any(axis=1)
    half = pair.isna().any(axis=1) & ~absent & ~unread
    zero = (pair == 0).all(axis=1)
    notes = (
        note(absent & ~unread, WARNED, "no coordinates")
        + note(unread, WARNED, "coordinates '{}' can't be read: left empty", lat.fillna("").str.cat(lon.fillna(""), sep=", "))
        + note(half, WARNED, "only one of latitude and longitude is given: left empty")
        + note(zero, WARNED, "coordinates 0, 0 mean missing")
    )
    usable = pair.mask(absent | unread | half | zero)
    placed, placing = _placed(usable, country, state)
    return Points(placed[Accounts.lat], placed[Accounts.lon], (*notes, *placing, *_stacks(placed)), facts)


def degrees(text: pd.Series) -> pd.Series:
    """Return degrees from decimal numbers (point or comma), hemisphere letters, or degrees, minutes and seconds."""
    codes, uniques = pd.factorize(text)
    cells = folded(pd.Series(uniques, dtype="str")).str.upper()
    cells = cells.str.replace("−", "-", regex=False).str.replace(r"(?<=\d)[,٫](?=\d)", ".", regex=True)
    value = pd.to_numeric(cells, errors="coerce").astype(float)
    others = value.isna()
    if others.any():
        value = value.fillna(_from_parts(cells[others].str.extract(_DEGREES)))
    value = value.where(np.isfinite(value))
    return pd.Series(np.append(value.to_numpy(float), np.nan)[codes], index=text.index)


def _from_parts(parts: pd.DataFrame) -> pd.Series:
    whole, minutes, seconds = (pd.to_numeric(parts[part]) for part in ("degrees", "minutes", "seconds"))
    size = whole + minutes.fillna(0) / 60 + seconds.fillna(0) / 3600
    sound = (minutes.fillna(0) < 60) & (seconds.fillna(0) < 60) & ~(parts["before"].notna() & parts["after"].notna())
    negative = (parts["sign"] == "-") | parts["before"].isin(["S", "W"]) | parts["after"].isin(["S", "W"])
    return (size * np.where(negative.fillna(False), -1.0, 1.0)).where(sound)


def _filled(text: pd.Series) -> pd.Series:
    return text.notna() & ~is_missing_word(text)


def _from_mercator(pair: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the pair in degrees when most of the column can only be Web Mercator metres (EPSG:3857)."""
    size = pair.abs()
    metres = (size.min(axis=1) > LEAST_METRES) & (size.max(axis=1) <= MERCATOR_EDGE_M)
    known = pair.notna().all(axis=1)
    if not known.any() or metres.sum() < MOST * known.sum():
        return pair, ()
    north = np.degrees(2 * np.arctan(np.exp(pair[Accounts.lat] / MERCATOR_RADIUS_M)) - np.pi / 2)
    converted = pd.DataFrame({Accounts.lat: north.round(7), Accounts.lon: np.degrees(pair[Accounts.lon] / MERCATOR_RADIUS_M).round(7)})
    return converted, ("X and Y are Web Mercator metres (EPSG:3857); they were turned into degrees.",)


def _placed(pair: pd.DataFrame, country: pd.Series, state: pd.Series) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return pairs repaired where a repair puts them into their region, and notes on every doubtful row."""
    lat, lon = pair[Accounts.lat], pair[Accounts.lon]
    known, region = lat.notna(), _regions(country, state)
    within = _in_range(lat, lon)
    open_rows = known & ~(within & _inside(lat, lon, country))
    repaired, swapped, notes = _repaired(pair, open_rows, region)
    open_rows &= ~repaired[Accounts.lat].ne(lat) & ~repaired[Accounts.lon].ne(lon)
    unplaced = known & region.isna()
    swap = unplaced & _in_range(lon, lat) & (~within | _most_swapped(swapped | (unplaced & ~within), known & (region.notna() | ~within)))
    repaired = repaired.mask(swap, pair[[Accounts.lon, Accounts.lat]].set_axis(pair.columns, axis=1))
    equal = known & within & (lat == lon) & (open_rows | region.isna())
    beyond = open_rows & ~within & ~swap
    outside = open_rows & within & ~equal
    notes += (
        _note(swap, FIXED, "latitude and longitude were swapped: now {}", lon, lat)
        + _note(equal, WARNED, "latitude and longitude are equal ({}): left empty", lat, lon)
        + _note(beyond, WARNED, "coordinates {} are out of range: left empty", lat, lon)
        + note(outside, WARNED, "the point lies outside {}", country)
    )
    return repaired.mask(equal | beyond), notes


def _repaired(pair: pd.DataFrame, open_rows: pd.Series, region: pd.Series) -> tuple[pd.DataFrame, pd.Series, tuple[Note, ...]]:
    """Return pairs with the first repair that puts an open row into its region, which were swapped, and notes."""
    lat, lon = pair[Accounts.lat], pair[Accounts.lon]
    result, notes = pair, tuple[Note, ...]()
    left = open_rows & region.notna()
    swapped = pd.Series(False, index=pair.index)
    for candidate, what in (
        ((lon, lat), "latitude and longitude were swapped"),
        ((lat, -lon), "longitude had lost its sign"),
        ((-lat, lon), "latitude had lost its sign"),
        ((-lat, -lon), "latitude and longitude had lost their signs"),
        ((lon, -lat), "latitude and longitude were swapped and a sign was lost"),
    ):
        if not left.any():
            break
        better = left & _in_range(*candidate)
        better &= _inside(candidate[0].where(better), candidate[1].where(better), region.where(better))
        result = result.mask(better, pd.DataFrame(dict(zip(pair.columns, candidate, strict=True))))
        notes += _note(better, FIXED, f"{what}: now {{}}", *candidate)
        swapped |= better & ("swapped" in what)
        left &= ~better
    return result, swapped, notes


def _most_swapped(swapped: pd.Series, decided: pd.Series) -> bool:
    return bool(decided.any() and swapped.sum() >= MOST * decided.sum())


def _in_range(lat: pd.Series, lon: pd.Series) -> pd.Series:
    return lat.between(-90, 90) & lon.between(-180, 180)


def _note(rows: pd.Series, outcome: str, reason: str, lat: pd.Series, lon: pd.Series) -> tuple[Note, ...]:
    """Return a note on `rows`, "{}" in its reason replaced by the pair."""
    pairs = [f"{y:g}, {x:g}" for y, x in zip(lat[rows], lon[rows], strict=True)]
    return note(rows, outcome, reason, pd.Series(pairs, index=lat.index[rows], dtype="str").reindex(lat.index))


def _regions(country: pd.Series, state: pd.Series) -> pd.Series:
    """Return the boxes each account should lie in: its US state where known, else its country."""
    in_state = country.isin(ZIP_COUNTRIES) & state.isin(reference.states()[States.state])
    return country.mask(in_state, UNITED_STATES + "-" + state)


def _inside(lat: pd.Series, lon: pd.Series, region: pd.Series) -> pd.Series:
    """Return whether each point lies in its region's boxes; True where the region isn't known."""
    inside = np.ones(len(lat), dtype=bool)
    latitudes, longitudes = lat.to_numpy(float), lon.to_numpy(float)
    codes, keys = pd.factorize(region)
    for code, key in enumerate(keys):
        boxes = _boxes(key)
        rows = np.flatnonzero(codes == code)
        found = np.zeros(len(rows), dtype=bool) if len(boxes) else np.ones(len(rows), dtype=bool)
        for west, south, east, north in boxes:
            x, y = longitudes[rows], latitudes[rows]
            found |= (x >= west) & (x <= east) & (y >= south) & (y <= north)
        inside[rows] = found
    return pd.Series(inside, index=lat.index)


@cache
def _boxes(region: str) -> np.ndarray:
    """Return boxes (west, south, east, north) around the parts of a country or "US-MA", widened; none for an unknown region."""
    if region.startswith(f"{UNITED_STATES}-"):
        areas = reference.states()
        shapes = areas.geometry[areas[States.state] == region.removeprefix(f"{UNITED_STATES}-")]
    else:
        areas = reference.countries()
        shapes = areas.geometry[areas[Countries.country].isin(ZIP_COUNTRIES if region in ZIP_COUNTRIES else [region])]
    boxes = shapely.bounds(shapely.get_parts(shapes.to_numpy())) + MARGIN_DEGREES * np.array([-1, -1, 1, 1])
    largest_first = boxes[np.argsort(-(boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), kind="stable")]
    kept: list[np.ndarray] = []
    for box in largest_first:
        if not any((other[:2] <= box[:2]).all() and (other[2:] >= box[2:]).all() for other in kept):
            kept.append(box)
    return np.array(kept).reshape(-1, 4)


def _stacks(pair: pd.DataFrame) -> tuple[Note, ...]:
    """Return a note on accounts that share one point with several others."""
    known = pair[pair.notna().all(axis=1)]
    others = known.groupby(list(pair.columns))[Accounts.lat].transform("size").reindex(pair.index, fill_value=0).astype(int) - 1
    return note(others >= STACK - 1, WARNED, "shares its point with {} other accounts: a postal code's middle?", others)
