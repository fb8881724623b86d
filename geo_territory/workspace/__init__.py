"""What is kept between two visits; the only place with SQL."""

from geo_territory.workspace.records import DECIDES, DesignRecord, ImportRecord, PolicyRecord, SavedDesign, State
from geo_territory.workspace.store import Workspace

__all__ = ["DECIDES", "DesignRecord", "ImportRecord", "PolicyRecord", "SavedDesign", "State", "Workspace"]
