"""The `geo-territory` command: plan from a file, load the sample, open the app."""

from __future__ import annotations

import dataclasses
import getpass
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table as RichTable

from geo_territory import __version__
from geo_territory.attention import pay_attention
from geo_territory.design import Design, design
from geo_territory.errors import TerritoryError
from geo_territory.intake import AccountImport, accounts_from_table, propose_headings, read_table
from geo_territory.policy import Policy
from geo_territory.progress import Clock, Progress
from geo_territory.proposals import Proposals, alternatives_table, propose
from geo_territory.publish.account_files import csv_bytes
from geo_territory.publish.plan_files import REPORT, write_files, write_plan
from geo_territory.rights import APP_ROLES
from geo_territory.sizing import COVERAGE, headcount_curve
from geo_territory.tables import ROW_OUTCOMES, Accounts, Alternatives, Crossings, HeadcountCurve, ImportReport, Reps
from geo_territory.units import crossings
from geo_territory.workspace import DEFAULT_URL, URL_VARIABLE, Workspace, load_sample
from geo_territory.workspace.backup import restore_backup, write_backup
from geo_territory.workspace.gis import AREAS, POINTS

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Contiguous, balanced sales territories from an account list.")
out = Console()
err = Console(stderr=True)

LISTED_CROSSINGS = 5
ELSE = "Without it the policy's, by default"


