"""The redraw editor's other side: drafts in memory, and the routes browsers edit them by."""

from geo_territory.desk.desk import Desk, Kept
from geo_territory.desk.grants import Grant, checked, claimed, place_of
from geo_territory.desk.registry import at, basis_at, close, opened, warm, workspace_at
from geo_territory.desk.routes import routes

__all__ = ["Desk", "Grant", "Kept", "at", "basis_at", "checked", "claimed", "close", "opened", "place_of", "routes", "warm", "workspace_at"]
