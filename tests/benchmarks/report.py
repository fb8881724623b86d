"""The one table a benchmark prints: every method measured with the same functions, and whether the goal is reached."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from rich.table import Table

from geo_territory.balancing import Problem
from geo_territory.balancing.result import imbalance_of, inertia_of, pieces_of
from tests.benchmarks.measuring import Run

SHOWN = ("work", "method", "seconds", "CPU s", "imbalance", "in pieces", "inertia", "disruption", "bytes/unit", "peak GB", "goal")
TOLD = ("geo-territory", "numpy", "scipy", "numba", "scikit-learn", "k-means-constrained", "pymetis", "kahip", "gerrychain", "spopt")
TOLD_OF_MAPS = ("streamlit", "folium", "streamlit-folium", "playwright")
WORDS = ("work", "method", "goal")
README = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Goal:
    """A goal in words and whether it is reached."""

    words: str
    reached: bool

    def __str__(self) -> str:
        return f"{self.words}: {'reached' if self.reached else 'MISSED'}"


@dataclass
class Report:
    """A table that grows row by row. inertia_over says what the column `inertia` is divided by; notes stand below the table.

    `shown`: the columns in their order; those that stay empty are left out.
    """

    title: str
    inertia_over: str = "Geo Territory's"
    notes: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    shown: tuple[str, ...] = SHOWN

    def add(
        self,
        method: str,
        run: Run,
        problem: Problem,
        base: float,
        goals: Iterable[Goal] = (),
        *,
        work: str = "",
        memory: bool = False,
        disruption: float | None = None,
    ) -> None:
        """Add a row: `run` measured on `problem`, its inertia divided by `base` [weight m^2]."""
        row = {"work": work, "method": method, "goal": "; ".join(map(str, goals))}
        if run.territory is None:
            self.rows.append(row | {"seconds": run.note})
            return
        pieces = "–" if problem.neighbors is None else str(int((pieces_of(problem, run.territory) > 1).sum()))
        self.rows.append(
            row
            | {
                "seconds": spoken(run.seconds),
                "CPU s": spoken(run.cpu),
                "imbalance": f"{imbalance_of(problem, run.territory):.2%}",
                "in pieces": pieces,
                "inertia": f"{inertia_of(problem, run.territory) / base:.4f}",
                "disruption": "" if disruption is None else f"{disruption:.2%}",
                "bytes/unit": f"{run.memory / problem.units:.0f}" if memory and np.isfinite(run.memory) else "",
            }
        )

    def tell(self, **cells: str) -> None:
        """Add a row of other figures, cells named as in `shown` with underscores for spaces."""
        self.rows.append({heading.replace("_", " "): cell for heading, cell in cells.items()})

    def headings(self) -> list[str]:
        """Return the columns that hold something."""
        return [heading for heading in self.shown if any(row.get(heading) for row in self.rows)]

    def as_table(self) -> Table:
        """Return the table for a terminal."""
        table = Table(title=self.title, caption=" ".join(self._captions()))
        for heading in self.headings():
            table.add_column(heading, justify="left" if heading in WORDS else "right")
        for row in self.rows:
            table.add_row(*(row.get(heading, "") for heading in self.headings()))
        return table

    def as_markdown(self) -> str:
        """Return the table as README.md shows it."""
        headings = self.headings()
        ruler = ["---" if heading in WORDS else "---:" for heading in headings]
        body = [[row.get(heading, "") for heading in headings] for row in self.rows]
        lines = ["| " + " | ".join(cells) + " |" for cells in (headings, ruler, *body)]
        return "\n".join([f"**{self.title}**", "", *lines, "", *self._captions()])

    def _captions(self) -> list[str]:
        divided = [f"Inertia is divided by {self.inertia_over}."] if "inertia" in self.headings() else []
        return [*divided, *self.notes]


def spoken(seconds: float) -> str:
    """Return seconds in three digits; nothing for a time that wasn't taken."""
    if np.isnan(seconds):
        return ""
    return f"{seconds:.3g}" if seconds < 100 else f"{seconds:.0f}"


def machine(benchmark: str = "") -> str:
    """Return what the figures were measured on: processor, cores, Python and the versions of every method installed."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        name = next((line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), name)
    told = ("geo-territory", *TOLD_OF_MAPS) if benchmark in ("redraw", "morning") else TOLD
    packages = ", ".join(f"{package} {found}" for package in told if (found := _version(package)))
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {packages}."


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def record(name: str, reports: Sequence[Report], readme: Path = README) -> None:
    """Put the reports in their place in README.md, between `<!-- name -->` and `<!-- /name -->`."""
    page = readme.read_text(encoding="utf-8")
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not closed:
        raise ValueError(f"Expected the marks {begin} and {end} in {readme.name}.")
    tables = "\n\n".join(report.as_markdown() for report in reports)
    readme.write_text(f"{before}{begin}\n{tables}\n\n{machine(name)}\n{end}{after}", encoding="utf-8")
