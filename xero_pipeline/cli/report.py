"""How a sync shows itself: a row a stage with rows, calls and seconds, and what needs a person's eye at the end."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from xero_pipeline.stages.plan import Stage
    from xero_pipeline.stages.report import StageReport
    from xero_pipeline.stages.sync import SyncOutcome


class StageTable:
    """A table on standard error that grows as stages finish and names the one at work; nothing when not `shown`."""

    def __init__(self, title: str, *, shown: bool = True) -> None:
        from rich.console import Console
        from rich.live import Live

        self._title = title
        self._reports: list[StageReport] = []
        self._at_work = ""
        self._shown = shown
        self._live = Live(console=Console(stderr=True, highlight=False), refresh_per_second=8, transient=True)

    def __enter__(self) -> StageTable:
        if self._shown:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._shown:
            return
        self._live.stop()
        if error is not None and self._reports:
            self._live.console.print(self._table())

    def update(self, stage: Stage, report: StageReport | None) -> None:
        """A stage begins (no report yet) or is done."""
        self._at_work = stage.name if report is None else ""
        if report is not None:
            self._reports.append(report)
        if self._shown:
            self._live.update(self._table())

    def close_with(self, console: Console, outcome: SyncOutcome) -> None:
        """Print the finished table, the totals and the warnings."""
        console.print(self._table(total=True))
        checked = {check.stage for check in outcome.checks_that_warn}
        for report in outcome.reports:
            for problem in report.problems[:5] if report.stage not in checked else ():
                console.print(f"[yellow]{report.stage}: {problem}")
        for name, result in outcome.warnings.items():
            console.print(f"[yellow]{name}: {result.sentence}")

    def _table(self, *, total: bool = False) -> Table:
        from rich.table import Table

        table = Table(title=self._title, title_justify="left", show_footer=total)
        reports = self._reports
        table.add_column("stage", footer="total", no_wrap=True)
        for name, value in (
            ("rows\nseen", sum(r.rows_seen for r in reports)),
            ("rows\nwritten", sum(r.rows_written for r in reports)),
            ("calls\nXero", sum(r.calls for r in reports)),
            ("calls\nSalesforce", sum(r.salesforce_calls for r in reports)),
            ("records\nsent", sum(r.sent for r in reports)),
        ):
            table.add_column(name, justify="right", footer=f"{value:,}")
        table.add_column("seconds", justify="right", footer=f"{sum(r.seconds for r in reports):.1f}")
        for r in reports:
            counts = (r.rows_seen, r.rows_written, r.calls, r.salesforce_calls, r.sent)
            table.add_row(r.stage, *(f"{count:,}" if count else "-" for count in counts), f"{r.seconds:.1f}")
        if self._at_work:
            table.add_row(f"{self._at_work} ...")
        return table


def outcome_as_json(outcome: SyncOutcome) -> dict[str, object]:
    """A sync as plain values: its run, totals, and a summary a stage."""
    return {
        "run_id": outcome.run_id,
        "kind": outcome.kind,
        "mode": outcome.mode,
        "rows_written": outcome.rows_written,
        "xero_calls": outcome.calls,
        "records_sent": outcome.sent,
        "stages": {report.stage: {**report.summary(), "problems": report.problems} for report in outcome.reports},
        "warnings": {name: result.sentence for name, result in outcome.warnings.items()},
    }
