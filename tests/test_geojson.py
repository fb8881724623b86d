import json
import re
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo_territory.boundaries import territory_shapes
from geo_territory.errors import ProjectionError, UnitsError
from geo_territory.projection import Plane
from geo_territory.publish.geojson import feature_collection
from tests.drawn_maps import drawn
from tests.rfc7946 import check_rfc7946

CLOCKWISE = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])


def table(shapes: list, index: list | None = None, **columns: list) -> gpd.GeoDataFrame:
    names = pd.Index(index if index is not None else [f"T{i}" for i in range(len(shapes))], name="territory_id")
    return gpd.GeoDataFrame(columns, index=names, geometry=shapes, crs="EPSG:4326")


def published(shapes: gpd.GeoDataFrame) -> dict:
    return json.loads(feature_collection(shapes))


def test_territories_keep_every_rule():
    units, alignment = drawn("""
        WWE
        WEE
        ..N
    """)
    assert check_rfc7946(feature_collection(territory_shapes(units, alignment))) == []


def test_territories_across_the_antimeridian_keep_every_rule_and_share_their_border():
    """North and South both lie across longitude 180."""
    units, alignment = drawn(
        """
        NNNN
        SSSS
        """,
        side_m=40_000.0,
        plane=Plane(lat=52.0, lon=179.0),
    )
    collection = published(territory_shapes(units, alignment))
    assert check_rfc7946(collection) == []
    north, south = ({tuple(p) for part in f["geometry"]["coordinates"] for p in part[0]} for f in collection["features"])
    assert {abs(x) for x, _ in north & south} >= {180.0}
    assert len(north & south) == 5 + 2


def test_rings_wind_to_the_right_and_holes_to_the_left():
    holed = CLOCKWISE.difference(shapely.box(0.2, 0.2, 0.8, 0.8))
    assert check_rfc7946(feature_collection(table([CLOCKWISE, holed]))) == []


def test_ids_and_zips_are_text_and_numbers_are_numbers():
    shapes = table([CLOCKWISE], index=["01002"], zip=["00501"], hours=[2.5], accounts=[3], vacant=[True])
    (feature,) = published(shapes)["features"]
    assert feature["id"] == "01002"
    assert feature["properties"] == {"territory_id": "01002", "zip": "00501", "hours": 2.5, "accounts": 3, "vacant": True}


def test_number_ids_become_text():
    assert published(table([CLOCKWISE], index=[7]))["features"][0]["id"] == "7"


def test_missing_and_infinite_values_are_null_and_dates_are_iso():
    shapes = table(
        [CLOCKWISE],
        hours=[np.nan],
        index_points=[np.inf],
        rep=pd.Series([None], dtype="str").to_numpy(),
        opened=[pd.Timestamp("2024-02-29")],
        day=[date(2024, 3, 1)],
        never=[pd.NaT],
    )
    facts = published(shapes)["features"][0]["properties"]
    assert facts["hours"] is facts["index_points"] is facts["rep"] is facts["never"] is None
    assert facts["opened"] == "2024-02-29T00:00:00"
    assert facts["day"] == "2024-03-01"


@pytest.mark.parametrize("name", ["=HYPERLINK(A1)", "+1", "@x", 'quo"te', "تهران", "<b>", "back\\slash"])
def test_names_are_plain_text_whatever_they_begin_with(name):
    assert published(table([CLOCKWISE], name=[name]))["features"][0]["properties"]["name"] == name


def test_coordinates_have_seven_decimals():
    (feature,) = published(table([shapely.Point(-71.123456789, 41.987654321)]))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-71.1234568, 41.9876543]}


def test_no_coordinate_is_written_with_more_than_seven_decimals():
    """A writer that rounds on its own makes 65.67989970000001 of 65.6798997."""
    lon, lat = np.random.default_rng(3).uniform(-85, 85, (2, 5_000)).round(7)
    written = feature_collection(table([shapely.MultiPoint(np.column_stack([[*lon, 65.6798997], [*lat, 51.5876652]]))])).decode()
    assert "65.6798997,51.5876652" in written
    assert not re.search(r"\.\d{8}", written)


def test_other_coordinate_systems_are_brought_to_degrees_without_a_crs_member():
    there = table([CLOCKWISE]).to_crs("EPSG:3857")
    collection = published(there)
    assert "crs" not in collection
    assert shapely.from_geojson(json.dumps(collection["features"][0]["geometry"])).bounds == pytest.approx((0, 0, 1, 1), abs=1e-6)


