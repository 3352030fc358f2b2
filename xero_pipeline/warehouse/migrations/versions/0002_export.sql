-- What the export needs, from revision 0001 to 0002: frozen once released, like the file before it.

-- Columns that are new are empty until their rows are read again, so Salesforce's objects are read whole once more.
DELETE FROM sync.windows
WHERE
    endpoint IN (
        'salesforce.accounts',
        'salesforce.products',
        'salesforce.opportunities',
        'salesforce.opportunity_lines',
        'salesforce.orders',
        'salesforce.order_lines'
    );

ALTER TABLE salesforce.accounts
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_tracking_1 TEXT,
    ADD COLUMN xero_tracking_2 TEXT,
    ADD COLUMN xero_branding_theme TEXT,
    ADD COLUMN xero_amounts TEXT;

COMMENT ON COLUMN salesforce.accounts.xero_account_code IS 'Code of the ledger account in Xero for sales to this account; null for the usual one';
COMMENT ON COLUMN salesforce.accounts.xero_tax_type IS 'TaxType code in Xero for sales to this account; null for the usual one';
COMMENT ON COLUMN salesforce.accounts.xero_tracking_1 IS 'Option of the export''s first tracking category for sales to this account; null for the usual one';
COMMENT ON COLUMN salesforce.accounts.xero_tracking_2 IS 'Option of the export''s second tracking category for sales to this account; null for the usual one';
COMMENT ON COLUMN salesforce.accounts.xero_branding_theme IS 'Name of the branding theme in Xero for sales to this account; null for the usual one';
COMMENT ON COLUMN salesforce.accounts.xero_amounts IS 'Whether prices of sales to this account are Exclusive or Inclusive of tax, or NoTax; null for what is usual';

-- A box that was not there was not ticked.
ALTER TABLE salesforce.products
    ADD COLUMN xero_sync BOOLEAN DEFAULT false,
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_item_id TEXT COLLATE "C",
    ADD COLUMN xero_export_status TEXT,
    ADD COLUMN xero_export_message TEXT;

ALTER TABLE salesforce.products ALTER COLUMN xero_sync DROP DEFAULT;

COMMENT ON COLUMN salesforce.products.xero_sync IS 'Ticked by a person to have the product as an item in Xero';
COMMENT ON COLUMN salesforce.products.xero_account_code IS 'Code of the ledger account in Xero for sales of this product; null for the usual one';
COMMENT ON COLUMN salesforce.products.xero_tax_type IS 'TaxType code in Xero for sales of this product; null for the usual one';
COMMENT ON COLUMN salesforce.products.xero_item_id IS 'ItemID of the item in Xero that the product is, as Salesforce holds it';
COMMENT ON COLUMN salesforce.products.xero_export_status IS 'What Salesforce shows of the product''s export: Pending, Succeeded or Failed';
COMMENT ON COLUMN salesforce.products.xero_export_message IS 'What Salesforce shows as the reason why the product''s export failed or waits';

-- A box that was not there was not ticked.
ALTER TABLE salesforce.opportunities
    ADD COLUMN xero_export BOOLEAN DEFAULT false,
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_tracking_1 TEXT,
    ADD COLUMN xero_tracking_2 TEXT,
    ADD COLUMN xero_branding_theme TEXT,
    ADD COLUMN xero_amounts TEXT,
    ADD COLUMN xero_currency TEXT,
    ADD COLUMN xero_due_date DATE,
    ADD COLUMN xero_deposit_percent NUMERIC,
    ADD COLUMN xero_export_status TEXT,
    ADD COLUMN xero_export_message TEXT,
    ADD COLUMN xero_invoice_id TEXT COLLATE "C",
    ADD COLUMN xero_invoice_number TEXT,
    ADD COLUMN xero_invoice_status TEXT,
    ADD COLUMN xero_invoice_url TEXT;

ALTER TABLE salesforce.opportunities ALTER COLUMN xero_export DROP DEFAULT;

