import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.errors import UnitsError
from geo_territory.projection import Plane
from geo_territory.units.coverage import GRID_M, cleaned, edges, partition, union_by, whole_shapes
from geo_territory.units.exchange import cut_at_antimeridian, to_degrees
from tests.drawn_maps import PLANE, squares

LAKE = shapely.Polygon(
    [(500, 500), (29_700, 900), (29_100, 28_300), (700, 29_500)],
    [[(9_000, 9_000), (21_000, 10_000), (14_000, 20_000)]],
)


def tiles(n: int, side: float = 10_000.0) -> np.ndarray:
    return np.array([shapely.box(c * side, r * side, (c + 1) * side, (r + 1) * side) for r in range(n) for c in range(n)], dtype=object)


def shared_by_hand(shapes: np.ndarray) -> dict[tuple[int, int], float]:
    """The oracle: length of the intersection of every pair's boundaries."""
    pairs = {}
    for a in range(len(shapes)):
        for b in range(a + 1, len(shapes)):
            length = shapely.length(shapely.intersection(shapely.boundary(shapes[a]), shapely.boundary(shapes[b])))
            if length > 0:
                pairs[a, b] = length
    return pairs


def shared_by_edges(shapes: np.ndarray) -> dict[tuple[int, int], float]:
    found = edges(shapes)
    lengths: dict[tuple[int, int], float] = {}
    for (a, b), length in zip(found.owner[~found.outer].tolist(), found.length[~found.outer], strict=True):
        lengths[a, b] = lengths.get((a, b), 0.0) + length
    return lengths


def test_cells_cut_from_land_leave_no_gap_and_no_overlap():
    """Nine tiles over a field with a lake: the parts make up the field."""
    shapes = partition(tiles(3), LAKE)
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(LAKE.area, rel=1e-6)
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-12)
    assert edges(shapes).length[edges(shapes).outer].sum() == pytest.approx(LAKE.length, rel=1e-5)


def test_a_tile_in_the_sea_is_empty():
    assert shapely.is_empty(partition(tiles(5), LAKE)[-1])


def test_land_outside_every_cell_goes_to_the_nearest_one():
    shapes = partition(tiles(1), shapely.box(1_000, 1_000, 12_000, 9_000))
    assert shapes[0].area == pytest.approx(11_000 * 8_000)


def test_a_vertex_on_one_side_of_a_border_is_given_to_the_other_side():
    """The right tile is two halves: the left one gets their common corner."""
    left = shapely.box(0, 0, 10_000, 10_000)
    halves = [shapely.box(10_000, 0, 20_000, 4_000), shapely.box(10_000, 4_000, 20_000, 10_000)]
    shapes = partition(np.array([left, *halves], dtype=object), shapely.box(0, 0, 20_000, 10_000))
    assert shapely.coverage_is_valid(shapes)
    assert [10_000, 4_000] in shapely.get_coordinates(shapes[0]).tolist()


@settings(max_examples=30, deadline=None)
@given(
    sites=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=3, max_size=25, unique=True),
    corners=st.lists(st.tuples(st.integers(0, 57_000), st.integers(0, 57_000)), min_size=4, max_size=8),
)
def test_any_cells_cut_from_any_land_are_an_exact_coverage(sites, corners):
    land = shapely.convex_hull(shapely.multipoints(np.array(corners) * 0.7))
    if land.area < 1e6:
        return
    points = shapely.multipoints(np.array(sites, dtype=float) * 100.0)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 4e4, 4e4), ordered=True))
    shapes = partition(cells, land)
    found = shapes[~shapely.is_empty(shapes)]
    assert shapely.coverage_is_valid(found)
    assert shapely.area(found).sum() == pytest.approx(land.area, abs=4 * GRID_M * land.length)
    assert edges(found).length[edges(found).outer].sum() == pytest.approx(shapely.length(shapely.boundary(shapely.union_all(found))))
    by_hand = shared_by_hand(found)
    assert shared_by_edges(found) == pytest.approx(by_hand)


def test_neighbours_share_a_side_and_a_corner_is_not_enough():
    """Two diagonal squares touch in one point."""
    _, shapes, _ = squares("""
        A.
        .B
    """)
    assert shared_by_edges(np.array(shapes, dtype=object)) == {}


def test_borders_of_a_unit_in_several_parts_add_up():
    """A lies on both sides of B."""
    _, (left, middle, right), _ = squares("ABA")
    shapes = np.array([shapely.union_all([left, right]), middle], dtype=object)
    assert shared_by_edges(shapes) == {(0, 1): 16_000.0}
    assert shared_by_edges(shapes) == shared_by_hand(shapes)


