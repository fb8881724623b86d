"""What a leader may decide, as frozen dataclasses that load from and save to TOML.

    Policy
    ├── TierRule         how value becomes a tier (F1-F8)
    ├── CallPolicy       call patterns: tier x role x channel -> calls a year and minutes (F9-F12)
    ├── CapacityPolicy   hours a year a person in each role has (F14)
    ├── TravelPolicy     circuity and speeds of the travel estimate (F12)
    └── DesignPolicy     units, number of territories, what is balanced, how closely

Fields check themselves: a wrong value raises PolicyError with the accepted range.
"""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import tomli_w

from geo_territory.errors import PolicyError
from geo_territory.tables import CHANNELS, TIERS, Accounts

CADENCES = {
    "weekly": 52.0,
    "biweekly": 26.0,
    "monthly": 12.0,
    "bimonthly": 6.0,
    "quarterly": 4.0,
    "semiannual": 2.0,
    "annual": 1.0,
    "never": 0.0,
}
TIER_METHODS = ("pareto", "thresholds", "top", "natural_breaks", "matrix", "score")
VALUE_FIELDS = (Accounts.annual_value, Accounts.profit_12m, Accounts.sales_12m, Accounts.potential)
UNIT_KINDS = ("h3", "voronoi", "counties")
BALANCES = ("workload", "value", "accounts")


def _expect(holds: bool, message: str) -> None:
    if not holds:
        raise PolicyError(message)


def _in_unit_interval(*shares: float) -> bool:
    return all(0 <= share <= 1 for share in shares)


@dataclass(frozen=True)
class TierRule:
    """How value becomes a tier.

    `method` is one of pareto (F1), thresholds (F2), top (F3), natural_breaks (F4), matrix (F6), score (F7).
    `value_field` is a value column of Accounts; "auto" takes the first of annual_value, profit, sales, potential
    that has data. `shares` are the Pareto limits on the cumulative share before the account, `thresholds` lower
    limits of value [currency/year] best first, `counts` numbers of accounts per tier but the last (a value in
    (0, 1) is a share of accounts), `value_limit` and `potential_limit` the matrix's limits [currency/year],
    `weights` pairs of column and weight of the score, summing to 1; the score in [0, 1] parts by `counts` if given,
    else by `thresholds`, else at its natural breaks. Prospects are ranked by potential in a list
    of their own unless `prospects_apart` is off.
    """

    method: str = "pareto"
    value_field: str = "auto"
    labels: tuple[str, ...] = TIERS
    shares: tuple[float, ...] = (0.80, 0.95)
    thresholds: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()
    value_limit: float = 0.0
    potential_limit: float = 0.0
    weights: tuple[tuple[str, float], ...] = ()
    prospects_apart: bool = True

    def __post_init__(self) -> None:
        """Check every field."""
        _expect(self.method in TIER_METHODS, f"Expected a tier method out of {', '.join(TIER_METHODS)}: got {self.method!r}.")
        _expect(
            self.value_field in ("auto", *VALUE_FIELDS),
            f"Expected value_field 'auto' or one of {', '.join(VALUE_FIELDS)}: got {self.value_field!r}.",
        )
        _expect(
            2 <= len(self.labels) <= 5 and len(set(self.labels)) == len(self.labels), "Expected two to five tier labels, all different."
        )
        _expect(
            self.method != "pareto"
            or (len(self.shares) == len(self.labels) - 1 and list(self.shares) == sorted(self.shares) and _in_unit_interval(*self.shares)),
            f"Expected {len(self.labels) - 1} rising shares in [0, 1] for {len(self.labels)} tiers: 0.80 means eighty percent.",
        )
        _expect(
            self.method != "thresholds"
            or (len(self.thresholds) == len(self.labels) - 1 and list(self.thresholds) == sorted(self.thresholds, reverse=True)),
            f"Expected {len(self.labels) - 1} falling thresholds for {len(self.labels)} tiers.",
        )
        _expect(
            self.method != "top" or (len(self.counts) == len(self.labels) - 1 and all(c > 0 for c in self.counts)),
            f"Expected {len(self.labels) - 1} counts above 0 for {len(self.labels)} tiers; a share of accounts is below 1.",
        )
        limits = (self.counts or self.thresholds) if self.method == "score" else ()
        _expect(
            len(limits) in (0, len(self.labels) - 1),
            f"Expected {len(self.labels) - 1} counts or thresholds of the score for {len(self.labels)} tiers, or none.",
        )
        _expect(
            self.method != "score"
            or (bool(self.weights) and min(w for _, w in self.weights) >= 0 and abs(sum(w for _, w in self.weights) - 1) < 1e-9),
            "Expected score weights of 0 or more that sum to 1, such as profit_12m 0.6 and potential 0.4.",
        )


