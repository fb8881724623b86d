"""What is kept between two visits; the only place with SQL."""

from geo_territory.workspace.designs import keep_design, restore_design
from geo_territory.workspace.drafts import DraftPage, Drafts
from geo_territory.workspace.records import DECIDES, DesignRecord, DraftRecord, ImportRecord, PolicyRecord, SavedDesign, State
from geo_territory.workspace.sample import load_sample
from geo_territory.workspace.store import Workspace

DEFAULT_URL = "sqlite:///.workspace/geo-territory.db"
URL_VARIABLE = "GEO_TERRITORY_WORKSPACE"

__all__ = [
    "DECIDES",
    "DEFAULT_URL",
    "URL_VARIABLE",
    "DesignRecord",
    "DraftPage",
    "DraftRecord",
    "Drafts",
    "ImportRecord",
    "PolicyRecord",
    "SavedDesign",
    "State",
    "Workspace",
    "keep_design",
    "load_sample",
    "restore_design",
]
