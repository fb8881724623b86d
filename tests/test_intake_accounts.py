"""Account files come in with every row accounted for."""

import csv
import io
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_territory.errors import FileError
from geo_territory.intake import accounts_from_table, import_accounts, read_bytes
from geo_territory.tables import ROW_OUTCOMES, Accounts, ImportReport, Incoming

TODAY = date(2024, 6, 30)
REAL = Path(__file__).parents[2] / "shared" / "data" / "real-accounts"


def bring(text, headings=None, value=None, name="accounts.csv"):
    return accounts_from_table(read_bytes(name, text.encode()), headings, value, today=TODAY)


def outcome(found, row):
    """Return what the report says of a row: outcome and reason."""
    (entry,) = found.report[found.report[ImportReport.row] == row].itertuples()
    return entry.outcome, entry.reason


def add_up(found):
    return found.counts["rows"] == len(found.report) == sum(found.counts[outcome] for outcome in ROW_OUTCOMES)


SOUND = """account_id,name,status,city,state,postal_code,country,lat,lon,annual_value
a1,Ann's,customer,Boston,MA,02139,US,42.36,-71.06,1000
a2,Bob's,prospect,Austin,TX,78701,US,30.27,-97.74,2000
"""


def test_a_sound_file_is_accepted_as_it_is():
    found = bring(SOUND)
    assert found.report[ImportReport.outcome].tolist() == ["accepted", "accepted"]
    assert found.report[ImportReport.reason].tolist() == ["", ""]
    assert found.accounts.index.tolist() == ["a1", "a2"]
    assert found.accounts.loc["a1", [Accounts.lat, Accounts.lon, Accounts.annual_value]].tolist() == [42.36, -71.06, 1000]
    assert found.accounts[Accounts.geocode_precision].tolist() == ["given", "given"]
    assert found.counts | {"accounts": 2, "closed": 0, "without_point": 0} == found.counts


def test_the_dirty_rows_of_the_requirements_are_repaired_and_told():
    found = bring(
        "id,name,city,state,country,zip,lat,lon,sales\n"
        'a1,Swapped,Philadelphia,PA,US,19103,-75.16,39.95,"1.234,56"\n'
        'a2,Comma,Philadelphia,PA,US,19103,"39,95","-75,16","1 234,56 €"\n'
        "a3,Digits,Boston,MA,US,2139,42.36,-71.06,۱۲۳\n"
        '1.23E+10,Lost,Boston,MA,US,02139,42.36,-71.06,"7,5"\n'
    )
    assert found.accounts[Accounts.lat].tolist() == [39.95, 39.95, 42.36]
    assert found.accounts[Accounts.lon].tolist() == [-75.16, -75.16, -71.06]
    assert found.accounts[Accounts.sales_12m].tolist() == [1234.56, 1234.56, 123]
    assert found.accounts[Accounts.postal_code].tolist() == ["19103", "19103", "02139"]
    assert found.report[ImportReport.outcome].tolist() == ["fixed", "accepted", "fixed", "rejected"]
    assert add_up(found)


def test_the_original_columns_stay_beside_the_accounts_as_they_were():
    found = bring("Key,id,zip,Colour\n9,b,2139,red\n8,a,02139,blue\n")
    assert found.original.index.tolist() == found.accounts.index.tolist() == ["b", "a"]
    assert found.original["zip"].tolist() == ["2139", "02139"]
    assert found.original["Colour"].tolist() == ["red", "blue"]


def test_a_phone_number_stays_as_it_was_written_but_for_spaces_around_it():
    found = bring("id,name,Phone\na1,Ann,  (614) 555-0117 \na2,Bob,+49 30 123456\na3,Cy,n/a\na4,Di,\na5,Ed,۰۲۱ ۱۲۳\n")
    phone = found.accounts[Accounts.phone]
    assert phone.dropna().to_dict() == {"a1": "(614) 555-0117", "a2": "+49 30 123456", "a5": "۰۲۱ ۱۲۳"}
    assert found.headings[Accounts.phone] == "Phone"
    assert bring(SOUND).accounts[Accounts.phone].isna().all()


def test_rows_that_agree_merge_into_one_account():
    found = bring("id,name\na1,Ann\na2,Bob\na1,Ann\n")
    assert found.accounts.index.tolist() == ["a1", "a2"]
    assert outcome(found, 2)[0] == "accepted"
    assert outcome(found, 4) == ("warned", "the same as row 2: merged into one account")
    assert add_up(found)


