"""One round on the borders: flow the surplus off, anneal, then descend until nothing improves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, sparse

from geo_territory.balancing.border import annealing
from geo_territory.balancing.border.board import AREA, SIZE, UNIT, Board, Prices, standing, tally
from geo_territory.balancing.border.pool import Pool, empty_pool
from geo_territory.balancing.terrain import Terrain

MARGIN = 0.998  # the search aims a little inside the tolerance, so that rounding never leaves it
LITTLE = 0.002  # weight share beyond the limits that moves along the borders put right; a flow would tear at every border for it
FAR = 5000  # units to walk before a move that might part a territory is refused, where there is time to look
CUT_SHARE = 0.015  # what all parted neighbour pairs together weigh against the inertia: smooth borders at next to no inertia
Beat = Callable[[str, float], bool]


@dataclass(frozen=True)
class Score:
    """How good an alignment is: weight beyond the tolerance first, then inertia, borders and disruption together."""

    beyond: float
    value: float

    def better_than(self, other: Score | None) -> bool:
        """Return True when this score wins; breaches below a billionth are none."""
        if other is None:
            return True
        mine, theirs = max(self.beyond, 1e-9), max(other.beyond, 1e-9)
        return self.value < other.value if abs(mine - theirs) < 1e-10 else mine < theirs

    def equals(self, other: Score | None) -> bool:
        """Return True when both are as good, to a billionth."""
        return other is not None and abs(self.value - other.value) < 1e-9 and abs(self.beyond - other.beyond) < 1e-9


@dataclass(frozen=True)
class Heat:
    """An annealing run: `tries` in all, from `hot` to `cold` (in mean inertia of a unit), `chains` the share of two-move tries.

    soft, hard: price of a breach at the start and at the end, in inertia per unit of weight share.
    reach: units to walk before a move that might part a territory is refused.
    """

    tries: int = 0
    hot: float = 0.3
    cold: float = 0.002
    chains: float = 0.2
    soft: float = 2.0
    hard: float = 200.0
    reach: int = 300


HOT_HEATS = (
    Heat(hot=3.0, cold=1.0, chains=0.5, soft=40.0, hard=40.0),
    Heat(hot=5.0, cold=0.1, chains=0.5, soft=5.0, hard=100.0),
    Heat(hot=4.0, cold=1.5, chains=0.7, soft=30.0, hard=60.0),
    Heat(hot=10.0, cold=0.1, chains=0.5, soft=5.0, hard=50.0),
)  # for where balance is a puzzle, or nothing else has helped


def board_of(terrain: Terrain, territory: np.ndarray, seed: int) -> Board:
    """Return the board with these territories set up; `seed` starts its generator."""
    n, k, m = terrain.units, terrain.territories, terrain.weight.shape[1]
    unit, area = np.zeros(n, UNIT), np.zeros(k, AREA)
    unit["x"], unit["y"], unit["mass"] = terrain.position[:, 0], terrain.position[:, 1], terrain.mass
    unit["stay"] = terrain.price * terrain.share if terrain.price > 0 else 0.0
    unit["territory"], unit["home"], unit["free"] = territory, terrain.home, terrain.forced < 0
    rules, low, high = terrain.rules, terrain.low, terrain.high
    unit["ruled"] = True if rules.capped or rules.shut.any() else rules.picky()
    area["most_given"], area["most_taken"], area["shut"] = rules.most_given, rules.most_taken, rules.shut
    inset = (1 - MARGIN) * (high - low) / 2
    area["target"], area["pull"], area["base_x"], area["base_y"] = terrain.target, terrain.pull, terrain.base[:, 0], terrain.base[:, 1]
    border, mark, queue, group, second = (np.zeros(n, np.int64) for _ in range(5))
    state = np.array([(seed * 2 + 1) * 0x9E3779B97F4A7C15 % 2**64 or 1], np.uint64)
    indptr, indices = terrain.graph.indptr.astype(np.int64), terrain.graph.indices.astype(np.int64)
    weight = np.ascontiguousarray(terrain.weight)
    ruled = (rules.accounts, rules.barred_from().astype(np.int64), np.ascontiguousarray(rules.barred[:, 1]))
    held = (np.zeros((k, m)), np.ascontiguousarray(low + inset), np.ascontiguousarray(high - inset))
    board = Board(indptr, indices, unit, area, weight, *held, *ruled, border, mark, queue, group, second, np.zeros(2, np.int64), state)
    tally(board)
    return board


def prices_for(terrain: Terrain, territory: np.ndarray) -> Prices:
    """Return the prices of a search that begins near these territories, whose inertia is about 1."""
    row = np.repeat(np.arange(terrain.units), np.diff(terrain.graph.indptr))
    parted = max(int((territory[row] != territory[terrain.graph.indices]).sum()) // 2, 1)
    return Prices(1e4, CUT_SHARE / parted)


def score_of(board: Board, prices: Prices) -> Score:
    """Return the score of the board as it is."""
    inertia, beyond, parted, left = standing(board, prices)
    return Score(beyond, inertia + prices.cut * parted + left)


def rate(terrain: Terrain, territory: np.ndarray, prices: Prices) -> Score:
    """Return the score of these territories."""
    return score_of(board_of(terrain, territory, 0), prices)


def flow(board: Board, prices: Prices, reach: int, beat: Beat) -> None:
    """Move surplus across several borders at once, along potentials on the graph of territories; keeps the best found.

    The potentials solve the Laplacian of the territory graph for the surplus, so the flow has the least squares.
    Source: Hu, Blake, "An improved diffusion algorithm for dynamic load balancing", Parallel Computing 25, 1999.
    """
    best, kept, since = score_of(board, prices), board.unit["territory"].copy(), 0
    for _ in range(60):
        if best.beyond <= 0 or since > 6 or beat("flow", 0.0):
            break
        if annealing.push(board, _farthest_first(board), _wanted_flow(board), reach) == 0:
            break
        now = score_of(board, prices)
        since = 0 if now.better_than(best) else since + 1
        if since == 0:
            best, kept = now, board.unit["territory"].copy()
    set_up(board, kept)


def _wanted_flow(board: Board) -> np.ndarray:
    k = len(board.area["target"])
    row = np.repeat(np.arange(len(board.unit)), np.diff(board.indptr))
    a, b = board.unit["territory"][row], board.unit["territory"][board.indices]
    parted = a != b
    contact = sparse.coo_array((np.ones(int(parted.sum())), (a[parted], b[parted])), shape=(k, k)).toarray()
    matrix = np.diag(contact.sum(1)) - contact
    matrix[np.diag_indices(k)] += 1e-9 * max(np.trace(matrix) / k, 1e-9)
    potential = linalg.solve(matrix, board.held.mean(1) - board.area["target"], assume_a="pos")
    return np.ascontiguousarray(contact * (potential[:, None] - potential[None]))


def _farthest_first(board: Board) -> np.ndarray:
    border_units = np.sort(board.border[: board.counter[SIZE]])
    unit = board.unit[border_units]
    area = board.area[unit["territory"]]
    apart = (unit["x"] - area["mx"] / area["mass"]) ** 2 + (unit["y"] - area["my"] / area["mass"]) ** 2
    return border_units[np.argsort(-apart, kind="stable")]


def anneal(board: Board, prices: Prices, heat: Heat, pool: Pool, beat: Beat) -> tuple[np.ndarray, float]:
    """Run the annealing in short slices, so that progress is told and a stop is heard.

    Returns the best territories met within tolerance and their value, infinite when none was.
    """
    slices = max(8, int(np.ceil(heat.tries / 100_000)))
    unit = 1 / len(board.unit)
    fall, stiffen = (heat.cold / heat.hot) ** (1 / slices), (heat.hard / heat.soft) ** (1 / max(slices - 1, 1))
    best, kept = np.array([np.inf]), board.unit["territory"].copy()
    for s in range(slices):
        hot = heat.hot * unit * fall**s
        now = prices._replace(breach=heat.soft * stiffen**s)
        annealing.anneal(board, now, heat.tries // slices, hot, hot * fall, heat.chains, heat.reach, best, kept, pool)
        tally(board)
        if beat("border search", (s + 1) / slices):
            break
    return kept, float(best[0])


def settle(board: Board, prices: Prices, reach: int, beat: Beat) -> None:
    """Descend until no single move improves, breaches first."""
    for _ in range(100):
        if annealing.descend(board, prices, reach) == 0 or beat("settling", 1.0):
            break
    tally(board)


def improve(
    terrain: Terrain, territory: np.ndarray, prices: Prices, heat: Heat, seed: int, beat: Beat, pool: Pool | None = None
) -> tuple[np.ndarray, Score]:
    """Return better territories, and their score, from whole ones; balanced ones met on the way are left in the pool."""
    board = board_of(terrain, territory, seed)
    far = FAR if terrain.whole else 0
    little = score_of(board, prices).beyond < LITTLE
    if not little:
        flow(board, prices, far, beat)
    best, kept = score_of(board, prices), board.unit["territory"].copy()
    pool = empty_pool(terrain, 0) if pool is None else pool
    met, value = anneal(board, prices, heat if terrain.whole else replace(heat, reach=0), pool, beat)
    if value < np.inf:
        set_up(board, met)
    settle(board, prices, far, beat)
    if little and score_of(board, prices).beyond > 0:
        flow(board, prices, far, beat)
        settle(board, prices, far, beat)
    now = score_of(board, prices)
    return (board.unit["territory"].copy(), now) if now.better_than(best) else (kept, best)


def set_up(board: Board, territory: np.ndarray) -> None:
    """Put these territories (n,) on the board."""
    board.unit["territory"] = territory
    tally(board)
