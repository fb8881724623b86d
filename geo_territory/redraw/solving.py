"""Solve the rest: what a person drew stays, the others are balanced around it, and every change is proposed, none is made."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from geo_territory.balancing import FirstOf, MaxRounds, Problem, Result, WithinTolerance, solve
from geo_territory.balancing.explain import explain
from geo_territory.contiguity import piece_of_unit, pieces
from geo_territory.design import PHASES, balancing_progress
from geo_territory.errors import InfeasibleError
from geo_territory.progress import Progress, silent
from geo_territory.redraw.anchoring import solved_in_place, why_stuck
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft
from geo_territory.redraw.edits import NOBODY_ID, Change
from geo_territory.redraw.figures import living_exceptions
from geo_territory.redraw.mending import Side
from geo_territory.redraw.posed import Posed, counted, posed
from geo_territory.scorecard import BAND
from geo_territory.tiers.methods import money

PRICE = 6.0  # of disruption: a map drawn by hand is changed for balance, hardly for compactness
ROUNDS = 4  # of the search, so that an answer comes within a second
SMALLEST = 0.02  # share of its target that a territory with many exceptions still aims at in units
BALANCING, PROPOSING = 0.05, 0.95
PIECES = "pieces"  # what the engine says of them is said here in the words of a draft


@dataclass(frozen=True)
class Proposal:
    """Units that hang together and would go from one territory to another.

    number: from 1, in the order that helps most; units: positions; before, after: territory_id, before "" for units nobody covers;
    weight: what changes hands, in what is balanced; accounts: how many go with them, value: what those are worth a year; place: the
    name of the heaviest unit. sides: index and pieces of each territory if this
    alone is accepted. whole: accepted alone it leaves both with a unit and in one piece, or in no more than they are. told, reason:
    sentences.
    """

    number: int
    units: tuple[int, ...]
    before: str
    after: str
    weight: float
    accounts: int
    value: float
    place: str
    sides: tuple[Side, ...]
    whole: bool
    told: str
    reason: str


@dataclass(frozen=True)
class Solution:
    """Proposals for a draft, any of which may be accepted; no territory is taken off to another part of the map.

    imbalance: before and with all accepted, a fraction; in_band, in_one_piece: of how many territories that holds, before and with
    all accepted, territories: how many there are. within: whether the imbalance is within the tolerance. reasons: what stands in the
    way when it isn't, and which territories would be in pieces, with the smallest remedy. disruption: share of the weight on the map
    that would change hands; accounts, value a year: what would.
    """

    proposals: tuple[Proposal, ...]
    imbalance: tuple[float, float]
    in_band: tuple[int, int]
    in_one_piece: tuple[int, int]
    territories: int
    accounts: int
    value: float
    tolerance: float
    within: bool
    reasons: tuple[str, ...]
    disruption: float
    seconds: float

    def change(self, draft: Draft, numbers: Collection[int] | None = None) -> Change:
        """Return the change that accepts the proposals of some numbers, by default all, on a draft like the one that was solved."""
        accepted = [one for one in self.proposals if numbers is None or one.number in numbers]
        return Change(draft.handing([(np.array(one.units, np.int64), one.after) for one in accepted]))


def solve_rest(
    basis: Basis,
    draft: Draft,
    pinned: Collection[int] | np.ndarray = (),
    *,
    keep_drawn: bool = True,
    progress: Progress = silent,
    seed: int = 0,
    tolerance: float | None = None,
) -> Solution:
    """Return proposals that balance a draft around what a person drew.

    Those at the `pinned` positions and all locks stay as they are, and, with `keep_drawn`, units moved in this draft from a territory
    that is still there;
    accounts in another territory than their unit count for that one. Few units move: a price is put on what changes hands.
    Uncovered units are given out. `tolerance` in (0, 1), by default the design's. The same draft, pins and seed give the same answer.
    What `progress` raises (Cancelled) ends the work. Raises InfeasibleError, with the remedy, when nothing may move.
    """
    progress("Reading the draft", 0.0)
    if draft.is_all_locked:
        raise InfeasibleError("Everything is locked, so nothing is left to solve: unlock it first.")
    asked = posed(basis, draft)
    tolerance = basis.design.policy.tolerance if tolerance is None else tolerance
    problem = dataclasses.replace(
        asked.problem,
        capacity=_aims(asked),
        locked=_staying(basis, draft, asked, pinned, keep_drawn),
        locked_territories=_shut(asked),
        forbidden=None,
    )
    _expect_some_free(problem.locked, problem.locked_territories, asked)
    told = balancing_progress(progress, BALANCING, PROPOSING)
    stop = FirstOf(WithinTolerance(), MaxRounds(ROUNDS))

    def run(one: Problem) -> Result:
        return solve(one, tolerance, seed, stop, told, PRICE)

    result, stuck = solved_in_place(basis, draft, asked, problem, tolerance, run)
    progress("Finding what to propose", PROPOSING)
    after = _needed(asked, _kept_out(asked, result.territory), tolerance, ~stuck)
    made = _Proposing(basis, draft, asked, after, explain(problem, after)[1]).proposals()
    progress(PHASES["done"], 1.0)
    within = _imbalance(asked, after) <= tolerance + 1e-9
    hindered = why_stuck(basis, draft, asked, stuck) or _why_not(asked, result)
    return _told(asked, after, tuple(made), tolerance, (*(() if within else hindered), *_in_pieces(asked, after)), result)


def _told(
    asked: Posed, after: np.ndarray, proposals: tuple[Proposal, ...], tolerance: float, reasons: tuple[str, ...], result: Result
) -> Solution:
    """Return proposals with what they come to when all are accepted."""
    both, k = (asked.territory, after), len(asked.ids)
    then = _imbalance(asked, after)
    return Solution(
        proposals=proposals,
        imbalance=(_imbalance(asked, asked.territory), then),
        in_band=_before_after([_in_band(asked, owner) for owner in both]),
        in_one_piece=_before_after([int((pieces(owner, asked.problem.graph, k) == 1).sum()) for owner in both]),
        territories=k,
        accounts=sum(one.accounts for one in proposals),
        value=float(sum(one.value for one in proposals)),
        tolerance=tolerance,
        within=then <= tolerance + 1e-9,
        reasons=reasons,
        disruption=float(asked.problem.weight[after != asked.territory, 0].sum() / asked.total),
        seconds=result.seconds["total"],
    )


def _before_after(values: Sequence[int]) -> tuple[int, int]:
    before, after = values
    return before, after


def _in_band(asked: Posed, territory: np.ndarray) -> int:
    """Return how many territories are within the band."""
    index = asked.index(territory)
    return int(((index >= BAND[0]) & (index <= BAND[1])).sum())


def _carried(basis: Basis, draft: Draft) -> tuple[np.ndarray, np.ndarray]:
    """Return how many accounts go with each unit, (n,) int, and their value a year, (n,): all but the exceptions."""
    apart = basis.accounts.get_indexer(list(living_exceptions(draft)))
    free = np.ones(len(basis.accounts), bool)
    free[apart[apart >= 0]] = False
    unit, n = basis.unit_of_account[free], len(basis.units)
    return np.bincount(unit, minlength=n), np.bincount(unit, basis.value[free], n)


def _aims(asked: Posed) -> np.ndarray:
    """Return what each territory's units should weigh beside the accounts it has by exception, (k,)."""
    target = asked.problem.target * asked.total
    return np.maximum(target - asked.aside, SMALLEST * target)


