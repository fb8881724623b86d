"""Makes every territory whole and non-empty: strays go to a neighbour, locks get a corridor, an empty territory gets a half."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from geo_territory.balancing.problem import NOBODY
from geo_territory.balancing.terrain import Terrain
from geo_territory.contiguity import may_leave, piece_of_unit, stray_units

ORDERS = 4  # orders in which territories are tried to have their locked units joined


def make_whole(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return the territories with the fewest possible pieces, none empty where the locks allow; -1 units get one too.

    Forced units and forbidden pairs are kept whatever comes of it; caps wherever `territory` is whole and complete.
    """
    territory = np.where(terrain.forced >= 0, terrain.forced, territory)
    if terrain.rules.any:
        territory = np.where(terrain.rules.bars(np.arange(terrain.units), territory, terrain.forced), NOBODY, territory)
    if not terrain.whole:
        return fill_empty(terrain, hand_out_nearest(terrain, territory))
    corridor = join_locks(terrain, territory)
    joined = replace(terrain, forced=corridor)
    territory = settle_strays(joined, np.where(corridor >= 0, corridor, territory))
    if (territory == NOBODY).any():
        joined, territory = reach_out(joined, territory)
        territory = hand_out_nearest(joined, settle_strays(joined, territory))
    filled = fill_empty(joined, territory)
    settled = settle_strays(joined, filled)
    return np.where(settled == NOBODY, filled, settled)


def one_each(terrain: Terrain) -> np.ndarray:
    """Return territories for no more units than territories: one each, the heaviest to the largest, as locks and rules allow.

    Source: Kuhn 1955 (assignment problem).
    """
    n, k = terrain.units, terrain.territories
    unit, every = np.repeat(np.arange(n), k), np.tile(np.arange(k), n)
    barred = terrain.rules.bars(unit, every, terrain.forced).reshape(n, k)
    taken = np.bincount(terrain.forced[terrain.forced >= 0], minlength=k) > 0
    worth = terrain.share[:, None] * terrain.target - 1e3 * taken - 1e6 * barred
    worth[np.arange(n), terrain.home] += np.where(terrain.home >= 0, 1e3 if terrain.rules.capped else 1e-9, 0.0)
    loose = np.flatnonzero(terrain.forced < 0)
    territory = terrain.forced.copy()
    row, col = linear_sum_assignment(worth[loose], maximize=True)
    territory[loose[row]] = col
    wrong = barred[np.arange(n), territory] & (terrain.forced < 0)
    return np.where(wrong, (~barred * (1 + terrain.target)).argmax(1), territory)


