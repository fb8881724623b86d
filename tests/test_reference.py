"""The bundled geography: exact coverages, text ids, honest sources."""

from __future__ import annotations

import hashlib
import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo_territory import reference
from geo_territory.errors import FileError
from geo_territory.projection import WGS84
from geo_territory.tables import Cities, Counties, Countries, States, ZipPoints

DATA = reference.DATA_FOLDERS[-1]


@pytest.mark.parametrize(
    ("read", "table", "rows"),
    [
        (reference.states, States, 56),
        (reference.counties, Counties, 3232),
        (reference.countries, Countries, 240),
        (reference.zip_points, ZipPoints, 41637),
        (reference.cities, Cities, 152354),
    ],
)
def test_each_bundled_table_keeps_its_declaration(read, table, rows):
    """Columns, types and bounds are those of tables.py, and nothing went missing on the way."""
    frame = table.check(read())
    assert len(frame) == rows
    assert list(frame.drop(columns="geometry", errors="ignore").columns) == table.columns()


@pytest.mark.parametrize("read", [reference.states, reference.counties, reference.countries, reference.land])
def test_areas_are_valid_polygons_that_meet_exactly(read):
    """No overlap, no edge that differs from its neighbour's, in degrees WGS 84."""
    areas = read()
    assert areas.crs == WGS84
    assert areas.geometry.is_valid.all()
    assert not areas.geometry.is_empty.any()
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())


def test_a_state_is_exactly_the_union_of_its_counties():
    """The two layers draw the same borders: no sliver between a state line and a county line."""
    counties = reference.counties().geometry
    union = counties.groupby(counties.index.str[:2]).agg(lambda part: shapely.coverage_union_all(part.to_numpy()))
    states = reference.states().geometry
    assert list(union.index) == list(states.index)
    assert shapely.equals(union.to_numpy(), states.to_numpy()).all()


def test_ids_are_text_and_keep_their_leading_zeros():
    """Alabama is 01, Autauga County 01001, Cambridge 02138."""
    assert reference.states().at["01", States.name] == "Alabama"  # noqa: PD008
    assert reference.counties().at["01001", Counties.state] == "AL"  # noqa: PD008
    assert reference.zip_points().at["02138", ZipPoints.city] == "Cambridge"  # noqa: PD008
    assert reference.counties().index.str.fullmatch(r"\d{5}").all()
    assert reference.zip_points().index.str.fullmatch(r"\d{5}").all()
    assert reference.counties()[Counties.state].isin(reference.states()[States.state]).all()


def test_no_country_is_smeared_over_the_antimeridian():
    """Russia and Fiji end at 180 degrees instead of spanning the world; their areas are those of the atlas."""
    world = reference.countries().set_index(Countries.country)
    km2 = world.geometry.to_crs("ESRI:54034").area / 1e6
    assert km2["RU"] == pytest.approx(17.0e6, rel=0.01)
    assert km2["FJ"] == pytest.approx(18_270, rel=0.03)
    assert not world.geometry["RU"].intersects(world.geometry["CA"])
    assert not world.geometry["FJ"].contains(shapely.Point(0, -17))
    assert shapely.area(reference.land().geometry.iloc[0]) == pytest.approx(shapely.area(world.geometry.to_numpy()).sum())


def test_country_codes_are_given_once_and_only_where_they_exist():
    """Namibia is NA, not missing; four disputed or joint areas have none."""
    world = reference.countries()
    codes = world[Countries.country].dropna()
    assert codes.is_unique
    assert codes.str.fullmatch("[A-Z]{2}").all()
    assert {"US", "NA", "XK", "IR", "AU"} <= set(codes)
    without = list(world.loc[world[Countries.country].isna(), Countries.name])
    assert without == ["Indian Ocean Ter.", "N. Cyprus", "Siachen Glacier", "Somaliland"]


def test_zip_points_lie_in_the_state_they_name():
    """Of ZIPs that name a state on the map, all but a handful offshore lie in it (within 0.2 degrees)."""
    states = reference.states().dissolve(States.state)
    points = reference.zip_points()
    points = points[points[ZipPoints.state].isin(states.index)]
    place = gpd.GeoSeries(gpd.points_from_xy(points[ZipPoints.lon], points[ZipPoints.lat]), index=points.index, crs=WGS84)
    home = gpd.GeoSeries(states.geometry[points[ZipPoints.state]].to_numpy(), index=points.index, crs=WGS84)
    with_margin = shapely.dwithin(place.to_numpy(), home.to_numpy(), 0.2)
    assert with_margin.mean() > 0.999


def test_accents_fold_to_ascii():
    """Letters without a decomposition fold too."""
    names = pd.Series(["Łódź", "São Paulo", "Straße", "Đà Nẵng", "O’Fallon"])
    assert list(reference.ascii_name(names)) == ["Lodz", "Sao Paulo", "Strasse", "Da Nang", "O'Fallon"]
    assert reference.cities()[Cities.ascii_name].str.isascii().all()


def test_changing_a_returned_table_changes_nobody_elses():
    """Readers hand out copies of what they keep."""
    first = reference.zip_points()
    first.loc["02138", ZipPoints.city] = "Elsewhere"
    first["more"] = 1
    assert reference.zip_points().loc["02138", ZipPoints.city] == "Cambridge"
    assert "more" not in reference.zip_points().columns


def test_a_missing_file_names_the_remedy():
    """The error says which file and which command makes it."""
    with pytest.raises(FileError, match=r"nowhere\.parquet is missing.*geo_territory\.reference\.build"):
        reference.data_path("nowhere.parquet")


def test_every_file_in_data_has_its_source_licence_and_checksum_in_the_readme():
    """data/README.md names each file that ships, and the checksum is the file's."""
    page = (DATA / "README.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL))
    files = {path.relative_to(DATA).as_posix(): path for path in DATA.rglob("*") if path.is_file() and path.name != "README.md"}
    assert set(sections) == set(files)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() in sections[name], name
        for heading in ("upstream", "licence", "attribution", "vintage", "made by"):
            assert re.search(rf"^- {heading}: \S", sections[name], flags=re.MULTILINE), f"{name}: {heading}"


def test_geonames_is_credited_where_people_look():
    """CC BY 4.0 asks for the name and the licence."""
    page = (DATA / "README.md").read_text(encoding="utf-8")
    assert "Contains data from GeoNames (geonames.org), licensed under CC BY 4.0" in page.split("\n## ")[0]


def test_what_ships_stays_small():
    """The wheel carries data/: under 12 MB."""
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 12e6
