"""Sellers and call logs come in; what can't be matched is kept apart and counted."""

from datetime import date

import pandas as pd
import pytest

from geo_territory import reference
from geo_territory.errors import FileError
from geo_territory.intake import calls_from_table, import_accounts, import_calls, import_reps, read_bytes, reps_from_table
from geo_territory.reference import sample
from geo_territory.tables import Calls, ImportReport, Reps

TODAY = date(2024, 6, 30)


def reps(text):
    return reps_from_table(read_bytes("reps.csv", text.encode()))


TEAM = reps("rep_id,name,role\nR1,Ann,outside\nI1,Ivo,inside\n").reps


def calls(text, accounts=("a1", "a2")):
    return calls_from_table(read_bytes("calls.csv", text.encode()), accounts, TEAM, TODAY)


def test_reps_come_in_with_what_is_blank_filled_by_the_usual():
    found = reps('rep_id,name,role,fte,leave_days,lat,lon\nR1,Ann,,,,42.36,-71.06\nR2,,VP,50%,25,,\n3,Cy,Inside Sales,"0,5",-3,0,0\n').reps
    assert found[Reps.name].tolist() == ["Ann", "R2", "Cy"]
    assert found[Reps.role].tolist() == ["outside", "vp", "inside"]
    assert found[Reps.fte].tolist() == [1.0, 0.5, 0.5]
    assert found[Reps.leave_days].tolist() == [0, 25, 0]
    assert found[Reps.lat].notna().tolist() == [True, False, False]


def test_a_rep_who_stands_twice_is_kept_once_and_told():
    found = reps("rep_id,name\nR1,Old\nR1,New\n,\n,Cy\n")
    assert found.reps[Reps.name].tolist() == ["New", "Cy"]
    assert found.report[ImportReport.outcome].tolist() == ["rejected", "accepted", "accepted"]


def test_who_leads_whom_and_from_when_to_when_comes_in():
    found = reps("rep_id,name,Manager ID,start date,end date\nR1,Ann,V1,2024-02-01,\nV1,Vi,,,2024-12-31\n").reps
    assert found[Reps.manager_id].fillna("").tolist() == ["V1", ""]
    assert found[Reps.start].tolist() == [pd.Timestamp("2024-02-01"), pd.NaT]
    assert found[Reps.end].tolist() == [pd.NaT, pd.Timestamp("2024-12-31")]
    assert TEAM[Reps.manager_id].isna().all()


def test_a_file_of_reps_needs_ids_or_names():
    with pytest.raises(FileError, match="no column of rep ids or names"):
        reps("colour\nred\n")


def test_calls_come_in_with_channel_outcome_and_role_in_our_words():
    head = "id,account_id,rep_id,date,type,outcome"
    found = calls(f"{head}\nc1,a1,R1,2024-06-01,Meeting,Completed\nc2,a2,I1,2024-06-02,Call,Left Voicemail\n")
    assert found.calls[[Calls.role, Calls.channel, Calls.outcome]].to_numpy().tolist() == [
        ["outside", "visit", "met"],
        ["inside", "phone", "voicemail"],
    ]
    assert found.counts["accepted"] == 2


@pytest.mark.parametrize(
    ("heading", "written"),
    [("duration_min", "30"), ("CallDurationInSeconds", "1800"), ("hs_call_duration", "1800000"), ("DurationInMinutes", "30")],
)
def test_durations_in_minutes_seconds_and_milliseconds_are_the_same(heading, written):
    found = calls(f"account_id,rep_id,date,channel,outcome,{heading}\na1,R1,2024-06-01,visit,met,{written}\n")
    assert found.calls[Calls.duration_min].tolist() == [30]


def test_calls_on_unknown_accounts_or_reps_are_kept_apart_and_counted():
    found = calls("account_id,rep_id,date,channel,outcome\na1,R1,2024-06-01,visit,met\nzz,R1,2024-06-01,visit,met\na1,??x,soon,dance,met\n")
    assert len(found.calls) == 1
    assert found.counts | {"rows": 3, "accepted": 1, "rejected": 2, "calls": 1, "unmatched": 2} == found.counts
    first, second = found.unmatched[ImportReport.reason]
    assert first == "account 'zz' isn't known"
    assert all(word in second for word in ("rep '??x' isn't known", "no day", "channel 'dance' isn't one of"))


def test_the_same_file_gives_the_same_ids_and_rows_that_agree_are_one_call():
    morning, noon = "a1,R1,2024-06-01,visit,09:00,met\n", "a1,R1,2024-06-01,visit,11:00,met\n"
    text = "account_id,rep_id,date,channel,start_time,outcome\n" + morning + morning + noon
    found = calls(text)
    assert found.calls.index.tolist() == calls(text).calls.index.tolist()
    assert len(found.calls) == 2
    assert found.report[ImportReport.outcome].tolist() == ["accepted", "warned", "accepted"]


def test_a_call_in_the_future_is_planned():
    found = calls("account_id,rep_id,date,channel,outcome\na1,R1,2024-07-01,visit,met\n")
    assert found.calls[Calls.outcome].tolist() == ["planned"]
    assert found.counts["warned"] == 1


def test_a_blank_outcome_is_the_usual_one_of_its_channel_with_a_doubt():
    found = calls("account_id,rep_id,date,channel\na1,R1,2024-06-01,visit\na1,R1,2024-06-01,phone\n")
    assert found.calls[Calls.outcome].tolist() == ["met", "connected"]
    assert found.counts["warned"] == 2


def test_a_call_log_needs_account_rep_and_date():
    with pytest.raises(FileError, match="no column for rep_id and date"):
        calls("account_id\na1\n")


def test_the_sample_company_comes_in_whole():
    people = import_reps(reference.data_path(sample.REPS_FILE)).reps
    accounts = import_accounts(reference.data_path(sample.ACCOUNTS_FILE)).accounts
    log = import_calls(reference.data_path(sample.CALLS_FILE), accounts.index, people, pd.Timestamp("2100-01-01").date())
    assert log.counts["calls"] == log.counts["accepted"] == log.counts["rows"]
    assert log.unmatched.empty
