"""Places on the map that make a tolerance impossible: tails too heavy to hang on, wedged units, land cut off by locks.

What is said is proved for problems whose territories must be whole. Looking is slower than `obstacles`, so it is done only
when a search has failed.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csgraph

from geo_territory.balancing.bands import asked_bands
from geo_territory.balancing.problem import NOBODY, Problem
from geo_territory.balancing.reasons.joints import joints
from geo_territory.balancing.reasons.obstacles import NAMED, SURE, name, of, or_accept
from geo_territory.balancing.rules import forced_units, locked_units, rules_of
from geo_territory.contiguity import piece_of_unit

LOOKS = 20_000_000  # units walked in all while looking at what hangs on one unit


def dead_ends(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return what about the lie of the land makes the tolerance (m,) impossible, each with a remedy."""
    if problem.neighbors is None or problem.territories < 2:
        return []
    return (_cut_off(problem, tolerance) or _tails(problem, tolerance) or _wedged(problem, tolerance))[:NAMED]


def _tails(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return the units on which hangs too little for territories of its own and too much for one together with the unit."""
    asked, share, told = asked_bands(problem, tolerance), problem.share, []
    low, high = asked.low.min(0), asked.high.max(0)
    gates = np.flatnonzero(joints(np.zeros(problem.units, np.int64), problem.graph))
    gates = gates[np.argsort(-share[gates].max(1), kind="stable")][: LOOKS // problem.units]
    for u in gates:
        piece = piece_of_unit(np.where(np.arange(problem.units) == u, NOBODY, 0), problem.graph)
        for c in range(problem.criteria):
            weight = np.bincount(piece, share[:, c])
            weight[piece[u]] = 0.0
            weight = weight[weight < low[c] * (1 - SURE)]
            hanging = weight.sum()
            if hanging > 0 and hanging + share[u, c] > high[c] * (1 + SURE):
                times = (hanging + share[u, c]) / problem.target.max()
                off = min(times - 1, 1 - weight.max() / problem.target.min())
                told.append(
                    f"{problem.name_of_unit(int(u))} and what can only be reached through it hold {times:.2f} times what a territory "
                    f"should{of(problem, c)} but can't be parted: split it, link what lies behind it elsewhere{or_accept(off)}."
                )
                break
    return told


def _wedged(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return the units too light alone and too heavy with any neighbour."""
    asked, graph, told = asked_bands(problem, tolerance), problem.graph, []
    row = np.repeat(np.arange(problem.units), np.diff(graph.indptr))
    for c, share in enumerate(problem.share.T):
        lightest = np.full(problem.units, np.inf)
        np.minimum.at(lightest, row, share[graph.indices])
        low, high = asked.low[:, c].min(), asked.high[:, c].max()
        for u in np.flatnonzero((share < low * (1 - SURE)) & (share > 0) & (share + lightest > high * (1 + SURE)))[:NAMED]:
            alone, along = share[u] / problem.target.max(), (share[u] + lightest[u]) / problem.target.max()
            told.append(
                f"{problem.name_of_unit(int(u))} holds {alone:.2f} times what a territory should{of(problem, c)}, with its lightest "
                f"neighbour {along:.2f} times: split one of them{or_accept(min(1 - alone, along - 1))}."
            )
    return told


def _cut_off(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return the land that locks leave to too few, or too many, territories."""
    forced, rules, asked = forced_units(problem)[0], rules_of(problem), asked_bands(problem, tolerance)
    if not (forced >= 0).any():
        return []
    k, graph, told = problem.territories, problem.graph, []
    free = forced < 0
    area = np.where(free, piece_of_unit(np.where(free, 0, NOBODY), graph), NOBODY)
    row = np.repeat(np.arange(problem.units), np.diff(graph.indptr))
    beside = free[row] & ~free[graph.indices]
    reach = np.unique(np.column_stack([area[row[beside]], forced[graph.indices[beside]]]), axis=0)
    reach = reach[~rules.shut[reach[:, 1]]]
    anchored = (np.bincount(forced[~free], minlength=k) > 0) | rules.shut
    for c, share in enumerate(problem.share.T):
        held = np.bincount(forced[~free], share[~free], k)
        room = np.maximum(asked.high[:, c] - held, 0.0)
        loose, most = int((~anchored).sum()), asked.high[~anchored, c].max(initial=0.0)
        for t in np.flatnonzero(anchored & ~rules.shut):
            most_t = held[t] + share[np.isin(area, reach[reach[:, 1] == t, 0])].sum()
            if most_t < asked.low[t, c] * (1 - SURE):
                told.append(
                    f"Locks or bases around {problem.name_of_territory(int(t))} leave it at most {most_t / problem.target[t]:.2f} times "
                    f"what it should hold{of(problem, c)}: {_release(problem, forced == t)}{or_accept(1 - most_t / problem.target[t])}."
                )
        for piece in np.unique(area[free]) if not told else ():
            inside = area == piece
            near, weight = reach[reach[:, 0] == piece, 1], share[inside].sum()
            fits = room[near].sum() + loose * most
            small = len(near) == 0 and weight < asked.low[~anchored, c].min(initial=np.inf) * (1 - SURE)
            if weight > fits * (1 + SURE) or small:
                told.append(_told_area(problem, inside, near, weight / problem.target.mean(), c))
    return list(dict.fromkeys(told))


def _told_area(problem: Problem, inside: np.ndarray, near: np.ndarray, times: float, c: int) -> str:
    units = problem.name_of_unit(int(np.flatnonzero(inside)[0])) + (f" and {inside.sum() - 1} more" if inside.sum() > 1 else "")
    reached = ", ".join(problem.name_of_territory(int(t)) for t in near) or "no territory"
    return (
        f"Locks or bases cut off {units}, {times:.2f} times what a territory should hold{of(problem, c)}, where only {reached} can reach: "
        f"{_release(problem, inside)}."
    )


def _release(problem: Problem, inside: np.ndarray) -> str:
    """Return what to do to the first unit that bars the way out of the units `inside` (n,)."""
    forced = forced_units(problem)[0]
    beside = np.setdiff1d(problem.graph[np.flatnonzero(inside)].indices, np.flatnonzero(inside))
    bar = beside[forced[beside] >= 0]
    if len(bar) == 0:
        return "unlock a unit near it"
    unit = problem.name_of_unit(int(bar[0]))
    return f"unlock {unit}" if locked_units(problem)[bar[0]] else f"move the base in {unit}"


def barriers(problem: Problem, territory: np.ndarray, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (locked units, units forbidden to it) on the way between two pieces of territory `t` that has the fewest of them."""
    forced, rules, graph = forced_units(problem)[0], rules_of(problem), problem.graph
    every = np.arange(problem.units)
    locked = (forced >= 0) & (forced != t)
    barred = rules.bars(every, np.full(problem.units, t), forced) & ~locked
    piece = np.where(territory == t, piece_of_unit(territory, graph), NOBODY)
    main = np.bincount(piece[piece >= 0]).argmax()
    toll = np.where(locked | barred, 1.0, 1e-6)[graph.indices]
    ways = graph.astype(np.float64)
    ways.data = toll
    source, goals = np.flatnonzero(piece == main), np.flatnonzero((piece >= 0) & (piece != main))
    distance, before, _ = csgraph.dijkstra(ways, indices=source, min_only=True, return_predecessors=True)
    way = [int(goals[np.argmin(distance[goals])])]
    while before[way[-1]] >= 0:
        way.append(int(before[way[-1]]))
    on_way = np.array(way)
    return on_way[locked[on_way]], on_way[barred[on_way]]


def told_pieces(problem: Problem, territory: np.ndarray, t: int, count: int) -> str:
    """Return why territory `t` is in pieces, naming the fewest locks or forbidden pairs in the way."""
    locked, barred = barriers(problem, territory, t)
    begin = f"{name(problem, t)} is in {count} pieces because "
    if len(locked) == 0 and len(barred) == 0:
        return begin + "what locks and rules leave of the land between is needed by others: unlock a unit or lift a rule near it."
    names = [problem.name_of_unit(int(u)) for u in (locked if len(locked) else barred)[:NAMED]]
    bar = "locks bar the way: unlock " if len(locked) else "forbidden pairs bar the way: allow it "
    return begin + bar + ", ".join(names) + "."
