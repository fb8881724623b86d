"""A hand-over pack in a real browser: it opens from disk without a word of complaint, fits a phone, and prints on A4."""

import re

import pytest

from geo_territory.publish.hand_over_pack import hand_over_pack
from tests.test_hand_over_pack import asked as asked

A4_POINTS = (595, 842)


@pytest.fixture(scope="module")
def pack(asked, tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "R1 Ada Voss.html"
    path.write_bytes(hand_over_pack(asked, "R1"))
    return path


def test_a_pack_opens_from_disk_in_its_own_style_and_says_nothing_to_the_console(pack, new_page):
    page = new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(pack.as_uri())
    assert page.locator("h1").inner_text() == "Your territory from 1 July 2026"
    assert page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"  # the policy lets the style in
    assert page.locator("figure > svg").bounding_box()["height"] > 100
    assert said == []


def test_a_pack_fits_a_phone(pack, new_page):
    page = new_page()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(pack.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_pack_prints_on_a4(pack, new_page):
    page = new_page()
    page.goto(pack.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    sizes = {(round(float(w)), round(float(h))) for w, h in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert sizes and all(abs(w - A4_POINTS[0]) <= 1 and abs(h - A4_POINTS[1]) <= 1 for w, h in sizes)
