"""`books`: a sandbox to write to, shared by a module, in which nothing is left broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from xero_pipeline_tests.xero.books import Books, open_books


@pytest.fixture(scope="module")
def shared_books() -> Iterator[Books]:
    with open_books() as books:
        yield books


@pytest.fixture
def books(shared_books: Books) -> Iterator[Books]:
    """Tests write one after the other, each about contacts, items and sales of its own."""
    shared_books.control("DELETE", "requests")
    yield shared_books
    shared_books.control("DELETE", "faults")
