"""The census: where units are few, every territory there can be is listed and the best that cover the map are taken.

Connected sets of units within their limits are grown one by one; set partitioning among all of them proves the answer, or that
there is none. It is given up after a fixed number of steps, so that it ends after the same work everywhere.
Sources: Garfinkel, Nemhauser, "Optimal political districting by implicit enumeration techniques", Management Science 16, 1970;
Avis, Fukuda, "Reverse search for enumeration", Discrete Applied Mathematics 65, 1996 (listing connected sets, each once).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numba as nb
import numpy as np

from geo_territory.balancing.border.board import FLAGS
from geo_territory.balancing.border.pool import Pool, bits_of, empty_pool
from geo_territory.balancing.numbering import numbered_as_before
from geo_territory.balancing.puzzle.cover import prove_cover
from geo_territory.balancing.terrain import Terrain

FEW = 63  # units whose sets fit a 64-bit number
LARGE = 18  # units a territory has on average beyond which there are too many sets to list: not even begun
STEPS = 3_000_000  # steps in which all territories must be listed
LISTED = 100_000  # territories listed, at most
SURE = 1e-12  # share by which adding up in another order may differ
NODES = 20_000_000  # steps in which the best cover must be proved
ONE = np.uint64(1)


class Census(NamedTuple):
    """What the census says. territory (n,): the best there is, None where nothing is within the limits or nothing was proved.

    proved: every way was tried.
    """

    territory: np.ndarray | None
    proved: bool


UNKNOWN = Census(None, False)


def take_census(terrain: Terrain) -> Census:
    """Return the best alignment within all limits and rules, proved, or that there is none; UNKNOWN where that takes too long."""
    crowded = terrain.units > min(FEW, LARGE * terrain.territories)
    if not terrain.whole or crowded or terrain.rules.shut.any() or terrain.units < terrain.territories:
        return UNKNOWN
    pool = list_territories(terrain)
    return UNKNOWN if pool is None else _census_of(terrain, pool)


def _census_of(terrain: Terrain, pool: Pool) -> Census:
    territory, proved = prove_cover(pool, terrain.units, NODES)
    if not proved:
        return UNKNOWN
    if territory is None:
        return Census(None, True)
    kept = numbered_as_before(terrain, territory)
    return Census(kept if terrain.permits(kept) and terrain.price == 0 else territory, True)


def least_imbalance(terrain: Terrain) -> np.ndarray | None:
    """Return the territories (n,) of the least imbalance there is, the most compact of them; None where that isn't proved.

    For one criterion without limits, where no alignment is within the tolerance: that is doubled until there is one.
    """
    if terrain.weight.shape[1] > 1 or terrain.rules.limited.any() or terrain.rules.shut.any():
        return None
    wide = 2 * terrain.tolerance
    while wide < 1:
        reach = _widened(terrain, wide)
        pool = list_territories(reach)
        census = UNKNOWN if pool is None else _census_of(reach, pool)
        if pool is None or not census.proved:
            return None
        if census.territory is not None:
            return _narrowed(reach, pool, census.territory)
        wide *= 2
    return None


def _widened(terrain: Terrain, tolerance: float) -> Terrain:
    middle = (terrain.high + terrain.low) / 2
    return replace(terrain, low=middle * (1 - tolerance), high=middle * (1 + tolerance))


def _narrowed(terrain: Terrain, pool: Pool, best: np.ndarray) -> np.ndarray | None:
    """Return the most compact alignment of the least imbalance among all territories of the pool, by halving; `best` is one of any."""
    middle = (terrain.high + terrain.low)[:, 0] / 2
    of_kind = np.array([middle[np.argmax(pool.kinds == kind)] for kind in range(pool.kinds.max() + 1)])
    held = bits_of(pool, terrain.units).astype(float) @ terrain.weight[:, 0]
    apart = np.abs(held / of_kind[pool.kind[: pool.size[0]]] - 1)
    off = np.abs(terrain.held(best)[:, 0] / middle - 1).max()
    steps = np.unique(apart[apart <= off + SURE].round(12))
    low, high = 0, len(steps)
    while low < high:
        at = (low + high) // 2
        census = _census_of(terrain, _some_of(pool, apart <= steps[at] + 2 * SURE))
        if not census.proved:
            return None
        best, low, high = (best, at + 1, high) if census.territory is None else (census.territory, low, at)
    return best


def _some_of(pool: Pool, chosen: np.ndarray) -> Pool:
    rows = np.flatnonzero(chosen)
    return pool._replace(members=pool.members[rows], kind=pool.kind[rows], value=pool.value[rows], size=np.array([len(rows)]))


def list_territories(terrain: Terrain) -> Pool | None:
    """Return a pool of all territories there can be, None when that takes more than `STEPS` or there are more than `LISTED`."""
    pool, words = empty_pool(terrain, 0), _around(terrain)
    low, high = terrain.low * (1 - SURE) - SURE, terrain.high * (1 + SURE) + SURE
    least, most = np.cumsum(np.sort(low, axis=0), axis=0), np.cumsum(np.sort(high, axis=0)[::-1], axis=0)
    sets: list[np.ndarray] = []
    kinds: list[np.ndarray] = []
    values: list[np.ndarray] = []
    steps = STEPS
    weight = np.ascontiguousarray(terrain.weight)
    for kind in np.unique(pool.kinds):
        t = int(np.argmax(pool.kinds == kind))
        mine, shut = _bits(terrain.forced == t), _bits(_closed(terrain, t))
        found = np.zeros(LISTED - sum(len(known) for known in sets), np.uint64)
        size, steps = _grow(words, weight, low[t], high[t], mine, shut, least, most, steps, found)
        if size < 0:
            return None
        inside = _members(found[:size], terrain.units)
        allowed = _within_caps(terrain, inside, t)
        sets.append(found[:size][allowed])
        kinds.append(np.full(int(allowed.sum()), kind))
        values.append(_values(terrain, inside[allowed], t))
    members, kind_of, value = np.concatenate(sets)[:, None], np.concatenate(kinds), np.concatenate(values)
    return pool._replace(members=members, kind=kind_of, value=value, size=np.array([len(members)]))


def _closed(terrain: Terrain, t: int) -> np.ndarray:
    """Return which units territory `t` may not have, (n,) bool."""
    every = np.arange(terrain.units)
    barred = terrain.rules.bars(every, np.full(terrain.units, t), terrain.forced)
    return (barred & (terrain.forced != t)) | ((terrain.forced >= 0) & (terrain.forced != t))


def _bits(chosen: np.ndarray) -> np.uint64:
    return np.uint64(sum(1 << int(u) for u in np.flatnonzero(chosen)))


def _around(terrain: Terrain) -> np.ndarray:
    """Return the neighbours of each unit as bits, (n,) uint64."""
    ends, others = terrain.graph.indptr, terrain.graph.indices
    return np.array([sum(1 << int(v) for v in others[ends[u] : ends[u + 1]]) for u in range(terrain.units)], np.uint64)


def _members(sets: np.ndarray, units: int) -> np.ndarray:
    return np.unpackbits(sets[:, None].view(np.uint8), axis=1, bitorder="little")[:, :units].astype(bool)


def _within_caps(terrain: Terrain, inside: np.ndarray, t: int) -> np.ndarray:
    """Return which sets (m, n) neither give nor take more accounts than territory `t` may."""
    home, rules = terrain.home, terrain.rules
    taken = inside @ (rules.accounts * ((home >= 0) & (home != t)))
    given = ~inside @ (rules.accounts * (home == t))
    return np.asarray((taken <= rules.most_taken[t]) & (given <= rules.most_given[t]))


def _values(terrain: Terrain, inside: np.ndarray, t: int) -> np.ndarray:
    """Return the part of the objective of each set (m, n) as territory `t`: inertia, distance to the base and what left home."""
    mass, place, pull, base = terrain.mass, terrain.position, terrain.pull[t], terrain.base[t]
    held, first = inside @ mass, inside @ (mass[:, None] * place)
    second = inside @ (mass * (place**2).sum(1))
    own = second - (first**2).sum(1) / held
    based = second - 2 * first @ base + held * (base**2).sum()
    left = inside @ (terrain.price * terrain.share * ((terrain.home >= 0) & (terrain.home != t)))
    return np.asarray((1 - pull) * own + pull * based + left)


@nb.njit(**FLAGS)
def _grow(around, weight, low, high, mine, shut, least, most, steps, found):
    """Put every connected set with all of `mine`, none of `shut` and a weight in low…high in `found`.

    A set grows from its lowest unit; each neighbour met is taken or left out for good. Returns (how many, steps left); how many is
    -1 when steps or room ran out. Sets that leave the others land no number of territories can share are not put down.
    """
    n, m, size = len(around), weight.shape[1], 0
    every = (ONE << np.uint64(n)) - ONE
    taken, border, closed = np.zeros(n + 2, np.uint64), np.zeros(n + 2, np.uint64), np.zeros(n + 2, np.uint64)
    held = np.zeros((n + 2, m))
    for root in range(n):
        bit = ONE << np.uint64(root)
        if shut & bit or (mine != 0 and (mine & (~mine + ONE)) != bit) or not fits(weight[root], held[0] * 0.0, high):
            continue
        depth = 0
        taken[0], held[0] = bit, weight[root]
        closed[0] = shut | (bit if mine != 0 else (bit | (bit - ONE)))
        border[0] = around[root] & ~closed[0]
        while depth >= 0:
            steps -= 1
            if steps < 0:
                return -1, steps
            have, edge, gone = taken[depth], border[depth], closed[depth]
            if edge == 0:
                if mine & ~have == 0 and enough(held[depth], low) and leaves(every & ~have, around, weight, least, most):
                    if size == len(found):
                        return -1, steps
                    found[size] = have
                    size += 1
                depth -= 1
                continue
            if not hopeful(have, gone, mine, around, weight, low):
                depth -= 1
                continue
            pick = edge & (~edge + ONE)
            u = place_of(pick)
            closed[depth] = gone | pick
            border[depth] = edge & ~pick
            if not (gone & pick) and fits(weight[u], held[depth], high):
                taken[depth + 1] = have | pick
                closed[depth + 1] = gone | pick
                border[depth + 1] = (edge | around[u]) & ~(gone | pick | have)
                for c in range(m):
                    held[depth + 1, c] = held[depth, c] + weight[u, c]
                depth += 1
    return size, steps


@nb.njit(**FLAGS)
def place_of(bit):
    """Return the number of the only bit set."""
    place = 0
    for step in (32, 16, 8, 4, 2, 1):
        if bit >> np.uint64(step):
            bit >>= np.uint64(step)
            place += step
    return place


@nb.njit(**FLAGS)
def fits(more, held, high):
    """Return True when what is held and `more` don't exceed `high` in any criterion."""
    inside = True
    for c in range(len(high)):
        inside &= held[c] + more[c] <= high[c]
    return inside


