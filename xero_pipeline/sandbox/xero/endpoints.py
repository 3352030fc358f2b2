"""What each accounting endpoint offers: its scope, its keys, how it pages and which parameters it knows.

Source: xero.md section 2 and the published OpenAPI's parameter lists. A parameter an endpoint does not know is passed over, as
Xero does (`page_size` was ignored for years: xero.md section 7, 8); a `where` on an endpoint without one is too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Paging(Enum):
    """PAGED takes page and pageSize and says so in `pagination`; FIXED takes page alone, 100 rows; NONE is one answer."""

    PAGED = "page and pageSize"
    FIXED = "page of 100"
    NONE = "unpaged"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One collection. `natural_key` may stand for the id in a path; `singles` says whether records are read one by one at all.

    `twins` maps date fields to their ISO twins.
    """

    plural: str
    id_field: str
    scopes: tuple[str, ...]
    natural_key: str = ""
    singles: bool = True
    paging: Paging = Paging.NONE
    always_paged: bool = False
    modified_since: bool = False
    where: bool = False
    archived: str = ""
    searches: tuple[str, ...] = ()
    filters: frozenset[str] = field(default_factory=frozenset)
    summary_drops: frozenset[str] = field(default_factory=frozenset)
    rounds_unit_amounts: bool = False
    twins: dict[str, str] = field(default_factory=dict)

    @property
    def granted_by(self) -> frozenset[str]:
        """The scopes any one of which lets a client read here."""
        return frozenset(name for scope in self.scopes for name in (scope, f"{scope}.read"))


SETTINGS = ("accounting.settings",)
INVOICES = ("accounting.invoices",)
PAYMENTS = ("accounting.payments",)
DATE = {"Date": "DateString"}
STAMP = {"UpdatedDateUTC": "UpdatedDateUTCString"}

ENDPOINTS = (
    Endpoint("Organisation", "OrganisationID", SETTINGS, singles=False),
    Endpoint("BrandingThemes", "BrandingThemeID", SETTINGS),
    Endpoint("Accounts", "AccountID", SETTINGS, modified_since=True, where=True),
    Endpoint("TaxRates", "TaxType", SETTINGS, where=True),
    Endpoint("TrackingCategories", "TrackingCategoryID", SETTINGS, where=True, archived="Status"),
    Endpoint("Currencies", "Code", SETTINGS, singles=False, where=True),
    Endpoint(
        "Items",
        "ItemID",
        # The scopes page says invoices, the OpenAPI says settings: either opens it (xero.md section 2, Items).
        (*SETTINGS, *INVOICES),
        natural_key="Code",
        modified_since=True,
        where=True,
        rounds_unit_amounts=True,
    ),
    Endpoint(
        "Contacts",
        "ContactID",
        ("accounting.contacts",),
        natural_key="ContactNumber",
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
        archived="ContactStatus",
        searches=("Name", "FirstName", "LastName", "ContactNumber", "CompanyNumber", "EmailAddress"),
        filters=frozenset({"ids"}),
        summary_drops=frozenset(
            {
                "Addresses",
                "Balances",
                "ContactGroups",
                "ContactPersons",
                "IsCustomer",
                "IsSupplier",
                "PurchasesDefaultAccountCode",
                "PurchasesTrackingCategories",
                "SalesDefaultAccountCode",
                "SalesTrackingCategories",
            }
        ),
    ),
    Endpoint(
        "Invoices",
        "InvoiceID",
        INVOICES,
        natural_key="InvoiceNumber",
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
        searches=("InvoiceNumber", "Reference"),
        filters=frozenset({"ids", "invoicenumbers", "contactids", "statuses", "createdbymyapp"}),
        summary_drops=frozenset({"Payments", "HasAttachments", "LineItems", "CISDeduction"}),
        rounds_unit_amounts=True,
        twins=DATE
        | STAMP
        | {
            "DueDate": "DueDateString",
            "ExpectedPaymentDate": "ExpectedPaymentDateString",
            "PlannedPaymentDate": "PlannedPaymentDateString",
        },
    ),
    Endpoint(
        "PurchaseOrders",
        "PurchaseOrderID",
        INVOICES,
        natural_key="PurchaseOrderNumber",
        paging=Paging.PAGED,
        always_paged=True,
        modified_since=True,
        filters=frozenset({"status", "datefrom", "dateto"}),
        twins=DATE | {"DeliveryDate": "DeliveryDateString"},
    ),
    Endpoint(
        "Quotes",
        "QuoteID",
        INVOICES,
        paging=Paging.FIXED,
        always_paged=True,
        modified_since=True,
        filters=frozenset(
            {"status", "datefrom", "dateto", "expirydatefrom", "expirydateto", "contactid", "quotenumber"}
        ),
        twins=DATE | {"ExpiryDate": "ExpiryDateString"},
    ),
    Endpoint(
        "CreditNotes",
        "CreditNoteID",
        INVOICES,
        natural_key="CreditNoteNumber",
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
        rounds_unit_amounts=True,
        twins=DATE | STAMP | {"DueDate": "DueDateString"},
    ),
    Endpoint(
        "Prepayments",
        "PrepaymentID",
        PAYMENTS,
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
        filters=frozenset({"invoicenumbers"}),
        rounds_unit_amounts=True,
        twins=DATE | STAMP,
    ),
    Endpoint(
        "Overpayments",
        "OverpaymentID",
        PAYMENTS,
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
        filters=frozenset({"references"}),
        rounds_unit_amounts=True,
        twins=DATE | STAMP,
    ),
    Endpoint("Payments", "PaymentID", PAYMENTS, paging=Paging.PAGED, modified_since=True, where=True, twins=STAMP),
    Endpoint(
        "ManualJournals",
        "ManualJournalID",
        ("accounting.manualjournals",),
        paging=Paging.PAGED,
        modified_since=True,
        where=True,
    ),
)

# Resource names are case-insensitive in practice (xero.md section 1).
BY_NAME = {endpoint.plural.lower(): endpoint for endpoint in ENDPOINTS}
