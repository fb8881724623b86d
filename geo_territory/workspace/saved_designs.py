"""Designs of a workspace: saved once, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sqlalchemy import Row, select

from geo_territory.errors import WorkspaceError
from geo_territory.policy import Policy
from geo_territory.tables import AlignmentRows, Territories
from geo_territory.workspace import frames, persons, schema
from geo_territory.workspace.access import Access
from geo_territory.workspace.records import DesignRecord, SavedDesign


class SavedDesigns:
    """The part of a Workspace that keeps designs."""

    _access: Access

    def save_design(
        self,
        *,
        name: str,
        policy: Policy,
        import_id: int,
        parts: bytes,
        alignment: pd.DataFrame,
        territories: pd.DataFrame,
        scorecard: Mapping[str, Any],
        stamp: str,
        who: str,
        why: str = "",
    ) -> int:
        """Keep a design for good and return its id; nothing changes it afterwards.

        `parts` is whatever else the design is restored from, as bytes; `alignment` AlignmentRows, `territories` Territories (with a
        `rep_id` column or without), `scorecard` plain JSON values, `stamp` the program version that made it.
        """
        if not name.strip():
            raise WorkspaceError("A design needs a name: say what makes it different, such as 14 territories by county.")
        rows, areas = AlignmentRows.check(alignment), Territories.check(territories)
        with self._access.writing() as connection:
            values = {"name": name.strip(), "created_at": self._access.clock(), "policy": policy.to_toml()}
            values |= {
                "created_by": self._access.key_of(connection, who),
                "import_id": import_id,
                "parts": frames.keep(connection, parts),
                "stamp": stamp,
            }
            design_id = frames.insert_one(connection, schema.designs, values | {"scorecard": json.dumps(dict(scorecard), sort_keys=True)})
            frames.add_rows(connection, schema.design_units, rows, design_id=design_id)
            frames.add_rows(connection, schema.design_territories, areas, design_id=design_id)
            new = f"{name.strip()}: {len(areas)} territories of {len(rows):,} units"
            self._access.record(connection, who, "design saved", f"design {design_id}", new=new, why=why)
            return design_id

    def designs(self) -> list[DesignRecord]:
        """Return the saved designs, newest first."""
        with self._access.reading() as connection:
            rows = connection.execute(select(schema.designs).order_by(schema.designs.c.design_id.desc())).all()
            known = persons.emails(connection)
        return [DesignRecord(**_design_fields(row, known)) for row in rows]

    def design(self, design_id: int) -> SavedDesign:
        """Return a saved design; raises WorkspaceError when there is none with this id."""
        units, areas = schema.design_units, schema.design_territories
        with self._access.reading() as connection:
            row = connection.execute(select(schema.designs).filter_by(design_id=design_id)).one_or_none()
            if row is None:
                raise WorkspaceError(f"There is no design {design_id}: choose one of the saved designs.")
            alignment = select(*(c for c in units.c if c.name != "design_id")).filter_by(design_id=design_id)
            territories = select(*(c for c in areas.c if c.name != "design_id")).filter_by(design_id=design_id)
            return SavedDesign(
                **_design_fields(row, persons.emails(connection)),
                policy=Policy.from_toml(row.policy),
                parts=frames.kept(connection, row.parts),
                alignment=frames.read_rows(connection, alignment.order_by(units.c[AlignmentRows.unit_id]), AlignmentRows),
                territories=frames.read_rows(connection, territories.order_by(areas.c[Territories.territory_id]), Territories),
            )


def _design_fields(row: Row[Any], known: Mapping[str, str]) -> dict[str, Any]:
    stored = {name: value for name, value in row._mapping.items() if name in DesignRecord.__dataclass_fields__}
    return stored | {"created_by": known.get(row.created_by, row.created_by), "scorecard": json.loads(row.scorecard)}
