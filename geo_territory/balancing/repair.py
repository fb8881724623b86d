"""Makes every territory whole and non-empty: strays go to a neighbour, locks get a corridor, an empty territory gets a half."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from geo_territory.balancing.problem import NOBODY
from geo_territory.balancing.terrain import Terrain
from geo_territory.contiguity import may_leave, piece_of_unit, stray_units


def make_whole(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return the territories with the fewest possible pieces, none empty where the locks allow; -1 units get one too."""
    territory = np.where(terrain.forced >= 0, terrain.forced, territory)
    if not terrain.whole:
        return fill_empty(terrain, hand_out_nearest(terrain, territory))
    corridor = join_locks(terrain, territory)
    joined = replace(terrain, forced=corridor)
    territory = settle_strays(joined, np.where(corridor >= 0, corridor, territory))
    filled = fill_empty(joined, territory)
    return territory if filled is territory else settle_strays(joined, filled)


def hand_out_nearest(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Give units nobody covers to the nearest centre."""
    lost = np.flatnonzero(territory == NOBODY)
    if len(lost) == 0 or (territory == NOBODY).all():
        return np.maximum(territory, 0)
    used = np.unique(territory[territory >= 0])
    out = territory.copy()
    out[lost] = used[cKDTree(_centers_of(terrain, territory)[used]).query(terrain.position[lost])[1]]
    return out


def settle_strays(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Keep each territory's main piece (the one with its locks, else the heaviest) and hand the others to the nearest neighbour."""
    territory = territory.copy()
    importance = terrain.mass + 2.0 * (terrain.forced >= 0)
    row = np.repeat(np.arange(terrain.units, dtype=np.int32), np.diff(terrain.graph.indptr))
    col = terrain.graph.indices
    for _ in range(60):
        stray = stray_units(territory, terrain.graph, importance) | (territory == NOBODY)
        stray &= terrain.forced < 0
        contact = stray[row] & ~stray[col] & (territory[col] >= 0)
        if not contact.any():
            break
        piece = piece_of_unit(np.where(stray, territory, territory + terrain.territories), terrain.graph)
        unit, receiver = row[contact], territory[col[contact]]
        centers = _centers_of(terrain, np.where(stray, NOBODY, territory))
        apart = ((terrain.position[unit] - centers[receiver]) ** 2).sum(1)
        # A piece nobody covers is handed out unit by unit, so that it is shared among all around it.
        key = np.where(territory[unit] == NOBODY, unit, terrain.units + piece[unit])
        order = np.lexsort((receiver, apart, key))
        first = order[np.concatenate(([True], np.diff(key[order]) != 0))]
        new = np.full(2 * terrain.units, NOBODY)
        new[key[first]] = receiver[first]
        asked = np.where(territory == NOBODY, np.arange(terrain.units), terrain.units + piece)
        territory = np.where(stray & (new[asked] >= 0), new[asked], territory)
    return territory


def _centers_of(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    known = territory >= 0
    mass = np.bincount(territory[known], terrain.mass[known], terrain.territories)
    sums = [np.bincount(territory[known], (terrain.mass * p)[known], terrain.territories) for p in terrain.position.T]
    return np.column_stack(sums) / np.where(mass > 0, mass, 1.0)[:, None]


def join_locks(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return `forced` with the shortest corridors added that join each territory's locked units, where other locks leave a way."""
    forced, piece = terrain.forced.copy(), piece_of_unit(territory, terrain.graph)
    if len(np.unique(piece[forced >= 0])) == len(np.unique(forced[forced >= 0])):
        return forced
    for t in np.unique(forced[forced >= 0]):
        for _ in range(int((forced == t).sum())):
            piece = piece_of_unit(np.where(territory == t, 0, NOBODY), terrain.graph)
            locked = np.flatnonzero(forced == t)
            main = np.bincount(piece[locked]).argmax()
            apart = locked[piece[locked] != main]
            way = _corridor(terrain, territory, forced, int(t), locked[piece[locked] == main], apart) if len(apart) else None
            if way is None:
                break
            territory = territory.copy()
            territory[way], forced[way] = t, t
    return forced


def _corridor(
    terrain: Terrain, territory: np.ndarray, forced: np.ndarray, t: int, sources: np.ndarray, goals: np.ndarray
) -> np.ndarray | None:
    """Return the units on the shortest way through unlocked units from `sources` to the nearest of `goals`; None without one."""
    open_ = (forced < 0) | (forced == t)
    row = np.repeat(np.arange(terrain.units, dtype=np.int32), np.diff(terrain.graph.indptr))
    use = open_[row] & open_[terrain.graph.indices]
    row, col = row[use], terrain.graph.indices[use]
    length = np.sqrt(((terrain.position[row] - terrain.position[col]) ** 2).sum(1)) + 1e-9
    length *= np.where((territory[row] == t) & (territory[col] == t), 0.01, 1.0)
    graph = sparse.csr_array((length, (row, col)), shape=terrain.graph.shape)
    distance, before, _ = csgraph.dijkstra(graph, indices=sources, min_only=True, return_predecessors=True)
    goal = goals[np.argmin(distance[goals])]
    if not np.isfinite(distance[goal]):
        return None
    way = [goal]
    while before[way[-1]] >= 0:
        way.append(before[way[-1]])
    return np.array(way)


def fill_empty(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Give every empty territory a connected half of the fullest one, or at least a unit, where the locks allow."""
    for t in np.flatnonzero(np.bincount(territory, minlength=terrain.territories) == 0):
        held = np.bincount(territory, terrain.mass, terrain.territories) / terrain.target
        for donor in np.argsort(-held, kind="stable"):
            part = _half(terrain, territory, int(donor))
            if len(part):
                territory = territory.copy()
                territory[part] = t
                break
    return territory


def _half(terrain: Terrain, territory: np.ndarray, donor: int) -> np.ndarray:
    """Return units of `donor` to part with: a connected half, a single unit when that fails, none when locks hold all."""
    units = np.flatnonzero(territory == donor)
    loose = units[terrain.forced[units] < 0]
    if len(units) < 2 or len(loose) == 0:
        return loose[:0]
    if not terrain.whole:
        return loose[-max(1, len(loose) // 2) :] if len(loose) == len(units) else loose
    centre = np.average(terrain.position[units], axis=0, weights=terrain.mass[units])
    far = loose[np.argsort(-((terrain.position[loose] - centre) ** 2).sum(1), kind="stable")]
    walk = csgraph.breadth_first_order(terrain.graph[units][:, units], np.searchsorted(units, far[0]), return_predecessors=False)
    filled = np.cumsum(terrain.mass[units[walk]])
    part = units[walk[: max(1, min(int(np.searchsorted(filled, filled[-1] / 2)), len(walk) - 1))]]
    rest = np.setdiff1d(units, part)
    piece = csgraph.connected_components(terrain.graph[rest][:, rest], directed=False)[1]
    main = np.bincount(piece, terrain.mass[rest] + 2.0 * (terrain.forced[rest] >= 0)).argmax()
    part = np.concatenate([part, rest[piece != main]])
    if (terrain.forced[part] < 0).all():
        return part
    return next((np.array([u]) for u in far if may_leave(int(u), territory, terrain.graph)), loose[:0])