def _shut(asked: Posed) -> np.ndarray:
    """Return the territories that neither give nor take: locked ones and those without capacity, (k,) bool."""
    locked = asked.problem.locked_territories
    return asked.vacant if locked is None else locked | asked.vacant


def _staying(basis: Basis, draft: Draft, asked: Posed, pinned: Collection[int] | np.ndarray, keep_drawn: bool) -> np.ndarray:
    """Return the units that stay: locked, pinned, or, when asked, moved by hand from a territory that is still there, (n,) bool."""
    living = np.array([name in draft.territories for name in draft.slots] + [False])
    staying = asked.problem.held | ((draft.owner != basis.owner) & living[basis.owner] & keep_drawn)
    staying[np.fromiter(pinned, np.int64)] = True
    return staying & (asked.territory != NOBODY)


def _expect_some_free(locked: np.ndarray | None, shut: np.ndarray | None, asked: Posed) -> None:
    """Raise InfeasibleError when no unit may change hands."""
    free = np.ones(len(asked.territory), bool) if locked is None else ~locked
    covered = asked.territory != NOBODY
    if shut is not None:
        free[covered] &= ~shut[asked.territory[covered]]
    if not free.any():
        raise InfeasibleError("Every unit is locked, pinned or moved by hand, so nothing is left to solve: unlock or unpin some.")


