"""The sample company: the same bytes every time, real places, and the faults it says it has."""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from geo_territory import reference
from geo_territory.policy import CallPolicy
from geo_territory.projection import WGS84
from geo_territory.reference import sample
from geo_territory.reference.sample.accounts import with_phones
from geo_territory.reference.sample.calls import START_TIME, standing
from geo_territory.reference.sample.company import BEYOND_THE_SAMPLE, INSIDE_REP, OUTSIDE_REP, km_from
from geo_territory.tables import CHANNELS, OUTCOMES, STATUSES, Accounts, AlignmentRows, Calls, Counties, Reps, States, ZipPoints

AS_OF = pd.Timestamp("2026-06-30")
DATES = {
    sample.ACCOUNTS_FILE: [Accounts.opened, Accounts.last_purchase],
    sample.CALLS_FILE: [Calls.date],
}
TEXT = {Accounts.postal_code: "str", AlignmentRows.unit_id: "str"}


@cache
def read(name: str) -> pd.DataFrame:
    """Return a bundled sample file as a person would read it: ids and ZIPs as text."""
    table = pd.read_csv(reference.data_path(name), dtype=TEXT, parse_dates=DATES.get(name, []))
    return table.set_index(table.columns[0])


@cache
def outside_work() -> pd.DataFrame:
    """Return the planned accounts with tier, km to their outside rep's base, years known and counted calls by that rep."""
    accounts, reps, calls = read(sample.ACCOUNTS_FILE), read(sample.REPS_FILE), read(sample.CALLS_FILE)
    table = accounts[accounts[Accounts.status] != "closed"].copy()
    table["tier"] = standing(table)
    for rep in reps[reps[Reps.role] == "outside"].itertuples():
        mine = table[Accounts.territory_id] == rep.territory_id
        table.loc[mine, "km"] = km_from(rep.lat, rep.lon, table[mine])
    made = counted(calls[calls[Calls.role] == "outside"])
    table["calls"] = made.groupby(Calls.account_id).size().reindex(table.index, fill_value=0)
    table["first"] = made.groupby(Calls.account_id)[Calls.date].min().reindex(table.index).fillna(AS_OF)
    table["years"] = (AS_OF - table[Accounts.opened]) / np.timedelta64(365, "D")
    return table


def counted(calls: pd.DataFrame) -> pd.DataFrame:
    """Return the calls that reached somebody."""
    return calls[calls[Calls.outcome].isin(["met", "connected"])]


def test_the_sample_comes_out_the_same_to_the_byte():
    """One seed, no clock: what the generator makes is what is bundled."""
    for name, table in sample.generate().items():
        assert sample.to_csv(table) == reference.data_path(name).read_bytes(), name


def test_another_seed_gives_another_company():
    """The seed is what decides."""
    assert sample.to_csv(sample.generate(seed=7)[sample.ACCOUNTS_FILE]) != reference.data_path(sample.ACCOUNTS_FILE).read_bytes()


def test_the_sample_stays_small():
    """All five files together under 2.5 MB."""
    assert sum(reference.data_path(name).stat().st_size for name in sample.generate()) < 2.5e6


def test_the_company_has_the_people_and_accounts_it_claims():
    """2,500 accounts, most of them buying; 14 outside reps each with a territory, 5 inside, 1 vice-president."""
    accounts, reps = read(sample.ACCOUNTS_FILE), read(sample.REPS_FILE)
    assert len(accounts) == 2_500
    assert accounts.index.is_unique
    assert accounts[Accounts.name].is_unique
    shares = accounts[Accounts.status].value_counts(normalize=True)
    assert set(shares.index) == set(STATUSES)
    assert shares["customer"] > 0.55
    assert 0.30 < shares["prospect"] < 0.40
    assert shares["closed"] < 0.04
    assert reps[Reps.role].value_counts().to_dict() == {"outside": 14, "inside": 5, "vp": 1}
    assert reps[reps[Reps.role] == "outside"][Reps.territory_id].is_unique
    assert reps[Reps.email].str.endswith("@example.com").all()
    assert (reps[Reps.lat] * 100 % 1).round(6).isin([0, 1]).all()


