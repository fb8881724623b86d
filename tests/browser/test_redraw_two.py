"""Two pages on one draft, and a server that dies in mid-stroke: no move is lost, none silently overwritten."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.redraw_desk import opened, watched


@pytest.fixture(scope="module")
def pair(chromium, desk):
    """Two pages of one browser, each with its own session, on one draft."""
    draft = desk.draft("Two at once")
    with watched(chromium) as one, watched(chromium) as two:
        yield opened(one, desk, draft), opened(two, desk, draft)


def show_equal(*pages):
    """Wait until all pages show what is stored."""
    rev = max(page.ask("draft => draft.rev") for page in pages)
    for page in pages:
        page.until("(box, rev) => box.gtEditor.draft.rev >= rev", given=rev)
        page.settled()
    assert len({tuple(page.owner()) for page in pages}) == 1


def unseen(page):
    """Keep a page from hearing of other people's edits until it sends one itself."""
    page.page.route("**/since?*", lambda route: route.abort())


def heard(page):
    page.page.unroute("**/since?*")


def test_what_one_draws_the_other_sees(pair, desk):
    one, two = pair
    of, to, units = desk.a_border(one.owner())
    one.target(to)
    one.click(units[0])
    one.settled()
    two.until("(box, u) => box.gtEditor.draft.ownerOf(u) === " + repr(to), given=units[0])
    show_equal(one, two)


def test_a_move_of_a_unit_the_other_has_just_moved_is_refused_with_the_reason_and_snaps_back(pair, desk):
    one, two = pair
    owner = one.owner()
    of, to, units = desk.a_border(owner)
    third = next(name for name in sorted(set(owner)) if name not in (of, to))
    unseen(two)
    one.target(to)
    one.click(units[0])
    one.settled()
    two.target(third)
    assert two.owner()[units[0]] == of
    two.click(units[0])
    alert = two.part("alert").first
    expect(alert).to_be_visible(timeout=10_000)
    expect(alert).to_contain_text(re.compile(r"moved|changed", re.I))
    heard(two)
    two.settled()
    assert two.owner()[units[0]] == to
    show_equal(one, two)
    assert [edit.kind for edit in desk.edits(one.draft_id)].count("move") == len(desk.edits(one.draft_id))


def test_moves_of_different_units_are_both_kept(pair, desk):
    one, two = pair
    of, to, units = desk.a_border(one.owner(), least=4)
    stored = len(desk.edits(one.draft_id))
    unseen(two)
    one.target(to)
    one.click(units[0])
    one.settled()
    two.target(to)
    two.click(units[1])
    two.settled()
    heard(two)
    show_equal(one, two)
    assert one.owner()[units[0]] == to and one.owner()[units[1]] == to
    assert len(desk.edits(one.draft_id)) == stored + 2


def test_a_move_into_a_territory_the_other_has_just_locked_snaps_back_with_the_reason(pair, desk):
    one, two = pair
    before = one.owner()
    of, to, units = desk.a_border(before)
    unseen(two)
    one.ask("(draft, to) => draft.act('lock', {on: true, territories: [to]})", to)
    one.settled()
    two.target(to)
    two.click(units[0])
    alert = two.part("alert").first
    expect(alert).to_contain_text(re.compile("lock", re.I), timeout=10_000)
    heard(two)
    two.settled()
    assert two.owner() == before
    one.ask("(draft, to) => draft.act('lock', {on: false, territories: [to]})", to)
    one.settled()
    show_equal(one, two)


def test_a_server_that_dies_in_mid_stroke_loses_no_move(pair, desk):
    """One move is acknowledged; the server is killed while a stroke is drawn; the stroke is delivered to the next server."""
    one, two = pair
    of, to, units = desk.a_border(one.owner(), least=3)
    one.target(to)
    one.click(units[0])
    one.settled()
    acknowledged = [(edit.rev, edit.change.to_json()) for edit in desk.edits(one.draft_id)]
    view = one.view()
    one.tool("brush")
    one.page.mouse.move(*one.spot(units[1]))
    one.page.mouse.down()
    desk.server.kill()
    one.page.mouse.move(*one.spot(units[2]), steps=6)
    one.page.mouse.up()
    shown = one.owner()
    assert shown[units[1]] == to and shown[units[2]] == to and one.ask("draft => draft.pending") == 1
    one.until("box => box.gtEditor.draft.status === 'offline'")
    expect(one.part("status").first).to_contain_text(re.compile("offline|not reach|no connection|again", re.I))
    one.tool("click")
    _, _, more = desk.a_border(shown, least=3)
    assert desk.edits(one.draft_id)[-1].rev == acknowledged[-1][0]
    desk.server.start()
    one.until("box => box.gtEditor.draft.pending === 0 && box.gtEditor.draft.status === 'saved'", 30_000)
    stored = desk.edits(one.draft_id)
    assert [(edit.rev, edit.change.to_json()) for edit in stored[: len(acknowledged)]] == acknowledged
    assert len(stored) == len(acknowledged) + 1
    assert one.owner() == shown and one.view() == view
    show_equal(one, two)


def test_a_page_that_is_reloaded_while_the_server_is_away_keeps_its_stroke(chromium, desk):
    """What was not acknowledged lies in the page's own storage: it goes out when the page comes back."""
    with watched(chromium) as page:
        draft = desk.draft("Reloaded")
        leader = opened(page, desk, draft)
        before = leader.owner()
        _, to, units = desk.a_border(before)
        leader.target(to)
        page.route("**/edits", lambda route: route.abort())
        leader.click(units[0])
        assert leader.owner()[units[0]] == to and desk.edits(draft) == []
        page.unroute("**/edits")
        leader.reload()
        leader.settled()
        assert leader.owner()[units[0]] == to and len(desk.edits(draft)) == 1