def test_of_rows_that_differ_the_last_updated_is_kept_and_all_are_told():
    found = bring("id,name,updated_at\na1,New,2024-05-01\na1,Old,2023-01-01\na1,Older,\n")
    assert found.accounts[Accounts.name].tolist() == ["New"]
    assert outcome(found, 2)[1] == "its id stands in rows 2, 3, 4 that differ: this one is kept"
    assert outcome(found, 3) == outcome(found, 4) == ("rejected", "its id stands in several rows that differ: row 2 is kept")
    assert add_up(found)


def test_without_dates_an_open_row_wins_over_a_closed_one_whatever_the_order():
    rows = ["a1,Old,open", "a1,New,closed"]
    for order in (rows, rows[::-1]):
        found = bring("id,name,status\n" + "\n".join(order) + "\n")
        assert found.accounts[Accounts.name].tolist() == ["Old"]
        assert add_up(found)


def test_rows_that_differ_in_nothing_telling_are_settled_by_their_text_whatever_the_order():
    assert bring("id,name\na1,Old\na1,New\n").accounts[Accounts.name].tolist() == ["Old"]
    assert bring("id,name\na1,New\na1,Old\n").accounts[Accounts.name].tolist() == ["Old"]


def test_ids_that_differ_in_case_are_different_accounts():
    assert bring("id,name\nab,Ann\nAB,Bob\n").accounts.index.tolist() == ["ab", "AB"]


def test_the_same_name_and_postal_code_is_only_a_doubt():
    found = bring("id,name,zip\n1,Ann's,02139\n2,ANN'S,02139\n3,Ann's,02140\n")
    assert len(found.accounts) == 3
    assert outcome(found, 2) == ("warned", "possible duplicate: row 3 has the same name and postal code")
    assert outcome(found, 3)[1].endswith("row 2 has the same name and postal code")
    assert outcome(found, 4)[0] == "accepted"


def test_without_ids_accounts_are_named_by_their_row():
    found = bring("name,zip\nAnn,02139\n\nBob,02140\n")
    assert found.accounts.index.tolist() == ["row-00002", "row-00004"]
    assert any("no id column" in fact for fact in found.facts)


def test_a_row_without_an_id_among_others_is_kept_with_a_doubt():
    found = bring("id,name\na1,Ann\n,Bob\n")
    assert found.accounts.index.tolist() == ["a1", "row-00003"]
    assert outcome(found, 3) == ("warned", "no id: named 'row-00003' by its row")


def test_a_row_that_fits_no_column_is_in_the_report_and_not_among_the_accounts():
    found = bring("id,name,zip\n1,Ann,02139\n2,Smith, Jones,02140\n")
    assert outcome(found, 3)[0] == "rejected"
    assert found.counts | {"rows": 2, "rejected": 1, "accounts": 1} == found.counts


def test_closed_sites_are_kept_and_told():
    found = bring("id,STATUS\n1,OPEN\n2,CLOSED\n3,\n")
    assert found.accounts[Accounts.status].tolist() == ["customer", "closed", "customer"]
    assert outcome(found, 3) == ("warned", "closed: kept, not planned")


def test_a_past_end_date_closes_an_account_a_future_one_does_not():
    found = bring("id,end_date\n1,2016-02-07\n2,NA\n3,2099-01-01\n")
    assert found.accounts[Accounts.status].tolist() == ["closed", "customer", "customer"]


def test_an_open_account_with_a_past_end_date_is_a_doubt():
    found = bring("id,status,end_date\n1,customer,2016-02-07\n2,prospect,\n")
    assert found.accounts[Accounts.status].tolist() == ["customer", "prospect"]
    assert outcome(found, 2) == ("warned", "end_date 2016-02-07 has passed, yet the status isn't closed")


def test_a_column_of_types_is_not_mistaken_for_a_status():
    found = bring("id,Type\n1,GENERAL ACUTE CARE\n2,CRITICAL ACCESS\n")
    assert Accounts.status not in found.headings
    assert found.report[ImportReport.outcome].tolist() == ["accepted", "accepted"]


def test_the_value_is_the_column_a_person_names():
    found = bring("id,BEDS,annual_value\n1,25,7\n2,-999,8\n3,-5,9\n", value="beds")
    assert found.accounts[Accounts.annual_value].tolist()[0::2] == [25, -5]
    assert outcome(found, 3) == ("warned", "BEDS -999 means missing")
    assert outcome(found, 4) == ("warned", "BEDS is negative")
    assert found.headings[Accounts.annual_value] == "BEDS"


def test_a_value_column_that_does_not_exist_names_near_ones():
    with pytest.raises(FileError, match="has no column 'BEDDS'. Did you mean BEDS"):
        bring("id,BEDS\n1,25\n", value="BEDDS")
    with pytest.raises(FileError, match="Its columns are id, BEDS"):
        bring("id,BEDS\n1,25\n", value="quux")


