"""People and what they may do, cycles, publications, and a seal on every line of the audit.

Whoever is named as having done something is from now on written as a random key, so that a person can be forgotten while what was
done stays written.
"""

import secrets
from typing import Any

from alembic import op
from sqlalchemy import Boolean, Column, Connection, DateTime, Float, ForeignKey, Integer, LargeBinary, column, insert, select, table, update

from geo_territory.workspace.ddl import TEXT, allow_changes, refuse_changes, word
from geo_territory.workspace.seal import sealed

revision = "0003"
down_revision = "0002"

NAMED = {
    "imports": "imported_by",
    "policies": "saved_by",
    "overrides": "set_by",
    "designs": "created_by",
    "drafts": "created_by",
    "draft_edits": "who",
    "audit": "who",
}
LINE = ("seq", "at", "who", "what", "object", "old", "new", "why")


def upgrade() -> None:
    """Make the tables, write keys for names, seal the audit."""
    connection = op.get_bind()
    _more_of_what_was_there()
    _people()
    _cycles()
    _publications()
    _said_by_publications()
    _places()
    _retracted_calls()
    guarded = ("audit", "designs", "draft_edits")
    allow_changes(connection, *guarded)
    _write_keys(connection)
    op.add_column("audit", word("hash", nullable=True))
    _seal(connection)
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("hash", nullable=False)
    refuse_changes(connection, *guarded)
    refuse_changes(
        connection,
        "publication_assignments",
        "publication_territories",
        "publication_reps",
        "publication_places",
        "cycle_overrides",
        "cycle_calendar",
    )


def _more_of_what_was_there() -> None:
    for name in ("note", "logged_at"):
        op.add_column("calls", word(name, nullable=True) if name == "note" else Column(name, DateTime))
    op.add_column("reps", word("manager_id", nullable=True))
    for name in ("start", "end"):
        op.add_column("reps", Column(name, DateTime))
    op.create_index("calls_of_account", "calls", ["account_id"])
    op.create_index("calls_of_rep", "calls", ["rep_id", "date"])


def _people() -> None:
    op.create_table(
        "persons",
        word("person_key", primary_key=True),
        word("email", unique=True, nullable=True),
        Column("since", DateTime, nullable=False),
        Column("erased_at", DateTime),
    )
    op.create_table(
        "users",
        word("email", primary_key=True),
        word("name"),
        word("app_role"),
        word("rep_id", nullable=True),
        Column("active", Boolean, nullable=False),
    )
    op.create_table("days_off", word("rep_id", primary_key=True), _day("date", primary_key=True), word("reason", nullable=True))
    op.create_table("calendar", Column("line", Integer, primary_key=True), *_calendar())
    op.create_table(
        "requests",
        word("request_id", primary_key=True),
        *(word(name) for name in ("account_id", "rep_id", "kind")),
        word("wish", nullable=True),
        word("reason"),
        _day("asked_at"),
        word("state"),
        word("answered_by", nullable=True),
        Column("answered_at", DateTime),
        word("answer", nullable=True),
    )
    op.create_index("requests_of_rep", "requests", ["rep_id"])


def _calendar() -> tuple[Column, ...]:
    return (_day("date"), word("kind"), *(word(name, nullable=True) for name in ("name", "role", "rep_id")))


def _cycles() -> None:
    op.create_table(
        "cycles",
        word("cycle_id", primary_key=True),
        word("name"),
        *(_day(name) for name in ("start", "end", "opened_at")),
        Column("frozen_at", DateTime),
        word("policy", nullable=True),
    )
    op.create_table(
        "cycle_reps",
        _of_cycle(),
        word("rep_id", primary_key=True),
        word("name"),
        word("email", nullable=True),
        word("role"),
        *(Column(name, Float, nullable=name in ("lat", "lon")) for name in ("fte", "lat", "lon", "leave_days")),
        word("territory_id", nullable=True),
        word("manager_id", nullable=True),
        Column("start", DateTime),
        Column("end", DateTime),
    )
    op.create_table(
        "cycle_overrides",
        _of_cycle(),
        word("account_id", primary_key=True),
        word("tier"),
        word("reason"),
        word("set_by", nullable=True),
        Column("until", DateTime),
    )
    op.create_table("cycle_calendar", _of_cycle(), Column("line", Integer, primary_key=True, autoincrement=False), *_calendar())


def _of_cycle() -> Column:
    return Column("cycle_id", TEXT, ForeignKey("cycles.cycle_id"), primary_key=True)