def test_without_a_coordinate_system_nothing_is_published():
    with pytest.raises(ProjectionError, match="coordinate reference system"):
        feature_collection(table([CLOCKWISE]).set_crs(None, allow_override=True))


def test_two_features_never_share_an_id():
    with pytest.raises(UnitsError, match="'T1'"):
        feature_collection(table([CLOCKWISE, CLOCKWISE], index=["T1", "T1"]))


def test_an_empty_shape_is_a_null_geometry():
    collection = published(table([shapely.Polygon(), None]))
    assert [f["geometry"] for f in collection["features"]] == [None, None]
    assert check_rfc7946(collection) == []


def test_a_table_without_rows_is_an_empty_collection():
    assert published(table([])) == {"type": "FeatureCollection", "features": []}


def test_a_sliver_that_collapses_when_rounded_leaves_a_valid_shape():
    sliver = shapely.union_all([shapely.box(0, 0, 1, 1), shapely.Polygon([(1, 0.5), (2, 0.5), (2, 0.50000002), (1, 0.50000002)])])
    (feature,) = published(table([sliver]))["features"]
    assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid
    assert check_rfc7946(published(table([sliver]))) == []


def test_a_line_that_jumps_the_antimeridian_is_cut():
    collection = published(table([shapely.LineString([(179, 10), (-179, 12)])]))
    assert collection["features"][0]["geometry"]["coordinates"] == [[[179.0, 10.0], [180.0, 11.0]], [[-180.0, 11.0], [-179.0, 12.0]]]
    assert check_rfc7946(collection) == []


def test_the_same_table_gives_the_same_bytes_whatever_its_order():
    shapes = table([CLOCKWISE, shapely.box(3, 3, 4, 4), shapely.Point(1, 2)], hours=[1.0, 2.0, 3.0])
    assert feature_collection(shapes) == feature_collection(shapes[::-1]) == feature_collection(shapes.copy())


def test_a_file_is_read_back_by_gdal_with_its_values(tmp_path):
    (tmp_path / "plan.geojson").write_bytes(feature_collection(table([CLOCKWISE], zip=["00501"], hours=[2.5])))
    back = gpd.read_file(tmp_path / "plan.geojson")
    assert back.crs == "EPSG:4326"
    assert back[["zip", "hours"]].iloc[0].tolist() == ["00501", 2.5]


def faults_of(geometry: dict | None, **feature: object) -> str:
    whole = {"type": "Feature", "id": "T1", "properties": {}, "geometry": geometry, **feature}
    return " ".join(check_rfc7946({"type": "FeatureCollection", "features": [whole]}))


@pytest.mark.parametrize(
    ("ring", "fault"),
    [
        ([[0, 0], [0, 1], [1, 1], [0, 0]], "the exterior winds the wrong way"),
        ([[0, 0], [1, 0], [1, 1], [0, 1]], "not closed"),
        ([[0, 0], [1, 0], [0, 0]], "fewer than four"),
        ([[0, 0], [181, 0], [181, 1], [0, 0]], "outside longitude"),
        ([[0, 0], [1, 0], [1, 91], [0, 0]], "outside longitude"),
        ([[179, 0], [-179, 0], [-179, 1], [179, 0]], "jumps across the antimeridian"),
        ([[0, "0"], [1, 0], [1, 1], [0, 0]], "not longitude and latitude"),
    ],
)
def test_the_check_finds_a_faulty_ring(ring, fault):
    assert fault in faults_of({"type": "Polygon", "coordinates": [ring]})


def test_the_check_finds_faulty_members():
    square = [[0, 0], [1, 0], [1, 1], [0, 0]]
    hole = [[0.5, 0.2], [0.6, 0.2], [0.6, 0.3], [0.5, 0.2]]
    assert "hole 1 winds" in faults_of({"type": "Polygon", "coordinates": [square, hole]})
    assert "id is not text" in faults_of(None, id=7)
    assert "not a Feature" in faults_of(None, type="Thing")
    assert "a Circle" in faults_of({"type": "Circle"})
    assert check_rfc7946({"type": "Feature"}) == ["The top level is not a FeatureCollection with features."]
    assert "crs member" in check_rfc7946({"type": "FeatureCollection", "features": [], "crs": {}})[0]
    twice = {"type": "Feature", "id": "T1", "properties": {}, "geometry": None}
    assert "same id" in check_rfc7946({"type": "FeatureCollection", "features": [twice, twice]})[0]


def test_an_ordinary_writer_is_found_out():
    """GeoPandas keeps clockwise rings."""
    assert any("winds the wrong way" in fault for fault in check_rfc7946(table([CLOCKWISE]).to_json()))