@nb.njit(**FLAGS)
def enough(held, low):
    """Return True when no criterion falls short of `low`."""
    reached = True
    for c in range(len(low)):
        reached &= held[c] >= low[c]
    return reached


@nb.njit(**FLAGS)
def flood(start, open_, around):
    """Return what can be reached from `start` through `open_`, both as bits."""
    reached, fresh = start, start
    while fresh:
        bit = fresh & (~fresh + ONE)
        fresh ^= bit
        more = around[place_of(bit)] & open_ & ~reached
        reached |= more
        fresh |= more
    return reached


@nb.njit(**FLAGS)
def hopeful(have, gone, mine, around, weight, low):
    """Return True when the set can still grow to what it must hold."""
    reached = flood(have, ~gone, around)
    grows = mine & ~reached == 0
    for c in range(len(low)):
        grows &= total_of(reached, weight, c) >= low[c]
    return grows


@nb.njit(**FLAGS)
def total_of(units, weight, c):
    """Return what some units, as bits, hold of criterion `c`."""
    total = 0.0
    while units:
        bit = units & (~units + ONE)
        units ^= bit
        total += weight[place_of(bit), c]
    return total


@nb.njit(**FLAGS)
def leaves(rest, around, weight, least, most):
    """Return True when each connected part of the rest can be shared by some number of territories, k - 1 in all."""
    k, few, many = len(least), 0, 0
    while rest:
        part = flood(rest & (~rest + ONE), rest, around)
        rest &= ~part
        fewest, largest = 0, 0
        for j in range(1, k):
            possible = True
            for c in range(weight.shape[1]):
                possible &= least[j - 1, c] <= total_of(part, weight, c) <= most[j - 1, c]
            if possible:
                fewest, largest = (j if fewest == 0 else fewest), j
        if fewest == 0:
            return False
        few += fewest
        many += largest
    return few <= k - 1 <= many
