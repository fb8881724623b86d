"""Headings of every usual system are matched to our columns."""

import pytest

from geo_territory.intake import propose_headings
from geo_territory.tables import Accounts, Incoming

SALESFORCE = [
    "Account ID", "Account Name", "Account Owner", "Type", "Billing Street", "Billing City", "Billing State/Province",
    "Billing Zip/Postal Code", "Billing Country", "Annual Revenue", "Industry", "Created Date", "Last Modified Date",
]  # fmt: skip
SALESFORCE_API = [
    "Id", "Name", "BillingPostalCode", "BillingCity", "BillingLatitude", "BillingLongitude", "AnnualRevenue", "CurrencyIsoCode",
]  # fmt: skip
HUBSPOT = ["Record ID", "Company name", "Lifecycle Stage", "Postal Code", "City", "State/Region", "Annual Revenue", "Total Revenue"]
DYNAMICS = [
    "(Do Not Modify) Account", "(Do Not Modify) Row Checksum", "name", "address1_postalcode", "address1_latitude", "address1_longitude",
    "revenue",
]  # fmt: skip
HOSPITALS = [
    "X", "Y", "FID", "ID", "NAME", "ADDRESS", "CITY", "STATE", "ZIP", "ZIP4", "STATUS", "COUNTRY", "LATITUDE", "LONGITUDE", "OWNER", "BEDS",
]  # fmt: skip
SUPERCENTERS = ["record_id", "store_name", "store_type", "street_name", "city", "state", "zip", "zip4", "end_date", "x", "y", "county"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (SALESFORCE, {Accounts.account_id: "Account ID", Accounts.name: "Account Name", Accounts.postal_code: "Billing Zip/Postal Code"}),
        (SALESFORCE, {Accounts.status: "Type", Accounts.opened: "Created Date", Incoming.updated_at: "Last Modified Date"}),
        (SALESFORCE_API, {Accounts.account_id: "Id", Accounts.lat: "BillingLatitude", Incoming.currency: "CurrencyIsoCode"}),
        (HUBSPOT, {Accounts.account_id: "Record ID", Accounts.name: "Company name", Accounts.sales_12m: "Total Revenue"}),
        (DYNAMICS, {Accounts.account_id: "(Do Not Modify) Account", Accounts.lon: "address1_longitude", Incoming.company_size: "revenue"}),
        (HOSPITALS, {Accounts.account_id: "ID", Accounts.lat: "LATITUDE", Accounts.lon: "LONGITUDE", Accounts.postal_code: "ZIP"}),
        (SUPERCENTERS, {Accounts.account_id: "record_id", Accounts.name: "store_name", Accounts.lat: "y", Accounts.lon: "x"}),
        (["ACCOUNT_ID", " Postal code ", "Lat", "LNG"], {Accounts.account_id: "ACCOUNT_ID", Accounts.postal_code: " Postal code "}),
        (["شناسه", "نام", "شهر", "كد پستي"], {Accounts.account_id: "شناسه", Accounts.postal_code: "كد پستي"}),
        (["id", "revenue"], {Accounts.sales_12m: "revenue"}),
        ([*SALESFORCE, "Phone"], {Accounts.phone: "Phone"}),
        (["Account ID", "Account Phone", "Billing City"], {Accounts.phone: "Account Phone"}),
        ([*HUBSPOT, "Phone Number"], {Accounts.phone: "Phone Number"}),
        ([*HUBSPOT, "Company phone number"], {Accounts.phone: "Company phone number"}),
        ([*DYNAMICS, "telephone1"], {Accounts.phone: "telephone1"}),
        (["id", "TELEPHONE"], {Accounts.phone: "TELEPHONE"}),
        (["شناسه", "تلفن"], {Accounts.phone: "تلفن"}),
    ],
)
def test_the_usual_headings_are_recognised(columns, expected):
    assert expected.items() <= propose_headings(columns).items()


@pytest.mark.parametrize("columns", [SALESFORCE, SALESFORCE_API, HUBSPOT, DYNAMICS], ids=["Salesforce", "API", "HubSpot", "Dynamics"])
def test_the_revenue_of_an_account_is_its_size_and_never_our_sales(columns):
    proposed = propose_headings(columns)
    assert proposed[Incoming.company_size] in ("Annual Revenue", "AnnualRevenue", "revenue")
    assert proposed.get(Accounts.sales_12m) in (None, "Total Revenue")
    assert Accounts.annual_value not in proposed


@pytest.mark.parametrize("columns", [HOSPITALS, SUPERCENTERS])
def test_zip4_is_no_postal_code_and_no_column_stands_for_two(columns):
    proposed = propose_headings(columns)
    assert "ZIP4" not in {column.upper() for column in proposed.values()}
    assert len(set(proposed.values())) == len(proposed)


def test_latitude_and_longitude_come_as_a_pair_of_one_kind():
    assert Accounts.lat not in propose_headings(["id", "latitude"])
    mixed = propose_headings(["latitude", "x", "y"])
    assert (mixed[Accounts.lat], mixed[Accounts.lon]) == ("y", "x")