COMMENT ON COLUMN salesforce.opportunities.xero_export IS 'Ticked by a person to have the opportunity invoiced in Xero';
COMMENT ON COLUMN salesforce.opportunities.xero_account_code IS 'Code of the ledger account in Xero for lines of this opportunity; null for the usual one';
COMMENT ON COLUMN salesforce.opportunities.xero_tax_type IS 'TaxType code in Xero for lines of this opportunity; null for the usual one';
COMMENT ON COLUMN salesforce.opportunities.xero_tracking_1 IS 'Option of the export''s first tracking category for lines of this opportunity; null for the usual one';
COMMENT ON COLUMN salesforce.opportunities.xero_tracking_2 IS 'Option of the export''s second tracking category for lines of this opportunity; null for the usual one';
COMMENT ON COLUMN salesforce.opportunities.xero_branding_theme IS 'Name of the branding theme in Xero for this opportunity; null for the usual one';
COMMENT ON COLUMN salesforce.opportunities.xero_amounts IS 'Whether prices of this opportunity are Exclusive or Inclusive of tax, or NoTax; null for what is usual';
COMMENT ON COLUMN salesforce.opportunities.xero_currency IS 'ISO code of the currency to invoice the opportunity in; null for that of the record or org';
COMMENT ON COLUMN salesforce.opportunities.xero_due_date IS 'The day its invoice is to be due; null for the customer''s terms or the usual rule';
COMMENT ON COLUMN salesforce.opportunities.xero_deposit_percent IS 'Share of the opportunity to invoice first as a deposit, in per cent; null for none';
COMMENT ON COLUMN salesforce.opportunities.xero_export_status IS 'What Salesforce shows of the opportunity''s export: Pending, Succeeded or Failed';
COMMENT ON COLUMN salesforce.opportunities.xero_export_message IS 'What Salesforce shows as the reason why the opportunity''s export failed or waits';
COMMENT ON COLUMN salesforce.opportunities.xero_invoice_id IS 'InvoiceID of the invoice made of the opportunity, as Salesforce holds it';
COMMENT ON COLUMN salesforce.opportunities.xero_invoice_number IS 'Number of the invoice made of the opportunity, as Salesforce shows it';
COMMENT ON COLUMN salesforce.opportunities.xero_invoice_status IS 'Status in Xero of the invoice made of the opportunity, as Salesforce shows it';
COMMENT ON COLUMN salesforce.opportunities.xero_invoice_url IS 'Where the invoice made of the opportunity can be seen, as Salesforce shows it';

ALTER TABLE salesforce.opportunity_lines
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_tracking_1 TEXT,
    ADD COLUMN xero_tracking_2 TEXT;

COMMENT ON COLUMN salesforce.opportunity_lines.xero_account_code IS 'Code of the ledger account in Xero for this line; null for the usual one';
COMMENT ON COLUMN salesforce.opportunity_lines.xero_tax_type IS 'TaxType code in Xero for this line; null for the usual one';
COMMENT ON COLUMN salesforce.opportunity_lines.xero_tracking_1 IS 'Option of the export''s first tracking category for this line; null for the usual one';
COMMENT ON COLUMN salesforce.opportunity_lines.xero_tracking_2 IS 'Option of the export''s second tracking category for this line; null for the usual one';

-- A box that was not there was not ticked.
ALTER TABLE salesforce.orders
    ADD COLUMN xero_export BOOLEAN DEFAULT false,
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_tracking_1 TEXT,
    ADD COLUMN xero_tracking_2 TEXT,
    ADD COLUMN xero_branding_theme TEXT,
    ADD COLUMN xero_amounts TEXT,
    ADD COLUMN xero_currency TEXT,
    ADD COLUMN xero_due_date DATE,
    ADD COLUMN xero_deposit_percent NUMERIC,
    ADD COLUMN xero_export_status TEXT,
    ADD COLUMN xero_export_message TEXT,
    ADD COLUMN xero_invoice_id TEXT COLLATE "C",
    ADD COLUMN xero_invoice_number TEXT,
    ADD COLUMN xero_invoice_status TEXT,
    ADD COLUMN xero_invoice_url TEXT;

ALTER TABLE salesforce.orders ALTER COLUMN xero_export DROP DEFAULT;

