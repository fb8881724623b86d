"""Contiguous, balanced, compact territories: `solve(Problem(...))`.

from geo_territory.balancing import FirstOf, MaxSeconds, Problem, WithinTolerance, solve

problem = Problem(position, weight, neighbors, capacity)
result = solve(problem, tolerance=0.05, seed=0, stop=FirstOf(WithinTolerance(), MaxSeconds(20)))
result.territory, result.imbalance, result.inertia, result.gap

The modules in the order of the flow; read `solve` first, it calls the stages one after the other. A stage imports only those above
it, but for `border.pool`, which the annealing fills on its way, `puzzle`, which `rounds` goes to where units are few and heavy, and
the flags numba compiles with, which `border.board` keeps.

What is asked
    problem     units, weights, neighbours, capacities and rules, checked at the door
    ordering    sorts the units, so that the order of the rows never matters
    rules       which unit must or may never be where, and how much may change hands
    bands       what each territory may hold: the tolerance and the limits together
    terrain     the problem in numbers of order one; units without weight joined, giants placed, locked territories left out
    stop, watch when to end; the clock, the progress and the reason of one running solve; `threads`: one for linear algebra
diagram/: first territories from balanced power diagrams
    seeds       first centres by bisection and k-means++
    nearest     kernels: the two cheapest cells of every site, sums over cells
    shipping    kernels: exact balance where Newton steps stall
    power       one diagram balanced by damped Newton steps, its centres moved, its dual as a bound
    several     many quick diagrams, the best refined
numbering       which number each cell gets
repair          strays, corridors and empty territories: every territory whole
border/: the search along borders
    board       who holds what, in arrays that the kernels change in place
    moves       kernels: hand units over, both sides staying whole, within the rules
    annealing   kernels: annealing, descent, pushing a flow
    pool        balanced territories met on the way
    search      one round of these, and its score
    strip       very many units: only a strip along the borders is searched
puzzle/: few heavy units beside a tight tolerance
    cover       the best cover of the map by balanced territories (set partitioning)
    census      every territory there can be, where they can be listed
    recombine   a few neighbouring territories shared out anew
    cycles      hot rounds, covers and recombinations in turn
rounds          which rounds, from which starts, until when
What comes of it
    result      the measures of an alignment and its proved bound
    reasons/    obstacles: what makes a tolerance impossible by numbers alone; dead_ends: by the lie of the land; joints: the units
                on which others hang; told: what an alignment falls short of, and the remedy
    solve       all of it
On top of a solve
    pieces      islands as problems of their own
    resume      a round from territories there are, for `frontier`
    frontier    up to nine alternatives; `headcount`: one solve for each number of territories
    explain     why each unit changes hands
    repairs/    offers: moves that mend a hand-drawn alignment; peel: the kernel that hands units over a border
    reshaping   one territory parted into two halves, or its units shared out among its neighbours
    limits      the rules by the ids of tables; `tables`: everything above for tables

Kernels are compiled once and kept in `__pycache__`. numba looks at the file of a kernel only, not at those it calls: after an edit
of `border.board` or `border.moves`, delete `geo_territory/balancing/*/__pycache__/*.nb?`, or old code runs inside the others.
"""

from geo_territory.balancing.frontier import Alternative, frontier
from geo_territory.balancing.pieces import solve_pieces
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.result import Result
from geo_territory.balancing.solve import solve
from geo_territory.balancing.stop import FirstOf, MaxRounds, MaxSeconds, Standing, StoppingCriterion, WithinTolerance

__all__ = [
    "Alternative",
    "FirstOf",
    "MaxRounds",
    "MaxSeconds",
    "Problem",
    "Result",
    "Standing",
    "StoppingCriterion",
    "WithinTolerance",
    "frontier",
    "solve",
    "solve_pieces",
]
