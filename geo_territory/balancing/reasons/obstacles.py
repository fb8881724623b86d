"""What makes a tolerance impossible whatever the alignment: the unit, lock, base, pair, cap or limit, and the smallest remedy.

Each function looks at one kind of obstacle and returns sentences, none where it finds nothing. What is said is proved: no contiguous
alignment is within the tolerance (m,) while the obstacle stands. Shares are of each criterion's total.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from geo_territory.balancing.bands import Bands, asked_bands, limits_of
from geo_territory.balancing.problem import Problem
from geo_territory.balancing.rules import forced_units, locked_units, rules_of

NAMED = 5  # units named one by one before the rest are counted
SURE = 1e-12  # shares closer than this are equal


def too_few_units(problem: Problem) -> list[str]:
    """Return why there are too few units, or units with weight, for the territories."""
    n, k = problem.units, problem.territories
    if n < k:
        return [f"{counted(n, 'unit', 'units')} can't make {k} territories: use smaller units or ask for fewer territories."]
    weighted = int((problem.share > 0).sum(0).min())
    if weighted < k:
        some = counted(weighted, "unit has", "units have")
        return [f"Only {some} weight, too few for {k} territories: use smaller units or fewer territories."]
    return []


def too_heavy(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return which units alone exceed what any territory may hold."""
    most = asked_bands(problem, tolerance).high.max(0)
    most = np.where(most > 0, most, np.inf)  # where nobody may hold anything, `limits` says so
    excess = (problem.share / most).max(1)
    heavy = np.flatnonzero(excess > 1 + SURE)
    heavy = heavy[np.argsort(-excess[heavy], kind="stable")]
    told = [_heavy(problem, tolerance, int(u), int((problem.share[u] / most).argmax())) for u in heavy[:NAMED]]
    return told + ([f"{len(heavy) - NAMED} more units are too heavy for one territory."] if len(heavy) > NAMED else [])


def _heavy(problem: Problem, tolerance: np.ndarray, unit: int, criterion: int) -> str:
    share = problem.share[unit, criterion]
    times = share / problem.target.max()
    fit = max(1, int((1 + tolerance[criterion]) / share))
    if times <= 1 + tolerance[criterion]:
        return (
            f"{problem.name_of_unit(unit)} alone is more than any territory may hold{of(problem, criterion)}: split it or raise its limit."
        )
    return (
        f"{problem.name_of_unit(unit)} alone weighs {times:.2f} times what a territory should hold{of(problem, criterion)}: "
        f"split it{or_accept(times - 1)}, or ask for at most {counted(fit, 'territory', 'territories')}."
    )


