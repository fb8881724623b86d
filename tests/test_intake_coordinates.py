"""Coordinates are repaired where their country or state proves how, and never moved otherwise."""

import numpy as np
import pandas as pd
import pytest

from geo_territory.intake.coordinates import degrees, points


def column(*cells):
    return pd.Series(list(cells), dtype="str")


def place(*rows):
    """Return points of rows (lat, lon, country, state)."""
    lat, lon, country, state = zip(*rows, strict=True)
    return points(column(*lat), column(*lon), column(*country), column(*state))


def pairs(found):
    return [None if np.isnan(lat) else (round(lat, 4), round(lon, 4)) for lat, lon in zip(found.lat, found.lon, strict=True)]


def told(found):
    """Return (row, outcome, reason) of every note."""
    return sorted(
        (int(row), note.outcome, note.reason if isinstance(note.reason, str) else note.reason[row])
        for note in found.notes
        for row in note.rows.nonzero()[0]
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("40.446", 40.446), ("40,446", 40.446), ("-79,982", -79.982), ("40°26'46\"N", 40.446111), ("40 26 46 N", 40.446111),
        ("79° 58′ 56″ W", -79.982222), ("N40°26.767'", 40.446117), ("79:58:56W", -79.982222), ("40.446° S", -40.446), ("W 79.982", -79.982),
        ("−79.982", -79.982), ("۳۵٫۷", 35.7), ("4e1", 40.0),
    ],
)  # fmt: skip
def test_degrees_are_read_however_they_are_written(written, expected):
    assert degrees(column(written)).tolist() == pytest.approx([expected], abs=1e-6)


@pytest.mark.parametrize("written", ["north", "40°75'N", "N40W", "", "40.1.2", "inf"])
def test_what_is_no_degree_is_missing(written):
    assert degrees(column(written)).isna().all()


def test_swapped_coordinates_of_philadelphia_are_put_right():
    found = place(("-75.16", "39.95", "US", "PA"))
    assert pairs(found) == [(39.95, -75.16)]
    assert told(found) == [(0, "fixed", "latitude and longitude were swapped: now 39.95, -75.16")]


@pytest.mark.parametrize(
    ("row", "expected", "reason"),
    [
        (("39.95", "75.16", "US", "PA"), (39.95, -75.16), "longitude had lost its sign: now 39.95, -75.16"),
        (("39.95", "75.16", "US", None), (39.95, -75.16), "longitude had lost its sign: now 39.95, -75.16"),
        (("33.87", "151.21", "AU", None), (-33.87, 151.21), "latitude had lost its sign: now -33.87, 151.21"),
        (("23.55", "46.63", "BR", None), (-23.55, -46.63), "latitude and longitude had lost their signs: now -23.55, -46.63"),
        (("75.16", "39.95", "US", "PA"), (39.95, -75.16), "latitude and longitude were swapped and a sign was lost: now 39.95, -75.16"),
        (("-149.9", "61.2", None, None), (61.2, -149.9), "latitude and longitude were swapped: now 61.2, -149.9"),
    ],
)
def test_a_repair_that_lands_in_the_right_place_is_made_and_told(row, expected, reason):
    found = place(row)
    assert pairs(found) == [expected]
    assert told(found) == [(0, "fixed", reason)]


@pytest.mark.parametrize(
    "row",
    [
        ("61.2", "-149.9", "US", "AK"),
        ("52.9", "173.2", "US", "AK"),
        ("21.3", "-157.9", "US", "HI"),
        ("13.5", "144.8", "US", "GU"),
        ("13.5", "144.8", "GU", "GU"),
        ("-14.3", "-170.7", "AS", "AS"),
        ("7.4", "134.5", "PW", "PW"),
        ("18.4", "-66.1", "PR", "PR"),
        ("35.7", "51.4", "IR", None),
        ("-17.7", "178.1", "FJ", None),
    ],
    ids=lambda row: row[3] or row[2],
)
def test_far_corners_keep_their_coordinates(row):
    found = place(row)
    assert pairs(found) == [(float(row[0]), float(row[1]))]
    assert found.notes == ()


def test_a_point_that_no_repair_brings_home_is_kept_with_a_doubt():
    found = place(("48.85", "2.35", "US", "PA"))
    assert pairs(found) == [(48.85, 2.35)]
    assert told(found) == [(0, "warned", "the point lies outside US")]


def test_beijing_is_not_turned_into_nevada_when_the_state_is_known():
    assert pairs(place(("39.9", "116.4", "US", "PA"))) == [(39.9, 116.4)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, None, "US", None), "no coordinates"),
        (("NA", "N/A", "US", None), "no coordinates"),
        (("0", "0.000", "US", None), "coordinates 0, 0 mean missing"),
        (("39.95", None, "US", None), "only one of latitude and longitude is given: left empty"),
        (("39.95", "west", "US", None), "coordinates '39.95, west' can't be read: left empty"),
        (("139.95", "-275", "US", None), "coordinates 139.95, -275 are out of range: left empty"),
        (("95.5", "95.5", None, None), "coordinates 95.5, 95.5 are out of range: left empty"),
        (("39.95", "39.95", "US", "PA"), "latitude and longitude are equal (39.95, 39.95): left empty"),
    ],
)
def test_what_is_no_place_is_left_empty_and_said(row, reason):
    found = place(row)
    assert pairs(found) == [None]
    assert [entry[2] for entry in told(found)][-1:] == [reason]


def test_a_column_swapped_throughout_is_put_right_where_no_country_is_known():
    """West of 90 W the swap is proved by the range; east of it, by the rest of the column."""
    found = place(("-118.2", "34.1", None, None), ("-97.7", "30.3", None, None), ("-75.16", "39.95", None, None))
    assert pairs(found) == [(34.1, -118.2), (30.3, -97.7), (39.95, -75.16)]
    assert {outcome for _, outcome, _ in told(found)} == {"fixed"}


def test_one_swapped_row_among_sound_ones_is_put_right_alone():
    found = place(("34.1", "-118.2", "US", "CA"), ("-97.7", "30.3", "US", "TX"), ("30.3", "-97.7", "US", "TX"))
    assert pairs(found) == [(34.1, -118.2), (30.3, -97.7), (30.3, -97.7)]
    assert [row for row, _, _ in told(found)] == [1]


def test_web_mercator_metres_become_degrees():
    found = place(("4346975.4443", "-13318894.7592", "US", "CA"), (None, None, "US", "CA"))
    assert pairs(found) == [(36.3362, -119.6457), None]
    assert "Web Mercator" in found.facts[0]


def test_five_accounts_on_one_point_look_like_the_middle_of_a_postal_code():
    stack = [("39.95", "-75.16", "US", "PA")] * 5
    assert told(place(*stack))[0] == (0, "warned", "shares its point with 4 other accounts: a postal code's middle?")
    assert told(place(*stack[:4])) == []