def hand_out_nearest(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Give units nobody covers to the nearest centre they may go to."""
    lost = np.flatnonzero(territory == NOBODY)
    if len(lost) == 0:
        return territory
    used = np.unique(territory[territory >= 0]) if len(lost) < terrain.units else np.arange(terrain.territories)
    centers, out = _centers_of(terrain, territory), territory.copy()
    out[lost] = used[cKDTree(centers[used]).query(terrain.position[lost])[1]]
    every = np.arange(terrain.territories)
    for u in lost[terrain.rules.bars(lost, out[lost], terrain.forced)] if terrain.rules.any else ():
        barred = terrain.rules.bars(np.full(len(every), u), every, terrain.forced)
        apart = ((centers - terrain.position[u]) ** 2).sum(1) + np.where(np.isin(every, used), 0.0, 1e12)
        out[u] = int(np.where(barred, np.inf, apart).argmin())
    return out


def settle_strays(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Keep each territory's main piece (the one with its locks, else the heaviest) and hand the others to the nearest neighbour.

    A piece that may go to none of its neighbours as a whole is handed out unit by unit; -1 where no neighbour may have a unit.
    """
    territory = territory.copy()
    importance = terrain.mass + 2.0 * (terrain.forced >= 0)
    row = np.repeat(np.arange(terrain.units, dtype=np.int32), np.diff(terrain.graph.indptr))
    for _ in range(60):
        stray = stray_units(territory, terrain.graph, importance) | (territory == NOBODY)
        stray &= terrain.forced < 0
        contact = stray[row] & ~stray[terrain.graph.indices] & (territory[terrain.graph.indices] >= 0)
        unit, receiver = row[contact], territory[terrain.graph.indices[contact]]
        piece = piece_of_unit(np.where(stray, territory, territory + terrain.territories), terrain.graph)
        # A piece nobody covers is handed out unit by unit, so that it is shared among all around it.
        asked = np.where(territory == NOBODY, np.arange(terrain.units), terrain.units + piece)
        unit, receiver = _allowed_contacts(terrain, unit, receiver, asked)
        if len(unit) == 0:
            if not (terrain.rules.any and (stray & (territory >= 0)).any()):
                break
            territory[stray] = NOBODY
            continue
        centers = _centers_of(terrain, np.where(stray, NOBODY, territory))
        apart = ((terrain.position[unit] - centers[receiver]) ** 2).sum(1)
        order = np.lexsort((receiver, apart, asked[unit]))
        first = order[np.concatenate(([True], np.diff(asked[unit][order]) != 0))]
        new = np.full(2 * terrain.units, NOBODY)
        new[asked[unit[first]]] = receiver[first]
        territory = np.where(stray & (new[asked] >= 0), new[asked], territory)
    return territory


def _allowed_contacts(terrain: Terrain, unit: np.ndarray, receiver: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the contacts (unit, receiver) whose receiver may have all units handed out with the unit, those of equal `asked` (n,)."""
    rules, k = terrain.rules, terrain.territories
    if not rules.any:
        return unit, receiver
    barred = np.unique(asked[rules.barred[:, 0]] * k + rules.barred[:, 1])
    allowed = ~rules.shut[receiver] & ~np.isin(asked[unit] * k + receiver, barred)
    return unit[allowed], receiver[allowed]


def reach_out(terrain: Terrain, territory: np.ndarray) -> tuple[Terrain, np.ndarray]:
    """Return (terrain with corridors forced, territories) in which units none of whose neighbours may have them are reached.

    Each gets the shortest way through units that aren't locked to the nearest territory that may have it.
    """
    rules, forced, territory = terrain.rules, terrain.forced.copy(), territory.copy()
    every = np.arange(terrain.territories)
    for u in np.flatnonzero(territory == NOBODY):
        ways = []
        for t in every[
            ~rules.bars(np.full(len(every), u), every, forced) & (np.bincount(territory[territory >= 0], minlength=len(every)) > 0)
        ]:
            goals = np.flatnonzero((territory == t) & ~rules.bars(np.arange(terrain.units), np.full(terrain.units, t), forced))
            way = _corridor(terrain, territory, forced, int(t), np.array([u]), goals) if len(goals) else None
            if way is not None:
                ways.append((len(way), int(t), way))
        if ways and territory[u] == NOBODY:
            _, t, way = min(ways, key=lambda found: found[:2])
            territory[way], forced[way] = t, t
    return replace(terrain, forced=forced), territory


def _centers_of(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    known = territory >= 0
    mass = np.bincount(territory[known], terrain.mass[known], terrain.territories)
    sums = [np.bincount(territory[known], (terrain.mass * p)[known], terrain.territories) for p in terrain.position.T]
    return np.column_stack(sums) / np.where(mass > 0, mass, 1.0)[:, None]


def join_locks(terrain: Terrain, territory: np.ndarray) -> np.ndarray:
    """Return `forced` with the shortest corridors added that join each territory's locked units, where other locks leave a way.

    A corridor may bar the way of the next, so territories that were left in pieces go first in another try.
    Source: Takahashi, Matsuyama, "An approximate solution for the Steiner problem in graphs", Mathematica Japonica 24, 1980 (nearest
    piece first).
    """
    forced = terrain.forced
    if not (forced >= 0).any():
        return forced
    first: list[int] = []
    best, fewest = forced, None
    for _ in range(ORDERS):
        joined, apart = _joined_in_turn(terrain, territory, first)
        if fewest is None or sum(apart.values()) < fewest:
            best, fewest = joined, sum(apart.values())
        if not apart or list(apart) == first[: len(apart)]:
            break
        first = list(apart) + [t for t in first if t not in apart]
    return best


def _joined_in_turn(terrain: Terrain, territory: np.ndarray, first: list[int]) -> tuple[np.ndarray, dict[int, int]]:
    """Return (`forced` with corridors, locked units still apart by territory); territories `first` are joined before the others."""
    forced, territory, apart = terrain.forced.copy(), np.where(terrain.forced >= 0, terrain.forced, territory), {}
    piece = piece_of_unit(territory, terrain.graph)
    locked = np.flatnonzero(forced >= 0)
    pairs = np.unique(np.column_stack([forced[locked], piece[locked]]), axis=0)
    scattered = np.flatnonzero((np.bincount(pairs[:, 0], minlength=terrain.territories) > 1) & ~terrain.rules.shut)
    for t in [*first, *(t for t in scattered.tolist() if t not in first)]:
        for _ in range(int((terrain.forced == t).sum())):
            piece = piece_of_unit(np.where(territory == t, 0, NOBODY), terrain.graph)
            locked = np.flatnonzero(forced == t)
            main = np.bincount(piece[locked]).argmax()
            beyond = locked[piece[locked] != main]
            way = _corridor(terrain, territory, forced, t, locked[piece[locked] == main], beyond) if len(beyond) else None
            if way is None:
                break
            territory[way], forced[way] = t, t
        if len(beyond):
            apart[t] = len(beyond)
    return forced, apart


def _corridor(
    terrain: Terrain, territory: np.ndarray, forced: np.ndarray, t: int, sources: np.ndarray, goals: np.ndarray
) -> np.ndarray | None:
    """Return the units on the shortest way through units territory `t` may have from `sources` to the nearest of `goals`, or None."""
    open_ = (forced < 0) | (forced == t)
    if terrain.rules.any:
        open_ &= ~terrain.rules.bars(np.arange(terrain.units), np.full(terrain.units, t), terrain.forced)
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
    """Give every empty territory a connected half of the fullest one, or at least a unit, where locks and rules allow."""
    for t in np.flatnonzero((np.bincount(territory, minlength=terrain.territories) == 0) & ~terrain.rules.shut):
        held = np.bincount(territory, terrain.mass, terrain.territories) / terrain.target
        for donor in np.argsort(-held, kind="stable"):
            part = _part_for(terrain, territory, int(donor), int(t))
            if len(part):
                territory = territory.copy()
                territory[part] = t
                break
    return territory


def _part_for(terrain: Terrain, territory: np.ndarray, donor: int, receiver: int) -> np.ndarray:
    """Return units of `donor` that an empty `receiver` may have: a connected half, a single unit when that fails, or none."""
    part, rules = _half(terrain, territory, donor), terrain.rules
    if not rules.any or len(part) == 0 or _may_have(terrain, territory, part, receiver):
        return part
    loose = np.flatnonzero((territory == donor) & (terrain.forced < 0))
    single = (np.array([u]) for u in loose if _may_have(terrain, territory, np.array([u]), receiver))
    fitting = (part for part in single if not terrain.whole or may_leave(int(part[0]), territory, terrain.graph))
    return next(fitting, loose[:0])


def _may_have(terrain: Terrain, territory: np.ndarray, part: np.ndarray, receiver: int) -> bool:
    if terrain.rules.bars(part, np.full(len(part), receiver), terrain.forced).any():
        return False
    if not terrain.rules.capped:
        return True
    tried = territory.copy()
    tried[part] = receiver
    given, taken = terrain.changed(tried)
    return bool((given <= terrain.rules.most_given).all() and (taken <= terrain.rules.most_taken).all())


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