COMMENT ON COLUMN salesforce.orders.xero_export IS 'Ticked by a person to have the order invoiced in Xero';
COMMENT ON COLUMN salesforce.orders.xero_account_code IS 'Code of the ledger account in Xero for lines of this order; null for the usual one';
COMMENT ON COLUMN salesforce.orders.xero_tax_type IS 'TaxType code in Xero for lines of this order; null for the usual one';
COMMENT ON COLUMN salesforce.orders.xero_tracking_1 IS 'Option of the export''s first tracking category for lines of this order; null for the usual one';
COMMENT ON COLUMN salesforce.orders.xero_tracking_2 IS 'Option of the export''s second tracking category for lines of this order; null for the usual one';
COMMENT ON COLUMN salesforce.orders.xero_branding_theme IS 'Name of the branding theme in Xero for this order; null for the usual one';
COMMENT ON COLUMN salesforce.orders.xero_amounts IS 'Whether prices of this order are Exclusive or Inclusive of tax, or NoTax; null for what is usual';
COMMENT ON COLUMN salesforce.orders.xero_currency IS 'ISO code of the currency to invoice the order in; null for that of the record or org';
COMMENT ON COLUMN salesforce.orders.xero_due_date IS 'The day its invoice is to be due; null for the customer''s terms or the usual rule';
COMMENT ON COLUMN salesforce.orders.xero_deposit_percent IS 'Share of the order to invoice first as a deposit, in per cent; null for none';
COMMENT ON COLUMN salesforce.orders.xero_export_status IS 'What Salesforce shows of the order''s export: Pending, Succeeded or Failed';
COMMENT ON COLUMN salesforce.orders.xero_export_message IS 'What Salesforce shows as the reason why the order''s export failed or waits';
COMMENT ON COLUMN salesforce.orders.xero_invoice_id IS 'InvoiceID of the invoice made of the order, as Salesforce holds it';
COMMENT ON COLUMN salesforce.orders.xero_invoice_number IS 'Number of the invoice made of the order, as Salesforce shows it';
COMMENT ON COLUMN salesforce.orders.xero_invoice_status IS 'Status in Xero of the invoice made of the order, as Salesforce shows it';
COMMENT ON COLUMN salesforce.orders.xero_invoice_url IS 'Where the invoice made of the order can be seen, as Salesforce shows it';

ALTER TABLE salesforce.order_lines
    ADD COLUMN xero_account_code TEXT,
    ADD COLUMN xero_tax_type TEXT,
    ADD COLUMN xero_tracking_1 TEXT,
    ADD COLUMN xero_tracking_2 TEXT,
    ADD COLUMN xero_discount NUMERIC;

COMMENT ON COLUMN salesforce.order_lines.xero_account_code IS 'Code of the ledger account in Xero for this line; null for the usual one';
COMMENT ON COLUMN salesforce.order_lines.xero_tax_type IS 'TaxType code in Xero for this line; null for the usual one';
COMMENT ON COLUMN salesforce.order_lines.xero_tracking_1 IS 'Option of the export''s first tracking category for this line; null for the usual one';
COMMENT ON COLUMN salesforce.order_lines.xero_tracking_2 IS 'Option of the export''s second tracking category for this line; null for the usual one';
COMMENT ON COLUMN salesforce.order_lines.xero_discount IS 'Discount on the line in Xero, in per cent; null for none';

CREATE TABLE salesforce.notes (
    org_id TEXT COLLATE "C" NOT NULL,
    note_id TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C",
    order_id TEXT COLLATE "C",
    details TEXT,
    xero_export_status TEXT,
    xero_export_message TEXT,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT notes_pkey PRIMARY KEY (org_id, note_id)
);

