"""Start says how far the five steps are and what comes next."""

from geo_territory.policy import Policy
from tests.ui.conftest import shown_text


def test_an_empty_workspace_offers_the_sample_and_an_own_list(visit):
    app = visit("start")
    assert not app.exception
    assert app.button(key="sample").label == "Load the sample"
    assert [link.label for link in app.page_link][0] == "Bring your own list"
    assert "No account list yet" in shown_text(app) and "Nothing is asked of or sent to anybody else" in shown_text(app)


def test_the_sample_is_one_click_away(visit, workspace):
    app = visit("start")
    app.button(key="sample").click().run()
    assert not app.exception
    assert "2,500 accounts" in app.success[0].value
    assert workspace.state().accounts == 2500 and len(workspace.reps()) == 20 and workspace.state().calls > 1000
    assert not [b for b in app.button if b.key == "sample"], "the offer is gone once there are accounts"


def test_each_step_shows_whether_it_is_done(visit, workspace, accounts):
    assert "12 accounts" in shown_text(visit("start")) and "The default call patterns apply" in shown_text(visit("start"))
    workspace.save_policy(Policy(), decides="attention", who="ann")
    text = shown_text(visit("start"))
    assert "Call patterns saved" in text and "No design yet" in text
    assert (
        text.count(": Done]") == 2
        and text.count(": Next]") == 1
        and text.count(": Not done]") == 1
        and text.count(": Not in this version]") == 1
    )


def test_a_file_that_is_no_workspace_is_named_in_words(tmp_path, monkeypatch, visit):
    (tmp_path / "photo.jpg").write_bytes(b"not a database " * 100)
    monkeypatch.setenv("GEO_TERRITORY_WORKSPACE", f"sqlite:///{tmp_path}/photo.jpg")
    app = visit("start")
    assert not app.exception
    assert "photo.jpg is not a workspace" in app.error[0].value


def test_the_next_step_is_one_press_away(visit, accounts):
    app = visit("start")
    assert app.button(key="next").label == "Next: Decide attention"
    app.button(key="next").click().run()
    assert not app.exception
    assert app.title[0].value == "Attention"


def test_a_step_without_a_screen_is_never_offered_as_the_next(visit, workspace, accounts):
    workspace.save_policy(Policy(), decides="attention", who="ann")
    app = visit("start")
    assert app.button(key="next").label == "Next: Balance"
    assert "Not in this version" in shown_text(app)
