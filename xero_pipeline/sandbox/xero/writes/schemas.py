"""The fields a client may write, by endpoint, with their types and limits (xero.md section 2 and the published OpenAPI)."""

from __future__ import annotations

from xero_pipeline.sandbox.xero.accounts import CLASSES
from xero_pipeline.sandbox.xero.writes.reading import (
    Schema,
    day,
    flag,
    guid,
    many,
    nested,
    number,
    one_of,
    text,
    whole,
)

CODE, SHORT, LONG, LONGEST = text(50), text(255), text(500), text(4000)
LINE_AMOUNT_TYPES = one_of("Exclusive", "Inclusive", "NoTax")
ACTIVE_OR_ARCHIVED = one_of("ACTIVE", "ARCHIVED")

TRACKING: Schema = {"TrackingCategoryID": guid, "TrackingOptionID": guid, "Name": text(100), "Option": text(100)}
LINE: Schema = {
    "LineItemID": guid,
    "Description": LONGEST,
    "Quantity": number,
    "UnitAmount": number,
    "ItemCode": text(30),
    "AccountCode": text(10),
    "AccountID": guid,
    "TaxType": CODE,
    "TaxAmount": number,
    "LineAmount": number,
    "DiscountRate": number,
    "DiscountAmount": number,
    "Tracking": many(TRACKING),
}
TERM: Schema = {
    "Day": whole,
    "Type": one_of("DAYSAFTERBILLDATE", "DAYSAFTERBILLMONTH", "OFCURRENTMONTH", "OFFOLLOWINGMONTH"),
}
ADDRESS: Schema = {
    "AddressType": one_of("POBOX", "STREET"),
    **{f"AddressLine{line}": LONG for line in range(1, 5)},
    "City": SHORT,
    "Region": SHORT,
    "PostalCode": CODE,
    "Country": CODE,
    "AttentionTo": SHORT,
}
PHONE: Schema = {
    "PhoneType": one_of("DEFAULT", "DDI", "MOBILE", "FAX", "OFFICE"),
    "PhoneNumber": CODE,
    "PhoneAreaCode": text(10),
    "PhoneCountryCode": text(20),
}
PERSON: Schema = {"FirstName": SHORT, "LastName": SHORT, "EmailAddress": SHORT, "IncludeInEmails": flag}
CONTACT: Schema = {
    "ContactID": guid,
    "ContactNumber": CODE,
    "AccountNumber": CODE,
    "ContactStatus": one_of("ACTIVE", "ARCHIVED", "GDPRREQUEST"),
    "Name": SHORT,
    "FirstName": SHORT,
    "LastName": SHORT,
    "EmailAddress": SHORT,
    "CompanyNumber": CODE,
    "TaxNumber": CODE,
    "TaxNumberType": one_of("SSN", "EIN", "ITIN", "ATIN"),
    "BankAccountDetails": SHORT,
    "AccountsReceivableTaxType": CODE,
    "AccountsPayableTaxType": CODE,
    "Addresses": many(ADDRESS),
    "Phones": many(PHONE),
    "ContactPersons": many(PERSON, most=5),
    "XeroNetworkKey": SHORT,
    "SalesDefaultAccountCode": text(10),
    "PurchasesDefaultAccountCode": text(10),
    "SalesDefaultLineAmountType": one_of("INCLUSIVE", "EXCLUSIVE", "NONE"),
    "PurchasesDefaultLineAmountType": one_of("INCLUSIVE", "EXCLUSIVE", "NONE"),
    "DefaultCurrency": text(3),
    "PaymentTerms": nested({"Bills": nested(TERM), "Sales": nested(TERM)}),
}
DOCUMENT: Schema = {
    "Contact": nested(CONTACT),
    "LineItems": many(LINE),
    "Date": day,
    "LineAmountTypes": LINE_AMOUNT_TYPES,
    "Reference": SHORT,
    "BrandingThemeID": guid,
    "CurrencyCode": text(3),
    "CurrencyRate": number,
}
INVOICE: Schema = {
    **DOCUMENT,
    "InvoiceID": guid,
    "InvoiceNumber": SHORT,
    "Type": one_of("ACCREC", "ACCPAY"),
    "Status": one_of("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
    "DueDate": day,
    "Url": LONG,
    "SentToContact": flag,
    "ExpectedPaymentDate": day,
    "PlannedPaymentDate": day,
}
CREDIT_NOTE: Schema = {
    **DOCUMENT,
    "CreditNoteID": guid,
    "CreditNoteNumber": SHORT,
    "Type": one_of("ACCRECCREDIT", "ACCPAYCREDIT"),
    "Status": one_of("DRAFT", "SUBMITTED", "AUTHORISED", "PAID", "VOIDED", "DELETED"),
    "SentToContact": flag,
}
PURCHASE_ORDER: Schema = {
    **DOCUMENT,
    "PurchaseOrderID": guid,
    "PurchaseOrderNumber": SHORT,
    "Status": one_of("DRAFT", "SUBMITTED", "AUTHORISED", "BILLED", "DELETED"),
    "DeliveryDate": day,
    "ExpectedArrivalDate": day,
    "DeliveryAddress": LONGEST,
    "AttentionTo": SHORT,
    "Telephone": CODE,
    "DeliveryInstructions": LONG,
    "SentToContact": flag,
}
QUOTE: Schema = {
    **DOCUMENT,
    "QuoteID": guid,
    "QuoteNumber": SHORT,
    "Status": one_of("DRAFT", "SENT", "DECLINED", "ACCEPTED", "INVOICED", "DELETED"),
    # In capitals, unlike every other document's.
    "LineAmountTypes": one_of("EXCLUSIVE", "INCLUSIVE", "NOTAX"),
    "Reference": LONGEST,
    "ExpiryDate": day,
    "Title": text(100),
    "Summary": text(3000),
    "Terms": LONGEST,
}
JOURNAL: Schema = {
    "ManualJournalID": guid,
    "Narration": LONGEST,
    "Date": day,
    "Status": one_of("DRAFT", "POSTED", "DELETED", "VOIDED", "ARCHIVED"),
    "LineAmountTypes": LINE_AMOUNT_TYPES,
    "ShowOnCashBasisReports": flag,
    "Url": LONG,
    "JournalLines": many(
        {
            "LineAmount": number,
            "AccountCode": text(10),
            "AccountID": guid,
            "Description": LONGEST,
            "TaxType": CODE,
            "Tracking": many(TRACKING),
        }
    ),
}
INVOICE_KEY = nested({"InvoiceID": guid, "InvoiceNumber": SHORT})
PAYMENT: Schema = {
    "PaymentID": guid,
    "Invoice": INVOICE_KEY,
    "CreditNote": nested({"CreditNoteID": guid, "CreditNoteNumber": SHORT}),
    "Prepayment": nested({"PrepaymentID": guid}),
    "Overpayment": nested({"OverpaymentID": guid}),
    # By their numbers outside the objects too, as the older form has it.
    "InvoiceNumber": SHORT,
    "CreditNoteNumber": SHORT,
    "Account": nested({"AccountID": guid, "Code": text(10)}),
    "Date": day,
    "Amount": number,
    "CurrencyRate": number,
    "BankAmount": number,
    "Reference": SHORT,
    "IsReconciled": flag,
    "Status": one_of("AUTHORISED", "DELETED"),
}
ALLOCATION: Schema = {"Invoice": INVOICE_KEY, "Amount": number}
DETAILS = nested({"UnitPrice": number, "AccountCode": text(10), "COGSAccountCode": text(10), "TaxType": CODE})
ITEM: Schema = {
    "ItemID": guid,
    "Code": text(30),
    "Name": text(50),
    "Description": LONGEST,
    "PurchaseDescription": LONGEST,
    "IsSold": flag,
    "IsPurchased": flag,
    "InventoryAssetAccountCode": text(10),
    "SalesDetails": DETAILS,
    "PurchaseDetails": DETAILS,
}
ACCOUNT: Schema = {
    "AccountID": guid,
    "Code": text(10),
    "Name": text(150),
    "Type": one_of(*CLASSES),
    "Status": ACTIVE_OR_ARCHIVED,
    "Description": LONGEST,
    "TaxType": CODE,
    "EnablePaymentsToAccount": flag,
    "ShowInExpenseClaims": flag,
    "AddToWatchlist": flag,
    "BankAccountNumber": CODE,
    "BankAccountType": one_of("BANK", "CREDITCARD", "PAYPAL"),
    "CurrencyCode": text(3),
}
TAX_RATE: Schema = {
    "Name": CODE,
    "TaxType": CODE,
    "ReportTaxType": CODE,
    "Status": one_of("ACTIVE", "DELETED", "ARCHIVED", "PENDING"),
    "TaxComponents": many({"Name": CODE, "Rate": number, "IsCompound": flag, "IsNonRecoverable": flag}),
}
CURRENCY: Schema = {"Code": text(3), "Description": SHORT}
TRACKING_OPTION: Schema = {"TrackingOptionID": guid, "Name": text(100), "Status": ACTIVE_OR_ARCHIVED}
TRACKING_CATEGORY: Schema = {
    "TrackingCategoryID": guid,
    "Name": text(100),
    "Status": ACTIVE_OR_ARCHIVED,
    "Options": many(TRACKING_OPTION),
}
HISTORY_RECORD: Schema = {"Details": text(2500)}
