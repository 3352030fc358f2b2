"""The checks of an export as two Great Expectations suites over the newest plan, with their Data Docs.

They ask what the gate asks (`domain/export_checks.py`), of the same evidence, where it lies in PostgreSQL. The gate decides;
this shows a person, check by check, what it refuses. Great Expectations takes seconds to import, so that is done here inside
functions, and in no sync that happens every few minutes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from psycopg import sql

from xero_pipeline.domain.errors import Transient
from xero_pipeline.domain.expectations import Between, Given, Length, NotOneOf
from xero_pipeline.domain.export_checks import EXPORT_CHECKS, ExportCheck, Grain
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages import connections
from xero_pipeline.warehouse import locks
from xero_pipeline.warehouse.connection import Warehouse, sqlalchemy_url

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

# Where the gate decided. What is done was not asked, and what waits does so for another reason: a person, or an answer of Xero's.
JUDGED = ("create", "update", "blocked")
# How many of the rows that a check refuses are named.
SAMPLE = 20
_LONGEST = 100

_DOCUMENTS = sql.SQL("""
select {columns}
from sync.export_documents as documents
where documents.org_id = {org_id} and documents.action in ({judged})
""")

_LINES = sql.SQL("""
select {columns}
from sync.export_lines as lines
inner join sync.export_documents as documents using (org_id, external_id)
where documents.org_id = {org_id} and documents.action in ({judged})
""")

# What a row is known by, in a sample and in the Data Docs.
_NAMED_BY: dict[Grain, tuple[tuple[str, str], ...]] = {
    "document": (("documents", "external_id"), ("documents", "sale_name")),
    "line": (("lines", "external_id"), ("lines", "line_id"), ("documents", "sale_name")),
}
_BY_NAME = {check.name: check for check in EXPORT_CHECKS}
_SUITES: dict[Grain, str] = {"document": "invoices", "line": "lines"}

# How long one who builds the Data Docs waits for another, seconds.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Verdict:
    """What one check says of the plan: `count` rows of `seen` are refused; `sample` names the first of them."""

    check: ExportCheck
    seen: int
    count: int
    sample: tuple[Mapping[str, str], ...]

    @property
    def passed(self) -> bool:
        return self.count == 0


@dataclass(frozen=True)
class Judgement:
    """What all checks say, by their names, and the first page of the Data Docs that show it."""

    verdicts: Mapping[str, Verdict]
    docs: Path


def judge(settings: Settings, org: Org) -> Judgement:
    """Ask every check of the newest plan, and build the Data Docs anew.

    Raises Permanent when the organisation was never synced, Transient when the warehouse cannot be reached or read.
    """
    warehouse = Warehouse(settings.warehouse_url)
    with warehouse.connect(purpose="export checks") as conn:
        org_id = connections.known_org_id(conn, org)
        queries = {grain: _query(grain, org_id).as_string(conn) for grain in _SUITES}
    context = _context()
    verdicts: dict[str, Verdict] = {}
    for grain, query in queries.items():
        verdicts |= {each.check.name: each for each in _validate(context, warehouse, grain, query)}
    home = settings.home.absolute() / "data_docs"
    with locks.shared_lock(warehouse, f"data docs of {org.alias}", timeout=_PATIENCE):
        docs = _build_docs(context, home, org.alias)
    return Judgement(verdicts, docs)


def _checks(grain: Grain) -> list[ExportCheck]:
    return [check for check in EXPORT_CHECKS if check.grain == grain]


def _query(grain: Grain, org_id: str) -> sql.Composed:
    """The evidence of one grain. Great Expectations takes text without bound values, so the id is made sure to be one."""
    source = "documents" if grain == "document" else "lines"
    fields = dict.fromkeys((source, check.field) for check in _checks(grain))
    columns = dict.fromkeys((*_NAMED_BY[grain], *fields))
    return (_DOCUMENTS if grain == "document" else _LINES).format(
        columns=sql.SQL(", ").join(sql.Identifier(*column) for column in columns),
        org_id=sql.Literal(str(UUID(org_id))),
        judged=sql.SQL(", ").join(map(sql.Literal, JUDGED)),
    )


def _context() -> EphemeralDataContext:
    """A context that keeps nothing, asks nobody and says nothing."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    quiet = ProgressBarsConfig(globally=False, metric_calculations=False)
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), progress_bars=quiet, analytics_enabled=False
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _validate(context: EphemeralDataContext, warehouse: Warehouse, grain: Grain, query: str) -> list[Verdict]:
    from great_expectations import ValidationDefinition
    from great_expectations.datasource.fluent.interfaces import GxDatasourceWarning

    name = _SUITES[grain]
    # Without `%24`, what follows a dollar sign in a password would be taken for the name of a variable.
    url = sqlalchemy_url(warehouse.url, "psycopg2").replace("$", "%24")
    with warnings.catch_warnings():
        # Its source for PostgreSQL wants a user and a host in the address; ours may be a socket.
        warnings.simplefilter("ignore", GxDatasourceWarning)
        source = context.data_sources.add_sql(f"plan of {name}", connection_string=url)
    batches = source.add_query_asset(name, query=query).add_batch_definition_whole_table("newest plan")
    suite = context.suites.add(suite_of(grain))
    definition = context.validation_definitions.add(ValidationDefinition(name=name, data=batches, suite=suite))
    shown = {
        "result_format": "COMPLETE",
        "partial_unexpected_count": SAMPLE,
        "return_unexpected_index_query": False,
        "unexpected_index_column_names": [column for _, column in _NAMED_BY[grain]],
    }
    return [_verdict(result) for result in definition.run(result_format=shown).results]


