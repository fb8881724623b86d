"""What a GIS such as QGIS opens of a workspace on a server with PostGIS: territories as areas, accounts as points.

    territory_areas    a row per territory and role of every publication: its name, who serves it, its state today, and `geom`
    account_points     a row per account and role of the publication in force today that has a place: who serves it, and `geom`

The views are made when a workspace is opened on a database that has the extension; they hold nothing themselves.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from geo_territory.errors import WorkspaceError
from geo_territory.tables import Accounts, Assignments, Ownership, Reps, Territories
from geo_territory.workspace.address import POSTGRESQL

AREAS, POINTS = "territory_areas", "account_points"
KEY, FROM, TO = Ownership.publication_id, Ownership.valid_from, Ownership.valid_to
TERRITORY, REP, ACCOUNT = Territories.territory_id, Reps.rep_id, Accounts.account_id
_TODAY = "(now() AT TIME ZONE 'UTC')::date"
_STATE = f"""CASE WHEN p.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN p.approved_at IS NULL THEN 'review'
    WHEN r.{FROM} > {_TODAY} THEN 'scheduled' WHEN r.{FROM} IS NULL OR r.{TO} < {_TODAY} THEN 'archived' ELSE 'active' END"""
_AREAS = f"""CREATE VIEW {AREAS} AS
    SELECT row_number() OVER (ORDER BY t.{KEY}, t.{TERRITORY}, r.role) AS id, t.{KEY}, t.{TERRITORY}, t.name, t.color, r.role, w.{REP},
        {_STATE} AS state, r.{FROM}::date AS {FROM}, r.{TO}::date AS {TO},
        ST_Multi(ST_GeomFromWKB(t.geometry, 4326))::geometry(MultiPolygon, 4326) AS geom
    FROM publication_territories t JOIN publications p USING ({KEY}) JOIN publication_roles r USING ({KEY})
    LEFT JOIN publication_reps w ON w.{KEY} = t.{KEY} AND w.{TERRITORY} = t.{TERRITORY} AND w.role = r.role"""
_POINTS = f"""CREATE VIEW {POINTS} AS
    SELECT row_number() OVER (ORDER BY a.{ACCOUNT}, a.role) AS id, a.{KEY}, a.{ACCOUNT}, s.name, a.role, a.{TERRITORY}, a.{REP},
        a.{Assignments.tier}, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)::geometry(Point, 4326) AS geom
    FROM publication_assignments a JOIN publication_places s USING ({KEY}, {ACCOUNT})
    JOIN publication_roles r ON r.{KEY} = a.{KEY} AND r.role = a.role
    WHERE r.{FROM} <= {_TODAY} AND (r.{TO} IS NULL OR r.{TO} >= {_TODAY})"""


def lacks_views(connection: Connection) -> bool:
    """Return whether the database has PostGIS but not yet both views."""
    if connection.dialect.name != POSTGRESQL:
        return False
    has_postgis = "EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')"
    found = f"SELECT {has_postgis} AND (to_regclass(:one) IS NULL OR to_regclass(:two) IS NULL)"
    return bool(connection.execute(text(found), {"one": AREAS, "two": POINTS}).scalar_one())


def make_views(connection: Connection) -> None:
    """Make the views anew."""
    for name, statement in ((AREAS, _AREAS), (POINTS, _POINTS)):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
        connection.execute(text(statement))


def bring_postgis(connection: Connection, path: str) -> None:
    """Add the extension to the database and make the views.

    Raises WorkspaceError when the workspace is a file or the server hasn't the extension.
    """
    if connection.dialect.name != POSTGRESQL:
        raise WorkspaceError(f"{path} is a file: a GIS opens what Export writes (GeoJSON), or a workspace on a PostgreSQL server.")
    known = connection.execute(text("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'")).first()
    if known is None:
        raise WorkspaceError(f"The server of {path} hasn't PostGIS: install it there (on Debian: postgresql-15-postgis-3), then try again.")
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    make_views(connection)
