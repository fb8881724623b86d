"""The words of the screens: names of choices, figures as text, and names of accounts made harmless."""

from __future__ import annotations

import math
import re

from geo_territory.policy import CADENCES
from geo_territory.rights import ADMIN, ANALYST, LEADER, MANAGER, REP
from geo_territory.tables import Accounts

TIER_METHODS = {
    "pareto": "By share of value",
    "thresholds": "By limits of value",
    "top": "By number of accounts",
    "natural_breaks": "By natural breaks",
    "matrix": "By value and potential",
    "score": "By weighted score",
}
METHOD_HELP = {
    "pareto": "A holds the best accounts up to a share of all value, B the next ones, C the rest.",
    "thresholds": "A starts at one value, B at a lower one.",
    "top": "A holds the best so many accounts, B the next so many. A number below 1 is a share of accounts.",
    "natural_breaks": "Tiers end where the values themselves leave gaps.",
    "matrix": "High value and high potential make an A, one of the two a B or A, none a C.",
    "score": "Several columns count, each with its weight; the weights sum to 1.",
}
VALUE_FIELDS = {
    "auto": "The first of them that has data",
    Accounts.annual_value: "Annual value",
    Accounts.profit_12m: "Profit, 12 months",
    Accounts.sales_12m: "Sales, 12 months",
    Accounts.potential: "Potential",
}
UNITS = {"h3": "Hexagons", "counties": "Counties (US)", "voronoi": "Cells around accounts"}
BALANCES = {"workload": "Workload, hours", "value": "Value", "accounts": "Number of accounts"}
CHANNELS = {"visit": "Visit", "video": "Video", "phone": "Phone", "email": "Email"}
RHYTHMS = (*CADENCES, "custom")
APP_ROLES = {LEADER: "Leader", MANAGER: "Manager", REP: "Rep", ANALYST: "Analyst", ADMIN: "Administrator"}
APP_ROLE_HELP = {
    LEADER: "sees and plans everything, approves and publishes, answers requests, keeps the list of people.",
    MANAGER: "sees the accounts of the own team, answers its requests.",
    REP: "sees the own territory and nothing of anybody else, logs calls, asks for a change of tier or owner.",
    ANALYST: "sees and plans everything, exports; does not publish and does not see this page.",
    ADMIN: "keeps the list of people and reads the audit; sees no account.",
}
OUTCOMES = {"accepted": "Accepted", "fixed": "Fixed", "warned": "Warned", "rejected": "Rejected"}

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|$~:-])")


def plain(text: object) -> str:
    """Return text that shows as it is written: no Markdown, HTML, formula or icon in it takes effect."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separated, a dash when there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def short(value: float | None) -> str:
    """Return an amount in three figures: 950, 12.3 k, 4.56 M, 1.20 bn."""
    if value is None or not math.isfinite(value):
        return "–"
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:,.0f}"


def span(low: float, high: float) -> str:
    """Return a range of amounts in two figures each and one unit: 13–18 M; 0 for nothing."""
    for size, unit in ((1e9, " bn"), (1e6, " M"), (1e3, " k")):
        if abs(high) >= size:
            return f"{float(f'{low / size:.2g}'):g}–{float(f'{high / size:.2g}'):g}{unit}"
    return f"{low:,.0f}–{high:,.0f}" if high else "0"


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share as percent that no line break parts, a dash when there is none."""
    return "–" if share is None or not math.isfinite(share) else f"{100 * share:.{digits}f}\u00a0%"


def limit(share: float) -> str:
    """Return a share a person chose as percent, without digits that say nothing: 5 %, 2.5 %."""
    return f"{100 * share:.3g}\u00a0%"


def yes(fact: bool) -> str:
    """Return yes or no."""
    return "yes" if fact else "no"


def sentence(text: str) -> str:
    """Return text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def within(text: str) -> str:
    """Return text as it stands inside a sentence: without the capital at its beginning."""
    return text[:1].lower() + text[1:]


def count(amount: int, noun: str) -> str:
    """Return a number with its noun: 1 account, 1,200 accounts."""
    ending = "" if amount == 1 else ("ies" if noun.endswith("y") else "s")
    return f"{amount:,} {noun[:-1] if ending == 'ies' else noun}{ending}"