def test_every_account_stands_on_us_land_in_the_state_it_names():
    """Points, states, ZIPs and current territories agree with the bundled geography."""
    accounts = read(sample.ACCOUNTS_FILE)
    points = gpd.GeoDataFrame(
        accounts[[Accounts.state, Accounts.territory_id]],
        geometry=gpd.points_from_xy(accounts[Accounts.lon], accounts[Accounts.lat]),
        crs=WGS84,
    )
    counties = reference.counties().rename(columns={Counties.state: "county_state"})
    found = points.sjoin(counties[["county_state", "geometry"]], predicate="within")
    assert list(found.index) == list(accounts.index)
    assert (found["county_state"] == found[Accounts.state]).all()
    assert (found[Counties.county_id].map(read(sample.ALIGNMENT_FILE)[AlignmentRows.territory_id]) == found[Accounts.territory_id]).all()
    zips = reference.zip_points().loc[accounts[Accounts.postal_code]]
    assert (zips[ZipPoints.state].to_numpy() == accounts[Accounts.state].to_numpy()).all()
    assert accounts[Accounts.postal_code].str.fullmatch(r"\d{5}").all()
    assert accounts[Accounts.postal_code].str.startswith("0").any()
    assert not accounts[Accounts.state].isin(BEYOND_THE_SAMPLE).any()


def test_every_account_has_a_phone_number_that_reaches_nobody():
    """555-0100 to 555-0199 are kept free for fiction; another seed gives others, and nothing else depends on them."""
    phone = read(sample.ACCOUNTS_FILE)[Accounts.phone]
    assert phone.str.fullmatch(r"\(\d{3}\) 555-01\d\d").all()
    assert phone.nunique() > 1_000
    accounts = read(sample.ACCOUNTS_FILE)
    drawn = [with_phones(np.random.default_rng([seed, sample.PHONES]), accounts) for seed in (sample.SEED, 7)]
    assert drawn[0][Accounts.phone].equals(phone)
    assert not drawn[1][Accounts.phone].equals(phone)
    pd.testing.assert_frame_equal(drawn[0].drop(columns=Accounts.phone), drawn[1].drop(columns=Accounts.phone))


def test_all_people_report_to_the_vice_president():
    """One leader, who reports to nobody."""
    reps = read(sample.REPS_FILE)
    assert (reps[Reps.manager_id].dropna() == "V01").all()
    assert reps.index[reps[Reps.manager_id].isna()].tolist() == ["V01"]


def test_the_current_alignment_covers_the_lower_48_states_once():
    """Every county belongs to one of the fourteen territories."""
    alignment = read(sample.ALIGNMENT_FILE)
    states = reference.states()
    lower = set(states[~states[States.state].isin(BEYOND_THE_SAMPLE)][States.state])
    assert set(alignment[Counties.state]) == lower
    assert alignment.index.is_unique
    assert set(alignment.index) <= set(reference.counties().index)
    assert alignment[AlignmentRows.territory_id].nunique() == 14


def test_each_territory_is_covered_by_one_outside_and_one_inside_rep():
    """territories.csv names people who exist."""
    territories, reps = read(sample.TERRITORIES_FILE), read(sample.REPS_FILE)
    assert set(territories[OUTSIDE_REP]) == set(reps.index[reps[Reps.role] == "outside"])
    assert set(territories[INSIDE_REP]) == set(reps.index[reps[Reps.role] == "inside"])
    assert (reps.loc[territories[OUTSIDE_REP], Reps.territory_id].to_numpy() == territories.index).all()


