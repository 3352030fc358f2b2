"""The settings of the demo organisation besides its chart: currencies, branding themes, and what it tracks."""

from __future__ import annotations

from datetime import UTC, date, datetime

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record, children_of, text_of

CURRENCIES = (("NZD", "New Zealand Dollar"), ("AUD", "Australian Dollar"), ("USD", "United States Dollar"))
BRANDING_THEMES = ("Standard", "Service Jobs", "Export")
TRACKING = {
    "Region": (
        "Northland",
        "Auckland",
        "Waikato",
        "Wellington",
        "Canterbury",
        "Otago",
        "Australia",
        "Eastside (closed)",
    ),
    "Department": ("Equipment", "Service", "Subscriptions", "Hire", "Administration"),
}
ARCHIVED_OPTION = "Eastside (closed)"
THEMES_MADE = datetime(2013, 1, 8, 3, 20, 0, 0, UTC)


def organisation(book_id: str, created: datetime, lock_date: object) -> Record:
    """The organisation itself; `lock_date` is the last day of the period before the demo begins."""
    return {
        "OrganisationID": book_id,
        "Name": "Tīeke Industrial Supply",
        "LegalName": "Tīeke Industrial Supply Limited",
        "PaysTax": True,
        "Version": "NZ",
        "OrganisationType": "COMPANY",
        "OrganisationEntityType": "COMPANY",
        "BaseCurrency": "NZD",
        "CountryCode": "NZ",
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "RegistrationNumber": "9429000000000",
        "TaxNumber": "101-222-333",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "PAYMENTS",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Inclusive",
        "PeriodLockDate": lock_date,
        "CreatedDateUTC": created,
        "Timezone": "NEWZEALANDSTANDARDTIME",
        "ShortCode": "!t1Ek3",
        "Class": "PREMIUM",
        "Edition": "BUSINESS",
        "LineOfBusiness": "Industrial equipment, service and monitoring",
        "Addresses": [
            {
                "AddressType": "POBOX",
                "AddressLine1": "PO Box 91004",
                "City": "Auckland",
                "Region": "Auckland",
                "PostalCode": "1142",
                "Country": "New Zealand",
                "AttentionTo": "Accounts",
            },
            {
                "AddressType": "STREET",
                "AddressLine1": "14 Foundry Lane",
                "City": "Auckland",
                "Region": "Auckland",
                "PostalCode": "1061",
                "Country": "New Zealand",
                "AttentionTo": "",
            },
        ],
        "Phones": [
            {"PhoneType": "DEFAULT", "PhoneNumber": "555 0140", "PhoneAreaCode": "09", "PhoneCountryCode": "64"},
        ],
        "ExternalLinks": [],
        "PaymentTerms": {
            "Bills": {"Day": 20, "Type": "OFFOLLOWINGMONTH"},
            "Sales": {"Day": 20, "Type": "OFFOLLOWINGMONTH"},
        },
    }


def year_end_before(day: date) -> date:
    """The last 31 March before `day`: the end of the newest financial year that is closed for good."""
    ends = date(day.year, 3, 31)
    return ends if ends < day else ends.replace(year=day.year - 1)


def add_settings(book: Book) -> None:
    """Adds currencies, branding themes and tracking categories; Xero stamps none of them."""
    for code, description in CURRENCIES:
        book.add("Currencies", {"Code": code, "Description": description})
    for order, name in enumerate(BRANDING_THEMES):
        theme: Record = {"BrandingThemeID": book.new_id(), "Name": name, "Type": "INVOICE", "SortOrder": order}
        book.add("BrandingThemes", theme | {"CreatedDateUTC": THEMES_MADE})
    for name, options in TRACKING.items():
        category: Record = {"TrackingCategoryID": book.new_id(), "Name": name, "Status": "ACTIVE"}
        category["Options"] = [
            {
                "TrackingOptionID": book.new_id(),
                "Name": option,
                "Status": "ARCHIVED" if option == ARCHIVED_OPTION else "ACTIVE",
                "TrackingCategoryID": category["TrackingCategoryID"],
            }
            for option in options
        ]
        book.add("TrackingCategories", category)


def tracking_choices(book: Book) -> list[dict[str, Record]]:
    """For each category, option name -> the one tracking record that every line of that option shares."""
    return [
        {
            text_of(option, "Name"): {
                "TrackingCategoryID": category["TrackingCategoryID"],
                "TrackingOptionID": option["TrackingOptionID"],
                "Name": category["Name"],
                "Option": option["Name"],
            }
            for option in children_of(category, "Options")
        }
        for category in book.collections["TrackingCategories"].values()
    ]
