"""Pairs of a sandbox and its synced warehouse: `pair`, small and fresh for every test, and `demo`, the whole demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from xero_pipeline.warehouse.embedded import EmbeddedServer
from xero_pipeline_tests.e2e.export_desk import EXPORTING, Desk, open_desk
from xero_pipeline_tests.e2e.exported_demo import Exported, exported_demo
from xero_pipeline_tests.e2e.pair import Pair, Snapshot, copied, go_on, take_snapshot


@pytest.fixture(scope="session")
def small(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """An organisation of 300 sales invoices after its initial sync, everything switched on."""
    return take_snapshot(postgres, tmp_path_factory.mktemp("small"), invoices=300)


@pytest.fixture(scope="session")
def whole(postgres: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The demo organisation as it is served by default, after its initial sync."""
    return take_snapshot(postgres, tmp_path_factory.mktemp("whole"), invoices=1500)


@pytest.fixture
def pair(small: Snapshot, tmp_path: Path) -> Iterator[Pair]:
    """A small pair that the test may change."""
    with copied(small, tmp_path) as pair:
        yield pair


@pytest.fixture
def unsynced(small: Snapshot, tmp_path: Path) -> Iterator[Pair]:
    """A small sandbox and a warehouse that was never synced from it."""
    with copied(small, tmp_path, empty=True) as pair:
        yield pair


@pytest.fixture(scope="session")
def demo(whole: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The whole demo, to be looked at and not changed."""
    with copied(whole, tmp_path_factory.mktemp("demo")) as pair:
        yield pair


@pytest.fixture(scope="session")
def exporting(small: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The small organisation after exports were switched on and have run once: all that was ticked is sent or refused."""
    return go_on(small, tmp_path_factory.mktemp("exporting"), "export", org=EXPORTING)


@pytest.fixture(scope="session")
def exported(small: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    """The first export of the small organisation and both sides around it, to be looked at and not changed."""
    with exported_demo(small, tmp_path_factory.mktemp("exported")) as exported:
        yield exported


@pytest.fixture
def desk(exporting: Snapshot, tmp_path: Path) -> Iterator[Desk]:
    """The same, that the test may change."""
    with open_desk(exporting, tmp_path) as desk:
        yield desk
