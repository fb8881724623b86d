"""Cells too heavy to be assigned whole are cut into the areas nearest to their child hexagons' centres."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import h3
import numpy as np
import shapely

from geo_territory.projection import Plane

FINEST = 9


@dataclass(frozen=True, eq=False)
class Crowd:
    """Weighted positions and what one cell may carry of them.

    `where` is plane positions [m], (n, 2); `weight` (n,), 0 or more; `limit` the largest weight of a cell that stays whole.
    """

    where: np.ndarray
    weight: np.ndarray
    limit: float
    plane: Plane

    def cut(self, ids: np.ndarray, cells: np.ndarray, room: int) -> tuple[np.ndarray, np.ndarray]:
        """Return ids and shapes with too heavy cells cut, the heaviest first, adding about `room` cells at most.

        ids: H3 indexes (n,); cells: their polygons (n,) on the plane. Whole cells come first, then pieces by id.
        """
        queue, whole = self._heavy(ids, cells)
        pieces: list[tuple[str, shapely.Geometry]] = []
        while queue:
            _, cell, shape, members = heapq.heappop(queue)
            if room <= 0:
                pieces.append((cell, shape))
                continue
            parts = self._parts(cell, shape, members)
            room -= len(parts) - 1
            for child, part, mine in parts:
                if self._is_divisible(child, mine):
                    heapq.heappush(queue, (-self.weight[mine].sum(), child, part, mine))
                else:
                    pieces.append((child, part))
        pieces.sort(key=lambda piece: piece[0])
        names = np.array([name for name, _ in pieces], dtype=object)
        shapes = np.array([shape for _, shape in pieces], dtype=object)
        return np.concatenate([ids[whole], names]), np.concatenate([cells[whole], shapes])

    def _heavy(self, ids: np.ndarray, cells: np.ndarray) -> tuple[list[tuple[float, str, shapely.Geometry, np.ndarray]], np.ndarray]:
        """Return a heap of the cells to be cut (-weight, id, shape, members), and which others stay whole, (n,) bool."""
        point, cell = shapely.STRtree(cells).query_nearest(shapely.points(self.where))
        cell = cell[np.unique(point, return_index=True)[1]]
        order = np.argsort(cell, kind="stable")
        numbers, first = np.unique(cell[order], return_index=True)
        queue = [
            (-self.weight[members].sum(), ids[number], cells[number], members, number)
            for number, members in zip(numbers, np.split(order, first[1:]), strict=True)
            if self._is_divisible(ids[number], members)
        ]
        whole = np.ones(len(ids), bool)
        whole[[entry[-1] for entry in queue]] = False
        heap = [entry[:-1] for entry in queue]
        heapq.heapify(heap)
        return heap, whole

    def _is_divisible(self, cell: str, members: np.ndarray) -> bool:
        """Return whether a cell is too heavy and cutting it can help: its weight lies in more than one spot."""
        weight = self.weight[members]
        if weight.sum() <= self.limit or h3.get_resolution(cell) >= FINEST:
            return False
        return len(np.unique(self.where[members[weight > 0]], axis=0)) > 1

    def _parts(self, cell: str, shape: shapely.Geometry, members: np.ndarray) -> list[tuple[str, shapely.Geometry, np.ndarray]]:
        """Return the children that have a part of `shape`: id, the area nearest to their centre, and their members."""
        children = sorted(h3.cell_to_children(cell))
        lat, lon = np.array([h3.cell_to_latlng(child) for child in children]).T
        centre = self.plane.project(lon, lat)
        nearest = np.argmin(((self.where[members, None, :] - centre[None]) ** 2).sum(axis=2), axis=1)
        around = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(centre), extend_to=shape, ordered=True))
        parts = shapely.intersection(around, shape)
        return [(c, p, members[nearest == i]) for i, (c, p) in enumerate(zip(children, parts, strict=True)) if p.area > 0]
