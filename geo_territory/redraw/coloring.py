"""Colours of a draft as they are shown: neighbours never share one, also after moves have made them neighbours."""

from __future__ import annotations

from collections import Counter

import numpy as np

from geo_territory.boundaries import PALETTE, shaded
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import NOBODY, Draft


def shown_colors(basis: Basis, draft: Draft) -> dict[str, str]:
    """Return the colour #rrggbb of each living territory: its own, unless a neighbour that comes before it has the same.

    Those a person gave another colour than the version's come first, then the others in the order of their slots; one that
    yields gets the colour used least that no neighbour has. Deterministic.
    """
    beside = _neighbors(basis, draft)
    own = {name: draft.territories[name].color for name in draft.slots if name in draft.territories}
    chosen = {name for name, color in own.items() if name not in basis.lines or basis.lines[name].color != color}
    shown: dict[str, str] = {}
    for name in sorted(own, key=lambda name: name not in chosen):  # sorting is stable: slots keep their order
        before = {shown[other].upper() for other in beside[name] if other in shown}
        if own[name].upper() not in before:
            shown[name] = own[name]
            continue
        taken = before | {own[other].upper() for other in beside[name]}
        used = Counter(color.upper() for color in {**own, **shown}.values())
        shown[name] = next((color for color in _by_use(used, len(own)) if color.upper() not in taken), own[name])
    return {name: shown[name] for name in own}


def _by_use(used: Counter[str], territories: int) -> list[str]:
    """Return the palette, the colour used least first, then darker shades of it."""
    shades = [shaded(number) for number in range(len(PALETTE), len(PALETTE) * (2 + territories // len(PALETTE)))]
    return sorted(PALETTE, key=lambda color: used[color.upper()]) + shades


def _neighbors(basis: Basis, draft: Draft) -> dict[str, set[str]]:
    """Return the neighbours of each living territory."""
    mine, other = draft.owner[basis.row_of_neighbor], draft.owner[basis.neighbors.indices]
    apart = (mine != other) & (mine != NOBODY) & (other != NOBODY)
    pairs = np.unique(mine[apart] * np.int64(len(draft.slots)) + other[apart])
    beside: dict[str, set[str]] = {name: set() for name in draft.territories}
    for one, two in zip(*np.divmod(pairs, len(draft.slots)), strict=True):
        beside[draft.slots[one]].add(draft.slots[two])
    return beside
