"""What a browser needs to know of every unit to show figures before they are answered: fetched once, kept for good."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo_territory import reference
from geo_territory.maps.payload import Payload, pack
from geo_territory.redraw.basis import Basis
from geo_territory.tables import Counties, Units

NONE = np.uint32(4_294_967_295)


def facts_payload(basis: Basis) -> Payload:
    """Return weight, hours, value and accounts by unit, its state and county, and its neighbours, in the order of `basis.units`.

    The neighbours of unit u are `near[near_first[u]:near_first[u + 1]]`.
    """
    by_tier = basis.accounts_by_tier
    state, states, county, counties = _regions(basis)
    arrays = {
        "weight": basis.weight.astype("float32"),
        "hours": basis.hours.astype("float32"),
        "value": basis.unit_value.astype("float32"),
        "accounts": np.bincount(basis.unit_of_account, minlength=len(basis.units)).astype("uint32"),
        **{f"tier{i}": by_tier[:, i].astype("uint32") for i in range(by_tier.shape[1])},
        "state": state,
        "county": county,
        "near_first": basis.neighbors.indptr.astype("uint32"),
        "near": basis.neighbors.indices.astype("uint32"),
    }
    return pack({"kind": "facts", "states": states, "counties": counties}, arrays)


def _regions(basis: Basis) -> tuple[np.ndarray, list[str], np.ndarray, list[str]]:
    """Return state and county of each unit as positions in lists of names; NONE where it has none.

    A unit whose region nobody said, as one drawn by hand, is of its county's state.
    """
    units = basis.design.unit_map.units
    county = counties_of(units)
    region = units[Units.region].replace("", None).astype("object").reset_index(drop=True)
    return *_coded(region.where(region.notna(), county.str.rsplit(", ", n=1).str[-1])), *_coded(county)


def counties_of(units: gpd.GeoDataFrame) -> pd.Series:
    """Return the US county in which a point inside each unit lies, by position, as "Franklin, OH"; missing elsewhere."""
    counties = reference.counties()
    names = (counties[Counties.name] + ", " + counties[Counties.state]).to_numpy(dtype=object)
    inside = shapely.point_on_surface(units.geometry.to_numpy())
    unit, county = shapely.STRtree(counties.geometry.to_numpy()).query(inside, predicate="intersects")
    found = pd.Series(names[county], index=unit)
    return found[~found.index.duplicated()].reindex(range(len(units))).astype("object")


def _coded(names: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Return the position of each name in the sorted list of names, NONE for a missing one, and the list."""
    codes, known = pd.factorize(names.astype("object"), sort=True)
    return np.where(codes < 0, NONE, codes).astype("uint32"), [str(name) for name in known]
