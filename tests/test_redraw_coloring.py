"""The colours of a draft: neighbours never share one, whatever is moved."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_territory.boundaries import PALETTE
from geo_territory.redraw.coloring import shown_colors
from geo_territory.redraw.draft import Draft
from geo_territory.redraw.edits import Change
from geo_territory.redraw.figures import figures
from geo_territory.redraw.outcome import design_of
from geo_territory.redraw.reading import territory_rows
from geo_territory.tables import Territories
from tests.redraw_drawn import world

ROW = "AABBCCDD"


def recolored(draft, **colors):
    """The same draft after a person chose colours."""
    lines = {name: (draft.territories[name], dataclasses.replace(draft.territories[name], color=color)) for name, color in colors.items()}
    return draft.after(Change(territories=lines))


def moved(draft, positions, to):
    return draft.after(Change(draft.handing([(np.array(positions), to)])))


def test_nobody_changes_colour_while_no_neighbours_share_one():
    basis, draft = world(ROW)
    assert shown_colors(basis, draft) == {name: line.color for name, line in draft.territories.items()}


def test_of_two_of_one_colour_that_become_neighbours_the_later_one_yields():
    basis, _ = world(ROW)
    lines = dict(basis.lines)
    lines["C"] = dataclasses.replace(lines["C"], color=lines["A"].color)
    basis = dataclasses.replace(basis, lines=lines)
    draft = Draft.begin(basis)
    assert shown_colors(basis, draft)["C"] == shown_colors(basis, draft)["A"]
    beside = moved(draft, [2, 3], "A")  # B is gone from between them
    shown = shown_colors(basis, beside)
    assert shown["A"] == lines["A"].color and shown["C"] != shown["A"] and shown["C"] != shown["D"]


def test_the_colour_a_person_chose_is_kept_and_the_neighbour_yields():
    basis, draft = world(ROW)
    chosen = recolored(draft, C=draft.territories["B"].color)
    shown = shown_colors(basis, chosen)
    assert shown["C"] == draft.territories["B"].color and shown["B"] != shown["C"]


def test_what_is_shown_is_what_is_saved():
    basis, draft = world(ROW)
    chosen = recolored(draft, C=draft.territories["B"].color)
    rows, saved = territory_rows(basis, chosen, figures(basis, chosen)), design_of(basis, chosen).territories
    assert {name: row["color"] for name, row in rows.items()} == saved[Territories.color].to_dict() == shown_colors(basis, chosen)


@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from("ABCD")), max_size=12), st.sampled_from(PALETTE))
def test_neighbours_never_share_a_colour(moves, color):
    basis, draft = world("AABB\nAABB\nCCDD\nCCDD")
    draft = recolored(draft, D=color)
    for position, to in moves:
        draft = moved(draft, [position], to)
    shown = shown_colors(basis, draft)
    for a, b in zip(basis.row_of_neighbor, basis.neighbors.indices, strict=True):
        one, other = draft.owner_of(a), draft.owner_of(b)
        assert one == other or shown[one] != shown[other]
