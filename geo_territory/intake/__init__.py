"""Account lists, reps and call logs from files: read, map headings, clean, report every row."""

from geo_territory.intake.accounts import AccountImport, accounts_from_table, import_accounts
from geo_territory.intake.headings import propose_headings
from geo_territory.intake.read import RawTable, read_bytes, read_table

__all__ = ["AccountImport", "RawTable", "accounts_from_table", "import_accounts", "propose_headings", "read_bytes", "read_table"]
