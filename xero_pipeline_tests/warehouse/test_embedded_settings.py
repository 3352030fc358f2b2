"""The embedded PostgreSQL takes memory by what there is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xero_pipeline.warehouse.embedded_settings import memory, shared_buffers

GIB = 1024**3


@pytest.mark.parametrize(
    ("usable", "buffers"),
    [(GIB // 2, "128MB"), (GIB, "128MB"), (4 * GIB, "512MB"), (8 * GIB, "1024MB"), (64 * GIB, "1024MB")],
)
def test_pages_are_kept_in_an_eighth_of_the_memory_within_bounds(usable: int, buffers: str) -> None:
    assert shared_buffers(usable) == buffers


def test_the_limit_of_a_container_is_what_may_be_used(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text(f"{256 * 1024**2}\n")
    assert memory([limit]) == 256 * 1024**2


@pytest.mark.parametrize("said", ["max\n", None, "9223372036854771712\n"])
def test_without_a_limit_it_is_the_memory_of_the_machine(tmp_path: Path, said: str | None) -> None:
    limit = tmp_path / "memory.max"
    if said is not None:
        limit.write_text(said)
    assert memory([limit]) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
