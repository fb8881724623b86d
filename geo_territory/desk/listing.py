"""Accounts by name for the editor: those of a territory or of a unit, those that are searched for, the most valuable first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from geo_territory.desk.ledger import slots_of_accounts
from geo_territory.redraw.basis import Basis
from geo_territory.redraw.draft import Draft
from geo_territory.tables import Accounts

USUAL, MOST = 100, 1000


class Listing:
    """The accounts on the map of a basis, ready to be searched."""

    def __init__(self, basis: Basis) -> None:
        """Keep the basis; names are made ready when they are first asked for."""
        self._basis = basis

    def answer(self, draft: Draft, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return accounts as the editor asks for them: by `territory` ("" is nobody), `unit` (position), `q` (text) or `ids`.

        `ids` are a list, or a text with commas; `limit` is 1…1000.
        """
        basis = self._basis
        slot = slots_of_accounts(basis, draft)
        wanted = np.ones(len(basis.accounts), bool)
        if asked.get("territory") is not None:
            wanted &= slot == draft.slot_of.get(str(asked["territory"]), -2)
        if asked.get("unit") is not None:
            wanted &= basis.unit_of_account == _whole(asked["unit"], -1)
        if asked.get("ids") is not None:
            ids = asked["ids"] if isinstance(asked["ids"], list) else str(asked["ids"]).split(",")
            wanted &= basis.accounts.isin([str(one) for one in ids])
        if str(asked.get("q") or "").strip():
            wanted &= self._found(str(asked["q"]).strip())
        limit = min(MOST, max(1, _whole(asked.get("limit"), USUAL)))
        found = np.flatnonzero(wanted)
        best = found[np.argsort(-np.nan_to_num(basis.value[found]), kind="stable")]
        return {"accounts": [self._line(draft, int(i), int(slot[i])) for i in best[:limit]], "more": len(best) > limit}

    @cached_property
    def _names(self) -> np.ndarray:
        names = self._basis.design.attention.planned[Accounts.name].reindex(self._basis.accounts)
        return names.fillna("").astype(str).to_numpy(dtype=object)

    @cached_property
    def _searched(self) -> np.ndarray:
        ids = self._basis.accounts.astype(str)
        return np.array([f"{name} {one}".casefold() for name, one in zip(self._names, ids, strict=True)], dtype=object)

    def _found(self, text: str) -> np.ndarray:
        sought = text.casefold()
        return np.fromiter((sought in one for one in self._searched), bool, len(self._searched))

    def _line(self, draft: Draft, i: int, slot: int) -> dict[str, Any]:
        basis = self._basis
        name = str(basis.accounts[i])
        tier = int(basis.tier[i])
        hours = basis.amounts(draft.channels).values[1][i] if name in draft.channels else basis.plain.values[1][i]
        return {
            "id": name,
            "name": self._names[i],
            "tier": basis.tiers[tier] if tier >= 0 else "",
            "value": float(basis.value[i]),
            "hours": float(hours),
            "unit": int(basis.unit_of_account[i]),
            "territory": draft.slots[slot] if slot >= 0 else "",
            "exception": draft.exceptions.get(name),
            "channel": draft.channels.get(name),
        }


def _whole(text: object, otherwise: int) -> int:
    try:
        return int(str(text))
    except ValueError:
        return otherwise
