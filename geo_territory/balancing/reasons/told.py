"""Why an alignment can't be within the tolerance, or isn't: what is in the way and the smallest remedy."""

from __future__ import annotations

import numpy as np

from geo_territory.balancing.bands import limits_of
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.reasons import obstacles
from geo_territory.balancing.reasons.dead_ends import dead_ends, told_pieces
from geo_territory.balancing.reasons.obstacles import name, of, percent
from geo_territory.balancing.result import breaches_of, imbalance_of, pieces_of
from geo_territory.balancing.rules import forced_units, rules_of
from geo_territory.contiguity import may_leave


def reasons_against(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return what makes the tolerance (m,) impossible whatever the alignment; empty when nothing is known to."""
    looks = (obstacles.too_heavy, obstacles.limits, obstacles.locks, obstacles.out_of_reach, obstacles.caps)
    return obstacles.too_few_units(problem) + [told for look in looks for told in look(problem, tolerance)]


def reasons_about(problem: Problem, territory: np.ndarray, tolerance: np.ndarray, none_fits: bool = False) -> list[str]:
    """Return what an alignment found falls short of, each with a remedy.

    Empty when it is whole, within the tolerance (m,), within all limits and caps, and every base is inside. none_fits: every way was
    tried and none is within the tolerance.
    """
    known, found = reasons_against(problem, tolerance), obstacles.bases(problem)
    count = pieces_of(problem, territory)
    found += [told_pieces(problem, territory, int(t), int(count[t])) for t in np.flatnonzero(count > 1)]
    found += [_told_empty(problem, int(t), bool(known)) for t in np.flatnonzero(count == 0)]
    found += over_caps(problem, territory)
    beyond = breaches_of(problem, territory, tolerance)
    if beyond.any() and not known:
        ends = dead_ends(problem, tolerance)
        worst = f" The best alignment found is off by {imbalance_of(problem, territory):.1%} in {_worst(problem, territory)}."
        told = _told_none_fits if none_fits else _told_breach
        known = [ends[0] + worst, *ends[1:]] if ends else [told(problem, territory, tolerance, beyond)]
    return known + found


def _told_empty(problem: Problem, t: int, known: bool) -> str:
    if rules_of(problem).shut[t]:
        return f"{name(problem, t)} has no unit and is locked: unlock it."
    remedy = "ask for fewer territories or use smaller units"
    return f"{name(problem, t)} has no unit: {remedy if known else remedy + ', or unlock some units'}."


def over_caps(problem: Problem, territory: np.ndarray) -> list[str]:
    """Return which territories give or take more accounts than they may: only to make a start whole that is in pieces or incomplete."""
    rules, told = rules_of(problem), []
    if problem.start is None or not rules.capped:
        return []
    moved = (problem.start >= 0) & (problem.start != territory)
    for owner, cap, way in ((problem.start, rules.most_given, "gives away"), (territory, rules.most_taken, "takes over")):
        count = np.bincount(owner[moved], rules.accounts[moved], problem.territories)
        for t in np.flatnonzero(count > cap):
            told.append(
                f"{name(problem, t)} {way} {count[t]:g} accounts though it may only {cap[t]:g}, because the start is in pieces or leaves "
                f"a territory without units: allow {count[t]:g} or mend the start."
            )
    return told


def _told_none_fits(problem: Problem, territory: np.ndarray, tolerance: np.ndarray, beyond: np.ndarray) -> str:
    """Return how near the alignment found comes, when every way was tried."""
    near = _told_breach(problem, territory, tolerance, beyond)
    return f"Every way to share the units out was tried and none is within what is asked. {near}"


def _told_breach(problem: Problem, territory: np.ndarray, tolerance: np.ndarray, beyond: np.ndarray) -> str:
    """Return why the alignment found is outside, when nothing is known to make the tolerance impossible."""
    t, c = (int(i) for i in np.unravel_index(np.abs(beyond / tolerance).argmax(), beyond.shape))
    least, most = limits_of(problem)
    held = float(problem.share[territory == t, c].sum())
    if held < least[t, c] or held > most[t, c]:
        total = problem.weight[:, c].sum()
        bound = f"at least {least[t, c] * total:g}" if held < least[t, c] else f"at most {most[t, c] * total:g}"
        return f"{name(problem, t)} holds {held * total:g}{of(problem, c)} and must hold {bound}: accept that or use smaller units."
    off, asked = _off(problem, territory, c), tolerance[c]
    apart = _pulling_apart(problem, territory, tolerance, t, c) if problem.criteria > 1 else ""
    if apart:
        return (
            f"The criteria pull apart in {problem.name_of_territory(t)}, off by {off:.1%}{of(problem, c)}: {apart}; "
            f"accept {percent(off)}{of(problem, c)} or drop a criterion."
        )
    return (
        f"The best alignment found is off by {imbalance_of(problem, territory):.1%} in {problem.name_of_territory(t)}: "
        f"units near it are too coarse for {asked:.1%}{of(problem, c)}; use smaller units or accept {percent(off)}."
    )


def _worst(problem: Problem, territory: np.ndarray) -> str:
    held = np.column_stack([np.bincount(territory, w, problem.territories) for w in problem.share.T])
    return problem.name_of_territory(int(np.abs(held / problem.target[:, None] - 1).max(1).argmax()))


def _off(problem: Problem, territory: np.ndarray, c: int) -> float:
    held = np.bincount(territory, problem.share[:, c], problem.territories)
    return float(np.abs(held / problem.target - 1).max())


def _pulling_apart(problem: Problem, territory: np.ndarray, tolerance: np.ndarray, t: int, c: int) -> str:
    """Return the lightest possible move that would mend criterion `c` of territory `t` but break another, in words; "" for none.

    Only moves of single units across a border that leave both territories whole count.
    """
    forced, rules, graph = forced_units(problem)[0], rules_of(problem), problem.neighbors
    if graph is None:
        return ""
    beyond = breaches_of(problem, territory, tolerance)
    side = np.repeat(np.arange(problem.units), np.diff(graph.indptr))
    give = beyond[t, c] > 0
    out, into = (side, graph.indices) if give else (graph.indices, side)
    pairs = np.column_stack([out, territory[into]])[(territory[side] == t) & (territory[graph.indices] != t)]
    pairs = np.unique(pairs, axis=0)
    pairs = pairs[(forced[pairs[:, 0]] < 0) & ~rules.bars(pairs[:, 0], pairs[:, 1], forced)]
    for u, receiver in pairs[np.argsort(problem.share[pairs[:, 0], c], kind="stable")].tolist():
        tried = territory.copy()
        tried[u] = receiver
        more = np.abs(breaches_of(problem, tried, tolerance)) - np.abs(beyond)
        if more[:, c].sum() < 0 and more[:, np.arange(problem.criteria) != c].max() > 0 and may_leave(u, territory, graph):
            worst = int(np.where(np.arange(problem.criteria) == c, -np.inf, more.max(0)).argmax())
            return (
                f"giving {problem.name_of_unit(u)} from {problem.name_of_territory(int(territory[u]))} to "
                f"{problem.name_of_territory(receiver)} would mend it but put {problem.name_of_criterion(worst)} further off"
            )
    return ""
