"""Account lists, reps and call logs from files: read, map headings, clean, report every row."""

from geo_territory.intake.accounts import AccountImport, accounts_from_table, import_accounts
from geo_territory.intake.call_log import CallImport, calls_from_table, import_calls
from geo_territory.intake.headings import propose_headings
from geo_territory.intake.letters import tier_labels
from geo_territory.intake.people import RepImport, import_reps, reps_from_table
from geo_territory.intake.read import RawTable, read_bytes, read_table

__all__ = [
    "AccountImport",
    "CallImport",
    "RawTable",
    "RepImport",
    "accounts_from_table",
    "calls_from_table",
    "import_accounts",
    "import_calls",
    "import_reps",
    "propose_headings",
    "read_bytes",
    "read_table",
    "reps_from_table",
    "tier_labels",
]