def test_money_is_where_it_should_be():
    """Prospects and closed accounts buy nothing, potential is never below sales, a tenth of the accounts hold most sales."""
    accounts = read(sample.ACCOUNTS_FILE)
    buying = accounts[Accounts.status] == "customer"
    assert (accounts.loc[~buying, [Accounts.sales_12m, Accounts.profit_12m]] == 0).all(axis=None)
    assert (accounts[Accounts.potential] >= accounts[Accounts.sales_12m]).all()
    sales, potential = accounts.loc[buying, Accounts.sales_12m], accounts.loc[buying, Accounts.potential]
    assert sales.nlargest(len(sales) // 10).sum() > 0.75 * sales.sum()
    assert 0.6 < np.corrcoef(np.log(sales), np.log(potential))[0, 1] < 0.95
    assert 0 < (accounts[Accounts.profit_12m] < 0).sum() < 50


def test_the_territories_are_far_out_of_balance():
    """Planned hours of the outside reps before travel, against a share by full-time equivalent: from about 55 to about 175."""
    accounts, reps = outside_work(), read(sample.REPS_FILE)
    policy = CallPolicy()
    hours = {p.tier: policy.calls_per_year(p) * (p.duration_min + p.prep_min) / 60 for p in policy.patterns if p.role == "outside"}
    work = accounts["tier"].map(hours).fillna(0).groupby(accounts[Accounts.territory_id]).sum()
    fte = reps.dropna(subset=[Reps.territory_id]).set_index(Reps.territory_id)[Reps.fte]
    index = 100 * (work / fte) / (work.sum() / fte.sum())
    assert 50 < index.min() < 65
    assert 160 < index.max() < 190
    assert index.between(85, 115).mean() < 0.5


@pytest.mark.parametrize("tier", ["A", "B", "C"])
def test_reps_call_what_is_near_familiar_and_small(tier):
    """Within a tier: the further away the fewer calls and the later the first; the longer known the more; the larger the fewer."""
    own = outside_work()
    own = own[own["tier"] == tier]
    assert spearmanr(own["calls"], own["km"]).statistic < -0.3
    assert spearmanr(own["first"].astype("int64"), own["km"]).statistic > 0.2
    assert spearmanr(own["calls"], own["years"]).statistic > 0.2
    assert spearmanr(own["calls"], own[Accounts.potential]).statistic < 0


def test_most_a_accounts_are_behind_their_weekly_visit_while_c_accounts_are_visited():
    """More than half of A is overdue at the end of June (7 days and 2 of grace); most outside calls went to C, which plans none."""
    accounts, calls = outside_work(), read(sample.CALLS_FILE)
    outside = counted(calls[calls[Calls.role] == "outside"])
    last = outside.groupby(Calls.account_id)[Calls.date].max().reindex(accounts.index)
    overdue = ~((AS_OF - last).dt.days <= 9)
    assert overdue[accounts["tier"] == "A"].mean() > 0.5
    assert (outside[Calls.account_id].map(accounts["tier"]) == "C").mean() > 0.5


def test_the_first_calls_are_bags_of_coins():
    """The value of a rep's first 20 accounts is well below half of the 20 best (F35, potential), on average over the reps."""
    accounts, calls = outside_work(), read(sample.CALLS_FILE)
    captured = []
    for _, log in counted(calls[calls[Calls.role] == "outside"]).groupby(Calls.rep_id):
        called = log[Calls.account_id].drop_duplicates()
        own = accounts[accounts[Accounts.territory_id] == accounts.loc[called.iloc[0], Accounts.territory_id]]
        captured.append(accounts.loc[called.head(20), Accounts.potential].sum() / own[Accounts.potential].nlargest(20).sum())
    assert np.mean(captured) < 0.4


def test_the_vice_president_calls_some_c_accounts():
    """The pattern says never; the log says otherwise, now and then."""
    calls = read(sample.CALLS_FILE)
    tier = calls.loc[calls[Calls.role] == "vp", Calls.account_id].map(outside_work()["tier"])
    assert 0.1 < (tier == "C").mean() < 0.5


def test_the_call_log_is_one_a_crm_could_have_kept():
    """Working days of the half year, working hours, known people and accounts, channels and outcomes; attempts among them."""
    calls, accounts, reps = read(sample.CALLS_FILE), read(sample.ACCOUNTS_FILE), read(sample.REPS_FILE)
    assert 12_000 < len(calls) < 20_000
    assert calls.index.is_unique
    assert calls[Calls.date].between("2026-01-02", "2026-06-30").all()
    assert (calls[Calls.date].dt.day_of_week < 5).all()
    assert calls[START_TIME].between("08:00", "18:00").all()
    assert set(calls[Calls.channel]) <= set(CHANNELS)
    assert {"met", "connected", "voicemail", "no_answer", "cancelled"} == set(calls[Calls.outcome]) & set(OUTCOMES)
    assert set(calls[Calls.rep_id]) == set(reps.index)
    assert (accounts.loc[calls[Calls.account_id], Accounts.status] != "closed").all()
    assert (calls[Calls.role].to_numpy() == reps.loc[calls[Calls.rep_id], Reps.role].to_numpy()).all()
    opened = accounts.loc[calls[Calls.account_id], Accounts.opened]
    assert (opened.to_numpy() < calls[Calls.date].to_numpy()).all()
    assert not calls.duplicated([Calls.account_id, Calls.rep_id, Calls.date]).any()


def test_one_territory_is_in_two_pieces_by_history():
    """Western New York is called from Columbus, and Pennsylvania lies between: something to repair."""
    alignment = read(sample.ALIGNMENT_FILE)
    shapes = reference.counties().geometry[alignment.index]
    ohio = alignment[AlignmentRows.territory_id] == "T01"
    exclave = ohio & (alignment[Counties.state] == "NY")
    assert exclave.sum() == 3
    assert not shapes[exclave].union_all().intersects(shapes[ohio & ~exclave].union_all())
