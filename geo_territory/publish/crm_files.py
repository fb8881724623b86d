"""What a publication brings into a CRM, as files to load and files to go back by."""

from __future__ import annotations

import pandas as pd

from geo_territory.errors import FileError
from geo_territory.publish.account_files import csv_bytes
from geo_territory.publish.archive import zipped
from geo_territory.publish.crm_rows import BACK, CrmFiles, CrmRequest
from geo_territory.publish.dynamics import dynamics_files, dynamics_way_back
from geo_territory.publish.hubspot import hubspot_files
from geo_territory.publish.salesforce import salesforce_files, salesforce_owners, salesforce_territories, salesforce_way_back_delete
from geo_territory.tables import ChangesOfHands

__all__ = [
    "BACK",
    "SYSTEMS",
    "CrmFiles",
    "CrmRequest",
    "crm_files",
    "crm_zip",
    "dynamics_way_back",
    "salesforce_owners",
    "salesforce_territories",
    "salesforce_way_back_delete",
]

SYSTEMS = ("Salesforce", "HubSpot", "Dynamics")
_MAKERS = {"Salesforce": salesforce_files, "HubSpot": hubspot_files, "Dynamics": dynamics_files}


def crm_files(system: str, asked: CrmRequest) -> CrmFiles:
    """Return the files for a CRM of SYSTEMS and those of the way back. Raises FileError for another one."""
    if system not in _MAKERS:
        raise FileError(f"There are no files for {system}: choose one of {', '.join(_MAKERS)}.")
    return _MAKERS[system](asked)


def crm_zip(made: CrmFiles, asked: CrmRequest) -> bytes:
    """Return one zip of the files, the way back, a list of changes for people to read, and what to know first."""
    changed = asked.rows[asked.rows[ChangesOfHands.reason].notna()]
    return zipped({"read-me-first.txt": _read_me(made), **made.files, **made.way_back, "changes-to-read.csv": _readable(changed)})


def _readable(rows: pd.DataFrame) -> bytes:
    columns = [ChangesOfHands.name, ChangesOfHands.tier, ChangesOfHands.territory_before, ChangesOfHands.territory_after]
    return csv_bytes(rows[[*columns, ChangesOfHands.rep_before, ChangesOfHands.rep_after, ChangesOfHands.reason]])


def _read_me(made: CrmFiles) -> bytes:
    """Return what to know before loading, as plain text."""
    lines = [f"Files for {made.system}, to be loaded in this order:", ""]
    lines += [f"  {name}" for name in made.files] or ["  none: there is nothing to load"]
    lines += ["", "The way back, should it be needed:", "", *([f"  {name}" for name in made.way_back] or ["  none"])]
    if made.sentences:
        lines += ["", "Know first:", "", *(f"  - {sentence}" for sentence in made.sentences)]
    return ("\n".join(lines) + "\n").encode("utf-8")