@dataclass(frozen=True)
class CallPattern:
    """Attention for one tier by one role through one channel (F9).

    `cadence` names a rhythm of CADENCES or "custom"; `calls_per_year` is needed for "custom" and otherwise follows.
    Minutes are per call; `travel_min` None asks for an estimate (F12), and only visits travel.
    """

    tier: str
    role: str
    channel: str
    cadence: str
    duration_min: float
    prep_min: float = 0.0
    travel_min: float | None = None
    calls_per_year: float | None = None

    def __post_init__(self) -> None:
        """Check every field."""
        where = f"pattern {self.tier}/{self.role}/{self.channel}"
        _expect(self.channel in CHANNELS, f"{where}: expected a channel out of {', '.join(CHANNELS)}: got {self.channel!r}.")
        _expect(
            self.cadence in (*CADENCES, "custom"),
            f"{where}: expected a cadence out of {', '.join(CADENCES)} or custom: got {self.cadence!r}.",
        )
        _expect(
            (self.cadence == "custom") == (self.calls_per_year is not None),
            f"{where}: give calls_per_year with the cadence 'custom', and only then.",
        )
        _expect((self.calls_per_year or 0) >= 0, f"{where}: expected calls_per_year of 0 or more.")
        _expect(min(self.duration_min, self.prep_min, self.travel_min or 0) >= 0, f"{where}: expected minutes of 0 or more.")


ARTICLE_PATTERNS = (
    CallPattern("A", "outside", "visit", "weekly", 60, 15),
    CallPattern("A", "vp", "visit", "quarterly", 90, 30),
    CallPattern("B", "outside", "visit", "monthly", 45, 15),
    CallPattern("B", "inside", "phone", "monthly", 20, 5),
    CallPattern("C", "inside", "phone", "monthly", 15, 5),
    CallPattern("C", "vp", "visit", "never", 0),
)


@dataclass(frozen=True)
class CallPolicy:
    """The call patterns and what "weekly" means [calls/year]; one pattern per tier x role x channel."""

    patterns: tuple[CallPattern, ...] = ARTICLE_PATTERNS
    weekly_calls: float = 52.0

    def __post_init__(self) -> None:
        """Check every field."""
        keys = [(p.tier, p.role, p.channel) for p in self.patterns]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        _expect(not twice, f"Two call patterns for {', '.join('/'.join(key) for key in twice)}: keep one.")
        _expect(0 < self.weekly_calls <= 366, "Expected weekly_calls in (0, 366]: 52, or your working weeks such as 48.")

    def calls_per_year(self, pattern: CallPattern) -> float:
        """Return the calls a year of a pattern (F9)."""
        if pattern.cadence == "custom":
            return float(pattern.calls_per_year or 0)
        return self.weekly_calls if pattern.cadence == "weekly" else CADENCES[pattern.cadence]


@dataclass(frozen=True)
class Role:
    """Hours a full-time person of one role has (F14).

    `hours_per_day` [h], `workdays_per_year` [day] net of weekends, holidays and training, `nonselling_share` in
    [0, 1] for administration and meetings. `field` roles travel and hold territories.
    """

    role: str
    label: str
    field: bool
    hours_per_day: float = 8.0
    workdays_per_year: float = 220.0
    nonselling_share: float = 0.25

    def __post_init__(self) -> None:
        """Check every field."""
        _expect(0 < self.hours_per_day <= 24, f"Role {self.role}: expected hours_per_day in (0, 24].")
        _expect(0 < self.workdays_per_year <= 366, f"Role {self.role}: expected workdays_per_year in (0, 366].")
        _expect(0 <= self.nonselling_share < 1, f"Role {self.role}: expected nonselling_share in [0, 1): 0.25 means a quarter of the time.")


@dataclass(frozen=True)
class CapacityPolicy:
    """The roles and their hours."""

    roles: tuple[Role, ...] = (
        Role("outside", "Outside rep", field=True, nonselling_share=0.25),
        Role("inside", "Inside rep", field=False, nonselling_share=0.30),
        Role("vp", "VP of sales", field=True, nonselling_share=0.90),
    )

    def __post_init__(self) -> None:
        """Check every field."""
        names = [role.role for role in self.roles]
        _expect(bool(names) and len(set(names)) == len(names), "Expected at least one role, each named once.")


