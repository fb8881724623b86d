"""A rep's day sheet: the own accounts in the order to call them, with what is done, left, gained and lost."""

import json
import zlib
from datetime import date

import numpy as np
import pandas as pd
import pytest

from geo_territory.day import Published, sheet_of
from geo_territory.errors import RightsError
from geo_territory.policy import CallPattern, CallPolicy, Policy
from geo_territory.tables import Accounts, Assignments, Calls, ChangesOfHands, DaysOff, Ownership, Reps, Requests, Tiers
from tests.coverage_drawn import held, log

AS_OF, START, END = date(2024, 3, 12), date(2024, 1, 1), date(2024, 3, 31)
PUBLISHED = Published("Spring", date(2024, 3, 1), "2024 Q1")
PLACES = {"a1": (42.36, -71.06), "a2": (42.52, -71.06), "a3": (np.nan, np.nan), "b1": (41.0, -72.0), "b2": (41.1, -72.0)}
PATTERNS = CallPolicy((*CallPolicy().patterns, CallPattern("A", "outside", "phone", "quarterly", 10)))
POLICY = Policy(calls=PATTERNS)


def accounts():
    """Three accounts of R1, one without a place; two of R2 whose names say whose they are."""
    table = pd.DataFrame(PLACES.values(), index=pd.Index(PLACES, name=Accounts.account_id), columns=[Accounts.lat, Accounts.lon])
    names = ["Ann's", "Bob's", None, "Secret-one", "Secret-two"]
    table = table.assign(
        **{Accounts.name: names, Accounts.status: "customer", Accounts.geocode_precision: "given", Accounts.city: "Boston"}
    )
    table[Accounts.phone] = ["(617) 555-0101", None, None, "(212) 555-0199", "(212) 555-0198"]
    return Accounts.check(table.reindex(columns=Accounts.columns()))


def reps():
    rows = [
        ("R1", "Jo Fenn", "outside", 42.36, -71.06),
        ("R2", "Max Ruck", "outside", np.nan, np.nan),
        ("I1", "Ivo", "inside", 42.0, -71.0),
    ]
    table = pd.DataFrame(rows, columns=[Reps.rep_id, Reps.name, Reps.role, Reps.lat, Reps.lon]).set_index(Reps.rep_id)
    return Reps.check(table.assign(**{Reps.fte: 1.0, Reps.leave_days: 20}).reindex(columns=Reps.columns()))


def assignments():
    """a1 A and a2, a3 B with R1; b1 A and b2 C with R2; all B and C by phone with I1."""
    rows = [("a1", "outside", "R1", "A"), ("a2", "outside", "R1", "B"), ("a3", "outside", "R1", "B"), ("b1", "outside", "R2", "A")]
    rows += [("b2", "outside", "R2", "C"), ("a2", "inside", "I1", "B"), ("b2", "inside", "I1", "C")]
    table = pd.DataFrame(rows, columns=[Assignments.account_id, Assignments.role, Assignments.rep_id, Assignments.tier])
    return Assignments.check(table.assign(**{Assignments.cause: "unit"}).reindex(columns=Assignments.columns()))


def tiers():
    table = pd.DataFrame({Tiers.tier: list("ABBAC"), Tiers.value_used: [100.0, 50.0, np.nan, 9.0, 1.0]}, index=accounts().index)
    rest = {Tiers.computed_tier: table[Tiers.tier], Tiers.reason: "drawn", Tiers.overridden: False}
    return Tiers.check(table.assign(**rest).reindex(columns=Tiers.columns()))


CALLS = (
    "a1 R1 outside visit 2024-03-01",
    "a1 R1 outside phone 2024-03-10 voicemail",
    "a2 I1 inside phone 2024-03-05",
    "a2 R1 outside visit 2024-02-20",
    "b1 R2 outside visit 2024-03-11",
    "a1 R2 outside visit 2024-01-10",
    "b1 R1 outside visit 2024-02-26",
    "a1 R1 outside visit 2024-03-20 planned",
)