def _imbalance(asked: Posed, territory: np.ndarray, of: np.ndarray | slice = slice(None)) -> float:
    """Return the largest distance of a territory, of those that count, from its target, a fraction; 0 where there is none."""
    return float(np.nanmax(np.abs(asked.index(territory)[of] / 100 - 1), initial=0.0))


def _why_not(asked: Posed, result: Result) -> tuple[str, ...]:
    """Return why the tolerance is not met, each with its remedy."""
    names = _names(asked)
    reasons = tuple(_capital(names.sub(r"\1", reason)) for reason in result.reasons if PIECES not in reason)
    return reasons or ("The search ended before it was done: accept what helps and solve again from there.",)


def _in_pieces(asked: Posed, after: np.ndarray) -> tuple[str, ...]:
    """Return which territories would be in pieces, with the remedy."""
    count, called = pieces(after, asked.problem.graph, len(asked.ids)), asked.problem.territory_names or ()
    return tuple(
        f"{called[t]} would be in {count[t]} pieces: unlock or unpin what lies between, or join them by hand."
        for t in np.flatnonzero(count > 1).tolist()
    )


def _names(asked: Posed) -> re.Pattern[str]:
    """Return what finds "territory" before a territory's name: people call it by the name alone."""
    called = sorted(asked.problem.territory_names or (), key=len, reverse=True)
    return re.compile(f"[Tt]erritory ({'|'.join(map(re.escape, called))})")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _kept_out(asked: Posed, after: np.ndarray) -> np.ndarray:
    """Return the alignment (n,) without the locked units that nobody covers: they stay nobody's."""
    after = after.copy()
    if asked.problem.forbidden is not None:
        after[asked.problem.forbidden[:, 0]] = NOBODY
    return after


def _needed(asked: Posed, after: np.ndarray, tolerance: float, of: np.ndarray) -> np.ndarray:
    """Return the alignment (n,) without the groups, the lightest first, that neither wholeness nor the balance of some needs."""
    weight, k, after = asked.problem.weight[:, 0], len(asked.ids), after.copy()
    most = max(tolerance, _imbalance(asked, after, of)) + 1e-9
    count = pieces(after, asked.problem.graph, k)
    groups = [units for units in _groups(asked, after) if asked.territory[units[0]] != NOBODY]
    for units in sorted(groups, key=lambda group: (weight[group].sum(), group[0])):
        tried = after.copy()
        tried[units] = asked.territory[units]
        if _imbalance(asked, tried, of) <= most:
            parts = pieces(tried, asked.problem.graph, k)
            if (parts <= np.maximum(count, 1)).all() and (parts[count > 0] > 0).all():
                after, count = tried, parts
    return after


def _groups(asked: Posed, after: np.ndarray) -> list[np.ndarray]:
    """Return the connected groups of units that go from one territory to another."""
    moved = np.flatnonzero(after != asked.territory)
    key = np.full(len(after), -1)
    key[moved] = (asked.territory[moved] + 1) * (len(asked.ids) + 1) + after[moved] + 1
    piece = piece_of_unit(key, asked.problem.graph)[moved]
    return [moved[piece == number] for number in np.unique(piece)]


