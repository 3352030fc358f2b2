"""Stage the contacts, archived and merged ones included (BW-03, BW-12, BW-X04)."""

from __future__ import annotations

from xero_pipeline.domain.windows import Window
from xero_pipeline.stages.reading import read
from xero_pipeline.stages.report import StageReport
from xero_pipeline.stages.session import Session


def run(session: Session, window: Window) -> StageReport:
    """One row a contact in xero.contacts."""
    report = StageReport("contacts")
    read(session, window, "contacts", report)
    return report