def test_headings_given_by_hand_are_used_and_checked():
    found = bring("k,n\n1,Ann\n", headings={Accounts.account_id: "k", Accounts.name: "n"})
    assert found.accounts.loc["1", Accounts.name] == "Ann"
    with pytest.raises(FileError, match="no 'owner' to read a column as"):
        bring("k\n1\n", headings={"owner": "k"})


def test_the_size_of_a_company_is_not_our_sales():
    found = bring("Id,AnnualRevenue\n1,5000000\n2,7000000\n")
    assert found.headings[Incoming.company_size] == "AnnualRevenue"
    assert found.accounts[[Accounts.annual_value, Accounts.sales_12m]].isna().all(axis=None)
    asked = bring("Id,AnnualRevenue\n1,5000000\n2,7000000\n", value="AnnualRevenue")
    assert any("customer size" in fact for fact in asked.facts)


@pytest.mark.parametrize("file", ["id,value\n1,$5\n2,7 EUR\n", "id,value,currency\n1,5,USD\n2,7,EUR\n"])
def test_amounts_in_two_currencies_are_not_ranked_together(file):
    found = bring(file)
    assert found.accounts[Accounts.annual_value].isna().all()
    assert outcome(found, 2) == ("warned", "value left empty: the column holds EUR and USD")
    with pytest.raises(FileError, match="amounts in EUR and USD, which can't be ranked together: convert"):
        bring(file, value="value")


def test_decimal_commas_elsewhere_in_the_file_settle_a_lone_thousand():
    assert bring('id;lat;lon;value\n1;39,95;-75,16;"1.234"\n').accounts[Accounts.annual_value].tolist() == [1234]


def test_rows_without_coordinates_are_kept_and_listed():
    found = bring("id,zip,lat,lon\n1,02139,42.36,-71.06\n2,02139,,\n3,02139,0,0\n")
    assert found.not_on_map == ["2", "3"]
    assert [outcome(found, row)[1] for row in (3, 4)] == ["no coordinates", "coordinates 0, 0 mean missing"]
    assert found.accounts[Accounts.geocode_precision].tolist() == ["given", "none", "none"]


def test_a_file_without_coordinate_columns_says_so_once():
    found = bring("id,zip\n1,02139\n2,02140\n")
    assert found.report[ImportReport.outcome].tolist() == ["accepted", "accepted"]
    assert any("no coordinates" in fact for fact in found.facts)
    assert found.counts["without_point"] == 2


WORLDS = {
    "one row": ("id,lat,lon,value\n1,42.36,-71.06,5\n", 1),
    "all coordinates missing": ("id,lat,lon,value\n1,,,5\n2,,,6\n", 2),
    "text for numbers": ("id,lat,lon,value\n1,north,west,much\n2,n/a,-,lots\n", 2),
    "only names": ("name\nAnn\nBob\n", 2),
    "five thousand empty columns": (",".join(["id", *map("c{}".format, range(5000))]) + "\n1" + "," * 5000 + "\n2" + "," * 5000, 2),
    "unknown headings": ("foo,bar\nx,y\n", 1),
}


@pytest.mark.parametrize(("text", "accounts"), WORLDS.values(), ids=WORLDS.keys())
def test_an_extreme_file_still_gives_accounts_to_plan_with(text, accounts):
    found = bring(text)
    assert len(found.accounts) == accounts
    assert add_up(found)


def test_progress_is_told_in_order_and_may_stop_the_import():
    heard = []
    accounts_from_table(read_bytes("a.csv", SOUND.encode()), progress=lambda phase, done: heard.append((phase, done)))
    assert [done for _, done in heard] == sorted(done for _, done in heard)
    with pytest.raises(InterruptedError):
        accounts_from_table(read_bytes("a.csv", SOUND.encode()), progress=_stop)


def _stop(_phase, _done):
    raise InterruptedError


CELLS = st.sampled_from(
    ["", " ", "N/A", "a1", "A1", "001C000000o4OOI", "1.23E+10", "2139", "02139-4307", "-999", "0", "39.95", "-75.16", "39,95",
     "1,234", "(5)", "$3", "7 €", "closed", "OPEN", "prospect", "3/4/2024", "31/12/2020", "US", "Iran", "MA", "۱۲۳",
     "line\nbreak", 'a "quote"', "#REF!", "x;y"]
)  # fmt: skip
HEADINGS = st.sampled_from(
    ["id", "name", "status", "zip", "country", "state", "lat", "lon", "value", "sales", "opened", "updated_at", "end_date", "currency", ""]
)