class _Proposing:
    """Cuts the difference of two alignments into proposals and puts them in order."""

    def __init__(self, basis: Basis, draft: Draft, asked: Posed, after: np.ndarray, reasons: dict[int, str]) -> None:
        self.asked, self.after, self.reasons = asked, after, reasons
        self.accounts, self.value = _carried(basis, draft)
        self.graph, self.k = asked.problem.graph, len(asked.ids)
        self.weight = asked.problem.weight[:, 0]
        self.names, self.called = asked.problem.territory_names or (), _names(asked)
        self.before = asked.territory
        self.count = pieces(self.before, self.graph, self.k)

    def proposals(self) -> list[Proposal]:
        """Return the groups of units that go together, the one that helps most first."""
        groups = _groups(self.asked, self.after)
        return [self.told(number, groups[i]) for number, i in enumerate(self.order(groups), 1)]

    def order(self, groups: list[np.ndarray]) -> list[int]:
        """Return the groups in the order of being accepted: those that part nothing at their turn first, then what evens out most."""
        share = np.array([self.weight[units].sum() for units in groups]) / self.asked.total
        giver = np.array([self.before[units[0]] for units in groups], np.int64)
        taker = np.array([self.after[units[0]] for units in groups], np.int64)
        covered = self.before != NOBODY
        held = np.bincount(self.before[covered], self.weight[covered], self.k) + self.asked.aside
        off = held / self.asked.total - self.asked.problem.target
        now, waiting, order = self.before.copy(), list(range(len(groups))), []
        while waiting:
            away = self.away(off, giver[waiting], taker[waiting], share[waiting])
            turn = [waiting[i] for i in np.lexsort((np.array(waiting), -share[waiting], np.round(away, 9)))]
            first = next((i for i in turn if self.keeps_whole(now, groups[i])), turn[0])
            now[groups[first]] = taker[first]
            off[taker[first]] += share[first]
            off[giver[first]] -= share[first] if giver[first] >= 0 else 0.0
            waiting.remove(first)
            order.append(first)
        return order

    def away(self, off: np.ndarray, giver: np.ndarray, taker: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Return by how much the share that is in the wrong territory changes, for each group."""
        change = np.abs(off[taker] + share) - np.abs(off[taker])
        return change + np.where(giver >= 0, np.abs(off[giver] - share) - np.abs(off[giver]), -share)

    def keeps_whole(self, now: np.ndarray, units: np.ndarray) -> bool:
        """Return whether a group leaves both sides in one piece, or in no more than they are."""
        then = now.copy()
        then[units] = self.after[units]
        count, later = (pieces(owner, self.graph, self.k) for owner in (now, then))
        sides = [t for t in {int(now[units[0]]), int(self.after[units[0]])} if t != NOBODY]
        return all(later[t] <= max(count[t], 1) and (later[t] > 0 or count[t] == 0) for t in sides)

    def told(self, number: int, units: np.ndarray) -> Proposal:
        """Return a group as a proposal, measured as if it alone were accepted."""
        alone = self.before.copy()
        alone[units] = self.after[units]
        giver, taker = int(self.before[units[0]]), int(self.after[units[0]])
        index, count = (self.asked.index(self.before), self.asked.index(alone)), pieces(alone, self.graph, self.k)
        sides = tuple(
            Side(self.asked.ids[t], (_number(index[0][t]), _number(index[1][t])), (int(self.count[t]), int(count[t])))
            for t in (giver, taker)
            if t != NOBODY
        )
        heaviest = int(units[np.argmax(self.weight[units])])
        reason = self.called.sub(r"\1", self.reasons.get(heaviest, "Nobody covers it."))
        return Proposal(
            number=number,
            units=tuple(units.tolist()),
            before=NOBODY_ID if giver == NOBODY else self.asked.ids[giver],
            after=self.asked.ids[taker],
            weight=float(self.weight[units].sum()),
            accounts=int(self.accounts[units].sum()),
            value=float(self.value[units].sum()),
            place=(self.asked.problem.unit_names or ())[heaviest],
            sides=sides,
            whole=self.keeps_whole(self.before, units),
            told=self.sentence(units, heaviest, giver, taker, sides),
            reason=_capital(reason),
        )

    def sentence(self, units: np.ndarray, heaviest: int, giver: int, taker: int, sides: Sequence[Side]) -> str:
        """Return what would move, and what it does to both sides."""
        names = self.asked.problem.unit_names or ()
        some = names[heaviest] if len(units) == 1 else f"{counted(len(units), 'unit')} at {names[heaviest]}"
        called = dict(zip(self.asked.ids, self.names, strict=True))
        shown = [
            f"{called[side.territory]} {side.index[0]:.0f} → {side.index[1]:.0f}"
            for side in sides
            if side.index[0] is not None and side.index[1] is not None
        ]
        some += f" ({counted(int(self.accounts[units].sum()), 'account')}, {money(float(self.value[units].sum()))})"
        whence = f" from {self.names[giver]}" if giver != NOBODY else ""
        return f"Give {some}{whence} to {self.names[taker]}" + (f": {', '.join(shown)}." if shown else ".")


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
