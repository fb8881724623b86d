"""Alignment -> territory shapes that share their borders exactly, and colours that tell neighbours apart."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory.alignment import Alignment
from geo_territory.errors import UnitsError
from geo_territory.projection import WGS84
from geo_territory.tables import Borders, Territories, TerritoryBorders
from geo_territory.units import UnitMap
from geo_territory.units.coverage import union_by
from geo_territory.units.exchange import to_degrees

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#DDCC77", "#AA3377")


def territory_shapes(units: UnitMap, alignment: Alignment, tolerance_m: float = 0.0, like: pd.Series | None = None) -> gpd.GeoDataFrame:
    """Return the shape of each territory in EPSG:4326, a table of Territories; neighbours share every border vertex.

    tolerance_m: 0 for the exact union of the units, else how coarsely borders are simplified [m], both sides alike.
    like: colours to keep, see `color_territories`. Coordinates have seven decimals.
    Raises UnitsError when the alignment names a unit that is not on the map.
    """
    planar = planar_territories(units, alignment)
    degrees = to_degrees(_simplified(planar.to_numpy(), tolerance_m), units.plane)
    colors = color_territories(units, alignment, like)
    columns = {Territories.name: planar.index, Territories.color: colors.reindex(planar.index)}
    return Territories.check(gpd.GeoDataFrame(columns, index=planar.index, geometry=degrees, crs=WGS84))


def planar_territories(units: UnitMap, alignment: Alignment) -> gpd.GeoSeries:
    """Return the exact union of each territory's units on the equal-area plane [m], by territory_id: measure these."""
    owner = _owner(units, alignment)
    covered = owner.notna().to_numpy()
    names, shapes = union_by(owner[covered].to_numpy(dtype=object), units.planar[covered])
    return gpd.GeoSeries(shapes, index=pd.Index(names, name=Territories.territory_id, dtype="str"), crs=units.plane.crs)


def _simplified(planar: np.ndarray, tolerance_m: float) -> np.ndarray:
    """Return a simpler coverage on the plane.

    Source: Visvalingam and Whyatt, "Line generalisation by repeated elimination of points" (1993),
    doi:10.1179/000870493786962263.
    """
    return shapely.coverage_simplify(planar, tolerance_m) if tolerance_m > 0 else planar


def _owner(units: UnitMap, alignment: Alignment) -> pd.Series:
    """Return the territory of each unit of the map, in its order."""
    unknown = alignment.territory_of.index.difference(units.units.index)
    if len(unknown):
        raise UnitsError(f"{len(unknown):,} units of the alignment are not on the map ({unknown[0]} …): load the map it was drawn on.")
    return alignment.territory_of.reindex(units.units.index)


def territory_borders(units: UnitMap, alignment: Alignment) -> pd.DataFrame:
    """Return which territories are neighbours, a table of TerritoryBorders: length on land, shortest crossing otherwise."""
    owner = _owner(units, alignment)
    rows = units.borders
    ends = np.column_stack([owner.reindex(rows[unit]).to_numpy(dtype=object) for unit in (Borders.unit_a, Borders.unit_b)])
    apart = ~pd.isna(ends).any(axis=1) & (ends[:, 0] != ends[:, 1])
    ends = np.sort(ends[apart], axis=1)
    keys = [pd.Series(ends[:, side], name=name) for side, name in enumerate((TerritoryBorders.territory_a, TerritoryBorders.territory_b))]
    border = rows[Borders.border_m][apart].reset_index(drop=True).groupby(keys).sum()
    crossing = rows[Borders.crossing_km][apart].reset_index(drop=True).replace(0.0, np.nan).groupby(keys).min()
    columns = {TerritoryBorders.border_m: border, TerritoryBorders.crossing_km: crossing.fillna(0.0).mask(border > 0, 0.0)}
    return TerritoryBorders.check(pd.DataFrame(columns).reset_index())


def color_territories(units: UnitMap, alignment: Alignment, like: pd.Series | None = None) -> pd.Series:
    """Return a fill colour #rrggbb per territory_id; neighbours, also across a crossing, never share one.

    like: colours by territory_id of another map, kept wherever they don't clash, so that the two can be compared by eye.

    Eight hues that colour-blind people tell apart (after Okabe and Ito 2008, and Tol 2021), darker ones only when eight
    don't suffice. Deterministic. Source: Brelaz, "New methods to color the vertices of a graph" (1979),
    doi:10.1145/359094.359101.
    """
    table = territory_borders(units, alignment)
    beside: dict[str, set[str]] = {name: set() for name in alignment.territories}
    for a, b in zip(table[TerritoryBorders.territory_a], table[TerritoryBorders.territory_b], strict=True):
        beside[a].add(b)
        beside[b].add(a)
    return colors_apart(beside, like)


def colors_apart(beside: Mapping[str, set[str]], like: pd.Series | None = None) -> pd.Series:
    """Return a fill colour #rrggbb per territory_id, given each one's neighbours: see `color_territories`."""
    wished = {} if like is None else {name: PALETTE.index(color) for name, color in like.items() if color in PALETTE}
    number = _numbers(beside, wished, spread=True)
    if max(number.values(), default=0) >= len(PALETTE):
        number = _numbers(beside, {}, spread=False)
    colors = {name: shaded(number[name]) for name in beside}
    return pd.Series(colors, dtype="str", name=Territories.color).rename_axis(Territories.territory_id)


def _numbers(beside: Mapping[str, set[str]], wished: Mapping[str, int], *, spread: bool) -> dict[str, int]:
    """Return a colour number per name, none equal to a neighbour's; the most constrained first.

    The number `wished` for a name is taken when it is free. spread: else the one used least so far among the palette's, or
    the lowest.
    """
    number: dict[str, int] = {}
    used = [0] * len(PALETTE)
    queue = [(0, -len(near), name) for name, near in sorted(beside.items())]
    heapq.heapify(queue)
    while queue:
        _, _, name = heapq.heappop(queue)
        if name in number:
            continue
        taken = {number[near] for near in beside[name] if near in number}
        free = [n for n in range(len(PALETTE)) if n not in taken] or [next(n for n in range(len(beside)) if n not in taken)]
        number[name] = min(free, key=lambda n: (n != wished.get(name), used[n], n)) if spread and free[0] < len(PALETTE) else free[0]
        if number[name] < len(PALETTE):
            used[number[name]] += 1
        for near in sorted(beside[name] - number.keys()):
            seen = len({number[other] for other in beside[near] if other in number})
            heapq.heappush(queue, (-seen, -len(beside[near]), near))
    return number


def shaded(number: int) -> str:
    """Return the palette's colour of a number; each further round of the palette is a darker one."""
    factor = 0.72 ** (number // len(PALETTE))
    base = PALETTE[number % len(PALETTE)]
    return "#" + "".join(f"{round(int(base[i : i + 2], 16) * factor):02X}" for i in (1, 3, 5))