@dataclass(frozen=True)
class TravelPolicy:
    """The travel estimate (F12, O12): road km = circuity x (2 r + 0.7124 sqrt(n A)), hours = km / speed.

    `circuity` >= 1; speeds in km/h; `stops_per_tour` visits in a day; `urban_km` and `rural_km` are distances to
    the next stops below and above which a tour counts as urban or rural.
    """

    circuity: float = 1.3
    urban_kmh: float = 35.0
    mixed_kmh: float = 50.0
    rural_kmh: float = 70.0
    stops_per_tour: int = 6
    urban_km: float = 5.0
    rural_km: float = 25.0

    def __post_init__(self) -> None:
        """Check every field."""
        _expect(self.circuity >= 1, "Expected circuity of 1 or more: roads are never shorter than the straight line.")
        _expect(min(self.urban_kmh, self.mixed_kmh, self.rural_kmh) > 0, "Expected speeds above 0 km/h.")
        _expect(self.stops_per_tour >= 1, "Expected at least one stop a tour.")
        _expect(0 < self.urban_km < self.rural_km, "Expected 0 < urban_km < rural_km.")


@dataclass(frozen=True)
class DesignPolicy:
    """What the design is asked for.

    `territories` is the number of territories (1 or more), `units` a kind of UNIT_KINDS or the path of a polygon
    file, `balance` what is to be equal, `role` whose workload, `tolerance` the accepted imbalance in (0, 1).
    """

    territories: int = 14
    units: str = "h3"
    balance: str = "workload"
    role: str = "outside"
    tolerance: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every field."""
        _expect(self.territories >= 1, f"Expected at least one territory: got {self.territories}.")
        _expect(bool(self.units), f"Expected units out of {', '.join(UNIT_KINDS)}, or the path of a polygon file.")
        _expect(self.balance in BALANCES, f"Expected balance out of {', '.join(BALANCES)}: got {self.balance!r}.")
        _expect(0 < self.tolerance < 1, f"Expected tolerance in (0, 1): 0.05 means five percent, got {self.tolerance:g}.")
        _expect(self.seed >= 0, "Expected a seed of 0 or more.")


@dataclass(frozen=True)
class Policy:
    """Everything a leader decides; the file that, with the account list, reproduces a plan."""

    tier_rule: TierRule = field(default_factory=TierRule)
    calls: CallPolicy = field(default_factory=CallPolicy)
    capacity: CapacityPolicy = field(default_factory=CapacityPolicy)
    travel: TravelPolicy = field(default_factory=TravelPolicy)
    design: DesignPolicy = field(default_factory=DesignPolicy)

    def to_toml(self) -> str:
        """Return the policy as TOML text; fields that are None are left out."""
        return tomli_w.dumps(_plain(self))

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Return the policy a TOML text holds; missing fields keep their defaults, unknown ones raise PolicyError."""
        try:
            return _build(cls, tomllib.loads(text), "policy")
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"The policy is not valid TOML: {error}. Export one from the app to start from.") from error

    def save(self, path: Path) -> None:
        """Write the policy to a TOML file."""
        path.write_text(self.to_toml(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a policy from a TOML file. Raises PolicyError when it can't be read or holds a value outside its range."""
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise PolicyError(f"The policy {path} can't be read: {reason}. Name a TOML file, such as the Export screen writes.") from error
        return cls.from_toml(text)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        pairs = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {name: _plain(v) for name, v in pairs if v is not None}
    return [_plain(v) for v in value] if isinstance(value, tuple) else value


def _build(kind: Any, value: Any, where: str) -> Any:
    """Return `value` from TOML as `kind`: a dataclass, a tuple, an optional or a plain type."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        _expect(isinstance(value, dict), f"{where}: expected a table of fields, got {value!r}.")
        hints = typing.get_type_hints(kind)
        unknown = sorted(set(value) - set(hints))
        _expect(not unknown, f"{where}: unknown {', '.join(unknown)}; expected {', '.join(hints)}.")
        missing = [
            f.name
            for f in dataclasses.fields(kind)
            if f.name not in value and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        ]
        _expect(not missing, f"{where}: {', '.join(missing)} is missing.")
        return typing.cast(type, kind)(**{name: _build(hints[name], v, f"{where}.{name}") for name, v in value.items()})
    if origin is tuple:
        _expect(isinstance(value, list), f"{where}: expected a list, got {value!r}.")
        kinds = [args[0]] * len(value) if len(args) == 2 and args[1] is Ellipsis else list(args)
        _expect(len(kinds) == len(value), f"{where}: expected {len(kinds)} values, got {len(value)}.")
        return tuple(_build(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True)))
    if origin in (typing.Union, types.UnionType):
        return _build(next(a for a in args if a is not type(None)), value, where)
    fits = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
    _expect(fits and not (isinstance(value, bool) and kind is not bool), f"{where}: expected {kind.__name__}, got {value!r}.")
    return kind(value)
