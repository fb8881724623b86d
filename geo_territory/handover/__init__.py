"""Who serves which account by a design, and what a realignment gives to and takes from each rep (F22)."""

from geo_territory.handover.changing import (
    MUCH_LOST,
    capacities,
    changes_of_hands,
    disruption_by_rep,
    disruption_by_tier,
    losing_much,
    rep_changes,
)
from geo_territory.handover.serving import assigned, assigned_as_imported, lone_people, proposed_reps, reps_as_imported

__all__ = [
    "MUCH_LOST",
    "assigned",
    "assigned_as_imported",
    "capacities",
    "changes_of_hands",
    "disruption_by_rep",
    "disruption_by_tier",
    "lone_people",
    "losing_much",
    "proposed_reps",
    "rep_changes",
    "reps_as_imported",
]
