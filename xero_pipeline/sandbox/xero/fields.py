"""The fields each endpoint has, so that a `where` or an `order` by a field it lacks is refused (published OpenAPI, MIT)."""

from __future__ import annotations

FIELDS = {
    plural: frozenset(names.split())
    for plural, names in {
        "Accounts": """
            Code Name AccountID Type BankAccountNumber Status Description BankAccountType CurrencyCode TaxType
            EnablePaymentsToAccount ShowInExpenseClaims Class SystemAccount ReportingCode ReportingCodeName
            HasAttachments UpdatedDateUTC AddToWatchlist
        """,
        "TaxRates": """
            Name TaxType TaxComponents Status ReportTaxType CanApplyToAssets CanApplyToEquity CanApplyToExpenses
            CanApplyToLiabilities CanApplyToRevenue DisplayTaxRate EffectiveRate
        """,
        "TrackingCategories": """
            TrackingCategoryID TrackingOptionID Name Option Status Options
        """,
        "Currencies": """
            Code Description
        """,
        "Items": """
            Code InventoryAssetAccountCode Name IsSold IsPurchased Description PurchaseDescription PurchaseDetails
            SalesDetails IsTrackedAsInventory TotalCostPool QuantityOnHand UpdatedDateUTC ItemID
        """,
        "Contacts": """
            ContactID MergedToContactID ContactNumber AccountNumber ContactStatus Name FirstName LastName
            CompanyNumber EmailAddress ContactPersons BankAccountDetails TaxNumber TaxNumberType
            AccountsReceivableTaxType AccountsPayableTaxType Addresses Phones IsSupplier IsCustomer
            SalesDefaultLineAmountType PurchasesDefaultLineAmountType DefaultCurrency XeroNetworkKey
            SalesDefaultAccountCode PurchasesDefaultAccountCode SalesTrackingCategories PurchasesTrackingCategories
            PaymentTerms UpdatedDateUTC ContactGroups Website BrandingTheme Discount Balances HasAttachments
        """,
        "Invoices": """
            Type Contact LineItems Date DueDate LineAmountTypes InvoiceNumber Reference BrandingThemeID Url
            CurrencyCode CurrencyRate Status SentToContact ExpectedPaymentDate PlannedPaymentDate CISDeduction
            CISRate SubTotal TotalTax Total TotalDiscount InvoiceID RepeatingInvoiceID HasAttachments IsDiscounted
            Payments Prepayments Overpayments AmountDue AmountPaid FullyPaidOnDate AmountCredited UpdatedDateUTC
            CreditNotes
        """,
        "PurchaseOrders": """
            Contact LineItems Date DeliveryDate LineAmountTypes PurchaseOrderNumber Reference BrandingThemeID
            CurrencyCode Status SentToContact DeliveryAddress AttentionTo Telephone DeliveryInstructions
            ExpectedArrivalDate PurchaseOrderID CurrencyRate SubTotal TotalTax Total TotalDiscount HasAttachments
            UpdatedDateUTC
        """,
        "Quotes": """
            QuoteID QuoteNumber Reference Terms Contact LineItems Date ExpiryDate Status CurrencyCode CurrencyRate
            SubTotal TotalTax Total TotalDiscount Title Summary BrandingThemeID UpdatedDateUTC LineAmountTypes
        """,
        "CreditNotes": """
            Type Contact Date DueDate Status LineAmountTypes LineItems SubTotal TotalTax Total CISDeduction CISRate
            UpdatedDateUTC CurrencyCode FullyPaidOnDate CreditNoteID CreditNoteNumber Reference SentToContact
            CurrencyRate RemainingCredit Allocations AppliedAmount Payments BrandingThemeID HasAttachments
        """,
        "Prepayments": """
            Type Contact Date Status LineAmountTypes LineItems SubTotal TotalTax Total Reference InvoiceNumber
            UpdatedDateUTC CurrencyCode PrepaymentID BrandingThemeID CurrencyRate RemainingCredit Allocations
            Payments AppliedAmount HasAttachments
        """,
        "Overpayments": """
            Type Contact Date Status LineAmountTypes LineItems SubTotal TotalTax Total UpdatedDateUTC CurrencyCode
            OverpaymentID CurrencyRate RemainingCredit Allocations AppliedAmount Payments HasAttachments Reference
        """,
        "Payments": """
            Invoice CreditNote Prepayment Overpayment InvoiceNumber CreditNoteNumber BatchPayment Account Code Date
            CurrencyRate Amount BankAmount Reference IsReconciled Status PaymentType UpdatedDateUTC PaymentID
            BatchPaymentID BankAccountNumber Particulars Details HasAccount
        """,
        "ManualJournals": """
            Narration JournalLines Date LineAmountTypes Status Url ShowOnCashBasisReports HasAttachments
            UpdatedDateUTC ManualJournalID
        """,
    }.items()
}
