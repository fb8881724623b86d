"""Small maps drawn as text: a letter is a square unit and names its territory, a dot is sea."""

import numpy as np
import pandas as pd
import shapely

from geo_territory.alignment import Alignment
from geo_territory.projection import Plane
from geo_territory.tables import Accounts, Units
from geo_territory.units import UnitMap, map_units

PLANE = Plane(lat=40.0, lon=-100.0)


def squares(drawing: str, side_m: float = 8_000.0) -> tuple[list[str], list[shapely.Polygon], list[str]]:
    """Return ids like "r0c1", shapes on the plane and letters, row 0 in the north."""
    rows = [line.strip() for line in drawing.strip().splitlines()]
    spots = [(r, c, letter) for r, row in enumerate(rows) for c, letter in enumerate(row) if letter != "."]
    shapes = [shapely.box(c * side_m, -(r + 1) * side_m, (c + 1) * side_m, -r * side_m) for r, c, _ in spots]
    return [f"r{r}c{c}" for r, c, _ in spots], shapes, [letter for *_, letter in spots]


def drawn(drawing: str, side_m: float = 8_000.0, plane: Plane = PLANE) -> tuple[UnitMap, Alignment]:
    """Return the map of a drawing and the alignment its letters name."""
    ids, shapes, letters = squares(drawing, side_m)
    columns = {Units.name: [f"Unit {i}" for i in ids], Units.kind: "given", Units.region: ""}
    units = map_units(np.array(ids, dtype=object), np.array(shapes, dtype=object), plane, columns)
    return units, Alignment(pd.Series(letters, index=ids), "outside")


def accounts_at(places: dict[str, tuple[float, float]], country: str | None = "US") -> pd.DataFrame:
    """Return accounts by id at (lat, lon)."""
    index = pd.Index(list(places), name="account_id", dtype="str")
    lat, lon = np.array(list(places.values()), dtype=float).T
    names = [f"Site {i}" for i in places]
    return pd.DataFrame({Accounts.name: names, Accounts.lat: lat, Accounts.lon: lon, Accounts.country: country}, index=index)
