import numpy as np
import pytest
import shapely
from scipy.sparse import csgraph

from geo_territory.projection import Plane, haversine_km
from geo_territory.tables import Borders, Crossings, Units
from geo_territory.units import crossings, map_units, neighbor_matrix
from tests.drawn_maps import drawn


def pairs(units) -> set[tuple[str, str]]:
    return set(zip(units.borders[Borders.unit_a], units.borders[Borders.unit_b], strict=True))


def test_units_that_share_a_side_are_neighbours():
    units, _ = drawn("""
        AB
        CD
    """)
    assert pairs(units) == {("r0c0", "r0c1"), ("r0c0", "r1c0"), ("r0c1", "r1c1"), ("r1c0", "r1c1")}
    assert units.borders[Borders.border_m].tolist() == [8_000.0] * 4
    assert (units.borders[Borders.crossing_km] == 0).all()


def test_units_that_touch_in_a_corner_are_linked_by_a_crossing_of_a_metre():
    units, _ = drawn("""
        A.
        .B
    """)
    assert units.borders[Borders.border_m].tolist() == [0.0]
    assert units.borders[Borders.crossing_km].tolist() == [0.001]


def test_each_island_is_linked_by_its_shortest_crossing_and_no_more():
    """Two islands lie 16 km apart and 8 km off the mainland."""
    units, _ = drawn("""
        MMMM
        ....
        A..B
    """)
    table = crossings(units).set_index([Crossings.unit_a, Crossings.unit_b])[Crossings.crossing_km]
    assert set(table.index) == {("r0c0", "r2c0"), ("r0c3", "r2c3")}
    assert table.to_numpy() == pytest.approx([8.0, 8.0], rel=0.01)


def test_an_island_beyond_an_island_is_linked_to_it():
    units, _ = drawn("M.A.B")
    assert pairs(units) == {("r0c0", "r0c2"), ("r0c2", "r0c4")}


def test_crossings_are_listed_by_name_longest_first():
    units, _ = drawn("M.A..B")
    table = crossings(units)
    assert table[Crossings.name_a].tolist() == ["Unit r0c2", "Unit r0c0"]
    assert table[Crossings.name_b].tolist() == ["Unit r0c5", "Unit r0c2"]
    assert table[Crossings.crossing_km].to_numpy() == pytest.approx([16.0, 8.0], rel=0.01)


def spanning_tree_by_hand(shapes: np.ndarray, plane: Plane) -> float:
    """The oracle: all pairs of shapes, least total length [km]."""
    lines = shapely.shortest_line(shapes[:, None], shapes[None, :])
    ends = plane.unproject(shapely.get_coordinates(lines.ravel())).reshape(-1, 2, 2)
    km = haversine_km(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1]).reshape(lines.shape)
    return float(csgraph.minimum_spanning_tree(km).sum())


@pytest.mark.parametrize("seed", range(4))
def test_crossings_are_the_shortest_that_make_a_scatter_of_islands_one(seed):
    random = np.random.default_rng(seed)
    spots = random.permutation(400)[:40]
    corners = np.column_stack([spots % 20, spots // 20]) * 30_000.0 + random.uniform(0, 9_000, (40, 2))
    shapes = np.array([shapely.box(x, y, x + 12_000, y + 7_000) for x, y in corners], dtype=object)
    plane = Plane(lat=57.0, lon=179.0)
    ids = np.array([f"i{i:02d}" for i in range(40)], dtype=object)
    units = map_units(ids, shapes, plane, {Units.name: ids, Units.kind: "given", Units.region: ""})
    assert len(units.borders) == 39
    assert csgraph.connected_components(neighbor_matrix(units))[0] == 1
    assert units.borders[Borders.crossing_km].sum() == pytest.approx(spanning_tree_by_hand(shapes, plane), rel=0.01)


def test_the_neighbour_matrix_is_symmetric_in_the_order_of_the_units():
    units, _ = drawn("""
        AB.C
        .D..
    """)
    matrix = neighbor_matrix(units)
    assert matrix.dtype == bool
    assert (matrix != matrix.T).nnz == 0
    assert matrix.nnz == 2 * len(units.borders)
    near_b = units.units.index[matrix[[units.units.index.get_loc("r0c1")]].indices]
    assert set(near_b) == {"r0c0", "r1c1", "r0c3"}


def test_units_are_ordered_by_id_whatever_the_order_they_are_given_in():
    shapes = np.array([shapely.box(0, 0, 1_000, 1_000), shapely.box(1_000, 0, 2_000, 1_000)], dtype=object)
    columns = {Units.name: ["second", "first"], Units.kind: "given", Units.region: ""}
    units = map_units(np.array(["u2", "u1"], dtype=object), shapes, Plane(0, 0), columns)
    assert units.units.index.tolist() == ["u1", "u2"]
    assert units.units[Units.name].tolist() == ["first", "second"]
    assert units.planar[0].equals(shapes[1])
    assert units.units[Units.area_km2].tolist() == [1.0, 1.0]
