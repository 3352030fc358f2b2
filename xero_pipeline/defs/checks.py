"""The checks of an organisation, as the UI shows them beside their assets. The rules are in stages.checks, and for exports in
domain.export_checks."""

# Without `from __future__ import annotations`: Dagster compares the annotation of `context` with its class, not with its name.

from collections.abc import Iterator

import dagster as dg

from xero_pipeline.defs.names import asset_key, step_key
from xero_pipeline.defs.ports import Ports
from xero_pipeline.defs.resources import as_failure
from xero_pipeline.domain.errors import PipelineError
from xero_pipeline.domain.export_checks import EXPORT_CHECKS
from xero_pipeline.domain.org import Org
from xero_pipeline.stages.checks import Check, CheckResult, checks_of
from xero_pipeline.stages.export.suites import Judgement, Verdict
from xero_pipeline.stages.plan import STAGES, Stage

# The asset that the checks of an export are shown beside.
PLAN = ("sync", "export_documents")


def build_checks(org: Org, ports: Ports) -> list[dg.AssetChecksDefinition]:
    """One definition a stage that has checks, so that a run spends one step on all of them, and one for those of an export."""
    of_stages = [
        _checks_on(stage, checks, org, ports)
        for stage in STAGES
        if stage.enabled(org) and (checks := [c for c in checks_of(stage.name) if c.table in stage.outputs_for(org)])
    ]
    return [*of_stages, _export_checks(org, ports)] if org.export.enabled else of_stages


def export_check_keys(org: Org) -> list[dg.AssetCheckKey]:
    """The checks of an organisation's exports. They take seconds to begin, so not every job has them."""
    return [dg.AssetCheckKey(asset_key(org, PLAN), check.name) for check in EXPORT_CHECKS] if org.export.enabled else []


def _checks_on(stage: Stage, checks: list[Check], org: Org, ports: Ports) -> dg.AssetChecksDefinition:
    specs = {
        check.name: dg.AssetCheckSpec(
            check.name,
            asset=asset_key(org, check.table),
            description=check.sentence[0].upper() + check.sentence[1:],
            # Structural faults stop what builds on them; faults of single rows stop nothing.
            blocking=check.severity == "ERROR",
        )
        for check in checks
    }

    @dg.multi_asset_check(name=f"{step_key(stage, org)}_checks", specs=list(specs.values()), can_subset=True)
    def look(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for check in checks:
            if specs[check.name].key in context.selected_asset_check_keys:
                try:
                    # In a sync its session knows what was written; a check by itself needs no sync and looks at everything.
                    session = ports.running.get((context.run.run_id, org.alias))
                    found = session.check(check) if session else ports.status.run_check(ports.settings, org, check)
                    yield _result(check, org, found)
                except PipelineError as error:
                    raise as_failure(error) from None

    return look


def _export_checks(org: Org, ports: Ports) -> dg.AssetChecksDefinition:
    specs = {
        check.name: dg.AssetCheckSpec(
            check.name,
            asset=asset_key(org, PLAN),
            description=f"Refuses an invoice with: {check.in_general}\n\nWhat to do: {check.fix}",
            metadata={"field": check.field, "step": check.step},
        )
        for check in EXPORT_CHECKS
    }

    @dg.multi_asset_check(name=f"{org.alias}__export_checks", specs=list(specs.values()), can_subset=True)
    def judge(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        try:
            judgement = ports.exports.judge(ports.settings, org)
        except PipelineError as error:
            raise as_failure(error) from None
        for check in EXPORT_CHECKS:
            if specs[check.name].key in context.selected_asset_check_keys:
                yield _verdict(judgement.verdicts[check.name], org, judgement)

    return judge


def _verdict(verdict: Verdict, org: Org, judgement: Judgement) -> dg.AssetCheckResult:
    check = verdict.check
    rows = "lines" if check.grain == "line" else "invoices"
    said = f"{verdict.count} of {verdict.seen} {rows} are refused. {check.fix}"
    sample = {"sample": dg.MetadataValue.json([dict(row) for row in verdict.sample])} if verdict.sample else {}
    return dg.AssetCheckResult(
        passed=verdict.passed,
        asset_key=asset_key(org, PLAN),
        check_name=check.name,
        # A refused record waits in the queue; its neighbours go on.
        severity=dg.AssetCheckSeverity.WARN,
        description="It holds." if verdict.passed else said,
        metadata={
            "rows": verdict.count,
            "looked at": verdict.seen,
            **sample,
            "data docs": dg.MetadataValue.path(str(judgement.docs)),
        },
    )


def _result(check: Check, org: Org, result: CheckResult) -> dg.AssetCheckResult:
    sample = {"sample": dg.MetadataValue.json(result.sample)} if result.sample else {}
    return dg.AssetCheckResult(
        passed=result.passed,
        asset_key=asset_key(org, check.table),
        check_name=check.name,
        severity=dg.AssetCheckSeverity[result.severity],
        description=result.sentence,
        metadata={"rows": result.count, **sample},
    )
