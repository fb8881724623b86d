"""A server makes ready what its first visitor would wait for."""

import logging

from geo_territory import desk
from geo_territory.desk import registry
from geo_territory.ui import readiness
from geo_territory.workspace import URL_VARIABLE, Workspace
from tests.redraw_saved import keep
from tests.redraw_world import small_design


def test_the_draft_changed_last_is_ready_before_anybody_asks(tmp_path, monkeypatch):
    url, design_id = keep(tmp_path, small_design())
    workspace = Workspace.open(url)
    workspace.drafts.begin(design_id, "Left alone", "ann")
    last = workspace.drafts.begin(design_id, "Worked on", "ann")
    done = workspace.drafts.begin(design_id, "Discarded", "ann")
    workspace.drafts.close(done, "ann")
    workspace.close()
    monkeypatch.setenv(URL_VARIABLE, url)
    try:
        readiness.make_ready()
        assert [draft_id for known, draft_id in registry._desks if known == url] == [last]
    finally:
        desk.close(url)


def test_a_workspace_that_cannot_be_read_stops_no_server(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv(URL_VARIABLE, f"sqlite:///{tmp_path}")
    with caplog.at_level(logging.INFO):
        readiness.make_ready()
    assert "is a folder" in caplog.text