def _publications() -> None:
    op.create_table(
        "publications",
        Column("publication_id", Integer, primary_key=True),
        Column("turn", Integer, unique=True),
        Column("design_id", Integer, ForeignKey("designs.design_id")),
        word("role"),
        word("name"),
        Column("cycle_id", TEXT, ForeignKey("cycles.cycle_id")),
        Column("import_id", Integer, ForeignKey("imports.import_id"), nullable=False),
        *(word(name) for name in ("policy", "note", "submitted_by")),
        _day("submitted_at"),
        word("approved_by", nullable=True),
        *(Column(name, DateTime) for name in ("approved_at", "valid_from")),
        word("withdrawn_by", nullable=True),
        Column("withdrawn_at", DateTime),
    )
    op.create_table(
        "publication_roles",
        _of_publication(primary_key=True),
        word("role", primary_key=True),
        *(Column(name, DateTime) for name in ("valid_from", "valid_to")),
        Column("ended_by", Integer, ForeignKey("publications.publication_id")),
    )
    open_ended = column("valid_from").is_not(None) & column("valid_to").is_(None)
    op.create_index(
        "one_open_end_per_role", "publication_roles", ["role"], unique=True, sqlite_where=open_ended, postgresql_where=open_ended
    )


def _said_by_publications() -> None:
    op.create_table(
        "publication_assignments",
        _of_publication(primary_key=True),
        word("account_id", primary_key=True),
        word("role", primary_key=True),
        word("territory_id", nullable=True),
        word("rep_id", nullable=True),
        word("tier"),
        word("cause"),
        word("lock", nullable=True),
        word("reason", nullable=True),
    )
    op.create_index("assignments_of_rep", "publication_assignments", ["rep_id", "publication_id"])
    op.create_index("assignments_of_account", "publication_assignments", ["account_id"])
    op.create_table(
        "publication_territories",
        _of_publication(primary_key=True),
        word("territory_id", primary_key=True),
        word("name"),
        word("color"),
        Column("geometry", LargeBinary, nullable=False),
        *(Column(side, Float) for side in ("west", "south", "east", "north")),
    )
    op.create_table(
        "publication_reps",
        _of_publication(primary_key=True),
        word("territory_id", primary_key=True),
        word("role", primary_key=True),
        word("rep_id", nullable=True),
    )


def _places() -> None:
    place = (Column(name, Float, nullable=False) for name in ("lat", "lon"))
    keys = (_of_publication(primary_key=True), word("account_id", primary_key=True))
    op.create_table("publication_places", *keys, word("name", nullable=True), *place)


def _retracted_calls() -> None:
    op.create_table(
        "retracted_calls",
        word("call_id", primary_key=True),
        *(word(name) for name in ("account_id", "rep_id", "role")),
        _day("date"),
        word("channel"),
        word("outcome"),
        Column("duration_min", Float),
        word("note", nullable=True),
        Column("logged_at", DateTime),
        word("retracted_by"),
        _day("retracted_at"),
    )


def _of_publication(**more: Any) -> Column:
    return Column("publication_id", Integer, ForeignKey("publications.publication_id"), **more)


def _day(name: str, **more: Any) -> Column:
    return Column(name, DateTime, nullable=False, **more)


def _write_keys(connection: Connection) -> None:
    """Replace every name of somebody who did something by a key of theirs."""
    named: list[tuple[Any, Any]] = [(table(name, column(who)), column(who)) for name, who in NAMED.items()]
    persons = table("persons", *(column(name) for name in ("person_key", "email", "since")))
    at = connection.execute(select(table("about", column("created_at", DateTime)).c.created_at)).scalar()
    known = {who for place, name in named for who in connection.execute(select(name).select_from(place).distinct()).scalars() if who}
    for who in sorted(known):
        key = f"person-{secrets.token_hex(8)}"
        connection.execute(insert(persons).values(person_key=key, email=who, since=at))
        for place, name in named:
            connection.execute(update(place).where(name == who).values({name.name: key}))


def _seal(connection: Connection) -> None:
    """Write the hash of every line that is there, oldest first."""
    audit = table("audit", *(column(name, DateTime if name == "at" else None) for name in LINE), column("hash"))
    before = ""
    for line in connection.execute(select(*(audit.c[name] for name in LINE)).order_by(audit.c.seq)).all():
        before = sealed(before, line)
        connection.execute(update(audit).where(audit.c.seq == line.seq).values(hash=before))
