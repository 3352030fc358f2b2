"""The chart of accounts and tax rates that Xero gives an organisation in New Zealand, with a few of its own.

GST codes are those of New Zealand (OUTPUT2, INPUT2, ZERORATED, GSTONIMPORTS, NONE), with the twelve and a half per cent of before
2010 still there and archived.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from xero_pipeline.sandbox.xero.book import Book
from xero_pipeline.sandbox.xero.record import Record

CLASSES = {
    "BANK": "ASSET",
    "CURRENT": "ASSET",
    "INVENTORY": "ASSET",
    "FIXED": "ASSET",
    "NONCURRENT": "ASSET",
    "PREPAYMENT": "ASSET",
    "CURRLIAB": "LIABILITY",
    "LIABILITY": "LIABILITY",
    "TERMLIAB": "LIABILITY",
    "EQUITY": "EQUITY",
    "REVENUE": "REVENUE",
    "SALES": "REVENUE",
    "OTHERINCOME": "REVENUE",
    "DIRECTCOSTS": "EXPENSE",
    "EXPENSE": "EXPENSE",
    "OVERHEADS": "EXPENSE",
    "DEPRECIATN": "EXPENSE",
}
# code | name | type | tax type | system account or a flag (A archived, P payments allowed)
CHART = """
200|Sales|REVENUE|OUTPUT2|
210|Service and Installation|REVENUE|OUTPUT2|
215|Equipment Hire|REVENUE|OUTPUT2|
220|Subscriptions and Monitoring|REVENUE|OUTPUT2|
230|Export Sales|REVENUE|ZERORATED|
250|Freight Recovered|REVENUE|OUTPUT2|
255|Workshop Sales (closed)|REVENUE|OUTPUT2|A
260|Other Revenue|OTHERINCOME|OUTPUT2|
270|Interest Income|OTHERINCOME|NONE|
300|Purchases|DIRECTCOSTS|INPUT2|
310|Cost of Goods Sold|DIRECTCOSTS|INPUT2|
320|Subcontractors|DIRECTCOSTS|INPUT2|
330|Import Freight and Duty|DIRECTCOSTS|INPUT2|
400|Advertising|OVERHEADS|INPUT2|
404|Bank Fees|OVERHEADS|NONE|
408|Cleaning|OVERHEADS|INPUT2|
412|Consulting and Accounting|OVERHEADS|INPUT2|
416|Depreciation|DEPRECIATN|NONE|
420|Entertainment|OVERHEADS|INPUT2|
424|Entertainment - Non deductible|OVERHEADS|INPUT2|
425|Freight and Courier|OVERHEADS|INPUT2|
429|General Expenses|OVERHEADS|INPUT2|
433|Insurance|OVERHEADS|INPUT2|
437|Interest Expense|OVERHEADS|NONE|
441|Legal Expenses|OVERHEADS|INPUT2|
445|Light, Power, Heating|OVERHEADS|INPUT2|
449|Motor Vehicle Expenses|OVERHEADS|INPUT2|
453|Office Expenses|OVERHEADS|INPUT2|
457|Fax and Telex (old)|OVERHEADS|INPUT2|A
461|Printing and Stationery|OVERHEADS|INPUT2|
469|Rent|OVERHEADS|INPUT2|
473|Repairs and Maintenance|OVERHEADS|INPUT2|
477|Salaries|OVERHEADS|NONE|
478|KiwiSaver Employer Contributions|OVERHEADS|NONE|
485|Subscriptions|OVERHEADS|INPUT2|
489|Telephone and Internet|OVERHEADS|INPUT2|
493|Travel - National|OVERHEADS|INPUT2|
494|Travel - International|OVERHEADS|NONE|
497|Bank Revaluations|EXPENSE|NONE|BANKCURRENCYGAIN
498|Unrealised Currency Gains|EXPENSE|NONE|UNREALISEDCURRENCYGAIN
499|Realised Currency Gains|EXPENSE|NONE|REALISEDCURRENCYGAIN
505|Income Tax Expense|EXPENSE|NONE|
610|Accounts Receivable|CURRENT|NONE|DEBTORS
611|Less Provision for Doubtful Debts|CURRENT|NONE|
615|Card Payments Clearing|CURRENT|NONE|P
620|Prepayments|CURRENT|NONE|
625|Goods in Transit|CURRENT|NONE|A
630|Inventory|INVENTORY|NONE|
710|Office Equipment|FIXED|INPUT2|
711|Less Accumulated Depreciation on Office Equipment|FIXED|NONE|
720|Computer Equipment|FIXED|INPUT2|
721|Less Accumulated Depreciation on Computer Equipment|FIXED|NONE|
730|Vehicles|FIXED|INPUT2|
731|Less Accumulated Depreciation on Vehicles|FIXED|NONE|
800|Accounts Payable|CURRLIAB|NONE|CREDITORS
801|Unpaid Expense Claims|CURRLIAB|NONE|UNPAIDEXPCLM
803|Wages Payable|CURRLIAB|NONE|
805|Accruals|CURRLIAB|NONE|
810|Income in Advance|CURRLIAB|NONE|
820|GST|CURRLIAB|NONE|GST
825|PAYE Payable|CURRLIAB|NONE|
830|Income Tax|CURRLIAB|NONE|
840|Historical Adjustment|CURRLIAB|NONE|HISTORICAL
850|Suspense|CURRLIAB|NONE|
860|Rounding|CURRLIAB|NONE|ROUNDING
877|Tracking Transfers|CURRLIAB|NONE|TRACKINGTRANSFERS
880|Owner A Drawings|CURRLIAB|NONE|P
900|Loan|TERMLIAB|NONE|
960|Retained Earnings|EQUITY|NONE|RETAINEDEARNINGS
970|Owner A Share Capital|EQUITY|NONE|
"""
# code | name | number | currency | kind; the card has no code, as a bank account may not (xero.md section 2, Accounts)
BANKS = (
    ("090", "Business Bank Account", "01-0902-0068389-00", "NZD", "BANK"),
    ("091", "Business Savings Account", "01-0902-0068389-25", "NZD", "BANK"),
    ("092", "US Dollar Account", "01-0902-0068389-97", "USD", "BANK"),
    ("", "Company Card", "4987-22XX-XXXX-1180", "NZD", "CREDITCARD"),
)
# tax type | name | rate | report type | applies to (assets, equity, expenses, liabilities, revenue) | status
TAX_RATES = (
    ("OUTPUT2", "15% GST on Income", "15.0000", "OUTPUT", "AELR", "ACTIVE"),
    ("INPUT2", "15% GST on Expenses", "15.0000", "INPUT", "AEXL", "ACTIVE"),
    ("NONE", "No GST", "0.0000", "NONE", "AEXLR", "ACTIVE"),
    ("ZERORATED", "Zero Rated", "0.0000", "OUTPUT", "AELR", "ACTIVE"),
    ("GSTONIMPORTS", "GST on Imports", "0.0000", "GSTONIMPORTS", "L", "ACTIVE"),
    ("OUTPUT", "Old GST on Income (12.5%)", "12.5000", "OUTPUT", "AELR", "ARCHIVED"),
    ("INPUT", "Old GST on Expenses (12.5%)", "12.5000", "INPUT", "AEXL", "ARCHIVED"),
    ("TAX001", "GST 9% long-stay accommodation", "9.0000", "INPUT", "XL", "ACTIVE"),
    ("TAX002", "Partly claimable GST", "7.5000", "INPUT", "XL", "DELETED"),
)
APPLIES = {
    "A": "CanApplyToAssets",
    "E": "CanApplyToEquity",
    "X": "CanApplyToExpenses",
    "L": "CanApplyToLiabilities",
    "R": "CanApplyToRevenue",
}
# Rows that Xero itself laid down long before the organisation began (xero.md section 1, seed rows).
SEEDED = datetime(2013, 1, 8, 3, 14, 15, 926_000, UTC)


def add_chart(book: Book) -> None:
    """Adds every account, bank accounts first, each with the stamp of its seeding."""
    for code, name, number, currency, kind in BANKS:
        account = _account(book, code, name, "BANK", "NONE")
        account |= {"BankAccountNumber": number, "BankAccountType": kind, "CurrencyCode": currency}
        _add(book, account)
    for line in CHART.strip().splitlines():
        code, name, account_type, tax_type, mark = line.split("|")
        account = _account(book, code, name, account_type, tax_type)
        if mark == "A":
            account["Status"] = "ARCHIVED"
        elif mark == "P":
            account["EnablePaymentsToAccount"] = True
        elif mark:
            account["SystemAccount"] = mark
        _add(book, account)


def add_tax_rates(book: Book) -> None:
    """Adds every tax rate; Xero stamps none of them."""
    for tax_type, name, rate, report_type, applies, status in TAX_RATES:
        percent = Decimal(rate)
        component: Record = {"Name": "GST", "Rate": percent, "IsCompound": False, "IsNonRecoverable": False}
        record: Record = {
            "TaxType": tax_type,
            "Name": name,
            "ReportTaxType": report_type,
            "Status": status,
            "DisplayTaxRate": percent,
            "EffectiveRate": percent,
            "TaxComponents": [component],
        }
        record |= {field: letter in applies for letter, field in APPLIES.items()}
        book.add("TaxRates", record)


def _account(book: Book, code: str, name: str, account_type: str, tax_type: str) -> Record:
    account: Record = {
        "AccountID": book.new_id(),
        "Name": name,
        "Type": account_type,
        "Class": CLASSES[account_type],
        "Status": "ACTIVE",
        "TaxType": tax_type,
        "Description": f"{name} of the business" if account_type != "BANK" else "",
        "EnablePaymentsToAccount": False,
        "ShowInExpenseClaims": account_type == "OVERHEADS",
        "AddToWatchlist": account_type == "REVENUE",
        "HasAttachments": False,
    }
    if code:
        account["Code"] = code
    return account


def _add(book: Book, account: Record) -> None:
    count = len(book.collections["Accounts"])
    book.add("Accounts", account, SEEDED + timedelta(milliseconds=137 * count))