@settings(deadline=None, max_examples=40)
@given(headings=st.lists(HEADINGS, min_size=2, max_size=8), rows=st.lists(st.lists(CELLS, min_size=2, max_size=9), max_size=12))
def test_in_any_mess_every_row_is_in_the_report_once(headings, rows):
    stream = io.StringIO()
    csv.writer(stream).writerows([["heading one", "heading two", *headings], *rows])
    expected = [number for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    if not expected:
        with pytest.raises(FileError):
            bring(stream.getvalue())
        return
    found = bring(stream.getvalue())
    assert found.report[ImportReport.row].tolist() == expected
    assert add_up(found)
    assert found.accounts.index.is_unique
    assert set(found.accounts.index) <= set(found.report[ImportReport.account_id])
    assert len(found.original) == len(found.accounts)


@settings(deadline=None, max_examples=8)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_changes_no_account(order):
    lines = [f"a{at},Site {at},0{2000 + at},{42 + at / 10},{-71 - at / 10},{at}00" for at in range(6)]
    head = "id,name,zip,lat,lon,value"
    usual, mixed = (bring("\n".join([head, *rows])).accounts for rows in (lines, [lines[at] for at in order]))
    pd.testing.assert_frame_equal(usual, mixed.sort_index())


needs_real_lists = pytest.mark.skipif(not REAL.is_dir(), reason="the real account lists (../shared/data/real-accounts) aren't here")


@pytest.fixture(scope="module")
def hospitals():
    return import_accounts(REAL / "us-hospitals.csv.gz", value="BEDS", today=TODAY)


@pytest.fixture(scope="module")
def supercenters():
    return import_accounts(REAL / "us-supercenters.csv.gz", today=TODAY)


@needs_real_lists
def test_no_hospital_vanishes(hospitals):
    assert add_up(hospitals)
    assert hospitals.counts | {"rows": 7596, "rejected": 0, "accounts": 7596, "closed": 319, "without_point": 0} == hospitals.counts


@needs_real_lists
def test_hospital_zip_codes_regain_their_zeros(hospitals):
    assert hospitals.accounts[Accounts.postal_code].str.fullmatch(r"\d{5}").all()
    repaired = hospitals.original["ZIP"].str.len() < 5
    assert repaired.sum() == hospitals.report[ImportReport.reason].str.contains("a spreadsheet had changed it").sum() > 0


@needs_real_lists
def test_unknown_beds_are_missing(hospitals):
    assert hospitals.accounts[Accounts.annual_value].isna().sum() == (hospitals.original["BEDS"] == "-999").sum() == 307
    assert (hospitals.accounts[Accounts.annual_value].dropna() >= 0).all()


@needs_real_lists
def test_hospitals_of_alaska_hawaii_and_the_pacific_keep_their_coordinates(hospitals):
    written = hospitals.original[["LATITUDE", "LONGITUDE"]].astype(float)
    read = hospitals.accounts[[Accounts.lat, Accounts.lon]]
    assert (written.to_numpy() == read.to_numpy()).all()
    assert {"AK", "HI", "GU", "AS", "MP", "PW", "PR"} <= set(hospitals.accounts[Accounts.state])


@needs_real_lists
def test_north_dakota_is_no_word_for_no_value(hospitals):
    assert (hospitals.accounts[Accounts.state] == hospitals.original["STATE"]).all()


@needs_real_lists
def test_hospitals_in_metres_land_where_their_degrees_are(hospitals):
    headings = hospitals.headings | {Accounts.lat: "Y", Accounts.lon: "X"}
    metres = import_accounts(REAL / "us-hospitals.csv.gz", headings=headings, today=TODAY).accounts
    apart = (metres[[Accounts.lat, Accounts.lon]] - hospitals.accounts[[Accounts.lat, Accounts.lon]]).abs().max(axis=1)
    assert apart.max() < 0.1  # the publisher moved some points in one pair of columns only
    assert (apart > 1e-6).mean() < 0.01


@needs_real_lists
def test_no_supercenter_vanishes(supercenters):
    assert add_up(supercenters)
    assert supercenters.counts | {"rows": 5070, "rejected": 23, "accounts": 5047, "without_point": 0} == supercenters.counts


@needs_real_lists
def test_ended_supercenters_are_closed_and_the_country_is_known(supercenters):
    ended = supercenters.original["end_date"].notna() & (supercenters.original["end_date"] != "NA")
    assert ((supercenters.accounts[Accounts.status] == "closed") == ended).all()
    assert (supercenters.accounts[Accounts.country] == "US").all()
    assert supercenters.accounts[Accounts.postal_code].str.fullmatch(r"\d{5}").all()
