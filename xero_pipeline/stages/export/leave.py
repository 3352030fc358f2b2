"""Whether this run may write to Xero: a connection from before exports were switched on may only read, and reading goes on."""

from __future__ import annotations

from xero_pipeline.domain.errors import Reconnect
from xero_pipeline.stages.connections import require_export
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session


def may_write(session: Session, report: StageReport) -> bool:
    """Whether it may; a sync that reads is told why not and ends well, a run that is to export raises Reconnect."""
    try:
        require_export(session.settings, session.organisation, session.warehouse)
    except Reconnect as refused:
        if session.mode == "export":
            raise
        report.problems.append(str(refused))
        return False
    return True