COMMENT ON TABLE salesforce.notes IS 'What people wrote about a sale for the history of its invoice in Xero; empty in an org without the object';
COMMENT ON COLUMN salesforce.notes.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.notes.note_id IS 'The note''s id';
COMMENT ON COLUMN salesforce.notes.opportunity_id IS 'The opportunity whose invoice it goes to; null for an order''s';
COMMENT ON COLUMN salesforce.notes.order_id IS 'The order whose invoice it goes to; null for an opportunity''s';
COMMENT ON COLUMN salesforce.notes.details IS 'Text of the note';
COMMENT ON COLUMN salesforce.notes.xero_export_status IS 'What Salesforce shows of the note''s export: Pending, Succeeded or Failed';
COMMENT ON COLUMN salesforce.notes.xero_export_message IS 'What Salesforce shows as the reason why the note''s export failed or waits';
COMMENT ON COLUMN salesforce.notes.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.notes.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.notes.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.notes.synced_at IS 'When the content of this row last changed here';

CREATE TABLE sync.export_documents (
    org_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    sale_type TEXT NOT NULL,
    sale_id TEXT COLLATE "C",
    sale_name TEXT,
    part TEXT NOT NULL,
    plan_id TEXT COLLATE "C",
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    action TEXT NOT NULL,
    reasons JSONB,
    cause TEXT,
    before JSONB,
    after JSONB,
    creates JSONB,
    payload JSONB,
    source_hash TEXT,
    account_id TEXT COLLATE "C",
    account_name TEXT,
    contact_id TEXT COLLATE "C",
    contact_state TEXT,
    contact_name TEXT,
    currency_code TEXT,
    currency_state TEXT,
    invoice_date DATE,
    days_after_period_lock INTEGER,
    days_after_year_end_lock INTEGER,
    due_date DATE,
    reference TEXT,
    invoice_number TEXT,
    number_state TEXT,
    branding_theme TEXT,
    branding_state TEXT,
    amounts TEXT,
    line_count INTEGER,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    salesforce_total NUMERIC,
    difference_beyond_tolerance NUMERIC,
    deposit_percent NUMERIC,
    deposit_state TEXT,
    invoice_state TEXT,
    linked_invoices INTEGER,
    orders INTEGER,
    CONSTRAINT export_documents_pkey PRIMARY KEY (org_id, external_id)
);