def tables(calls=CALLS):
    made = log(*calls)
    made[Calls.note] = [f"note {i}" for i in range(len(made))]
    return {"assignments": assignments(), "accounts": accounts(), "tiers": tiers(), "calls": made, "policy": POLICY, "reps": reps()}


def sheet(rep_id="R1", as_of=AS_OF, **more):
    return sheet_of(rep_id, as_of, **({"start": START, "end": END, "published": PUBLISHED} | tables() | more))


def site(found, account):
    return next(row for row in found["accounts"] if row["id"] == account)


def test_the_list_is_in_the_order_to_call_with_one_line_of_reason_each():
    found = sheet()
    assert [(row["rank"], row["id"], row["reason"]) for row in found["accounts"]] == [
        (1, "a1", "A, 4 days late, under 1 km"),
        (2, "a3", "B, never called"),
        (3, "a2", "B, due in 9 days, 18 km"),
    ]
    assert found["rep"] == {"id": "R1", "name": "Jo Fenn", "role": "outside"}
    assert found["published"] == {"name": "Spring", "since": "2024-03-01", "cycle": "2024 Q1"}
    assert (found["version"], found["as_of"], found["day_off"]) == (1, "2024-03-12", None)


def test_an_account_says_all_that_is_known_of_it_and_nothing_that_is_not():
    found = sheet()
    assert site(found, "a1") == {
        "rank": 1, "id": "a1", "name": "Ann's", "tier": "A", "status": "customer", "city": "Boston", "phone": "(617) 555-0101",
        "lat": 42.36, "lon": -71.06, "value": 100, "km": 0.0, "standing": "overdue", "reason": "A, 4 days late, under 1 km",
        "due": "2024-03-08", "days_late": 4, "channel": "visit",
        "last": {"date": "2024-03-10", "channel": "phone", "outcome": "voicemail", "by": "Jo Fenn"},
        "lines": [{"channel": "visit", "cadence": "weekly", "planned": 13, "made": 1, "left": 12},
                  {"channel": "phone", "cadence": "quarterly", "planned": 1, "made": 0, "left": 1}],
    }  # fmt: skip
    assert set(site(found, "a3")) == {"rank", "id", "name", "tier", "status", "city", "standing", "reason", "channel", "lines"}
    assert site(found, "a3")["name"] == "a3"
    assert site(found, "a2")["last"] == {"date": "2024-03-05", "channel": "phone", "outcome": "connected", "by": "Ivo"}


def test_attainment_is_capped_by_tier_and_counts_own_calls_only():
    """13 weekly visits and 1 phone call to a1, 3 to a2 and a3 each; R1 made 1 and 1, and one at R2's account."""
    found = sheet()["attainment"]
    assert found["tiers"] == [
        {"tier": "A", "planned": 14, "made": 1, "capped": 1, "share": 0.0714},
        {"tier": "B", "planned": 6, "made": 1, "capped": 1, "share": 0.1667},
    ]
    assert found["total"] == {"planned": 20, "made": 2, "capped": 2, "share": 0.1, "left": 18, "any_contact": 2}
    assert (found["start"], found["end"], found["why"]) == ("2024-01-01", "2024-03-31", None)


def test_what_was_not_mine_yet_is_not_asked_of_me():
    """a1 from 16 February, a2 only before: 6 weekly visits are left of 13."""
    owned = held("a1 A outside R2 2023-01-01 2024-02-15", "a1 A outside R1 2024-02-16", "a3 B outside R1 2024-03-31")
    found = sheet(ownership=owned)
    assert found["attainment"]["total"]["planned"] == 6 + 0 + 0
    assert [line["planned"] for line in site(found, "a1")["lines"]] == [6, 0]
    assert site(found, "a2")["lines"] == []
    nothing = sheet(ownership=owned[owned[Ownership.rep_id] == "R2"])
    assert nothing["attainment"]["total"]["share"] is None
    assert nothing["attainment"]["why"] == nothing["pace"]["why"] == "nothing is planned in this period"
    assert nothing["pace"]["on_pace"] is None


