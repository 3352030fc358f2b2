"""The sync of a run as a Dagster resource: opened once, before the first stage, and closed after the last with its outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

import dagster as dg

from xero_pipeline.defs.names import performs
from xero_pipeline.defs.ports import Ports
from xero_pipeline.domain.errors import Permanent, PipelineError
from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.plan import Stage, stages_of
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import SHARED, Kind, Session

T = TypeVar("T")

_MAX_RETRIES = "dagster/max_retries"


def kind_of(tags: Mapping[str, str]) -> Kind:
    """Who started a run, from its tags: a schedule or sensor, a backfill, or else a person."""
    if "dagster/schedule_name" in tags or "dagster/sensor_name" in tags:
        return "scheduled"
    return "backfill" if "dagster/backfill" in tags else "manual"


def as_failure(error: PipelineError) -> dg.Failure:
    """The error as Dagster shows it: the sentence and what to do next, and no second attempt, for clients have made theirs."""
    metadata = {"kind": type(error).__name__, "next_step": error.next_step}
    return dg.Failure(description=str(error), metadata=metadata, allow_retries=False)


class RunningSync:
    """What stages of a run share: the session, and the first failure, which the session is closed with."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.failure: BaseException | None = None

    def perform(self, stage: Stage, window: Window) -> StageReport:
        """Perform a stage over a window. Raises dg.Failure, never to be retried, for every error of the taxonomy."""
        return self.attempt(lambda session: session.perform(stage, window))

    def attempt(self, act: Callable[[Session], T]) -> T:
        """The same for whatever else is done in the session."""
        try:
            return act(self._session)
        except PipelineError as error:
            self.failure = self.failure or error
            raise as_failure(error) from None
        except BaseException as error:
            self.failure = self.failure or error
            raise


def sync_resource(org: Org | None, ports: Ports) -> dg.ConfigurableResource[RunningSync]:
    """The resource of one organisation, or of Salesforce. The mode of a sync is its one field, chosen at launch."""

    class Sync(dg.ConfigurableResource[RunningSync]):
        """How this run reads: delta since the watermark, full from the beginning; the rest are what their jobs say."""

        mode: Mode = "delta"

        @contextmanager
        def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RunningSync]:
            with _opened(context, self.mode) as sync:
                yield sync

    @contextmanager
    def _opened(context: dg.InitResourceContext, mode: Mode) -> Iterator[RunningSync]:
        run = context.run
        opened = ports.open_session(
            ports.settings,
            org,
            kind=kind_of(run.tags if run else {}),
            mode=mode,
            dagster_run_id=run.run_id if run else None,
        )
        try:
            session = opened.__enter__()
        except PipelineError as error:
            if run and context.instance:
                # A crash of the resource looks to Dagster like a crash of the machine, which it would try again.
                context.instance.add_run_tags(run.run_id, {_MAX_RETRIES: "0"})
            raise as_failure(error) from None
        if org and run:
            session.to_read = [
                stage.name for stage in stages_of(mode, org) if stage.windowed and performs(run, stage, org)
            ]
        sync = RunningSync(session)
        place = (run.run_id if run else "", org.alias if org else SHARED)
        ports.running[place] = session
        try:
            yield sync
        except BaseException as error:
            sync.failure = sync.failure or error
            raise
        finally:
            del ports.running[place]
            # Dagster closes a resource the same way whatever became of the run, so the session is told here.
            failure = sync.failure or _failed_step(context)
            opened.__exit__(type(failure) if failure else None, failure, failure.__traceback__ if failure else None)

    return Sync()


def _failed_step(context: dg.InitResourceContext) -> PipelineError | None:
    """A step of the run that failed without the session knowing: a check that must hold did not."""
    if not context.run or not context.instance:
        return None
    failures = context.instance.get_records_for_run(
        context.run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE
    ).records
    steps = sorted({record.event_log_entry.step_key or "a step" for record in failures})
    return Permanent(f"{', '.join(steps)} failed.", next_step="See the run in Dagster.") if steps else None
