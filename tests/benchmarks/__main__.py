"""Run the benchmarks: `python -m tests.benchmarks [NAME...] [--quick] [--markdown] [--record]`; all of them without a name."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from rich.console import Console

from tests.benchmarks.report import Report, machine, record

WIDTH = 160  # columns a table may take when nobody looks at a terminal
FIRST = ("exact", "states", "redraw", "morning", "resolve", "frontier", "headcount", "hexagons")


def names() -> list[str]:
    """Return every benchmark, the short ones first."""
    found = {path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")}
    return [*(name for name in FIRST if name in found), *sorted(found - set(FIRST))]


def main() -> None:
    """Run the named benchmarks and print its tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Geo Territory beside its rivals, on the same work.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(names())}; all without a name")
    parser.add_argument("--quick", action="store_true", help="leave out the rivals that take minutes")
    parser.add_argument("--markdown", action="store_true", help="print the tables as README.md shows them")
    parser.add_argument("--record", action="store_true", help="also put the tables into README.md")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(names())
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(names())}")
    console = Console()
    console.width = console.width if console.is_terminal else WIDTH
    console.print(machine(), markup=False, highlight=False, soft_wrap=True)
    for name in asked.names or names():
        found = importlib.import_module(f"tests.benchmarks.bench_{name}").run(asked.quick)
        reports = [found] if isinstance(found, Report) else found
        for report in reports:
            if asked.markdown:
                console.print(report.as_markdown(), markup=False, highlight=False, soft_wrap=True)
            else:
                console.print(report.as_table())
        if asked.record:
            record(name, reports)


if __name__ == "__main__":
    main()