def limits(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return which least and most exclude each other, the tolerance, or what there is in all."""
    least, most = limits_of(problem)
    if not (least > 0).any() and np.isinf(most).all():
        return []
    told, asked, total = [], asked_bands(problem, tolerance), problem.weight.sum(0)
    for t, c in np.argwhere(least > most):
        told.append(f"{name(problem, t)} must hold at least {least[t, c] * total[c]:g} and at most {most[t, c] * total[c]:g}: change one.")
    for c in range(problem.criteria):
        told += _sums(problem, c, least[:, c], most[:, c])
        if not told:
            told += _against_tolerance(problem, tolerance[c], c, Bands(*(band[:, c] for band in asked)), least[:, c], most[:, c])
    return told


def _sums(problem: Problem, c: int, least: np.ndarray, most: np.ndarray) -> list[str]:
    total, what = problem.weight[:, c].sum(), of(problem, c)
    if least.sum() > 1 + SURE:
        more = (least.sum() - 1) * total
        return [
            f"Together the territories must hold at least {least.sum() * total:g}{what} but there is {total:g}: lower them by {more:g}."
        ]
    if most.sum() < 1 - SURE:
        less = (1 - most.sum()) * total
        return [f"Together the territories may hold at most {most.sum() * total:g}{what} but there is {total:g}: raise them by {less:g}."]
    return []


def _against_tolerance(problem: Problem, tolerance: float, c: int, asked: Bands, least: np.ndarray, most: np.ndarray) -> list[str]:
    total, told = problem.weight[:, c].sum(), []
    for t in np.flatnonzero(asked.low > asked.high * (1 + SURE)):
        low = least[t] > asked.target[t]
        off, limit = abs((least if low else most)[t] / asked.target[t] - 1), (least if low else most)[t] * total
        bound = f"at least {limit:g}" if low else f"at most {limit:g}"
        told.append(f"{name(problem, t)} must hold {bound}{of(problem, c)}, {off:.0%} off its share: change that{or_accept(off)}.")
    if not told and (asked.low.sum() > 1 + SURE or asked.high.sum() < 1 - SURE):
        need = _tolerance_for(asked.target, least, most, tolerance)
        told.append(f"What territories must and may hold{of(problem, c)} leaves the others off their share: change that{or_accept(need)}.")
    return told


def _tolerance_for(target: np.ndarray, least: np.ndarray, most: np.ndarray, tolerance: float) -> float:
    """Return the smallest tolerance that leaves room for all within their limits (by bisection)."""
    small, large = tolerance, 1e3
    for _ in range(60):
        tried = (small + large) / 2
        low, high = np.maximum(target * (1 - tried), least), np.minimum(target * (1 + tried), most)
        fits = (low <= high).all() and low.sum() <= 1 <= high.sum()
        small, large = (small, tried) if fits else (tried, large)
    return large


def locks(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return which territories hold too much by locks alone, and the fewest units to unlock."""
    locked, asked, told = locked_units(problem), asked_bands(problem, tolerance), []
    if problem.start is None or not locked.any():
        return []
    rules = rules_of(problem)
    for c, share in enumerate(problem.share.T):
        held = np.bincount(problem.start[locked], share[locked], problem.territories)
        for t in np.flatnonzero(held > asked.high[:, c] * (1 + SURE)):
            if rules.shut[t]:
                told.append(f"Locked {_shut(problem, t, held[t], c)}: unlock it{or_accept(held[t] / problem.target[t] - 1)}.")
                continue
            units = np.flatnonzero(locked & (problem.start == t))
            names = _listed([problem.name_of_unit(int(u)) for u in _fewest(units, share[units], held[t] - asked.high[t, c])])
            told.append(
                f"Locked units give {problem.name_of_territory(int(t))} {held[t] / problem.target[t]:.2f} times what it should hold"
                f"{of(problem, c)}: unlock {names}{or_accept(held[t] / problem.target[t] - 1)}."
            )
        for t in np.flatnonzero(rules.shut & (held < asked.low[:, c] * (1 - SURE))):
            told.append(f"Locked {_shut(problem, t, held[t], c)}: unlock it{or_accept(1 - held[t] / problem.target[t])}.")
    breach = locked.all() and (np.abs(_held(problem, problem.start) / problem.target[:, None] - 1) > tolerance + SURE).any()
    return told or (["Every unit is locked: unlock some."] if breach else [])


def _shut(problem: Problem, t: int | np.integer, held: float, c: int) -> str:
    return f"{problem.name_of_territory(int(t))} holds {held / problem.target[t]:.2f} times what it should{of(problem, c)}"


def _fewest(units: np.ndarray, share: np.ndarray, excess: float) -> list[int]:
    """Return the fewest of `units` that weigh `excess` together, the lightest where one is enough."""
    order = np.lexsort((units, -share))
    enough = [int(u) for u in order if share[u] >= excess - SURE]
    if enough:
        return [int(units[enough[-1]])]
    count = int(np.searchsorted(np.cumsum(share[order]), excess)) + 1
    return [int(u) for u in units[order[:count]]]


def out_of_reach(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return which territories may have too little: what is locked or based elsewhere, or forbidden to them, isn't theirs."""
    rules, asked = rules_of(problem), asked_bands(problem, tolerance)
    forced, told = forced_units(problem)[0], []
    for c, share in enumerate(problem.share.T):
        elsewhere = share[forced >= 0].sum() - np.bincount(forced[forced >= 0], share[forced >= 0], problem.territories)
        pairs = rules.barred[forced[rules.barred[:, 0]] < 0]
        barred = np.bincount(pairs[:, 1], share[pairs[:, 0]], problem.territories)
        reach = 1 - elsewhere - barred
        for t in np.flatnonzero((reach < asked.low[:, c] * (1 - SURE)) & ~rules.shut):
            least = f"{reach[t] / problem.target[t]:.2f} times what it should hold{of(problem, c)}"
            if barred[t] > 0:
                units = pairs[pairs[:, 1] == t, 0]
                unit = problem.name_of_unit(_fewest(units, share[units], asked.low[t, c] - reach[t])[0])
                told.append(f"Forbidden pairs and locks leave {problem.name_of_territory(int(t))} at most {least}: allow it {unit}.")
            else:
                told.append(f"Locks and bases elsewhere leave {problem.name_of_territory(int(t))} at most {least}: unlock some units.")
    return told


def caps(problem: Problem, tolerance: np.ndarray) -> list[str]:
    """Return which territories can't get within the tolerance by giving or taking as few accounts as they may."""
    rules = rules_of(problem)
    if problem.start is None or not rules.capped:
        return []
    asked, forced, told = asked_bands(problem, tolerance), forced_units(problem)[0], []
    held = _held(problem, problem.start)
    free, placed = forced < 0, problem.start >= 0
    for t, c in np.argwhere((held > asked.high * (1 + SURE)) | (held < asked.low * (1 - SURE))):
        over = held[t, c] > asked.high[t, c]
        share, cap = problem.share[:, c], (rules.most_given if over else rules.most_taken)[t]
        moving = free & placed & ((problem.start == t) if over else (problem.start != t))
        need = held[t, c] - asked.high[t, c] if over else asked.low[t, c] - held[t, c] - share[~placed].sum()
        most, fewest = _most_moved(share[moving], rules.accounts[moving], cap, need)
        if np.isfinite(cap) and most < need - SURE:
            off = abs(held[t, c] + (-most if over else most + share[~placed].sum()) - problem.target[t]) / problem.target[t]
            way, left = ("give away", "over") if over else ("take over", "under")
            told.append(
                f"{name(problem, t)} may {way} {counted(int(cap), 'account', 'accounts')}, which leaves it {off:.0%} {left} its share"
                f"{of(problem, c)}: " + (f"allow {fewest}" if np.isfinite(fewest) else "unlock some units") + or_accept(off) + "."
            )
    return told


def _most_moved(share: np.ndarray, accounts: np.ndarray, cap: float, need: float) -> tuple[float, float]:
    """Return (an upper bound on the share that `cap` accounts can carry, a lower bound on the accounts that carry `need`)."""
    order = np.argsort(-share / np.maximum(accounts, 1e-9), kind="stable")
    carried, used = np.append(0.0, np.cumsum(share[order])), np.append(0.0, np.cumsum(accounts[order]))
    fewest = float(ceil(np.interp(need, carried, used) - 1e-9)) if need <= carried[-1] else np.inf
    return float(np.interp(cap, used, carried)), fewest


def bases(problem: Problem) -> list[str]:
    """Return why a base isn't inside its territory."""
    told = []
    for base in forced_units(problem)[1]:
        unit, territory = problem.name_of_unit(base.unit), problem.name_of_territory(base.territory)
        locked = locked_units(problem)[base.unit]
        if base.holder < 0:
            told.append(f"{unit} holds the base of {territory}, which may not have it: lift the forbidden pair or move the base.")
        elif locked:
            told.append(f"{unit} holds the base of {territory} but is locked in {problem.name_of_territory(base.holder)}: unlock it.")
        else:
            told.append(
                f"{unit} holds the bases of {problem.name_of_territory(base.holder)} and {territory} and can be in one only: "
                "use smaller units there or move a base."
            )
    return told


def _held(problem: Problem, territory: np.ndarray) -> np.ndarray:
    known = territory >= 0
    return np.column_stack([np.bincount(territory[known], w[known], problem.territories) for w in problem.share.T])


def name(problem: Problem, territory: int | np.integer) -> str:
    """Return what a person calls a territory, to begin a sentence with."""
    text = problem.name_of_territory(int(territory))
    return text[0].upper() + text[1:]


def of(problem: Problem, criterion: int) -> str:
    """Return " of" the criterion where there are several."""
    return f" of {problem.name_of_criterion(criterion)}" if problem.criteria > 1 else ""


def or_accept(off: float) -> str:
    """Return the remedy of a wider tolerance, where one below 100 % would do."""
    return f", or accept a tolerance of {percent(off)}" if off < 0.995 else ""


def percent(fraction: float) -> str:
    """Return the smallest percentage, whole or to a tenth, that isn't below the fraction."""
    digits = 0 if fraction >= 0.1 else 1
    return f"{ceil(fraction * 100 * 10**digits - 1e-6) / 10**digits:.{digits}f}%"


def counted(number: int, one: str, many: str) -> str:
    """Return the number with its noun."""
    return f"{number} {one if number == 1 else many}"


def _listed(names: list[str]) -> str:
    shown = names[:NAMED] + ([f"{len(names) - NAMED} more"] if len(names) > NAMED else [])
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