def test_pace_leaves_out_days_off_and_today_says_why_there_are_no_calls():
    off = DaysOff.check(
        pd.DataFrame([("R1", day, "vacation") for day in pd.date_range("2024-01-01", "2024-03-12")], columns=DaysOff.columns())
    )
    found = sheet(days_off=off)
    assert found["day_off"] == "vacation"
    assert found["pace"] == {"expected": 0.0, "made": 2, "on_pace": None, "why": "no workday of this period has gone by"}
    assert sheet("R2", days_off=off)["day_off"] is None
    assert sheet()["pace"] == {"expected": round(20 * 51 / 65, 1), "made": 2, "on_pace": False, "why": None}


def handings():
    rows = [
        ("a1", "outside", "Ann's", "A", 100.0, "R2", "R1", "Balance"), ("a2", "outside", "Bob's", "B", 50.0, "R1", "R1", None),
        ("a3", "outside", None, "B", None, None, "R1", None), ("b1", "outside", "Secret-one", "A", 9.0, "R1", "R2", "Balance"),
        ("b2", "outside", "Secret-two", "C", 1.0, "R2", "R2", None), ("b2", "inside", "Secret-two", "C", 1.0, "R1", "I1", None),
    ]  # fmt: skip
    columns = [
        ChangesOfHands.account_id, ChangesOfHands.role, ChangesOfHands.name, ChangesOfHands.tier, ChangesOfHands.value,
        ChangesOfHands.rep_before, ChangesOfHands.rep_after, ChangesOfHands.reason,
    ]  # fmt: skip
    return ChangesOfHands.check(pd.DataFrame(rows, columns=columns).reindex(columns=ChangesOfHands.columns()))


def test_what_changed_hands_is_gained_lost_or_kept_with_reason_and_day():
    assert sheet(changes=handings())["changes"] == {
        "date": "2024-03-01",
        "kept": 1,
        "gained": [
            {"id": "a1", "name": "Ann's", "reason": "Balance", "other": "Max Ruck", "tier": "A"},
            {"id": "a3", "name": "a3", "reason": None, "other": None, "tier": "B"},
        ],
        "lost": [{"id": "b1", "name": "Secret-one", "reason": "Balance", "other": "Max Ruck"}],
    }
    assert sheet()["changes"] == {"date": "2024-03-01", "kept": 0, "gained": [], "lost": []}


def test_requests_are_the_own_ones_newest_first():
    rows = [
        ("q1", "a1", "R1", "tier", "B", "Too small", "2024-03-01", "declined", "x", "2024-03-02", "Stays A"),
        ("q2", "a2", "R1", "owner", None, "Moved away", "2024-03-05", "open", None, None, None),
        ("q3", "b1", "R2", "tier", "C", "Secret wish", "2024-03-06", "open", None, None, None),
    ]
    asked = pd.DataFrame(rows, columns=[Requests.request_id, *Requests.columns()]).set_index(Requests.request_id)
    found = sheet(requests=Requests.check(asked))["requests"]
    assert [(wish["id"], wish["name"], wish["wish"], wish["state"], wish["answer"]) for wish in found] == [
        ("q2", "Bob's", None, "open", None),
        ("q1", "Ann's", "B", "declined", "Stays A"),
    ]
    assert (found[1]["asked"], found[1]["kind"], found[1]["reason"], found[1]["account"]) == ("2024-03-01", "tier", "Too small", "a1")


def test_the_log_is_of_own_calls_of_fourteen_days():
    """26 February lies 15 days back; a call planned for later is no entry of the log yet."""
    found = sheet()["log"]
    assert [(entry["date"], entry["account"], entry["outcome"], entry["note"]) for entry in found] == [
        ("2024-03-10", "a1", "voicemail", "note 1"),
        ("2024-03-01", "a1", "met", "note 0"),
    ]
    assert found[0] == {"id": "c00001", "account": "a1", "name": "Ann's", "date": "2024-03-10", "channel": "phone", "outcome": "voicemail",
                        "minutes": 30, "note": "note 1"}  # fmt: skip
    earlier = sheet(as_of=date(2024, 2, 27))["log"]
    assert [(entry["account"], entry["name"]) for entry in earlier] == [("b1", None), ("a2", "Bob's")]