@contextmanager
def remedies() -> Iterator[None]:
    """Print an error a person can act on and exit with 2; anything else is a bug and keeps its traceback."""
    try:
        yield
    except TerritoryError as error:
        err.print(str(error), style="bold red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from error


@contextmanager
def rows_reported(imported: AccountImport, folder: Path) -> Iterator[None]:
    """Write the row report even when nothing can be planned: it says what each row lacks."""
    try:
        yield
    except TerritoryError:
        write_files({REPORT: csv_bytes(imported.report, index=False)}, folder)
        _tell_import(imported)
        raise


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a progress callback that draws on the error stream, so that the output stays clean."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeElapsedColumn())
    with ProgressBar(*columns, console=err, transient=True) as bar:
        task = bar.add_task("Starting", total=1.0)
        yield lambda phase, fraction: bar.update(task, description=phase, completed=fraction)


def heading_map(pairs: list[str]) -> dict[str, str]:
    """Return {canonical: column} of `canonical=column` texts; TerritoryError when one has another form."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise TerritoryError(f"--map {wrong[0]}: expected canonical=column, such as --map postal_code=ZIP.")
    return dict(pair.split("=", 1) for pair in pairs)


@app.command()
def plan(
    accounts: Annotated[Path, typer.Argument(help="Account list: CSV (also .gz), XLSX, GeoJSON or Parquet.")],
    territories: Annotated[int, typer.Option(help="Number of territories.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the plan's files; made when missing.")],
    value: Annotated[str | None, typer.Option(help="Column that holds the value of an account.")] = None,
    units: Annotated[
        str | None, typer.Option(help=f"Basic units: h3, voronoi, counties, or the path of a polygon file. {ELSE} h3.")
    ] = None,
    balance: Annotated[str | None, typer.Option(help=f"What is to be equal: workload, value or accounts. {ELSE} workload.")] = None,
    tolerance: Annotated[float | None, typer.Option(help=f"Accepted imbalance, a fraction: 0.05 is five percent. {ELSE} 0.05.")] = None,
    seed: Annotated[int | None, typer.Option(help=f"Same file and seed, same plan. {ELSE} 0.")] = None,
    start: Annotated[str | None, typer.Option(help="Column that holds the current territory: the plan starts there.")] = None,
    headings: Annotated[
        list[str] | None, typer.Option("--map", help="canonical=column, when a heading is guessed wrong; repeatable.")
    ] = None,
    policy_file: Annotated[Path | None, typer.Option("--policy", help="Policy as TOML; options given here win over it.")] = None,
    several: Annotated[bool, typer.Option("--alternatives", help="Show up to nine alternatives and plan the recommended one.")] = False,
    choose: Annotated[int | None, typer.Option(help="Number of the alternative to plan; shows them all.", min=1)] = None,
    headcount: Annotated[bool, typer.Option(help="Show what two fewer to three more territories reach.")] = False,
) -> None:
    """Make territories from an account list and write them as files."""
    with remedies():
        policy = Policy.load(policy_file) if policy_file else Policy()
        given = {"units": units, "balance": balance, "tolerance": tolerance, "seed": seed}
        asked: dict[str, Any] = {name: option for name, option in given.items() if option is not None}
        policy = dataclasses.replace(policy, design=dataclasses.replace(policy.design, territories=territories, **asked))
        named = heading_map(headings or []) | ({Accounts.territory_id: start} if start else {})
        with progress_bar() as progress:
            clock = Clock(progress)
            with clock.phase("Reading accounts", 0.0):
                imported = read_accounts(accounts, named, value, progress)
            with rows_reported(imported, out_dir):
                with clock.phase("Planning attention", 0.0):
                    attention = pay_attention(imported.accounts, policy, progress=progress)
                current = attention.planned[Accounts.territory_id].dropna() if start else None
                proposals = propose(attention, start=current, progress=progress) if several or choose else None
                number = _chosen(proposals, choose)
                made = proposals.design(number - 1, progress) if proposals else design(attention, start=current, progress=progress)
                curve = headcount_curve(attention, start=current, progress=progress) if headcount else None
            made = dataclasses.replace(made, seconds=clock.seconds | made.seconds)
            paths = write_plan(made, imported, out_dir)
            if proposals:
                paths += write_files({"alternatives.csv": csv_bytes(alternatives_table(proposals), index=False)}, out_dir)
    _tell_import(imported)
    if proposals:
        _tell_alternatives(alternatives_table(proposals), number)
    _tell_design(made)
    if curve is not None:
        _tell_headcount(curve)
    out.print(f"Written to {out_dir}: {', '.join(path.name for path in paths)}", highlight=False, soft_wrap=True)


def read_accounts(path: Path, named: dict[str, str], value: str | None, progress: Progress) -> AccountImport:
    """Import a file under the proposed heading map, with the headings a person named put over it."""
    progress("Reading the file", 0.0)
    table = read_table(path)
    return accounts_from_table(table, propose_headings(list(table.frame.columns)) | named, value, progress)


def _chosen(proposals: Proposals | None, choose: int | None) -> int:
    """Return the number of the alternative to plan, the first is 1; TerritoryError when there is none of that number."""
    if proposals is None:
        return 1
    if choose is not None and choose > len(proposals.alternatives):
        raise TerritoryError(f"--choose {choose}: there are {len(proposals.alternatives)} alternatives; choose one of those.")
    return choose or proposals.recommended + 1


def _tell_alternatives(rows: pd.DataFrame, number: int) -> None:
    table = RichTable(box=None, pad_edge=False)
    for heading in ("", "Best at", "Imbalance", "Less compact", "Changes hands", "Accounts"):
        table.add_column(heading, justify="left" if heading in ("", "Best at") else "right")
    for row in rows.to_dict("records"):
        moved = "n/a" if math.isnan(row[Alternatives.moved]) else f"{row[Alternatives.moved]:,.0f}"
        table.add_row(
            str(row[Alternatives.number]),
            row[Alternatives.label],
            f"{row[Alternatives.imbalance]:.2%}",
            f"{row[Alternatives.inertia_ratio] - 1:.1%}",
            "n/a" if math.isnan(row[Alternatives.disruption]) else f"{row[Alternatives.disruption]:.1%}",
            moved,
        )
    out.print(table)
    out.print(f"The plan is alternative {number}; --choose takes another.", highlight=False, soft_wrap=True)


def _tell_headcount(rows: pd.DataFrame) -> None:
    table = RichTable(box=None, pad_edge=False)
    covered = [name for name in rows.columns if name not in HeadcountCurve.columns()]
    shown = [HeadcountCurve.imbalance, HeadcountCurve.disruption, HeadcountCurve.utilisation, *covered]
    tiers = [f"{name.removeprefix(COVERAGE)} covered" for name in covered]
    for heading in ("Territories", "Imbalance", "Changes hands", "Hours used", *tiers):
        table.add_column(heading, justify="right")
    for row in rows.to_dict("records"):
        cells = ["n/a" if row[name] is None or math.isnan(row[name]) else f"{row[name]:.1%}" for name in shown]
        table.add_row(str(row[HeadcountCurve.territories]), *cells)
    out.print(table)


def _tell_import(imported: AccountImport) -> None:
    counts = imported.report[ImportReport.outcome].value_counts()
    parts = [f"{counts.get(outcome, 0):,} {outcome}" for outcome in ROW_OUTCOMES]
    rows = "1 row" if len(imported.report) == 1 else f"{len(imported.report):,} rows"
    out.print(f"{rows}: {', '.join(parts)} ({REPORT} says why).", highlight=False, soft_wrap=True)
    for fact in imported.facts:
        out.print(f"Note: {fact}", markup=False, highlight=False, soft_wrap=True)


def _tell_design(made: Design) -> None:
    result, asked = made.result, made.policy
    table = RichTable(show_header=False, box=None, pad_edge=False)
    contiguous = "yes" if made.contiguous else "no"
    reached = "within" if result.within_tolerance else "OUTSIDE"
    for label, text in (
        ("Territories", f"{len(made.scorecard)}, contiguous: {contiguous}"),
        ("Imbalance", f"{result.imbalance:.2%} of {asked.balance}, {reached} the tolerance of {asked.tolerance:.1%}"),
        (
            "Proved gap",
            f"at most {result.gap:.1%} less compact than the best possible around the same centres"
            if math.isfinite(result.gap)
            else "not known: no bound was proved",
        ),
        ("Accounts", f"{made.territory_id.notna().sum():,} in territories, {len(made.not_on_map):,} not on the map"),
    ):
        table.add_row(label, text)
    out.print(table)
    for reason in (*made.unit_map.notes, *result.reasons):
        out.print(f"Note: {reason}", markup=False, highlight=False, soft_wrap=True)
    links = crossings(made.unit_map).sort_values(Crossings.crossing_km, ascending=False)
    longest = links.head(LISTED_CROSSINGS)
    for begin, end, km in zip(longest[Crossings.name_a], longest[Crossings.name_b], longest[Crossings.crossing_km], strict=True):
        out.print(f"Sea crossing: {begin} to {end}, {km:,.0f} km", markup=False, highlight=False, soft_wrap=True)
    if len(links) > len(longest):
        out.print(
            f"… and {len(links) - len(longest)} shorter sea crossings (scorecard.json lists them all).", highlight=False, soft_wrap=True
        )


@app.command()
def sample(workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL.")] = DEFAULT_URL) -> None:
    """Load the sample company into a workspace; does nothing when it is there."""
    with remedies():
        store = Workspace.open(workspace)
        said = load_sample(store)
        store.close()
    out.print(said, highlight=False, soft_wrap=True)


@app.command()
def user(
    email: Annotated[str, typer.Argument(help="E-mail the person signs in with.")],
    role: Annotated[str, typer.Option(help="leader, manager, rep, analyst or admin.")],
    rep: Annotated[str | None, typer.Option(help="Which rep the person is, such as R01; a rep or manager needs it.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the person. Without it the rep's, or the e-mail.")] = None,
    workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL.")] = DEFAULT_URL,
) -> None:
    """Let a person sign in, or change what they may do; the first one can't be let in from the app."""
    with remedies():
        if role not in APP_ROLES:
            raise TerritoryError(f"--role {role}: choose one of {', '.join(APP_ROLES)}.")
        store = Workspace.open(workspace)
        try:
            called = name or store.reps()[Reps.name].get(rep) or email
            who = getpass.getuser().lower()
            store.people.save_user(email, name=called, app_role=role, rep_id=rep, who=who, why="geo-territory user")
        finally:
            store.close()
    out.print(f"{called} may sign in as {role} with {email}.", markup=False, highlight=False, soft_wrap=True)


@app.command()
def backup(
    out_file: Annotated[Path, typer.Option("--out", help="File to write, such as plans.zip; it must not be there yet.")],
    workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL.")] = DEFAULT_URL,
) -> None:
    """Write a whole workspace into one file, while others go on working."""
    with remedies():
        store = Workspace.open(workspace)
        try:
            size = write_backup(store, out_file)
        finally:
            store.close()
    out.print(f"{out_file} holds all of {store.path}, {size / 1e6:,.1f} MB.", markup=False, highlight=False, soft_wrap=True)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL; it must be new or empty.")] = DEFAULT_URL,
) -> None:
    """Fill an empty workspace, SQLite or PostgreSQL, with a backup of either."""
    with remedies():
        rows = restore_backup(file, workspace)
    out.print(f"All of {file} is restored: {rows:,} rows.", markup=False, highlight=False, soft_wrap=True)


