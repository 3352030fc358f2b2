"""The organisations of a sandbox: each a tenant with its book and the selections read from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.listing import Listing
from xero_pipeline.sandbox.xero.record import text_of


@dataclass(slots=True)
class Tenant:
    """One organisation. Its tenant id is its OrganisationID, as everywhere else in this project."""

    book: Book
    listing: Listing = field(init=False)

    def __post_init__(self) -> None:
        self.listing = Listing(self.book)

    @property
    def tenant_id(self) -> str:
        """The lower-case GUID that `xero-tenant-id` carries."""
        return text_of(self.book.organisation, "OrganisationID")

    @property
    def name(self) -> str:
        """The organisation's name."""
        return text_of(self.book.organisation, "Name")


class Tenants:
    """The organisations, in the order they were made."""

    def __init__(self, books: Iterable[Book]) -> None:
        self._tenants = {tenant.tenant_id: tenant for tenant in map(Tenant, books)}

    def __iter__(self) -> Iterator[Tenant]:
        return iter(self._tenants.values())

    def find(self, tenant_id: str) -> Tenant | None:
        """The organisation with this id, or None."""
        return self._tenants.get(tenant_id.lower())
