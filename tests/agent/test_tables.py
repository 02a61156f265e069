"""SQL over the tables of documents: what it returns, for whom, and what it refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import xlsxwriter

from assistant.agent import TablesTool, register_own_tools
from assistant.agent.sheets import sheets_of
from assistant.errors import ToolError
from assistant.parsing.texts.csv_table import CsvParser
from assistant.parsing.workbooks.xlsx import XlsxParser
from assistant.plugin_kit import run_checks, target_of
from assistant.registry import PluginRegistry
from assistant.types import LOCAL_OPERATOR, Document, DocumentRef, ToolResult, User
from tests.fakes.system import System

STAFF = User("s", frozenset({"everyone"}))
SALES = "Region,Sold,Day,No,Note\nNorth,12,2026-01-31,007,a|b\nSouth,30.5,2026-02-01,008,\nNorth,8,2026-02-02,009,x\n"
ON_SALES = [{"source": "s", "key": "sales.csv"}]


class Csv(CsvParser):
    """Takes the plain texts of the fake source for CSV."""

    def accepts(self, ref: DocumentRef) -> bool:
        return ref.key.endswith(".csv")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path, readers={"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.registry.add_parser(Csv())
    system.source.texts = {"sales.csv": SALES, "hr/pay.csv": "Who,Pay\nAnn,10\n", "note": "no table"}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def run(system: System, user: User = STAFF, **arguments: Any) -> ToolResult:
    return TablesTool(lambda: system.library).run(arguments, user)


def test_tables_and_their_types(system: System) -> None:
    result = run(system, documents=ON_SALES)
    assert result.text == (
        '"sales" ("Region" VARCHAR, "Sold" DOUBLE, "Day" DATE, "No" VARCHAR, "Note" VARCHAR), 3 rows, of sales.csv'
    )


def test_a_query_and_what_it_cites(system: System) -> None:
    sql = 'SELECT "Region", sum("Sold") AS sold, max("Day") AS last FROM sales GROUP BY ALL ORDER BY ALL'
    result = run(system, documents=ON_SALES, sql=sql)
    assert result.text == "Region | sold | last\nNorth | 20.0 | 2026-02-02\nSouth | 30.5 | 2026-02-01"
    assert result.data["rows"] == [["North", 20.0, "2026-02-02"], ["South", 30.5, "2026-02-01"]]
    (passage,) = result.passages
    assert system.library.read("s", "sales.csv", STAFF).text[passage.start : passage.end] == passage.text
    assert run(system, documents=ON_SALES, sql='SELECT "Note" FROM sales').data["rows"] == [["a|b"], [None], ["x"]]


def test_documents_are_joined(system: System) -> None:
    both = [*ON_SALES, {"source": "s", "key": "hr/pay.csv"}]
    sql = "SELECT count(*) FROM sales, pay"
    assert run(system, LOCAL_OPERATOR, documents=both, sql=sql).data["rows"] == [[3]]
    with pytest.raises(ToolError, match=r"no document 'hr/pay.csv'"):
        run(system, documents=both, sql=sql)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM read_csv('/etc/passwd')", "disabled by configuration"),
        ("SELECT * FROM '/etc/passwd'", "does not exist"),
        ("SELECT content FROM read_text('/etc/*')", "disabled by configuration"),
        ("SELECT * FROM sheets", "does not exist"),
        ("COPY sales TO '/tmp/never.csv'", "it is: COPY"),
        ("ATTACH '/tmp/never.db'", "it is: ATTACH"),
        ("SET enable_external_access = true", "it is: SET"),
        ("INSTALL httpfs", "it is: LOAD"),
        ("SELECT 1; DROP TABLE sales", "it is: SELECT, DROP"),
        ("DELETE FROM sales", "it is: DELETE"),
        ("SELEC", "the query failed"),
        ("SELECT nothing FROM sales", r"the query failed: Binder.*\"sales\" \(\"Region\""),
        ("--", "it is: nothing"),
    ],
)
def test_anything_but_reading_these_tables_is_refused(system: System, sql: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        run(system, documents=ON_SALES, sql=sql)


def test_a_long_query_ends(system: System) -> None:
    began = time.monotonic()
    with pytest.raises(ToolError, match=r"took over 0\.3 seconds"):
        TablesTool(lambda: system.library, seconds=0.3).run(
            {"documents": ON_SALES, "sql": "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"},
            STAFF,
        )
    assert time.monotonic() - began < 120


def test_a_query_that_begins_after_its_time_ends_too(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.agent.tables._check", lambda *_: time.sleep(0.5))
    with pytest.raises(ToolError, match=r"took over 0\.1 seconds"):
        TablesTool(lambda: system.library, seconds=0.1).run(
            {"documents": ON_SALES, "sql": "SELECT sum(a.range * b.range) FROM range(30000) a, range(30000) b"},
            STAFF,
        )


def test_many_rows_are_cut_and_it_says_so(system: System) -> None:
    result = run(system, documents=ON_SALES, sql="SELECT * FROM range(500)")
    assert (len(result.data["rows"]), result.data["cut"]) == (200, True)
    assert result.text.endswith("There are more rows than these 200: ask for fewer or shorter ones, or add them up.")
    long = run(system, documents=ON_SALES, sql="SELECT '" + "x" * 1_900 + "' FROM range(30)")
    assert (0 < len(long.data["rows"]) < 30, long.data["cut"]) == (True, True)


def test_what_is_wrong_is_named(system: System) -> None:
    for arguments, told in (
        ({"sql": "SELECT 1"}, "documents is missing"),
        ({"documents": "sales.csv"}, "no list of up to 10"),
        ({"documents": [{"source": "s"}]}, "key is no text"),
        ({"documents": [{"source": "s", "key": "note"}]}, "have no tables"),
    ):
        with pytest.raises(ToolError, match=told):
            run(system, **arguments)
    with pytest.raises(ToolError, match="have 15 cells, and the limit is 14"):
        TablesTool(lambda: system.library, most_cells=14).run({"documents": ON_SALES}, STAFF)


def test_the_listing_has_tables_that_the_user_may_read(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(system).text == "There are no tables that the user may read."  # the fake source calls all of it text
    monkeypatch.setattr("assistant.agent.tables.holds_tables", lambda info: info.ref.key.endswith(".csv"))
    assert [one["key"] for one in run(system).data["documents"]] == ["sales.csv"]
    assert [one["key"] for one in run(system, LOCAL_OPERATOR).data["documents"]] == ["hr/pay.csv", "sales.csv"]


def test_the_sheets_of_a_workbook() -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name in ("North", "South"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Item", "Item", "Count"])
            sheet.write_row(1, 0, ["bolt", "M8", 5])
    ref = DocumentRef("s", "stock/2026 plan.xlsx", "1", "plan", "", "application/vnd.ms-excel")
    found = sheets_of([XlsxParser().parse(ref, file.getvalue())])
    assert [one.name for one in found] == ["2026_plan_north", "2026_plan_south"]
    assert found[0].columns == (("Item", "VARCHAR"), ("Item_2", "VARCHAR"), ("Count", "BIGINT"))
    assert found[0].values == (("bolt",), ("M8",), ("5",))


def test_a_header_alone_is_no_table() -> None:
    ref = DocumentRef("s", "a.csv", "1", "a", "", "text/csv")
    assert sheets_of([CsvParser().parse(ref, b"A,B\n"), Document(ref, "")]) == []


def test_the_own_tools_pass_the_conformance_kit(system: System) -> None:
    registry = PluginRegistry()
    register_own_tools(registry, lambda: system.retriever, lambda: system.library)
    module = ModuleType("own_tools")
    table = {"documents": ON_SALES, "sql": "SELECT * FROM sales"}
    examples = {"search": {"query": "South"}, "read_document": ON_SALES[0], "tables": table}
    vars(module)["EXAMPLES"] = examples
    outcomes = list(run_checks(target_of("own", module, registry), seconds=120))
    outcomes = [one for one in outcomes if one.on.startswith("tool")]
    assert [(one.on, one.check, one.detail) for one in outcomes if one.state != "passed"] == []
    assert len(outcomes) == 24
