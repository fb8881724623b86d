"""Write data/sample/ and bring data/README.md up to date: `python -m geo_territory.reference.sample`."""

from __future__ import annotations

import argparse
from pathlib import Path

from geo_territory import reference
from geo_territory.reference import catalogue, sample


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=reference.DATA_FOLDERS[-1])
    out = parser.parse_args().out
    sample.write(out)
    catalogue.write_readme(out)


if __name__ == "__main__":
    main()
