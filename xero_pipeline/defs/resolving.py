"""The job with which a person decides about failed exports: its form, and the export that follows in the same run."""

# Without `from __future__ import annotations`: Dagster compares the annotation of `context` with its class, not with its name.

from enum import Enum

import dagster as dg
from pydantic import Field

from xero_pipeline.defs import describe
from xero_pipeline.defs.jobs import ORG_TAG, job_name, run_config
from xero_pipeline.defs.names import asset_key, resource_key
from xero_pipeline.defs.ports import Ports
from xero_pipeline.defs.resources import RunningSync
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import latest_complete
from xero_pipeline.stages.export.resolving import Wish
from xero_pipeline.stages.plan import stages_of

_NAME = "resolve_failures"
_DESCRIPTION = """Decides what is to become of exports that failed, and then exports.

* **retry** sends them again and creates no customer and no item, even where orgs.yaml allows it.
* **auto_sync** sends them again and creates the customer and the items that are missing in Xero.
* **dismiss** closes them, with your reason, until their sale changes in Salesforce.

Say in the launchpad which failures are meant: by their ids, by a root cause, or all. `xero-pipeline log` shows ids and causes."""


class Action(Enum):
    """What a person can do about a failure (FF-17 to FF-21)."""

    retry = "retry"
    auto_sync = "auto_sync"
    dismiss = "dismiss"


class Decision(dg.Config):
    """Which failures are meant, and what is to become of them. Exactly one of delivery_ids, cause and all_failed is given."""

    action: Action = Field(description="retry, auto_sync or dismiss.")
    delivery_ids: list[int] = Field(default=[], description="The ids of failures, as `xero-pipeline log` lists them.")
    cause: str = Field(
        default="", description="Or a root cause, such as item_is_known:GTW-3, for every failure it has."
    )
    all_failed: bool = Field(default=False, description="Or true for every failure that is not dismissed.")
    reason: str = Field(default="", description="Why. A dismissal needs one; the log keeps it.")
    by: str = Field(default="", description="Your name, which the log keeps.")

    def wish(self) -> Wish:
        """The decision as the stages know it."""
        return Wish(
            self.action.value,
            tuple(self.delivery_ids),
            self.cause.strip(),
            self.all_failed,
            self.reason,
            self.by.strip(),
        )


def build_resolving(org: Org, ports: Ports) -> dg.JobDefinition:
    """The job of one organisation. It holds the organisation's lock from before the wishes are noted until they are honoured."""
    keys = {resource_key(None), resource_key(org)}

    @dg.op(name=f"{org.alias}__{_NAME}", required_resource_keys=keys, description=_DESCRIPTION)
    def resolve(context: dg.OpExecutionContext, config: Decision) -> None:
        syncs: dict[bool, RunningSync] = {
            shared: getattr(context.resources, resource_key(None if shared else org)) for shared in (False, True)
        }
        noted = syncs[False].attempt(lambda session: ports.exports.note(session, config.wish()))
        context.log.info("%s is noted on %d failures.", config.action.value, len(noted))
        for stage in stages_of("export", org):
            report = syncs[stage.shared].perform(stage, latest_complete(ports.now()))
            for problem in report.problems:
                context.log.warning(problem)
            for output in stage.outputs_for(org):
                key = asset_key(None if stage.shared else org, output)
                metadata = describe.run_metadata(report, output)
                context.log_event(dg.AssetMaterialization(key, metadata=metadata))

    form = {"action": "retry", "delivery_ids": [], "cause": "", "all_failed": False, "reason": "", "by": ""}

    @dg.job(
        name=job_name(org, _NAME),
        description=_DESCRIPTION,
        tags={ORG_TAG: org.alias},
        config={**run_config(org, "export"), "ops": {resolve.name: {"config": form}}},
    )
    def job() -> None:
        resolve()

    return job