@app.command()
def gis(workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL, of a PostgreSQL server.")] = DEFAULT_URL) -> None:
    """Make the published territories and accounts open in a GIS such as QGIS, as views with geometry (PostGIS)."""
    with remedies():
        store = Workspace.open(workspace)
        try:
            store.bring_postgis()
        finally:
            store.close()
    out.print(f"{store.path} has the views {AREAS} and {POINTS}: open them in QGIS.", markup=False, highlight=False, soft_wrap=True)


@app.command()
def run(
    workspace: Annotated[str, typer.Option(envvar=URL_VARIABLE, help="Workspace URL.")] = DEFAULT_URL,
    port: Annotated[int, typer.Option(help="Port of the app.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Address to listen at. Others than this machine's own need sign-in (README, On a server).")
    ] = "127.0.0.1",
) -> None:
    """Open the app: on this machine's loopback address, or for others where sign-in is configured."""
    with remedies():
        Workspace.open(workspace).close()
    arguments = [sys.executable, "-m", "streamlit", "run", str(app_script()), "--server.port", str(port), "--server.address", address]
    out.print(f"Geo Territory {__version__} at http://{address}:{port} (stop with Ctrl+C)", highlight=False, soft_wrap=True)
    out.file.flush()
    # The app takes this process's place: whoever stops the command stops the app.
    os.execve(sys.executable, arguments, {**os.environ, URL_VARIABLE: workspace})


def app_script() -> Path:
    """Return app.py: beside the package in a checkout, inside it in an installed wheel."""
    package = Path(__file__).parent
    beside = package.parent / "app.py"
    return beside if (package.parent / "pyproject.toml").exists() else package / "app.py"