def test_nothing_of_anybody_elses_accounts_is_in_a_sheet():
    """R2's accounts, calls, notes and wishes are handed in and not to be found in R1's sheet, nor do they change it."""
    said = json.dumps(sheet())
    for secret in ("Secret", "b2", "(212)", "note 2", "note 4", "note 5"):
        assert secret not in said
    alone = tables() | {
        "assignments": assignments()[assignments()[Assignments.rep_id] == "R1"],
        "accounts": accounts().loc[["a1", "a2", "a3"]],
    }
    alone["calls"] = alone["calls"][alone["calls"][Calls.account_id].isin(["a1", "a2", "a3"]) | (alone["calls"][Calls.rep_id] == "R1")]
    assert sheet(**alone) == sheet()


def test_the_same_tables_in_any_order_give_the_same_bytes():
    drawn = tables() | {"changes": handings()}
    for seed in (1, 2, 3):
        mixed = {
            name: table.sample(frac=1, random_state=seed) if isinstance(table, pd.DataFrame) else table for name, table in drawn.items()
        }
        assert json.dumps(sheet(**mixed)) == json.dumps(sheet(**drawn))


def test_hours_are_told_only_when_they_are_far_too_many():
    assert sheet()["utilisation"] is None
    capacity, calls = 200 * 8 * 0.75, 52 + 12 + 12
    for share, told in ((1.15, None), (1.3, 1.3)):
        travel_h = share * capacity - (52 * 75 + 4 * 10 + 24 * 60) / 60
        assert sheet(travel_min=pd.Series(travel_h * 60 / calls, index=["a1", "a2", "a3"]))["utilisation"] == told
    daily = Policy(calls=CallPolicy((CallPattern("A", "outside", "visit", "custom", 300, calls_per_year=365),)))
    assert sheet(policy=daily)["utilisation"] > 1.5


def test_all_sheets_together_hold_all_assignments():
    pairs = [(rep, row["id"]) for rep in reps().index for row in sheet(rep)["accounts"]]
    assert sorted(pairs) == sorted(zip(assignments()[Assignments.rep_id], assignments()[Assignments.account_id], strict=True))


def test_without_accounts_calls_or_a_publication_a_sheet_says_so_without_figures():
    empty = sheet(assignments=Assignments.empty(), calls=Calls.empty(), published=None)
    assert empty["accounts"] == empty["log"] == empty["attainment"]["tiers"] == []
    assert (empty["published"], empty["attainment"]["total"]["share"], empty["pace"]["on_pace"]) == (None, None, None)
    assert "NaN" not in json.dumps(empty) + json.dumps(sheet("R2")) + json.dumps(sheet("I1", calls=Calls.empty()))


def test_who_is_no_rep_has_no_sheet():
    with pytest.raises(RightsError, match="which rep you are"):
        sheet("R9")


def test_four_hundred_accounts_are_a_small_sheet():
    """With a call each in the log and two lines each: below 300 kB as text and 30 kB on the wire."""
    many = 400
    ids = [f"A{i:04d}" for i in range(many)]
    wide = pd.concat([accounts().iloc[[0]]] * many).set_axis(pd.Index(ids, name=Accounts.account_id))
    wide[Accounts.name], wide[Accounts.street] = [f"Bramthorpe Gearworks of Quincy No. {i}" for i in range(many)], "6832 Ridge Road"
    given = assignments().iloc[[0]].loc[lambda one: one.index.repeat(many)].assign(**{Assignments.account_id: ids})
    worth = pd.concat([tiers().iloc[[0]]] * many).set_axis(wide.index)
    calls = log(*(f"{account} R1 outside visit 2024-03-{1 + i % 11:02d}" for i, account in enumerate(ids)))
    found = sheet(accounts=wide, assignments=given.reset_index(drop=True), tiers=worth, calls=calls)
    assert len(found["accounts"]) == many
    text = json.dumps(found, separators=(",", ":")).encode()
    assert len(text) < 300_000
    assert len(zlib.compress(text)) < 30_000
