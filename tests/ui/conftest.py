"""A small world behind the screens: twelve accounts in Massachusetts, one of them with a dangerous name."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geo_territory import desk
from geo_territory.intake import accounts_from_table, read_bytes
from geo_territory.ui import cached, jobs
from geo_territory.workspace import URL_VARIABLE, Workspace

MAIN = Path(__file__).parents[2] / "geo_territory" / "ui" / "main.py"
DANGEROUS = '<img src=x onerror="alert(1)"> **Bold** $x^2$ & Sons'
CITIES = (
    "Boston",
    "Cambridge",
    "Worcester",
    "Springfield",
    "Lowell",
    "Quincy",
    "Lynn",
    "Salem",
    "Newton",
    "Brockton",
    "Taunton",
    "Nowhere",
)
ZIPS = ("02108", "02139", "01608", "01103", "01852", "02169", "01902", "01970", "02458", "02301", "02780", "")
NAMES = (DANGEROUS.replace('"', '""'), *(f"Site {i}" for i in range(1, 12)))
CSV = "Account ID,Account Name,City,State,Zip,Country,Sales,Territory,Note\n" + "".join(
    f'{i:03d},"{name}",{city},MA,{code},US,{1000 * (12 - i) ** 2},T{i % 2 + 1},kept\n'
    for i, (name, city, code) in enumerate(zip(NAMES, CITIES, ZIPS, strict=True))
)


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """An empty workspace that the app opens too."""
    url = f"sqlite:///{tmp_path}/work.db"
    monkeypatch.setenv(URL_VARIABLE, url)
    monkeypatch.setenv("LOGNAME", "ann")
    opened = Workspace.open(url)
    yield opened
    opened.close()
    running: jobs.Job | None = cached.jobs().newest(url)
    if running is not None:
        running.stop()
        running.wait(30)
    desk.close(url)
    cached.workspace.clear()


@pytest.fixture
def accounts(workspace):
    """The twelve accounts, imported."""
    found = accounts_from_table(read_bytes("list.csv", CSV.encode()))
    facts = {"accounts": found.accounts, "report": found.report, "original": found.original, "headings": found.headings}
    return workspace.import_accounts(**facts, file_name="list.csv", file=CSV.encode(), who="ann")


@pytest.fixture
def visit(workspace):
    """Open the app at a page."""

    def open_page(page: str) -> AppTest:
        app = AppTest.from_file(MAIN, default_timeout=60).run()
        return app if page == "start" else app.switch_page(f"screens/{page}.py").run()

    return open_page


def shown_text(app: AppTest) -> str:
    """Everything a person can read on the page, but tables."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success", "button", "metric")
    return " ".join(str(element.value if kind != "button" else element.label) for kind in kinds for element in app.get(kind))


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    """The first table on the page that has these columns."""
    return next(element.value for element in app.dataframe if set(columns) <= set(element.value.columns))
