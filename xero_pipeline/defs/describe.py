"""What the UI says about an asset: its table and columns, what made it, and what its last run did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict

import dagster as dg
from sqlalchemy import Table

from xero_pipeline.stages.plan import Stage
from xero_pipeline.stages.report import Shown, StageReport
from xero_pipeline.warehouse.tables import metadata

# Bills arrive with invoices and live in their table, told apart by `type`.
_HELD_IN = {("xero", "bills"): "xero.invoices"}


def table_of(output: tuple[str, str]) -> Table | None:
    """The warehouse table that an output is kept in; None for views and for records kept in Salesforce."""
    return metadata.tables.get(_HELD_IN.get(output, ".".join(output)))


def kinds_of(stage: Stage) -> set[str]:
    """The systems an asset of the stage has to do with, which the UI shows as icons."""
    if stage.group == "write_back":
        return {"salesforce"}
    if any(schema == "export" for schema, _ in stage.outputs):
        return {"salesforce", "xero"}
    if stage.shared:
        return {"salesforce", "postgres"}
    return {"xero", "postgres"} if reads_xero(stage) else {"postgres"}


def reads_xero(stage: Stage) -> bool:
    """Whether the stage calls Xero. Settings of an organisation carry no stamps, so they are read whole, not by window."""
    return stage.windowed or stage.group == "metadata"


def description_of(stage: Stage, output: tuple[str, str]) -> str:
    """One sentence on what the table holds, one on the grain of a row."""
    table = table_of(output)
    return f"{table.comment}.\n\n{stage.grain}" if table is not None and table.comment else stage.grain


def definition_metadata(output: tuple[str, str]) -> dict[str, dg.TableSchema | str]:
    """The table's name and its columns with their comments, as the UI's table tab reads them."""
    table = table_of(output)
    if table is None:
        return {}
    columns = [
        dg.TableColumn(
            name=column.name,
            type=str(column.type).lower().partition(" collate")[0],
            description=column.comment,
            constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
        )
        for column in table.columns
    ]
    return {"dagster/table_name": table.fullname, "dagster/column_schema": dg.TableSchema(columns=columns)}


def run_metadata(report: StageReport, output: tuple[str, str]) -> Mapping[str, dg.MetadataValue | int | float | str]:
    """What the run did: the stage's own figures, and what it changed in this output's table."""
    changes = report.tables.get(".".join(output))
    of_table = {f"rows_{what}": count for what, count in asdict(changes).items()} if changes else {}
    problems = (
        {"problems": dg.MetadataValue.md("\n".join(f"- {p}" for p in report.problems))} if report.problems else {}
    )
    table = ".".join(output)
    shown = {name: dg.MetadataValue.md(_table(rows)) for name, rows in report.shown.items() if rows}
    held = {"dagster/row_count": report.row_counts[table]} if table in report.row_counts else {}
    return {**report.summary(), **of_table, **held, **shown, **problems}


def _table(rows: Shown) -> str:
    """Rows as a table in Markdown, in which no value can break out of its cell."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([_cell(row[name]) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(re.sub(r"([\\|<>`*_\[\]])", r"\\\1", text).split())
