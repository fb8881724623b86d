"""A saved design opens again as it was made; the sample company is one call away."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal, assert_series_equal

from geo_territory.attention import pay_attention
from geo_territory.design import design
from geo_territory.errors import WorkspaceError
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.policy import DesignPolicy, Policy
from geo_territory.tables import Tiers
from geo_territory.workspace import Workspace, keep_design, load_sample, restore_design
from geo_territory.workspace.designs import pack

TOWNS = {"02108": "Boston", "01608": "Worcester", "01103": "Springfield", "02903": "Providence", "06103": "Hartford", "03101": "Manchester"}
CSV = "id,name,city,zip,country,sales,territory\n" + "".join(
    f"a{i},Site {i},{town},{code},US,{100 * (i + 1)},{'East' if i % 3 else 'West'}\n" for i, (code, town) in enumerate(TOWNS.items())
)


@pytest.fixture
def workspace(url):
    opened = Workspace.open(url)
    found = accounts_from_table(read_bytes("towns.csv", CSV.encode()))
    facts = {"accounts": found.accounts, "report": found.report, "original": found.original, "headings": found.headings}
    opened.import_accounts(**facts, file_name="towns.csv", file=CSV.encode(), who="ann")
    yield opened
    opened.close()


def made(workspace, start=None):
    policy = dataclasses.replace(Policy(), design=DesignPolicy(territories=2, units="counties", balance="accounts", tolerance=0.4))
    attention = pay_attention(workspace.accounts(), policy, overrides=workspace.overrides())
    return design(attention, start=start)


@pytest.fixture
def territories(workspace):
    workspace.set_override("a0", "C", "lost the tender", "ann")
    return made(workspace)


def test_a_saved_design_opens_as_it_was_made(workspace, territories):
    opened = restore_design(workspace, keep_design(workspace, territories, name="Two", import_id=1, who="ann"))
    assert_frame_equal(pd.DataFrame(opened.territories), pd.DataFrame(territories.territories))
    assert_frame_equal(pd.DataFrame(opened.unit_map.units), pd.DataFrame(territories.unit_map.units))
    assert_frame_equal(opened.unit_map.borders, territories.unit_map.borders)
    assert (opened.unit_map.planar == territories.unit_map.planar).all() and opened.unit_map.plane == territories.unit_map.plane
    assert_frame_equal(opened.scorecard, territories.scorecard)
    assert_frame_equal(opened.totals, territories.totals)
    assert_frame_equal(opened.attention.workload, territories.attention.workload)
    assert_series_equal(opened.territory_id, territories.territory_id)
    assert opened.policy == territories.policy and opened.alignment.role == territories.alignment.role
    assert np.array_equal(opened.result.territory, territories.result.territory)
    assert (opened.result.imbalance, opened.result.gap, opened.result.reasons) == (
        territories.result.imbalance,
        territories.result.gap,
        territories.result.reasons,
    )


def test_the_tiers_of_a_saved_design_are_those_of_its_day(workspace, territories):
    design_id = keep_design(workspace, territories, name="Two", import_id=1, who="ann")
    workspace.clear_overrides(["a0"], "ann")
    opened = restore_design(workspace, design_id)
    assert opened.attention.tiers.loc["a0", Tiers.tier] == "C"
    assert_frame_equal(opened.attention.tiers, territories.attention.tiers)


def test_a_design_that_began_from_the_current_territories_remembers_them(workspace):
    current = workspace.accounts()["territory_id"]
    begun = made(workspace, start=current)
    opened = restore_design(workspace, keep_design(workspace, begun, name="From today", import_id=1, who="ann"))
    assert_series_equal(opened.start.sort_index(), current.sort_index())


def test_the_same_design_gives_the_same_bytes(workspace, territories):
    again = dataclasses.replace(made(workspace), seconds=territories.seconds)
    again = dataclasses.replace(again, result=dataclasses.replace(again.result, seconds=territories.result.seconds))
    assert pack(again) == pack(territories)


def test_an_unknown_design_is_refused_in_words(workspace):
    with pytest.raises(WorkspaceError, match="no design 7"):
        restore_design(workspace, 7)


def test_the_sample_company_loads_once(tmp_path):
    workspace = Workspace.open(f"sqlite:///{tmp_path}/sample.db")
    assert "2,500 accounts, 20 people" in load_sample(workspace)
    assert load_sample(workspace) == "The workspace has an account list: nothing was added."
    assert len(workspace.imports()) == 1
    assert workspace.audit()["what"].tolist().count("accounts imported") == 1
    assert workspace.calls_made.calls()["account_id"].isin(workspace.accounts().index).mean() > 0.9
    workspace.close()


def test_the_sample_never_takes_the_place_of_an_own_list(workspace):
    assert load_sample(workspace) == "The workspace has an account list: nothing was added."
    assert workspace.state().accounts == len(TOWNS) and workspace.reps().empty