COMMENT ON TABLE sync.export_documents IS 'What the newest plan of the export would do, one row an invoice to be, and why';
COMMENT ON COLUMN sync.export_documents.org_id IS 'Xero organisation the invoice is for, by OrganisationID';
COMMENT ON COLUMN sync.export_documents.external_id IS 'Invoice to be: the sale''s id, followed by :deposit or :balance where it becomes two';
COMMENT ON COLUMN sync.export_documents.sale_type IS 'opportunity or order';
COMMENT ON COLUMN sync.export_documents.sale_id IS 'Salesforce opportunity or order';
COMMENT ON COLUMN sync.export_documents.sale_name IS 'Name of the opportunity, or number of the order';
COMMENT ON COLUMN sync.export_documents.part IS 'whole, deposit or balance';
COMMENT ON COLUMN sync.export_documents.plan_id IS 'Plan the row is of; a plan is applied by this id or not at all';
COMMENT ON COLUMN sync.export_documents.planned_at IS 'When it was planned';
COMMENT ON COLUMN sync.export_documents.action IS 'create, update, no_op, blocked or waiting';
COMMENT ON COLUMN sync.export_documents.reasons IS 'Checks that refuse it, with the sentence and the remedy of each; null where none does';
COMMENT ON COLUMN sync.export_documents.cause IS 'Root cause of the refusal, the same for all that one act would mend; null where none refuses it';
COMMENT ON COLUMN sync.export_documents.before IS 'Fields of the invoice in Xero that an update would change, as they are';
COMMENT ON COLUMN sync.export_documents.after IS 'Fields of the invoice as they are to be';
COMMENT ON COLUMN sync.export_documents.creates IS 'What has to be created in Xero first, a sentence each; null where nothing has';
COMMENT ON COLUMN sync.export_documents.payload IS 'What is to be sent, to the letter; null where nothing is';
COMMENT ON COLUMN sync.export_documents.source_hash IS 'Digest of the Salesforce records it was planned from: a sale that moved since is not sent';
COMMENT ON COLUMN sync.export_documents.account_id IS 'Salesforce account of the customer';
COMMENT ON COLUMN sync.export_documents.account_name IS 'Name of the account';
COMMENT ON COLUMN sync.export_documents.contact_id IS 'Xero contact of the customer; null where none was found';
COMMENT ON COLUMN sync.export_documents.contact_state IS 'found, to_create, not_found, ambiguous, archived, no_account or do_not_sync';
COMMENT ON COLUMN sync.export_documents.contact_name IS 'Name of the Xero contact';
COMMENT ON COLUMN sync.export_documents.currency_code IS 'ISO code of the currency of the invoice';
COMMENT ON COLUMN sync.export_documents.currency_state IS 'subscribed or not_subscribed: whether the organisation has the currency';
COMMENT ON COLUMN sync.export_documents.invoice_date IS 'Date of the invoice';
COMMENT ON COLUMN sync.export_documents.days_after_period_lock IS 'Days from the period lock date to the invoice date; null where nothing is locked';
COMMENT ON COLUMN sync.export_documents.days_after_year_end_lock IS 'Days from the year-end lock date to the invoice date; null where none is set';
COMMENT ON COLUMN sync.export_documents.due_date IS 'Date the invoice is due';
COMMENT ON COLUMN sync.export_documents.reference IS 'Reference of the invoice';
COMMENT ON COLUMN sync.export_documents.invoice_number IS 'Number of the invoice; null where Xero is to number it';
COMMENT ON COLUMN sync.export_documents.number_state IS 'by_xero, free, own, taken or not_printable: whether the number can be given';
COMMENT ON COLUMN sync.export_documents.branding_theme IS 'Name of the branding theme; null for the organisation''s default';
COMMENT ON COLUMN sync.export_documents.branding_state IS 'default, known or unknown: whether the branding theme is one of the organisation''s';
COMMENT ON COLUMN sync.export_documents.amounts IS 'Exclusive, Inclusive or NoTax: what unit prices and line amounts mean';
COMMENT ON COLUMN sync.export_documents.line_count IS 'Lines of the invoice';
COMMENT ON COLUMN sync.export_documents.sub_total IS 'Total before tax, as Xero adds it up';
COMMENT ON COLUMN sync.export_documents.total_tax IS 'Tax, as Xero works it out';
COMMENT ON COLUMN sync.export_documents.total IS 'Total with tax, as Xero adds it up';
COMMENT ON COLUMN sync.export_documents.salesforce_total IS 'What Salesforce makes of the same lines, with tax only where prices include it';
COMMENT ON COLUMN sync.export_documents.difference_beyond_tolerance IS 'How much further apart the two are than is tolerated; zero agrees';
COMMENT ON COLUMN sync.export_documents.deposit_percent IS 'Share of the sale that the deposit is, in per cent; null without one';
COMMENT ON COLUMN sync.export_documents.deposit_state IS 'none, deposit, balance, gone or out_of_range: how the sale is split, and whether its deposit still stands';
COMMENT ON COLUMN sync.export_documents.invoice_state IS 'new, open, header_only, paid, voided, deleted, locked or vanished: what Xero allows';
COMMENT ON COLUMN sync.export_documents.linked_invoices IS 'Invoices that Xero already has for the sale from elsewhere, or from when it was split otherwise';
COMMENT ON COLUMN sync.export_documents.orders IS 'Orders made from the opportunity that are to be invoiced themselves';

CREATE TABLE sync.export_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    external_id TEXT COLLATE "C" NOT NULL,
    line_id TEXT COLLATE "C" NOT NULL,
    position INTEGER,
    product_id TEXT COLLATE "C",
    item_code TEXT,
    item_state TEXT,
    item_name TEXT,
    description TEXT,
    quantity NUMERIC,
    unit_amount NUMERIC,
    discount_rate NUMERIC,
    account_code TEXT,
    account_state TEXT,
    account_class TEXT,
    tax_type TEXT,
    tax_state TEXT,
    tracking_1 TEXT,
    tracking_1_state TEXT,
    tracking_2 TEXT,
    tracking_2_state TEXT,
    line_amount NUMERIC,
    tax_amount NUMERIC,
    CONSTRAINT export_lines_pkey PRIMARY KEY (org_id, external_id, line_id)
);