def test_a_hole_borders_what_fills_it():
    ring = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    assert shared_by_edges(np.array([ring, shapely.box(10, 10, 20, 20)], dtype=object)) == {(0, 1): 40.0}


def test_a_union_by_group_keeps_the_order_of_groups():
    names, shapes = union_by(np.array(["b", "a", "b"], dtype=object), np.array(squares("XYZ")[1], dtype=object))
    assert names.tolist() == ["a", "b"]
    assert shapely.area(shapes).tolist() == [64e6, 128e6]


def test_the_seam_of_a_shape_cut_in_two_is_taken_out():
    halves = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    (whole,) = whole_shapes(np.array([halves], dtype=object))
    assert whole.geom_type == "Polygon"
    assert whole.area == 2


def test_cleaning_gives_an_overlap_to_one_side():
    shapes = cleaned(np.array([shapely.box(0, 0, 10, 10), shapely.box(9, 0, 20, 10)], dtype=object))
    assert shapely.coverage_is_valid(shapes)
    assert shapely.area(shapes).sum() == pytest.approx(200)


def test_shapes_on_either_side_of_the_antimeridian_are_ordinary_shapes_on_the_plane_and_are_cut_in_degrees():
    """Two squares side by side, the left one across longitude 180."""
    plane = Plane(lat=52.0, lon=180.0)
    shapes = np.array([shapely.box(-20_000, 0, 10_000, 30_000), shapely.box(10_000, 0, 40_000, 30_000)], dtype=object)
    across, beyond = to_degrees(shapes, plane)
    assert across.geom_type == "MultiPolygon"
    assert beyond.geom_type == "Polygon"
    assert np.abs(shapely.get_coordinates([across, beyond])[:, 0]).max() == 180.0
    shared = {tuple(p) for p in shapely.get_coordinates(across)} & {tuple(p) for p in shapely.get_coordinates(beyond)}
    assert len(shared) >= 2
    back = plane.project_shapes(np.array([across], dtype=object))
    assert shapely.area(back)[0] == pytest.approx(shapes[0].area, rel=1e-5)


def test_two_shapes_across_the_antimeridian_meet_it_in_the_same_point():
    plane = Plane(lat=-17.0, lon=179.9)
    north, south = to_degrees(np.array([shapely.box(-5e4, 0, 5e4, 4e4), shapely.box(-5e4, -4e4, 5e4, 0)], dtype=object), plane)
    on_it = [{round(y, 9) for x, y in shapely.get_coordinates(shape) if abs(x) == 180} for shape in (north, south)]
    assert len(on_it[0] & on_it[1]) == 1


def test_a_long_straight_border_stays_valid_next_to_a_vertex_that_is_close_to_it():
    """A border of 400 km bends by kilometres in degrees; the spike's tip ends 20 m from it."""
    spike = shapely.Polygon([(-50_000, 90_000), (0, 20), (50_000, 90_000)])
    beyond = shapely.box(-200_000, -100_000, 200_000, 0)
    degrees = to_degrees(np.array([spike, beyond], dtype=object), Plane(60.0, 20.0))
    assert shapely.is_valid(degrees).all()
    assert shapely.coverage_is_valid(degrees)
    assert not shapely.intersects(*degrees)


def test_shapes_that_overlap_are_refused():
    with pytest.raises(UnitsError, match="overlap"):
        to_degrees(np.array([shapely.box(0, 0, 10_000, 10_000), shapely.box(5_000, 0, 20_000, 10_000)], dtype=object), PLANE)


def test_a_shape_around_the_pole_is_cut_along_the_antimeridian():
    cap = shapely.Polygon([(-150, 80), (-90, 80), (-30, 80), (30, 80), (90, 80), (150, 80)])
    (cut,) = cut_at_antimeridian(np.array([cap], dtype=object))
    assert cut.bounds == (-180, 80, 180, 90)


def test_a_ring_that_jumps_from_180_to_minus_180_is_cut_with_its_hole():
    jumping = shapely.Polygon(
        [(170, 0), (-170, 0), (-170, 20), (170, 20)],
        [[(-178, 5), (-176, 5), (-176, 8), (-178, 8)]],
    )
    (cut,) = cut_at_antimeridian(np.array([jumping], dtype=object))
    assert cut.area == pytest.approx(20 * 20 - 2 * 3)
    assert sorted(part.bounds[::2] for part in cut.geoms) == [(-180, -170), (170, 180)]
