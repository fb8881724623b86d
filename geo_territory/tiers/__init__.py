"""Value -> tier, with the reason: A must-have, B really want, C nice-to-have (F1-F8)."""

from geo_territory.tiers.assign import assign_tiers, override_rate
from geo_territory.tiers.lists import value_used
from geo_territory.tiers.natural_breaks import goodness_of_variance_fit, natural_breaks
from geo_territory.tiers.review import moved_between, share_of_wallet, tier_summary

__all__ = [
    "assign_tiers",
    "goodness_of_variance_fit",
    "moved_between",
    "natural_breaks",
    "override_rate",
    "share_of_wallet",
    "tier_summary",
    "value_used",
]
