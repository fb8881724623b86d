"""The sample company: what a person finds who loads it with one click."""

import pytest
import shapely

from geo_territory.workspace import Workspace, load_sample
from geo_territory.workspace.publications import ACTIVE
from tests.people_world import day

TODAY = day("2026-07-01")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    found = Workspace.open(f"sqlite:///{tmp_path_factory.mktemp('sample') / 'w.db'}")
    said = load_sample(found)
    assert said == "The sample company is loaded: 2,500 accounts, 20 people, 15,196 calls, 14 territories."
    yield found
    found.close()


def test_everybody_may_sign_in_and_the_vp_leads(workspace):
    people = workspace.people
    assert people.viewer("sandra.keel@example.com").app_role == "leader"
    assert (people.viewer("walter.nyland@example.com").app_role, people.viewer("walter.nyland@example.com").rep_id) == ("rep", "R01")
    assert len(people.users()) == len(workspace.reps()) == 20


def test_the_territories_of_today_are_in_force_since_the_year_began(workspace):
    record = workspace.cycles.published(TODAY)
    assert (record.state_on(TODAY), record.role, record.valid_from, record.valid_to) == (ACTIVE, "outside", day("2026-01-01"), None)
    assert list(workspace.cycles.list()["name"]) == ["2026 H1", "2026 H2"]


def test_each_rep_sees_the_accounts_of_their_territory_and_together_they_see_all(workspace):
    owners = workspace.cycles.owners(TODAY)
    reps = workspace.reps()
    seen = []
    for rep_id in reps.index[reps["role"] == "outside"]:
        sight = workspace.seen_by(workspace.people.viewer(reps.loc[rep_id, "email"]), TODAY)
        accounts = sight.accounts()
        assert set(accounts["territory_id"]) == {reps.loc[rep_id, "territory_id"]} == set(sight.shapes().index)
        seen += list(accounts.index)
    assert len(seen) == len(set(seen)) == (owners["role"] == "outside").sum() > 2000
    assert not owners.duplicated(["account_id", "role"]).any()
    assert set(owners["role"]) == {"outside", "inside", "vp"}


def test_territories_share_borders_only_and_neighbours_differ_in_colour(workspace):
    areas = workspace.cycles.shapes(workspace.cycles.published(TODAY).publication_id)
    assert len(areas) == 14 and areas.geometry.is_valid.all()
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())
    left, right = areas.sindex.query(areas.geometry, predicate="touches")
    colors = areas["color"].to_numpy()
    assert len(left) and (colors[left] != colors[right]).all()


def test_loading_it_again_adds_nothing(workspace):
    lines = len(workspace.audit())
    assert load_sample(workspace) == "The workspace has an account list: nothing was added."
    assert len(workspace.audit()) == lines
