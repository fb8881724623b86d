"""Headings as people and CRM systems write them, matched to the columns of Accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo_territory.intake.features import LAT_OF_SHAPE, LON_OF_SHAPE
from geo_territory.intake.letters import folded_key
from geo_territory.tables import Accounts, Incoming

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    str(Accounts.account_id): (
        "Account ID", "Account ID 18", "Id", "Record ID", "hs_object_id", "accountid", "(Do Not Modify) Account",
        "Account Number", "AccountNumber", "account no", "account code", "site id", "store id", "FID", "OBJECTID",
        "شناسه", "کد", "شناسه مشتری", "کد مشتری",
    ),
    Accounts.name: (
        "name", "Account Name", "Company name", "company", "store name", "site name", "business name", "organisation", "organization",
        "facility name", "full name", "title", "label", "نام", "نام مشتری", "نام شرکت",
    ),
    Accounts.status: (
        "status", "account status", "site status", "lifecycle stage", "lifecyclestage", "stage", "statuscode", "Account Type", "Type",
        "وضعیت",
    ),
    Accounts.street: (
        "street", "Billing Street", "Billing Address Line 1", "Street Address", "address1_line1", "Address 1: Street 1", "address",
        "address line 1", "address 1", "addr", "street name", "Shipping Street", "نشانی", "آدرس",
    ),
    Accounts.city: (
        "city", "Billing City", "address1_city", "Address 1: City", "town", "locality", "municipality", "Shipping City", "شهر",
    ),
    Accounts.state: (
        "state", "Billing State/Province", "Billing State", "BillingStateCode", "State/Region", "address1_stateorprovince",
        "Address 1: State/Province", "state code", "state abbreviation", "st", "province", "Shipping State", "استان",
    ),
    Accounts.postal_code: (
        "Billing Zip/Postal Code", "BillingPostalCode", "Billing Zip", "address1_postalcode",
        "Address 1: ZIP/Postal Code", "zip", "zip code", "zipcode", "zip5", "Zip/Postal Code", "postcode", "post code", "plz",
        "Shipping Zip/Postal Code", "Shipping Postal Code", "کد پستی",
    ),
    Accounts.country: (
        "country", "Billing Country", "BillingCountryCode", "Country/Region", "address1_country", "Address 1: Country/Region",
        "country code", "nation", "Shipping Country", "کشور",
    ),
    Accounts.lat: (
        "latitude", "BillingLatitude", "Billing Latitude", "address1_latitude", "Address 1: Latitude", "lat_dd",
        "latitude deg", "gps latitude", "عرض جغرافیایی", "y coordinate", "y coord", "y",
    ),
    Accounts.lon: (
        "longitude", "lng", "long", "BillingLongitude", "Billing Longitude", "address1_longitude",
        "Address 1: Longitude", "lon_dd", "longitude deg", "gps longitude", "طول جغرافیایی", "x coordinate", "x coord", "x",
    ),
    Accounts.annual_value: ("Annual value", "value", "account value", "worth", "ارزش", "ارزش سالانه"),
    Accounts.sales_12m: (
        "Total Revenue", "sales", "annual sales", "our sales", "sales last 12 months", "net sales", "sales ytd", "turnover",
        "revenue", "فروش", "فروش سالانه",
    ),
    Accounts.profit_12m: ("profit", "annual profit", "margin", "gross profit", "gross margin", "contribution", "سود"),
    Accounts.potential: ("potential", "annual potential", "sales potential", "market potential", "wallet", "spend", "پتانسیل"),
    Accounts.industry: ("industry", "industrycode", "sector", "vertical", "line of business", "صنعت"),
    Accounts.opened: (
        "opened", "Created Date", "CreatedDate", "Create Date", "createdate", "createdon", "Created On", "since", "start date",
        "relationship start", "auth_date",
    ),
    Accounts.last_purchase: ("last purchase date", "last order", "last order date", "last sale", "آخرین خرید"),
    Accounts.territory_id: ("territory", "territory name", "territory code", "territoryid", "منطقه"),
    Accounts.phone: (
        "Phone", "Account Phone", "Billing Phone", "Company phone number", "Phone Number", "telephone1", "Main Phone", "Telephone",
        "tel", "phone no", "Business Phone", "Address 1: Phone", "address1_telephone1", "تلفن", "شماره تلفن", "شماره تماس",
    ),
    Incoming.end_date: ("closed date", "date closed", "termination date", "closing date", "inactive since"),
    Incoming.updated_at: (
        "Last Modified Date", "LastModifiedDate", "hs_lastmodifieddate", "(Do Not Modify) Modified On", "modifiedon",
        "Modified On", "last updated", "modified", "updated",
    ),
    Incoming.currency: ("currency", "CurrencyIsoCode", "currency code", "Account Currency", "transactioncurrencyid"),
    Incoming.company_size: ("Annual Revenue", "AnnualRevenue", "customer size", "company size"),
}  # fmt: skip
"""Names each column goes by, the surest first. A customer's own revenue (AnnualRevenue) is its size, never our sales."""

_DYNAMICS = ("(Do Not Modify) Account", "(Do Not Modify) Row Checksum", "address1_city", "Address 1: City")
_REVENUE = "revenue"


def propose_headings(columns: Sequence[str]) -> dict[str, str]:
    """Return which column of a file stands for which column of Accounts or Incoming, as far as its name tells.

    Case, spaces, underscores and Persian or Arabic spelling don't matter. No column stands for two things; latitude and
    longitude come as a pair of one kind. In a Dynamics export "revenue" is customer size.
    """
    by_key = _by_key(columns)
    synonyms = dict(SYNONYMS)
    if any(folded_key(mark) in by_key for mark in _DYNAMICS):
        synonyms[Accounts.sales_12m] = tuple(name for name in SYNONYMS[Accounts.sales_12m] if name != _REVENUE)
        synonyms[Incoming.company_size] = (*SYNONYMS[Incoming.company_size], _REVENUE)
    found = matched(columns, synonyms)
    if LAT_OF_SHAPE in columns and LON_OF_SHAPE in columns:
        return found | {Accounts.lat: LAT_OF_SHAPE, Accounts.lon: LON_OF_SHAPE}
    return _with_paired_coordinates(found, by_key)


def matched(columns: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return which column stands for which name of `synonyms`, the surest synonym first; no column stands for two."""
    by_key = _by_key(columns)
    found: dict[str, str] = {}
    for canonical, names in synonyms.items():
        keys = [folded_key(name) for name in (canonical, *names)]
        match = next((by_key[key] for key in keys if key in by_key and by_key[key] not in found.values()), None)
        if match is not None:
            found[canonical] = match
    return found


def _by_key(columns: Sequence[str]) -> dict[str, str]:
    return {folded_key(column): column for column in reversed(columns)}


def _with_paired_coordinates(found: dict[str, str], by_key: Mapping[str, str]) -> dict[str, str]:
    """Return the headings with latitude and longitude both present or both absent, never X with LATITUDE."""
    lat, lon = found.get(Accounts.lat), found.get(Accounts.lon)
    if lat is None or lon is None:
        return {canonical: column for canonical, column in found.items() if canonical not in (Accounts.lat, Accounts.lon)}
    planar = [folded_key(column)[:1] in ("x", "y") for column in (lat, lon)]
    if planar[0] != planar[1] and "x" in by_key and "y" in by_key:
        return found | {Accounts.lat: by_key["y"], Accounts.lon: by_key["x"]}
    return found
