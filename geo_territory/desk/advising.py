"""What is wrong with a draft, what would mend or relieve it, and what a solve proposes, as a browser reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo_territory.progress import Progress
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.figures import Figures
from geo_territory.redraw.mending import Fault, Repair, Side, faults
from geo_territory.redraw.relief import Relief, reliefs
from geo_territory.redraw.solving import Proposal, solve_rest
from geo_territory.tables import Scorecard

Told = dict[str, Any]


def advised(basis: Basis, draft: Draft, known: Figures, territory: str | None) -> Told:
    """Return the faults with their repairs of one territory ("" is what nobody covers), or of all, and what would relieve it."""
    only = None if territory is None else {territory}
    found = faults(basis, draft, only=only)
    return {"faults": [_fault(one) for one in found], "relief": [_relief(one) for one in reliefs(basis, draft, known, only=only)]}


def solved(basis: Basis, draft: Draft, pinned: Sequence[int], keep_drawn: bool, progress: Progress) -> Told:
    """Return what a solve around the `pinned` positions, and what was drawn when that is kept, proposes."""
    known = [unit for unit in pinned if 0 <= unit < len(basis.units)]
    found = solve_rest(basis, draft, known, keep_drawn=keep_drawn, progress=progress)
    return {
        "proposals": [_proposal(one) for one in found.proposals],
        "imbalance": list(found.imbalance),
        str(Scorecard.in_band): list(found.in_band),
        "in_one_piece": list(found.in_one_piece),
        "territories": found.territories,
        "accounts": found.accounts,
        "value": found.value,
        "tolerance": found.tolerance,
        "within": found.within,
        "reasons": list(found.reasons),
        "disruption": found.disruption,
    }


def _fault(fault: Fault) -> Told:
    return {
        "kind": fault.kind,
        "territory": fault.territory,
        "units": list(fault.units),
        "box": list(fault.box),
        "told": fault.told,
        "repairs": [_repair(one) for one in fault.repairs],
    }


def _repair(repair: Repair) -> Told:
    moves = [{"units": list(units), "to": to} for units, to in repair.moves]
    return {"told": repair.told, "moves": moves, "clean": repair.clean, "sides": [_side(one) for one in repair.sides]}


def _side(side: Side) -> Told:
    return {"territory": side.territory, "index": list(side.index), "pieces": list(side.pieces)}


def _relief(relief: Relief) -> Told:
    return {
        "territory": relief.territory,
        "told": relief.told,
        "accounts": list(relief.accounts),
        "channel": relief.channel,
        "hours": relief.hours,
        "hours_now": relief.hours_now,
        "capacity": relief.capacity,
        "index": list(relief.index),
        "promise": [{"tier": tier, "before": before, "after": after} for tier, before, after in relief.promise],
        "enough": relief.enough,
        "border": None if relief.border is None else _repair(relief.border),
    }


def _proposal(proposal: Proposal) -> Told:
    return {
        "number": proposal.number,
        "units": list(proposal.units),
        "before": proposal.before,
        "after": proposal.after,
        "told": proposal.told,
        "reason": proposal.reason,
        "weight": proposal.weight,
        "accounts": proposal.accounts,
        "value": proposal.value,
        "place": proposal.place,
        "whole": proposal.whole,
        "sides": [_side_before_after(one) for one in proposal.sides],
    }


def _side_before_after(side: Side) -> Told:
    (before, after), (was, now) = side.index, side.pieces
    return {"territory": side.territory, "before": {"index": before, "pieces": was}, "after": {"index": after, "pieces": now}}
