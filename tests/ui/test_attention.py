"""Attention: patterns are edited in a grid and answered in hours, people and what still fits."""

import pandas as pd

from geo_territory.tables import Reps
from tests.ui.conftest import shown_text, table


def grid_key(app, kind):
    return next(editor.key for editor in app.data_editor if editor.key.startswith(kind))


def edit(app, kind, changes):
    app.session_state[grid_key(app, kind)] = {"edited_rows": changes, "added_rows": [], "deleted_rows": []}
    return app.run()


def reps(outside):
    index = pd.Index([f"R{i}" for i in range(outside)], name="rep_id")
    return Reps.check(
        pd.DataFrame({"role": "outside", "fte": 1.0, "leave_days": 0.0}, index=index).assign(name="x").reindex(columns=Reps.columns())
    )


def test_without_a_list_the_page_leads_to_it(visit):
    app = visit("attention")
    assert not app.exception
    assert app.info and app.page_link[0].label == "Bring an account list"


def test_calls_hours_and_people_follow_from_the_patterns(visit, accounts):
    app = visit("attention")
    assert not app.exception
    before = {metric.label: metric.value for metric in app.metric}
    edit(app, "patterns", {0: {"Rhythm": "never"}})
    after = {metric.label: metric.value for metric in app.metric}
    assert not app.exception
    assert float(after["Calls a year"].replace(",", "")) < float(before["Calls a year"].replace(",", ""))
    assert "Not saved yet" in shown_text(app)


def test_people_that_are_too_few_are_flagged_with_what_would_fit(visit, workspace, accounts):
    workspace.save_reps(reps(outside=1).assign(fte=0.05), "ann")
    app = visit("attention")
    assert not app.exception
    assert any("too few" in error.value for error in app.error)
    assert table(app, "Role", "A")["A"].min() < 1


def test_the_patterns_are_saved_with_the_policy(visit, workspace, accounts):
    app = visit("attention")
    edit(app, "patterns", {0: {"Rhythm": "monthly", "Minutes": 45}})
    app.button(key="save_patterns").click().run()
    assert not app.exception
    assert workspace.policy().calls.patterns[0].cadence == "monthly" and workspace.policy().calls.patterns[0].duration_min == 45
    assert workspace.state().attention_decided


def test_the_defaults_can_be_kept(visit, workspace, accounts):
    app = visit("attention")
    assert app.button(key="save_patterns").label == "Keep these call patterns"
    app.button(key="save_patterns").click().run()
    assert workspace.state().attention_decided


def test_two_lines_that_say_two_things_are_refused_in_words(visit, accounts):
    app = visit("attention")
    app.session_state[grid_key(app, "patterns")] = {
        "edited_rows": {},
        "added_rows": [{"Tier": "A", "Role": "outside", "Channel": "visit", "Rhythm": "monthly", "Minutes": 30}],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    assert "Two call patterns for A/outside/visit" in app.error[0].value


def test_a_line_that_is_not_complete_is_refused_in_words(visit, accounts):
    app = visit("attention")
    app.session_state[grid_key(app, "patterns")] = {"edited_rows": {}, "added_rows": [{"Tier": "A"}], "deleted_rows": []}
    app.run()
    assert not app.exception
    assert "not complete" in app.error[0].value


def test_hours_a_person_has_can_be_changed(visit, workspace, accounts):
    workspace.save_reps(reps(outside=1), "ann")
    app = visit("attention")
    before = app.metric[2].value
    edit(app, "roles", {0: {"Hours a day": 1.0}})
    assert not app.exception
    assert float(app.metric[2].value) >= float(before)


def test_a_list_of_people_is_brought_and_used(visit, workspace, accounts):
    app = visit("attention")
    app.file_uploader(key="reps_file").upload("people.csv", b"rep_id,name,role,fte\nR1,Ann,outside,1\nR2,Bo,inside,0.5\n").run()
    app.button(key="use_reps").click().run()
    assert not app.exception
    assert "2 people" in app.success[0].value
    assert workspace.reps()["fte"].tolist() == [1.0, 0.5]
    assert any("there is 1" in said.value for said in (*app.error, *app.success))
