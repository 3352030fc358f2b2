"""What the Dagster layer asks of the stages: settings, a clock and a few functions. Tests bring their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from xero_pipeline.domain.modes import Mode
from xero_pipeline.domain.org import Org
from xero_pipeline.settings import Settings
from xero_pipeline.stages import checks, session, status
from xero_pipeline.stages.checks import Check, CheckResult
from xero_pipeline.stages.export import flags, resolving, suites
from xero_pipeline.stages.export.flags import Flags
from xero_pipeline.stages.export.resolving import Wish
from xero_pipeline.stages.export.suites import Judgement
from xero_pipeline.stages.session import Clock, OpenSession, Session


@dataclass(frozen=True)
class Status:
    """What schedules and checks ask.

    `coverage` is the oldest watermark of the organisation's windowed stages (None: never synced), `last_success` when the
    newest succeeded sync of a mode started (None: never), both aware UTC; `who_holds` is a sentence about the sync that is
    running now (None: none is). `run_check` looks for the rows that break a rule outside of a sync.
    """

    coverage: Callable[[Settings, Org], datetime | None] = status.coverage
    who_holds: Callable[[Settings, Org], str | None] = status.who_holds
    last_success: Callable[[Settings, Org, Mode], datetime | None] = status.last_success
    run_check: Callable[[Settings, Org, Check], CheckResult] = checks.run_check


@dataclass(frozen=True)
class Exports:
    """What is asked about an export besides its stages.

    `pending_flags` is what people ticked in Salesforce since it was read; `judge` asks the checks of the newest plan and shows it
    in Data Docs; `note` notes on failures what a person decided, and answers with the external ids of their records.
    """

    pending_flags: Callable[[Settings, Org], Flags] = flags.pending_flags
    judge: Callable[[Settings, Org], Judgement] = suites.judge
    note: Callable[[Session, Wish], list[str]] = resolving.note


@dataclass(frozen=True)
class Ports:
    """One argument for every builder of assets, checks, jobs, schedules and resources.

    `loaded_at` is when the code server loaded these definitions (aware UTC), which fixes where partitions begin; `now` tells
    the time of a run. `running` holds the sessions of this process that are open, by Dagster's id of their run and the alias.
    """

    settings: Settings
    loaded_at: datetime
    open_session: OpenSession = session.open_session
    now: Clock = session.utc_now
    status: Status = field(default_factory=Status)
    exports: Exports = field(default_factory=Exports)
    running: dict[tuple[str, str], Session] = field(default_factory=dict)
