"""Why a tolerance can't be met, or isn't."""