def suite_of(grain: Grain) -> ExpectationSuite:
    """The checks of one grain as a suite; every expectation carries the check's name, its step, its sentence and the remedy."""
    from great_expectations import ExpectationSuite

    return ExpectationSuite(name=_SUITES[grain], expectations=[_expectation(check) for check in _checks(grain)])


def _expectation(check: ExportCheck) -> Expectation:
    from great_expectations.expectations.core.expect_column_value_lengths_to_be_between import (
        ExpectColumnValueLengthsToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
    from great_expectations.expectations.core.expect_column_values_to_not_be_in_set import (
        ExpectColumnValuesToNotBeInSet,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull

    told: dict[str, Any] = {
        "column": check.field,
        # The description stands on the page of results in place of a sentence about values; notes stand on that of the suite.
        "description": f"{check.name}: {check.in_general} {check.fix}",
        "notes": [check.in_general, check.fix],
        "meta": {"check": check.name, "step": check.step},
    }
    match check.expects:
        case Given():
            return ExpectColumnValuesToNotBeNull(**told)
        case NotOneOf(words):
            return ExpectColumnValuesToNotBeInSet(value_set=list(words), **told)
        case Between(least, most, above):
            return ExpectColumnValuesToBeBetween(
                min_value=_bound(least), max_value=_bound(most), strict_min=above, **told
            )
        case Length(least, most):
            return ExpectColumnValueLengthsToBeBetween(min_value=least, max_value=most, **told)


def _bound(value: Decimal | None) -> float | None:
    # Great Expectations takes no Decimal. It writes a float into its SQL in the fewest digits that mean it, which are these.
    if value is not None and Decimal(repr(float(value))) != value:
        raise ValueError(f"{value} cannot be told to Great Expectations exactly")
    return None if value is None else float(value)


def _verdict(result: ExpectationValidationResult) -> Verdict:
    asked, said = result.expectation_config, result.result
    if asked is None or asked.meta is None or "unexpected_count" not in said:
        raise Transient(f"Great Expectations could not look at the plan: {_first_reason(result.exception_info)}")
    check = _BY_NAME[asked.meta["check"]]
    sample: Sequence[Mapping[str, object]] = said.get("partial_unexpected_index_list") or ()
    named = tuple({name: str(value)[:_LONGEST] for name, value in row.items() if value is not None} for row in sample)
    # Of no rows there is no number of unexpected ones.
    return Verdict(check, int(said["element_count"]), int(said["unexpected_count"] or 0), named)


def _first_reason(raised: object) -> str:
    """The first line of what went wrong: a metric failed, or several that one expectation is made of."""
    while isinstance(raised, Mapping) and "exception_message" not in raised and raised:
        raised = next(iter(raised.values()))
    told = str(raised.get("exception_message") if isinstance(raised, Mapping) else raised)
    return told.strip().partition("\n")[0]


def _build_docs(context: EphemeralDataContext, home: Path, alias: str) -> Path:
    """The site of one organisation, put in the place of the last one when it is whole."""
    home.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{alias}_", dir=home))
    try:
        site: Any = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(building)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
        context.add_data_docs_site(site_name=alias, site_config=site)
        context.build_data_docs(site_names=[alias])
        place = home / alias
        shutil.rmtree(place, ignore_errors=True)
        building.rename(place)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return place / "index.html"
