from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_territory.errors import FileError, ProjectionError, UnitsError
from geo_territory.tables import Borders, Units
from geo_territory.units import build_units, given_polygons, read_polygons, unit_of_account
from tests.drawn_maps import accounts_at

BOUNDARIES = Path(__file__).parents[2] / "shared" / "data" / "boundaries"


def polygons(shapes: list, crs: str | None = "EPSG:4326", **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def row_of(n: int, width: float = 0.1) -> list[shapely.Polygon]:
    """n squares from west to east at 40 N."""
    return [shapely.box(-100 + i * width, 40, -100 + (i + 1) * width, 40.1) for i in range(n)]


@pytest.mark.parametrize(
    ("columns", "ids"),
    [
        ({"unit_id": ["b", "a"], "id": ["x", "y"]}, ["a", "b"]),
        ({"GEOID": ["0600", "0601"], "NAME": ["Kings", "Kern"]}, ["0600", "0601"]),
        ({"ZCTA5CE10": ["02802", "02804"]}, ["02802", "02804"]),
        ({"Name": ["Kern", "Kings"]}, ["Kern", "Kings"]),
        ({"id": [1.0, 2.0]}, ["1", "2"]),
        ({"colour": ["red", "blue"]}, ["1", "2"]),
    ],
)
def test_the_id_column_is_found_by_its_name(columns, ids):
    assert given_polygons(polygons(row_of(2), **columns)).units.index.tolist() == ids


def test_the_id_column_may_be_named_and_must_be_there():
    table = polygons(row_of(2), id=["x", "y"], area_code=["b", "a"])
    assert given_polygons(table, id_column="area_code").units.index.tolist() == ["a", "b"]
    with pytest.raises(UnitsError, match="no column 'zip': it has id, area_code"):
        given_polygons(table, id_column="zip")


def test_names_stay_with_their_ids():
    units = given_polygons(polygons(row_of(2), id=["2", "1"], name=["West", "East"])).units
    assert units[Units.name].to_dict() == {"1": "East", "2": "West"}
    assert set(units[Units.kind]) == {"given"}


def test_polygons_that_match_are_taken_as_they_are():
    units = given_polygons(polygons(row_of(3), id=list("abc")))
    assert units.notes == ()
    assert len(units.borders) == 2
    assert shapely.equals_exact(units.units.geometry.to_numpy(), shapely.normalize(np.array(row_of(3))), 1e-7, normalize=True).all()


def test_without_a_coordinate_system_nothing_is_guessed():
    with pytest.raises(ProjectionError, match="coordinate reference system"):
        given_polygons(polygons(row_of(2), crs=None, id=["a", "b"]))


def test_other_coordinate_systems_are_brought_to_degrees():
    units = given_polygons(polygons(row_of(2), id=["a", "b"]).to_crs("EPSG:3857"))
    assert units.units.total_bounds == pytest.approx([-100, 40, -99.8, 40.1], abs=1e-6)


def test_overlaps_and_gaps_are_counted_listed_and_repaired():
    """B lies 2 km into A, and a gap of 85 m parts B from C except at the ends."""
    a, b = shapely.box(-100, 40, -99.88, 40.1), shapely.box(-99.9, 40, -99.8, 40.1)
    c = shapely.Polygon(
        [(-99.8, 40), (-99.7, 40), (-99.7, 40.1), (-99.8, 40.1), (-99.8, 40.09), (-99.799, 40.08), (-99.799, 40.02), (-99.8, 40.01)]
    )
    units = given_polygons(polygons([a, b, c], id=["A", "B", "C"]))
    assert shapely.coverage_is_valid(units.planar)
    assert shapely.get_num_interior_rings(shapely.union_all(units.planar)) == 0
    assert len(units.borders) == 2
    report = " ".join(units.notes)
    assert "now given to one of the two: 1 (A and B by 18.95 km2)" in report
    assert "filled: 1." in report


def test_a_lake_between_units_stays_open_and_is_noted():
    around = shapely.box(-100, 40, -99.9, 40.1).difference(shapely.box(-99.97, 40.02, -99.93, 40.08))
    units = given_polygons(polygons([around, shapely.box(-99.9, 40, -99.8, 40.1)], id=["W", "E"]))
    assert units.notes == ("Gaps left open, water or land nobody listed: 1, the largest of 22.7 km2.",)


def test_a_vertex_that_only_one_side_has_is_given_to_the_other():
    """West is one square, North-East and South-East meet in the middle of its border."""
    north_east, south_east = shapely.box(-99.9, 40.05, -99.8, 40.1), shapely.box(-99.9, 40, -99.8, 40.05)
    units = given_polygons(polygons([shapely.box(-100, 40, -99.9, 40.1), north_east, south_east], id=["W", "N", "S"]))
    assert len(units.borders) == 3
    assert (units.borders[Borders.crossing_km] == 0).all()


def test_a_ring_that_crosses_itself_is_repaired_and_named():
    bow_tie = shapely.Polygon([(-100, 40), (-99.9, 40.1), (-99.9, 40), (-100, 40.1)])
    units = given_polygons(polygons([bow_tie, shapely.box(-99.9, 40, -99.8, 40.1)], id=["bow", "box"]))
    assert shapely.is_valid(units.planar).all()
    assert units.notes[0] == "Outlines that crossed themselves, repaired: 1 (bow)."


def test_rows_that_are_no_unit_are_left_out_and_named():
    shapes = [*row_of(2), shapely.Point(-100, 40), shapely.Polygon(), shapely.box(-99.8, 40, -99.7, 40.1)]
    units = given_polygons(polygons(shapes, id=["a", "b", "point", "nothing", None]))
    assert units.units.index.tolist() == ["a", "b"]
    assert units.notes == ("Rows left out, without a polygon or an id: 3 (point, nothing).",)


def test_polygons_inside_a_collection_count():
    west, east = row_of(2)
    collection = shapely.GeometryCollection([west, shapely.LineString([(-100, 40), (-99, 40)])])
    assert len(given_polygons(polygons([collection, east], id=["w", "e"])).borders) == 1


def test_rows_with_one_id_are_one_unit():
    units = given_polygons(polygons(row_of(3), id=["a", "b", "b"]))
    assert units.units.index.tolist() == ["a", "b"]
    assert units.notes == ("Ids on several rows, joined into one unit each: 1 (b).",)


def test_a_file_without_polygons_is_refused():
    with pytest.raises(UnitsError, match="no polygon with an id"):
        given_polygons(polygons([shapely.Point(0, 0)], id=["a"]))


@pytest.mark.parametrize("name", ["areas.gpkg", "areas.geojson", "areas.parquet", "areas.shp"])
def test_polygon_files_of_many_kinds_are_read(tmp_path, name):
    table = polygons(row_of(3), id=["00501", "00544", "01001"])
    table.to_parquet(tmp_path / name) if name.endswith("parquet") else table.to_file(tmp_path / name)
    accounts = accounts_at({"a": (40.05, -99.95), "far": (45.0, -90.0)})
    units = build_units(str(tmp_path / name), accounts, pd.Series(1.0, index=accounts.index), 2)
    unit_of = unit_of_account(accounts, units)
    assert unit_of["a"] == "00501"
    assert pd.isna(unit_of["far"])


def test_a_file_that_is_missing_or_no_polygon_file_says_so(tmp_path):
    with pytest.raises(FileError, match="no file nowhere.gpkg"):
        read_polygons(tmp_path / "nowhere.gpkg")
    for name in ("notes.txt", "broken.parquet", "broken.geojson"):
        (tmp_path / name).write_text("not a map")
        with pytest.raises(FileError, match="can't be read as polygons"):
            read_polygons(tmp_path / name)


@pytest.mark.parametrize(
    ("file", "count", "exact"),
    [("zcta2010_ri", 77, True), ("zcta2010_nh", 248, True), ("iran_provinces_osm", 31, True), ("uk_postcode_districts", 2736, False)],
)
def test_real_polygon_files_become_exact_coverages(file, count, exact):
    path = BOUNDARIES / f"{file}.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not on this machine: the boundary files are not part of the project")
    units = given_polygons(read_polygons(path))
    degrees = units.units.geometry.to_numpy()
    assert len(units.units) == count
    assert ("The borders of neighbours did not match everywhere; they do now." in units.notes) is not exact
    assert shapely.coverage_is_valid(units.planar)
    assert shapely.coverage_is_valid(degrees)
    assert shapely.is_valid(degrees).all()