COMMENT ON TABLE sync.export_lines IS 'Lines of the invoices that the newest plan of the export holds';
COMMENT ON COLUMN sync.export_lines.org_id IS 'Xero organisation the invoice is for, by OrganisationID';
COMMENT ON COLUMN sync.export_lines.external_id IS 'Invoice to be: the sale''s id, followed by :deposit or :balance where it becomes two';
COMMENT ON COLUMN sync.export_lines.line_id IS 'Line in Salesforce it is made of';
COMMENT ON COLUMN sync.export_lines.position IS 'Position on the invoice, from 1';
COMMENT ON COLUMN sync.export_lines.product_id IS 'Salesforce product';
COMMENT ON COLUMN sync.export_lines.item_code IS 'Code of the item in Xero; null where the product has none';
COMMENT ON COLUMN sync.export_lines.item_state IS 'known, to_create, unknown, not_sold, missing or not_needed: whether Xero has the item and sells it';
COMMENT ON COLUMN sync.export_lines.item_name IS 'Name of the item';
COMMENT ON COLUMN sync.export_lines.description IS 'Description of the line';
COMMENT ON COLUMN sync.export_lines.quantity IS 'Quantity';
COMMENT ON COLUMN sync.export_lines.unit_amount IS 'Price of one, before discount';
COMMENT ON COLUMN sync.export_lines.discount_rate IS 'Discount in per cent; null for none';
COMMENT ON COLUMN sync.export_lines.account_code IS 'Code of the ledger account; null where none is named';
COMMENT ON COLUMN sync.export_lines.account_state IS 'active, unknown, archived or missing';
COMMENT ON COLUMN sync.export_lines.account_class IS 'Class of the ledger account in Xero, such as REVENUE; null where it is unknown';
COMMENT ON COLUMN sync.export_lines.tax_type IS 'TaxType code; null where none is named';
COMMENT ON COLUMN sync.export_lines.tax_state IS 'fits, unknown, inactive, wrong_class, missing or not_needed: whether the account takes the rate';
COMMENT ON COLUMN sync.export_lines.tracking_1 IS 'Option of the first tracking category; null for none';
COMMENT ON COLUMN sync.export_lines.tracking_1_state IS 'none, known, unknown or archived';
COMMENT ON COLUMN sync.export_lines.tracking_2 IS 'Option of the second tracking category; null for none';
COMMENT ON COLUMN sync.export_lines.tracking_2_state IS 'none, known, unknown or archived';
COMMENT ON COLUMN sync.export_lines.line_amount IS 'Amount of the line, as Xero works it out';
COMMENT ON COLUMN sync.export_lines.tax_amount IS 'Tax of the line, as Xero works it out';

ALTER TABLE sync.deliveries
    ADD COLUMN step TEXT,
    ADD COLUMN cause TEXT,
    ADD COLUMN source_hash TEXT,
    ADD COLUMN call_key TEXT,
    ADD COLUMN called_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN line_ids JSONB,
    ADD COLUMN online_url TEXT;

-- A person's decision to leave a failure at that does not undo the failure (products.md 2.26).
COMMENT ON COLUMN sync.deliveries.status IS 'pending, succeeded or failed';

COMMENT ON COLUMN sync.deliveries.step IS 'Step of the export that failed: customer, products, invoice, item or note';
COMMENT ON COLUMN sync.deliveries.cause IS 'Root cause of the failure, the same for all that one act would mend, such as item_is_known:GTW-3';
COMMENT ON COLUMN sync.deliveries.source_hash IS 'Digest of the Salesforce records it was made from, by which a later change of them is told';
COMMENT ON COLUMN sync.deliveries.call_key IS 'Idempotency key of the call it last went out in; null until it did';
COMMENT ON COLUMN sync.deliveries.called_at IS 'When that call was begun; null before it, and again once its outcome is known';
COMMENT ON COLUMN sync.deliveries.line_ids IS 'The lines in the order they are sent in: id in Salesforce and, once known, LineItemID in Xero';
COMMENT ON COLUMN sync.deliveries.online_url IS 'Where the customer can see the invoice in Xero';
