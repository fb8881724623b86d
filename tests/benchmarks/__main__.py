"""Run every benchmark: `python -m tests.benchmarks`, or name some: `python -m tests.benchmarks plan`."""

import importlib
import sys
from pathlib import Path

wanted = sys.argv[1:] or sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
for name in wanted:
    importlib.import_module(f"tests.benchmarks.bench_{name}").main()
