-- Every table as of revision 0001, frozen: later revisions change it, this file never does.

CREATE TABLE xero.invoices (
    org_id TEXT COLLATE "C" NOT NULL,
    invoice_id TEXT COLLATE "C" NOT NULL,
    type TEXT,
    status TEXT,
    invoice_number TEXT,
    reference TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    due_date DATE,
    expected_payment_date DATE,
    planned_payment_date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    total_discount NUMERIC,
    amount_due NUMERIC,
    amount_paid NUMERIC,
    amount_credited NUMERIC,
    cis_deduction NUMERIC,
    fully_paid_on_date DATE,
    branding_theme_id TEXT COLLATE "C",
    repeating_invoice_id TEXT COLLATE "C",
    url TEXT,
    sent_to_contact BOOLEAN,
    is_discounted BOOLEAN,
    has_attachments BOOLEAN,
    in_scope BOOLEAN DEFAULT true NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT invoices_pkey PRIMARY KEY (org_id, invoice_id)
);

COMMENT ON TABLE xero.invoices IS 'Sales invoices (type ACCREC) and bills (type ACCPAY), every status: voided and deleted ones stay and say so';
COMMENT ON COLUMN xero.invoices.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.invoices.invoice_id IS 'Xero''s InvoiceID';
COMMENT ON COLUMN xero.invoices.type IS 'ACCREC for a sales invoice, ACCPAY for a bill';
COMMENT ON COLUMN xero.invoices.status IS 'DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED or DELETED';
COMMENT ON COLUMN xero.invoices.invoice_number IS 'Number: ours and unique on sales invoices, the supplier''s on bills';
COMMENT ON COLUMN xero.invoices.reference IS 'Reference; sales invoices only';
COMMENT ON COLUMN xero.invoices.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.invoices.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.invoices.date IS 'Date of the document';
COMMENT ON COLUMN xero.invoices.due_date IS 'Date it is due to be paid';
COMMENT ON COLUMN xero.invoices.expected_payment_date IS 'When the customer is expected to pay; sales invoices only';
COMMENT ON COLUMN xero.invoices.planned_payment_date IS 'When payment is planned; bills only';
COMMENT ON COLUMN xero.invoices.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.invoices.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.invoices.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.invoices.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.invoices.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.invoices.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.invoices.total_discount IS 'Discount given on the lines, in the document''s currency';
COMMENT ON COLUMN xero.invoices.amount_due IS 'Still to be paid, in the document''s currency';
COMMENT ON COLUMN xero.invoices.amount_paid IS 'Paid by payments, in the document''s currency';
COMMENT ON COLUMN xero.invoices.amount_credited IS 'Covered by credit notes, prepayments and overpayments, in the document''s currency';
COMMENT ON COLUMN xero.invoices.cis_deduction IS 'UK Construction Industry Scheme deduction, in the document''s currency';
COMMENT ON COLUMN xero.invoices.fully_paid_on_date IS 'When it was paid in full; stays after a reversal, so it never tells paid from unpaid';
COMMENT ON COLUMN xero.invoices.branding_theme_id IS 'Theme it is printed with; sales invoices only';
COMMENT ON COLUMN xero.invoices.repeating_invoice_id IS 'Template it was made from';
COMMENT ON COLUMN xero.invoices.url IS 'Link to a source document elsewhere';
COMMENT ON COLUMN xero.invoices.sent_to_contact IS 'Marked as sent to the contact; null where Xero does not say';
COMMENT ON COLUMN xero.invoices.is_discounted IS 'A line has a discount; null where Xero does not say';
COMMENT ON COLUMN xero.invoices.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.invoices.in_scope IS 'Passes the organisation''s invoice-number prefixes; bills always do';
COMMENT ON COLUMN xero.invoices.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.invoices.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.invoices.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.invoice_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    invoice_id TEXT COLLATE "C" NOT NULL,
    line_item_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER NOT NULL,
    description TEXT,
    quantity NUMERIC,
    unit_amount NUMERIC,
    item_code TEXT,
    account_code TEXT,
    account_id TEXT COLLATE "C",
    tax_type TEXT,
    tax_amount NUMERIC,
    line_amount NUMERIC,
    discount_rate NUMERIC,
    discount_amount NUMERIC,
    tracking_1_category_id TEXT COLLATE "C",
    tracking_1_option_id TEXT COLLATE "C",
    tracking_1_name TEXT,
    tracking_1_option TEXT,
    tracking_2_category_id TEXT COLLATE "C",
    tracking_2_option_id TEXT COLLATE "C",
    tracking_2_name TEXT,
    tracking_2_option TEXT,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT invoice_lines_pkey PRIMARY KEY (org_id, invoice_id, line_item_id)
);

COMMENT ON TABLE xero.invoice_lines IS 'Lines of sales invoices and bills';
COMMENT ON COLUMN xero.invoice_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.invoice_lines.invoice_id IS 'Document the line belongs to';
COMMENT ON COLUMN xero.invoice_lines.line_item_id IS 'Xero''s LineItemID; the line''s number where Xero sends none';
COMMENT ON COLUMN xero.invoice_lines.line_number IS 'Position in the document, from 1';
COMMENT ON COLUMN xero.invoice_lines.description IS 'What the line is for';
COMMENT ON COLUMN xero.invoice_lines.quantity IS 'Number of units, up to 4 decimals';
COMMENT ON COLUMN xero.invoice_lines.unit_amount IS 'Price of a unit in the document''s currency, up to 4 decimals';
COMMENT ON COLUMN xero.invoice_lines.item_code IS 'Code of the item, where the line names one';
COMMENT ON COLUMN xero.invoice_lines.account_code IS 'Account the line is coded to';
COMMENT ON COLUMN xero.invoice_lines.account_id IS 'Account the line is coded to, by id';
COMMENT ON COLUMN xero.invoice_lines.tax_type IS 'Tax type of the line';
COMMENT ON COLUMN xero.invoice_lines.tax_amount IS 'Tax of the line in the document''s currency';
COMMENT ON COLUMN xero.invoice_lines.line_amount IS 'Quantity x unit amount less discount, in the document''s currency';
COMMENT ON COLUMN xero.invoice_lines.discount_rate IS 'Discount in per cent, where given as a rate';
COMMENT ON COLUMN xero.invoice_lines.discount_amount IS 'Discount in the document''s currency, where given as an amount';
COMMENT ON COLUMN xero.invoice_lines.tracking_1_category_id IS 'Category of the line''s first tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_1_option_id IS 'Option of the line''s first tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_1_name IS 'Category name of the line''s first tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_1_option IS 'Option name of the line''s first tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_2_category_id IS 'Category of the line''s second tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_2_option_id IS 'Option of the line''s second tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_2_name IS 'Category name of the line''s second tracking value';
COMMENT ON COLUMN xero.invoice_lines.tracking_2_option IS 'Option name of the line''s second tracking value';
COMMENT ON COLUMN xero.invoice_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.purchase_orders (
    org_id TEXT COLLATE "C" NOT NULL,
    purchase_order_id TEXT COLLATE "C" NOT NULL,
    status TEXT,
    purchase_order_number TEXT,
    reference TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    delivery_date DATE,
    expected_arrival_date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    total_discount NUMERIC,
    branding_theme_id TEXT COLLATE "C",
    delivery_address TEXT,
    attention_to TEXT,
    telephone TEXT,
    delivery_instructions TEXT,
    sent_to_contact BOOLEAN,
    is_discounted BOOLEAN,
    has_attachments BOOLEAN,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT purchase_orders_pkey PRIMARY KEY (org_id, purchase_order_id)
);

COMMENT ON TABLE xero.purchase_orders IS 'Purchase orders, every status';
COMMENT ON COLUMN xero.purchase_orders.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.purchase_orders.purchase_order_id IS 'Xero''s PurchaseOrderID';
COMMENT ON COLUMN xero.purchase_orders.status IS 'DRAFT, SUBMITTED, AUTHORISED, BILLED or DELETED';
COMMENT ON COLUMN xero.purchase_orders.purchase_order_number IS 'Number, unique in the organisation';
COMMENT ON COLUMN xero.purchase_orders.reference IS 'Reference';
COMMENT ON COLUMN xero.purchase_orders.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.purchase_orders.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.purchase_orders.date IS 'Date of the document';
COMMENT ON COLUMN xero.purchase_orders.delivery_date IS 'Date the goods are to be delivered';
COMMENT ON COLUMN xero.purchase_orders.expected_arrival_date IS 'Date the goods are expected';
COMMENT ON COLUMN xero.purchase_orders.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.purchase_orders.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.purchase_orders.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.purchase_orders.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.purchase_orders.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.purchase_orders.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.purchase_orders.total_discount IS 'Discount given on the lines, in the document''s currency';
COMMENT ON COLUMN xero.purchase_orders.branding_theme_id IS 'Theme it is printed with';
COMMENT ON COLUMN xero.purchase_orders.delivery_address IS 'Where the goods go';
COMMENT ON COLUMN xero.purchase_orders.attention_to IS 'Who takes delivery';
COMMENT ON COLUMN xero.purchase_orders.telephone IS 'Telephone number for the delivery';
COMMENT ON COLUMN xero.purchase_orders.delivery_instructions IS 'Instructions for the delivery';
COMMENT ON COLUMN xero.purchase_orders.sent_to_contact IS 'Marked as sent to the contact; null where Xero does not say';
COMMENT ON COLUMN xero.purchase_orders.is_discounted IS 'A line has a discount; null where Xero does not say';
COMMENT ON COLUMN xero.purchase_orders.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.purchase_orders.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.purchase_orders.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.purchase_orders.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.purchase_order_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    purchase_order_id TEXT COLLATE "C" NOT NULL,
    line_item_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER NOT NULL,
    description TEXT,
    quantity NUMERIC,
    unit_amount NUMERIC,
    item_code TEXT,
    account_code TEXT,
    account_id TEXT COLLATE "C",
    tax_type TEXT,
    tax_amount NUMERIC,
    line_amount NUMERIC,
    discount_rate NUMERIC,
    discount_amount NUMERIC,
    tracking_1_category_id TEXT COLLATE "C",
    tracking_1_option_id TEXT COLLATE "C",
    tracking_1_name TEXT,
    tracking_1_option TEXT,
    tracking_2_category_id TEXT COLLATE "C",
    tracking_2_option_id TEXT COLLATE "C",
    tracking_2_name TEXT,
    tracking_2_option TEXT,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT purchase_order_lines_pkey PRIMARY KEY (org_id, purchase_order_id, line_item_id)
);

COMMENT ON TABLE xero.purchase_order_lines IS 'Lines of purchase orders';
COMMENT ON COLUMN xero.purchase_order_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.purchase_order_lines.purchase_order_id IS 'Document the line belongs to';
COMMENT ON COLUMN xero.purchase_order_lines.line_item_id IS 'Xero''s LineItemID; the line''s number where Xero sends none';
COMMENT ON COLUMN xero.purchase_order_lines.line_number IS 'Position in the document, from 1';
COMMENT ON COLUMN xero.purchase_order_lines.description IS 'What the line is for';
COMMENT ON COLUMN xero.purchase_order_lines.quantity IS 'Number of units, up to 4 decimals';
COMMENT ON COLUMN xero.purchase_order_lines.unit_amount IS 'Price of a unit in the document''s currency, up to 4 decimals';
COMMENT ON COLUMN xero.purchase_order_lines.item_code IS 'Code of the item, where the line names one';
COMMENT ON COLUMN xero.purchase_order_lines.account_code IS 'Account the line is coded to';
COMMENT ON COLUMN xero.purchase_order_lines.account_id IS 'Account the line is coded to, by id';
COMMENT ON COLUMN xero.purchase_order_lines.tax_type IS 'Tax type of the line';
COMMENT ON COLUMN xero.purchase_order_lines.tax_amount IS 'Tax of the line in the document''s currency';
COMMENT ON COLUMN xero.purchase_order_lines.line_amount IS 'Quantity x unit amount less discount, in the document''s currency';
COMMENT ON COLUMN xero.purchase_order_lines.discount_rate IS 'Discount in per cent, where given as a rate';
COMMENT ON COLUMN xero.purchase_order_lines.discount_amount IS 'Discount in the document''s currency, where given as an amount';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_1_category_id IS 'Category of the line''s first tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_1_option_id IS 'Option of the line''s first tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_1_name IS 'Category name of the line''s first tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_1_option IS 'Option name of the line''s first tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_2_category_id IS 'Category of the line''s second tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_2_option_id IS 'Option of the line''s second tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_2_name IS 'Category name of the line''s second tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.tracking_2_option IS 'Option name of the line''s second tracking value';
COMMENT ON COLUMN xero.purchase_order_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.quotes (
    org_id TEXT COLLATE "C" NOT NULL,
    quote_id TEXT COLLATE "C" NOT NULL,
    status TEXT,
    quote_number TEXT,
    reference TEXT,
    title TEXT,
    summary TEXT,
    terms TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    expiry_date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    total_discount NUMERIC,
    branding_theme_id TEXT COLLATE "C",
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT quotes_pkey PRIMARY KEY (org_id, quote_id)
);

COMMENT ON TABLE xero.quotes IS 'Quotes, every status';
COMMENT ON COLUMN xero.quotes.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.quotes.quote_id IS 'Xero''s QuoteID';
COMMENT ON COLUMN xero.quotes.status IS 'DRAFT, SENT, DECLINED, ACCEPTED, INVOICED or DELETED';
COMMENT ON COLUMN xero.quotes.quote_number IS 'Number, unique in the organisation';
COMMENT ON COLUMN xero.quotes.reference IS 'Reference';
COMMENT ON COLUMN xero.quotes.title IS 'Title';
COMMENT ON COLUMN xero.quotes.summary IS 'Summary';
COMMENT ON COLUMN xero.quotes.terms IS 'Terms';
COMMENT ON COLUMN xero.quotes.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.quotes.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.quotes.date IS 'Date of the document';
COMMENT ON COLUMN xero.quotes.expiry_date IS 'Date the offer ends';
COMMENT ON COLUMN xero.quotes.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.quotes.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.quotes.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.quotes.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.quotes.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.quotes.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.quotes.total_discount IS 'Discount given on the lines, in the document''s currency';
COMMENT ON COLUMN xero.quotes.branding_theme_id IS 'Theme it is printed with';
COMMENT ON COLUMN xero.quotes.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.quotes.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.quotes.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.quote_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    quote_id TEXT COLLATE "C" NOT NULL,
    line_item_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER NOT NULL,
    description TEXT,
    quantity NUMERIC,
    unit_amount NUMERIC,
    item_code TEXT,
    account_code TEXT,
    account_id TEXT COLLATE "C",
    tax_type TEXT,
    tax_amount NUMERIC,
    line_amount NUMERIC,
    discount_rate NUMERIC,
    discount_amount NUMERIC,
    tracking_1_category_id TEXT COLLATE "C",
    tracking_1_option_id TEXT COLLATE "C",
    tracking_1_name TEXT,
    tracking_1_option TEXT,
    tracking_2_category_id TEXT COLLATE "C",
    tracking_2_option_id TEXT COLLATE "C",
    tracking_2_name TEXT,
    tracking_2_option TEXT,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT quote_lines_pkey PRIMARY KEY (org_id, quote_id, line_item_id)
);

COMMENT ON TABLE xero.quote_lines IS 'Lines of quotes';
COMMENT ON COLUMN xero.quote_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.quote_lines.quote_id IS 'Document the line belongs to';
COMMENT ON COLUMN xero.quote_lines.line_item_id IS 'Xero''s LineItemID; the line''s number where Xero sends none';
COMMENT ON COLUMN xero.quote_lines.line_number IS 'Position in the document, from 1';
COMMENT ON COLUMN xero.quote_lines.description IS 'What the line is for';
COMMENT ON COLUMN xero.quote_lines.quantity IS 'Number of units, up to 4 decimals';
COMMENT ON COLUMN xero.quote_lines.unit_amount IS 'Price of a unit in the document''s currency, up to 4 decimals';
COMMENT ON COLUMN xero.quote_lines.item_code IS 'Code of the item, where the line names one';
COMMENT ON COLUMN xero.quote_lines.account_code IS 'Account the line is coded to';
COMMENT ON COLUMN xero.quote_lines.account_id IS 'Account the line is coded to, by id';
COMMENT ON COLUMN xero.quote_lines.tax_type IS 'Tax type of the line';
COMMENT ON COLUMN xero.quote_lines.tax_amount IS 'Tax of the line in the document''s currency';
COMMENT ON COLUMN xero.quote_lines.line_amount IS 'Quantity x unit amount less discount, in the document''s currency';
COMMENT ON COLUMN xero.quote_lines.discount_rate IS 'Discount in per cent, where given as a rate';
COMMENT ON COLUMN xero.quote_lines.discount_amount IS 'Discount in the document''s currency, where given as an amount';
COMMENT ON COLUMN xero.quote_lines.tracking_1_category_id IS 'Category of the line''s first tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_1_option_id IS 'Option of the line''s first tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_1_name IS 'Category name of the line''s first tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_1_option IS 'Option name of the line''s first tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_2_category_id IS 'Category of the line''s second tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_2_option_id IS 'Option of the line''s second tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_2_name IS 'Category name of the line''s second tracking value';
COMMENT ON COLUMN xero.quote_lines.tracking_2_option IS 'Option name of the line''s second tracking value';
COMMENT ON COLUMN xero.quote_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.credit_notes (
    org_id TEXT COLLATE "C" NOT NULL,
    credit_note_id TEXT COLLATE "C" NOT NULL,
    type TEXT,
    status TEXT,
    credit_note_number TEXT,
    reference TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    due_date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    remaining_credit NUMERIC,
    applied_amount NUMERIC,
    cis_deduction NUMERIC,
    fully_paid_on_date DATE,
    branding_theme_id TEXT COLLATE "C",
    sent_to_contact BOOLEAN,
    has_attachments BOOLEAN,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT credit_notes_pkey PRIMARY KEY (org_id, credit_note_id)
);

COMMENT ON TABLE xero.credit_notes IS 'Credit notes to customers (type ACCRECCREDIT) and from suppliers (type ACCPAYCREDIT), every status';
COMMENT ON COLUMN xero.credit_notes.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.credit_notes.credit_note_id IS 'Xero''s CreditNoteID';
COMMENT ON COLUMN xero.credit_notes.type IS 'ACCRECCREDIT for a customer''s, ACCPAYCREDIT for a supplier''s';
COMMENT ON COLUMN xero.credit_notes.status IS 'DRAFT, SUBMITTED, AUTHORISED, PAID, VOIDED or DELETED';
COMMENT ON COLUMN xero.credit_notes.credit_note_number IS 'Number';
COMMENT ON COLUMN xero.credit_notes.reference IS 'Reference; customers'' credit notes only';
COMMENT ON COLUMN xero.credit_notes.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.credit_notes.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.credit_notes.date IS 'Date of the document';
COMMENT ON COLUMN xero.credit_notes.due_date IS 'Due date, where one is set';
COMMENT ON COLUMN xero.credit_notes.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.credit_notes.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.credit_notes.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.credit_notes.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.remaining_credit IS 'Not yet allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.applied_amount IS 'Allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.cis_deduction IS 'UK Construction Industry Scheme deduction, in the document''s currency';
COMMENT ON COLUMN xero.credit_notes.fully_paid_on_date IS 'When it was used up; stays behind after a reversal';
COMMENT ON COLUMN xero.credit_notes.branding_theme_id IS 'Theme it is printed with';
COMMENT ON COLUMN xero.credit_notes.sent_to_contact IS 'Marked as sent to the contact; null where Xero does not say';
COMMENT ON COLUMN xero.credit_notes.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.credit_notes.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.credit_notes.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.credit_notes.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.credit_note_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    credit_note_id TEXT COLLATE "C" NOT NULL,
    line_item_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER NOT NULL,
    description TEXT,
    quantity NUMERIC,
    unit_amount NUMERIC,
    item_code TEXT,
    account_code TEXT,
    account_id TEXT COLLATE "C",
    tax_type TEXT,
    tax_amount NUMERIC,
    line_amount NUMERIC,
    discount_rate NUMERIC,
    discount_amount NUMERIC,
    tracking_1_category_id TEXT COLLATE "C",
    tracking_1_option_id TEXT COLLATE "C",
    tracking_1_name TEXT,
    tracking_1_option TEXT,
    tracking_2_category_id TEXT COLLATE "C",
    tracking_2_option_id TEXT COLLATE "C",
    tracking_2_name TEXT,
    tracking_2_option TEXT,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT credit_note_lines_pkey PRIMARY KEY (org_id, credit_note_id, line_item_id)
);

COMMENT ON TABLE xero.credit_note_lines IS 'Lines of credit notes';
COMMENT ON COLUMN xero.credit_note_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.credit_note_lines.credit_note_id IS 'Document the line belongs to';
COMMENT ON COLUMN xero.credit_note_lines.line_item_id IS 'Xero''s LineItemID; the line''s number where Xero sends none';
COMMENT ON COLUMN xero.credit_note_lines.line_number IS 'Position in the document, from 1';
COMMENT ON COLUMN xero.credit_note_lines.description IS 'What the line is for';
COMMENT ON COLUMN xero.credit_note_lines.quantity IS 'Number of units, up to 4 decimals';
COMMENT ON COLUMN xero.credit_note_lines.unit_amount IS 'Price of a unit in the document''s currency, up to 4 decimals';
COMMENT ON COLUMN xero.credit_note_lines.item_code IS 'Code of the item, where the line names one';
COMMENT ON COLUMN xero.credit_note_lines.account_code IS 'Account the line is coded to';
COMMENT ON COLUMN xero.credit_note_lines.account_id IS 'Account the line is coded to, by id';
COMMENT ON COLUMN xero.credit_note_lines.tax_type IS 'Tax type of the line';
COMMENT ON COLUMN xero.credit_note_lines.tax_amount IS 'Tax of the line in the document''s currency';
COMMENT ON COLUMN xero.credit_note_lines.line_amount IS 'Quantity x unit amount less discount, in the document''s currency';
COMMENT ON COLUMN xero.credit_note_lines.discount_rate IS 'Discount in per cent, where given as a rate';
COMMENT ON COLUMN xero.credit_note_lines.discount_amount IS 'Discount in the document''s currency, where given as an amount';
COMMENT ON COLUMN xero.credit_note_lines.tracking_1_category_id IS 'Category of the line''s first tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_1_option_id IS 'Option of the line''s first tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_1_name IS 'Category name of the line''s first tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_1_option IS 'Option name of the line''s first tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_2_category_id IS 'Category of the line''s second tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_2_option_id IS 'Option of the line''s second tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_2_name IS 'Category name of the line''s second tracking value';
COMMENT ON COLUMN xero.credit_note_lines.tracking_2_option IS 'Option name of the line''s second tracking value';
COMMENT ON COLUMN xero.credit_note_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.manual_journals (
    org_id TEXT COLLATE "C" NOT NULL,
    manual_journal_id TEXT COLLATE "C" NOT NULL,
    status TEXT,
    narration TEXT,
    date DATE,
    line_amount_types TEXT,
    url TEXT,
    show_on_cash_basis_reports BOOLEAN,
    has_attachments BOOLEAN,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT manual_journals_pkey PRIMARY KEY (org_id, manual_journal_id)
);

COMMENT ON TABLE xero.manual_journals IS 'Manual journals, every status';
COMMENT ON COLUMN xero.manual_journals.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.manual_journals.manual_journal_id IS 'Xero''s ManualJournalID';
COMMENT ON COLUMN xero.manual_journals.status IS 'DRAFT, POSTED, DELETED, VOIDED or ARCHIVED';
COMMENT ON COLUMN xero.manual_journals.narration IS 'What the journal is for';
COMMENT ON COLUMN xero.manual_journals.date IS 'Date it is posted on';
COMMENT ON COLUMN xero.manual_journals.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax';
COMMENT ON COLUMN xero.manual_journals.url IS 'Link to a source document elsewhere';
COMMENT ON COLUMN xero.manual_journals.show_on_cash_basis_reports IS 'Counted in cash basis reports; null where Xero does not say';
COMMENT ON COLUMN xero.manual_journals.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.manual_journals.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.manual_journals.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.manual_journals.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.manual_journals.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.manual_journal_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    manual_journal_id TEXT COLLATE "C" NOT NULL,
    journal_line_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER NOT NULL,
    description TEXT,
    account_code TEXT,
    account_id TEXT COLLATE "C",
    tax_type TEXT,
    tax_amount NUMERIC,
    line_amount NUMERIC,
    is_blank BOOLEAN,
    tracking_1_category_id TEXT COLLATE "C",
    tracking_1_option_id TEXT COLLATE "C",
    tracking_1_name TEXT,
    tracking_1_option TEXT,
    tracking_2_category_id TEXT COLLATE "C",
    tracking_2_option_id TEXT COLLATE "C",
    tracking_2_name TEXT,
    tracking_2_option TEXT,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT manual_journal_lines_pkey PRIMARY KEY (org_id, manual_journal_id, journal_line_id)
);

COMMENT ON TABLE xero.manual_journal_lines IS 'Lines of manual journals, in base currency; Xero gives them no id, so their position is their key';
COMMENT ON COLUMN xero.manual_journal_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.manual_journal_lines.manual_journal_id IS 'Journal the line belongs to';
COMMENT ON COLUMN xero.manual_journal_lines.journal_line_id IS 'Position in the journal, as text';
COMMENT ON COLUMN xero.manual_journal_lines.line_number IS 'Position in the journal, from 1';
COMMENT ON COLUMN xero.manual_journal_lines.description IS 'What the line is for';
COMMENT ON COLUMN xero.manual_journal_lines.account_code IS 'Account the line is posted to';
COMMENT ON COLUMN xero.manual_journal_lines.account_id IS 'Account the line is posted to, by id';
COMMENT ON COLUMN xero.manual_journal_lines.tax_type IS 'Tax type of the line';
COMMENT ON COLUMN xero.manual_journal_lines.tax_amount IS 'Tax of the line in base currency';
COMMENT ON COLUMN xero.manual_journal_lines.line_amount IS 'Amount in base currency: debits positive, credits negative';
COMMENT ON COLUMN xero.manual_journal_lines.is_blank IS 'A line without content; null where Xero does not say';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_1_category_id IS 'Category of the line''s first tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_1_option_id IS 'Option of the line''s first tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_1_name IS 'Category name of the line''s first tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_1_option IS 'Option name of the line''s first tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_2_category_id IS 'Category of the line''s second tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_2_option_id IS 'Option of the line''s second tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_2_name IS 'Category name of the line''s second tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.tracking_2_option IS 'Option name of the line''s second tracking value';
COMMENT ON COLUMN xero.manual_journal_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.organisations (
    org_id TEXT COLLATE "C" NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    legal_name TEXT,
    short_code TEXT,
    version TEXT,
    organisation_type TEXT,
    organisation_entity_type TEXT,
    organisation_status TEXT,
    base_currency TEXT,
    country_code TEXT,
    timezone TEXT,
    period_lock_date DATE,
    end_of_year_lock_date DATE,
    financial_year_end_day INTEGER,
    financial_year_end_month INTEGER,
    sales_tax_basis TEXT,
    sales_tax_period TEXT,
    default_sales_tax TEXT,
    default_purchases_tax TEXT,
    pays_tax BOOLEAN,
    is_demo_company BOOLEAN,
    class TEXT,
    edition TEXT,
    line_of_business TEXT,
    registration_number TEXT,
    employer_identification_number TEXT,
    tax_number TEXT,
    created_utc TIMESTAMP WITH TIME ZONE,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT organisations_pkey PRIMARY KEY (org_id, organisation_id)
);

COMMENT ON TABLE xero.organisations IS 'The Xero organisation itself: base currency, time zone, lock dates and tax settings. One row an organisation';
COMMENT ON COLUMN xero.organisations.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.organisations.organisation_id IS 'Xero''s OrganisationID, which is also the tenant id';
COMMENT ON COLUMN xero.organisations.name IS 'Display name, as the organisation chose it';
COMMENT ON COLUMN xero.organisations.legal_name IS 'Name shown on reports and to the tax office';
COMMENT ON COLUMN xero.organisations.short_code IS 'Short code used in links into Xero, such as !23eYt';
COMMENT ON COLUMN xero.organisations.version IS 'Region the ledger was made for: AU, NZ, UK, US, GLOBAL and their onramp forms';
COMMENT ON COLUMN xero.organisations.organisation_type IS 'Kind of business, such as COMPANY or CHARITY';
COMMENT ON COLUMN xero.organisations.organisation_entity_type IS 'Kind of business as a legal entity';
COMMENT ON COLUMN xero.organisations.organisation_status IS 'ACTIVE, or as Xero sends it';
COMMENT ON COLUMN xero.organisations.base_currency IS 'ISO code of the currency the books are kept in';
COMMENT ON COLUMN xero.organisations.country_code IS 'ISO 3166-1 alpha-2 country of the organisation';
COMMENT ON COLUMN xero.organisations.timezone IS 'Time zone, by Xero''s name, such as NEWZEALANDSTANDARDTIME';
COMMENT ON COLUMN xero.organisations.period_lock_date IS 'Documents dated on or before it cannot be changed, except by advisers; null when not set';
COMMENT ON COLUMN xero.organisations.end_of_year_lock_date IS 'Documents dated on or before it cannot be changed by anyone; null when not set';
COMMENT ON COLUMN xero.organisations.financial_year_end_day IS 'Last day of the financial year, 1 to 31';
COMMENT ON COLUMN xero.organisations.financial_year_end_month IS 'Last month of the financial year, 1 to 12';
COMMENT ON COLUMN xero.organisations.sales_tax_basis IS 'How sales tax is accounted for, such as PAYMENTS, INVOICE or NONE';
COMMENT ON COLUMN xero.organisations.sales_tax_period IS 'How often sales tax is returned, such as TWOMONTHS';
COMMENT ON COLUMN xero.organisations.default_sales_tax IS 'What new sales lines default to, in Xero''s words';
COMMENT ON COLUMN xero.organisations.default_purchases_tax IS 'What new purchase lines default to, in Xero''s words';
COMMENT ON COLUMN xero.organisations.pays_tax IS 'Registered for sales tax; null where Xero does not say';
COMMENT ON COLUMN xero.organisations.is_demo_company IS 'A demo company, which Xero resets after 28 days; null where not said';
COMMENT ON COLUMN xero.organisations.class IS 'Xero plan, such as STARTER or PREMIUM';
COMMENT ON COLUMN xero.organisations.edition IS 'BUSINESS or PARTNER';
COMMENT ON COLUMN xero.organisations.line_of_business IS 'What the organisation does, in its own words';
COMMENT ON COLUMN xero.organisations.registration_number IS 'Company registration number';
COMMENT ON COLUMN xero.organisations.employer_identification_number IS 'US employer identification number';
COMMENT ON COLUMN xero.organisations.tax_number IS 'Tax registration number';
COMMENT ON COLUMN xero.organisations.created_utc IS 'When the organisation was created in Xero';
COMMENT ON COLUMN xero.organisations.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.organisations.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.organisations.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.branding_themes (
    org_id TEXT COLLATE "C" NOT NULL,
    branding_theme_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    logo_url TEXT,
    type TEXT,
    sort_order INTEGER,
    created_utc TIMESTAMP WITH TIME ZONE,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT branding_themes_pkey PRIMARY KEY (org_id, branding_theme_id)
);

COMMENT ON TABLE xero.branding_themes IS 'Layouts that invoices are printed with';
COMMENT ON COLUMN xero.branding_themes.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.branding_themes.branding_theme_id IS 'Xero''s BrandingThemeID';
COMMENT ON COLUMN xero.branding_themes.name IS 'Name of the theme';
COMMENT ON COLUMN xero.branding_themes.logo_url IS 'Where the logo is kept';
COMMENT ON COLUMN xero.branding_themes.type IS 'INVOICE';
COMMENT ON COLUMN xero.branding_themes.sort_order IS 'Position in lists; 0 is the default theme';
COMMENT ON COLUMN xero.branding_themes.created_utc IS 'When the theme was created in Xero';
COMMENT ON COLUMN xero.branding_themes.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.branding_themes.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.branding_themes.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.accounts (
    org_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    code TEXT,
    name TEXT,
    type TEXT,
    class TEXT,
    status TEXT,
    description TEXT,
    tax_type TEXT,
    currency_code TEXT,
    system_account TEXT,
    enable_payments_to_account BOOLEAN,
    show_in_expense_claims BOOLEAN,
    bank_account_number TEXT,
    bank_account_type TEXT,
    reporting_code TEXT,
    reporting_code_name TEXT,
    add_to_watchlist BOOLEAN,
    has_attachments BOOLEAN,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (org_id, account_id)
);

COMMENT ON TABLE xero.accounts IS 'The chart of accounts, archived accounts included';
COMMENT ON COLUMN xero.accounts.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.accounts.account_id IS 'Xero''s AccountID';
COMMENT ON COLUMN xero.accounts.code IS 'Account code that lines carry; bank accounts may have none';
COMMENT ON COLUMN xero.accounts.name IS 'Name of the account';
COMMENT ON COLUMN xero.accounts.type IS 'Account type, such as BANK, REVENUE, SALES, EXPENSE, CURRLIAB';
COMMENT ON COLUMN xero.accounts.class IS 'ASSET, EQUITY, EXPENSE, LIABILITY or REVENUE';
COMMENT ON COLUMN xero.accounts.status IS 'ACTIVE, ARCHIVED or DELETED';
COMMENT ON COLUMN xero.accounts.description IS 'Description; bank accounts have none';
COMMENT ON COLUMN xero.accounts.tax_type IS 'Tax type that lines on this account default to';
COMMENT ON COLUMN xero.accounts.currency_code IS 'ISO code of a bank account''s currency';
COMMENT ON COLUMN xero.accounts.system_account IS 'Role Xero itself gives the account, such as DEBTORS, CREDITORS, GST; null for others';
COMMENT ON COLUMN xero.accounts.enable_payments_to_account IS 'Payments may be made to this account; null where not said';
COMMENT ON COLUMN xero.accounts.show_in_expense_claims IS 'Offered in expense claims; null where Xero does not say';
COMMENT ON COLUMN xero.accounts.bank_account_number IS 'Number of a bank account';
COMMENT ON COLUMN xero.accounts.bank_account_type IS 'BANK, CREDITCARD or PAYPAL, for bank accounts';
COMMENT ON COLUMN xero.accounts.reporting_code IS 'Reporting code, where set';
COMMENT ON COLUMN xero.accounts.reporting_code_name IS 'Name of the reporting code';
COMMENT ON COLUMN xero.accounts.add_to_watchlist IS 'Shown on the dashboard''s watch list; null where Xero does not say';
COMMENT ON COLUMN xero.accounts.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.accounts.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.accounts.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.accounts.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.accounts.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.tax_rates (
    org_id TEXT COLLATE "C" NOT NULL,
    tax_type TEXT COLLATE "C" NOT NULL,
    name TEXT,
    status TEXT,
    report_tax_type TEXT,
    display_tax_rate NUMERIC,
    effective_rate NUMERIC,
    tax_components JSONB,
    can_apply_to_assets BOOLEAN,
    can_apply_to_equity BOOLEAN,
    can_apply_to_expenses BOOLEAN,
    can_apply_to_liabilities BOOLEAN,
    can_apply_to_revenue BOOLEAN,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tax_rates_pkey PRIMARY KEY (org_id, tax_type)
);

COMMENT ON TABLE xero.tax_rates IS 'Tax rates by tax type, with their components';
COMMENT ON COLUMN xero.tax_rates.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.tax_rates.tax_type IS 'Code that lines carry, such as OUTPUT2 or TAX001';
COMMENT ON COLUMN xero.tax_rates.name IS 'Name of the rate';
COMMENT ON COLUMN xero.tax_rates.status IS 'ACTIVE, DELETED, ARCHIVED or PENDING';
COMMENT ON COLUMN xero.tax_rates.report_tax_type IS 'Where the rate appears on the tax return';
COMMENT ON COLUMN xero.tax_rates.display_tax_rate IS 'Sum of the components, in per cent';
COMMENT ON COLUMN xero.tax_rates.effective_rate IS 'Rate actually charged, in per cent: compound components multiplied out';
COMMENT ON COLUMN xero.tax_rates.tax_components IS 'Components in order: name, rate in per cent, is_compound, is_non_recoverable';
COMMENT ON COLUMN xero.tax_rates.can_apply_to_assets IS 'Usable on asset accounts; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.can_apply_to_equity IS 'Usable on equity accounts; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.can_apply_to_expenses IS 'Usable on expense accounts; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.can_apply_to_liabilities IS 'Usable on liability accounts; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.can_apply_to_revenue IS 'Usable on revenue accounts; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.tax_rates.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.tax_rates.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.tax_rates.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.tracking_categories (
    org_id TEXT COLLATE "C" NOT NULL,
    tracking_category_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    status TEXT,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tracking_categories_pkey PRIMARY KEY (org_id, tracking_category_id)
);

COMMENT ON TABLE xero.tracking_categories IS 'What lines can be tracked by, such as Region; at most two are active';
COMMENT ON COLUMN xero.tracking_categories.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.tracking_categories.tracking_category_id IS 'Xero''s TrackingCategoryID';
COMMENT ON COLUMN xero.tracking_categories.name IS 'Name of the category';
COMMENT ON COLUMN xero.tracking_categories.status IS 'ACTIVE, ARCHIVED or DELETED';
COMMENT ON COLUMN xero.tracking_categories.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.tracking_categories.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.tracking_categories.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.tracking_categories.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.tracking_options (
    org_id TEXT COLLATE "C" NOT NULL,
    tracking_option_id TEXT COLLATE "C" NOT NULL,
    tracking_category_id TEXT COLLATE "C",
    name TEXT,
    status TEXT,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tracking_options_pkey PRIMARY KEY (org_id, tracking_option_id)
);

COMMENT ON TABLE xero.tracking_options IS 'The values of the tracking categories, such as North';
COMMENT ON COLUMN xero.tracking_options.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.tracking_options.tracking_option_id IS 'Xero''s TrackingOptionID';
COMMENT ON COLUMN xero.tracking_options.tracking_category_id IS 'Category the option belongs to';
COMMENT ON COLUMN xero.tracking_options.name IS 'Name of the option';
COMMENT ON COLUMN xero.tracking_options.status IS 'ACTIVE, ARCHIVED or DELETED';
COMMENT ON COLUMN xero.tracking_options.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.tracking_options.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.tracking_options.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.tracking_options.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.currencies (
    org_id TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    description TEXT,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT currencies_pkey PRIMARY KEY (org_id, code)
);

COMMENT ON TABLE xero.currencies IS 'Currencies the organisation has subscribed to';
COMMENT ON COLUMN xero.currencies.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.currencies.code IS 'ISO 4217 code';
COMMENT ON COLUMN xero.currencies.description IS 'Name of the currency';
COMMENT ON COLUMN xero.currencies.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.currencies.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.currencies.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.items (
    org_id TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C" NOT NULL,
    code TEXT,
    name TEXT,
    description TEXT,
    purchase_description TEXT,
    is_sold BOOLEAN,
    is_purchased BOOLEAN,
    is_tracked_as_inventory BOOLEAN,
    sales_unit_price NUMERIC,
    sales_account_code TEXT,
    sales_tax_type TEXT,
    purchase_unit_price NUMERIC,
    purchase_account_code TEXT,
    purchase_cogs_account_code TEXT,
    purchase_tax_type TEXT,
    inventory_asset_account_code TEXT,
    quantity_on_hand NUMERIC,
    total_cost_pool NUMERIC,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT items_pkey PRIMARY KEY (org_id, item_id)
);

COMMENT ON TABLE xero.items IS 'Products and services that lines refer to by code';
COMMENT ON COLUMN xero.items.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.items.item_id IS 'Xero''s ItemID';
COMMENT ON COLUMN xero.items.code IS 'Code that lines carry, unique in the organisation';
COMMENT ON COLUMN xero.items.name IS 'Name of the item';
COMMENT ON COLUMN xero.items.description IS 'Description used on sales';
COMMENT ON COLUMN xero.items.purchase_description IS 'Description used on purchases';
COMMENT ON COLUMN xero.items.is_sold IS 'Offered on sales; null where Xero does not say';
COMMENT ON COLUMN xero.items.is_purchased IS 'Offered on purchases; null where Xero does not say';
COMMENT ON COLUMN xero.items.is_tracked_as_inventory IS 'Stock is counted in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.items.sales_unit_price IS 'Price on sales, in base currency, up to 4 decimals';
COMMENT ON COLUMN xero.items.sales_account_code IS 'Account code sales lines default to';
COMMENT ON COLUMN xero.items.sales_tax_type IS 'Tax type sales lines default to';
COMMENT ON COLUMN xero.items.purchase_unit_price IS 'Price on purchases, in base currency, up to 4 decimals';
COMMENT ON COLUMN xero.items.purchase_account_code IS 'Account code purchase lines default to';
COMMENT ON COLUMN xero.items.purchase_cogs_account_code IS 'Cost of goods sold account, for tracked items';
COMMENT ON COLUMN xero.items.purchase_tax_type IS 'Tax type purchase lines default to';
COMMENT ON COLUMN xero.items.inventory_asset_account_code IS 'Inventory asset account, for tracked items';
COMMENT ON COLUMN xero.items.quantity_on_hand IS 'Units in stock, for tracked items';
COMMENT ON COLUMN xero.items.total_cost_pool IS 'Value of the stock in base currency, for tracked items';
COMMENT ON COLUMN xero.items.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.items.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.items.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.contacts (
    org_id TEXT COLLATE "C" NOT NULL,
    contact_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    contact_status TEXT,
    contact_number TEXT,
    account_number TEXT,
    first_name TEXT,
    last_name TEXT,
    email_address TEXT,
    company_number TEXT,
    tax_number TEXT,
    is_customer BOOLEAN,
    is_supplier BOOLEAN,
    default_currency TEXT,
    website TEXT,
    discount NUMERIC,
    accounts_receivable_tax_type TEXT,
    accounts_payable_tax_type TEXT,
    sales_default_account_code TEXT,
    purchases_default_account_code TEXT,
    sales_default_line_amount_type TEXT,
    purchases_default_line_amount_type TEXT,
    payment_terms_sales_day INTEGER,
    payment_terms_sales_type TEXT,
    payment_terms_bills_day INTEGER,
    payment_terms_bills_type TEXT,
    branding_theme_id TEXT COLLATE "C",
    phone_default TEXT,
    phone_mobile TEXT,
    phone_ddi TEXT,
    phone_fax TEXT,
    street_line_1 TEXT,
    street_line_2 TEXT,
    street_line_3 TEXT,
    street_line_4 TEXT,
    street_city TEXT,
    street_region TEXT,
    street_postal_code TEXT,
    street_country TEXT,
    street_attention_to TEXT,
    pobox_line_1 TEXT,
    pobox_line_2 TEXT,
    pobox_line_3 TEXT,
    pobox_line_4 TEXT,
    pobox_city TEXT,
    pobox_region TEXT,
    pobox_postal_code TEXT,
    pobox_country TEXT,
    pobox_attention_to TEXT,
    contact_persons JSONB,
    merged_to_contact_id TEXT COLLATE "C",
    accounts_receivable_outstanding NUMERIC,
    accounts_receivable_overdue NUMERIC,
    accounts_payable_outstanding NUMERIC,
    accounts_payable_overdue NUMERIC,
    has_attachments BOOLEAN,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (org_id, contact_id)
);

COMMENT ON TABLE xero.contacts IS 'Customers and suppliers, archived ones included';
COMMENT ON COLUMN xero.contacts.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.contacts.contact_id IS 'Xero''s ContactID';
COMMENT ON COLUMN xero.contacts.name IS 'Name, unique among active contacts';
COMMENT ON COLUMN xero.contacts.contact_status IS 'ACTIVE, ARCHIVED or GDPRREQUEST';
COMMENT ON COLUMN xero.contacts.contact_number IS 'Contact code, set by other systems only';
COMMENT ON COLUMN xero.contacts.account_number IS 'Account number, as people type it into Xero';
COMMENT ON COLUMN xero.contacts.first_name IS 'First name of the primary person';
COMMENT ON COLUMN xero.contacts.last_name IS 'Last name of the primary person';
COMMENT ON COLUMN xero.contacts.email_address IS 'E-mail address of the primary person';
COMMENT ON COLUMN xero.contacts.company_number IS 'Company registration number';
COMMENT ON COLUMN xero.contacts.tax_number IS 'Tax registration number';
COMMENT ON COLUMN xero.contacts.is_customer IS 'Has had a sales invoice; null where Xero does not say';
COMMENT ON COLUMN xero.contacts.is_supplier IS 'Has had a bill; null where Xero does not say';
COMMENT ON COLUMN xero.contacts.default_currency IS 'ISO code of the currency new documents default to';
COMMENT ON COLUMN xero.contacts.website IS 'Web site';
COMMENT ON COLUMN xero.contacts.discount IS 'Default discount in per cent';
COMMENT ON COLUMN xero.contacts.accounts_receivable_tax_type IS 'Tax type sales default to';
COMMENT ON COLUMN xero.contacts.accounts_payable_tax_type IS 'Tax type purchases default to';
COMMENT ON COLUMN xero.contacts.sales_default_account_code IS 'Account code sales lines default to';
COMMENT ON COLUMN xero.contacts.purchases_default_account_code IS 'Account code purchase lines default to';
COMMENT ON COLUMN xero.contacts.sales_default_line_amount_type IS 'Whether sales amounts hold tax by default: INCLUSIVE, EXCLUSIVE or NONE';
COMMENT ON COLUMN xero.contacts.purchases_default_line_amount_type IS 'The same for purchases';
COMMENT ON COLUMN xero.contacts.payment_terms_sales_day IS 'Number of the sales payment terms, read with their type';
COMMENT ON COLUMN xero.contacts.payment_terms_sales_type IS 'DAYSAFTERBILLDATE, DAYSAFTERBILLMONTH, OFCURRENTMONTH or OFFOLLOWINGMONTH';
COMMENT ON COLUMN xero.contacts.payment_terms_bills_day IS 'Number of the bill payment terms, read with their type';
COMMENT ON COLUMN xero.contacts.payment_terms_bills_type IS 'DAYSAFTERBILLDATE, DAYSAFTERBILLMONTH, OFCURRENTMONTH or OFFOLLOWINGMONTH';
COMMENT ON COLUMN xero.contacts.branding_theme_id IS 'Theme the contact''s invoices default to';
COMMENT ON COLUMN xero.contacts.phone_default IS 'Default telephone number: country, area and number';
COMMENT ON COLUMN xero.contacts.phone_mobile IS 'Mobile number: country, area and number';
COMMENT ON COLUMN xero.contacts.phone_ddi IS 'Direct dial number: country, area and number';
COMMENT ON COLUMN xero.contacts.phone_fax IS 'Fax number: country, area and number';
COMMENT ON COLUMN xero.contacts.street_line_1 IS 'First line of the street address';
COMMENT ON COLUMN xero.contacts.street_line_2 IS 'Second line of the street address';
COMMENT ON COLUMN xero.contacts.street_line_3 IS 'Third line of the street address';
COMMENT ON COLUMN xero.contacts.street_line_4 IS 'Fourth line of the street address';
COMMENT ON COLUMN xero.contacts.street_city IS 'City of the street address';
COMMENT ON COLUMN xero.contacts.street_region IS 'Region or state of the street address';
COMMENT ON COLUMN xero.contacts.street_postal_code IS 'Postal code of the street address';
COMMENT ON COLUMN xero.contacts.street_country IS 'Country of the street address';
COMMENT ON COLUMN xero.contacts.street_attention_to IS 'Attention line of the street address';
COMMENT ON COLUMN xero.contacts.pobox_line_1 IS 'First line of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_line_2 IS 'Second line of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_line_3 IS 'Third line of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_line_4 IS 'Fourth line of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_city IS 'City of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_region IS 'Region or state of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_postal_code IS 'Postal code of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_country IS 'Country of the postal address';
COMMENT ON COLUMN xero.contacts.pobox_attention_to IS 'Attention line of the postal address';
COMMENT ON COLUMN xero.contacts.contact_persons IS 'Other people, in order: first_name, last_name, email_address, include_in_emails';
COMMENT ON COLUMN xero.contacts.merged_to_contact_id IS 'Contact this one was merged into';
COMMENT ON COLUMN xero.contacts.accounts_receivable_outstanding IS 'Owed to us: open sales less open credits, in base currency';
COMMENT ON COLUMN xero.contacts.accounts_receivable_overdue IS 'Open sales past due when the contact was read, in base currency';
COMMENT ON COLUMN xero.contacts.accounts_payable_outstanding IS 'Owed by us: open bills less open credits, in base currency';
COMMENT ON COLUMN xero.contacts.accounts_payable_overdue IS 'Open bills past due when the contact was read, in base currency';
COMMENT ON COLUMN xero.contacts.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.contacts.is_archived IS 'Archived in Xero: kept, but no longer used for matches or exports';
COMMENT ON COLUMN xero.contacts.updated_utc IS 'When the contact was last modified in Xero; changes of its balances do not move it';
COMMENT ON COLUMN xero.contacts.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.contacts.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.prepayments (
    org_id TEXT COLLATE "C" NOT NULL,
    prepayment_id TEXT COLLATE "C" NOT NULL,
    type TEXT,
    status TEXT,
    reference TEXT,
    invoice_number TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    remaining_credit NUMERIC,
    applied_amount NUMERIC,
    branding_theme_id TEXT COLLATE "C",
    has_attachments BOOLEAN,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT prepayments_pkey PRIMARY KEY (org_id, prepayment_id)
);

COMMENT ON TABLE xero.prepayments IS 'Payments in advance, received and made, every status';
COMMENT ON COLUMN xero.prepayments.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.prepayments.prepayment_id IS 'Xero''s PrepaymentID';
COMMENT ON COLUMN xero.prepayments.type IS 'RECEIVE-PREPAYMENT or SPEND-PREPAYMENT';
COMMENT ON COLUMN xero.prepayments.status IS 'AUTHORISED, PAID or VOIDED';
COMMENT ON COLUMN xero.prepayments.reference IS 'Reference';
COMMENT ON COLUMN xero.prepayments.invoice_number IS 'Number';
COMMENT ON COLUMN xero.prepayments.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.prepayments.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.prepayments.date IS 'Date of the document';
COMMENT ON COLUMN xero.prepayments.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.prepayments.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.prepayments.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.prepayments.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.prepayments.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.prepayments.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.prepayments.remaining_credit IS 'Not yet allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.prepayments.applied_amount IS 'Allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.prepayments.branding_theme_id IS 'Theme it is printed with';
COMMENT ON COLUMN xero.prepayments.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.prepayments.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.prepayments.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.prepayments.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.overpayments (
    org_id TEXT COLLATE "C" NOT NULL,
    overpayment_id TEXT COLLATE "C" NOT NULL,
    type TEXT,
    status TEXT,
    reference TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    date DATE,
    line_amount_types TEXT,
    currency_code TEXT,
    currency_rate NUMERIC,
    sub_total NUMERIC,
    total_tax NUMERIC,
    total NUMERIC,
    remaining_credit NUMERIC,
    applied_amount NUMERIC,
    has_attachments BOOLEAN,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT overpayments_pkey PRIMARY KEY (org_id, overpayment_id)
);

COMMENT ON TABLE xero.overpayments IS 'What was paid beyond a document''s total, received and made, every status';
COMMENT ON COLUMN xero.overpayments.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.overpayments.overpayment_id IS 'Xero''s OverpaymentID';
COMMENT ON COLUMN xero.overpayments.type IS 'RECEIVE-OVERPAYMENT or SPEND-OVERPAYMENT';
COMMENT ON COLUMN xero.overpayments.status IS 'AUTHORISED, PAID or VOIDED';
COMMENT ON COLUMN xero.overpayments.reference IS 'Reference';
COMMENT ON COLUMN xero.overpayments.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.overpayments.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.overpayments.date IS 'Date of the document';
COMMENT ON COLUMN xero.overpayments.line_amount_types IS 'Whether line amounts hold tax: Exclusive, Inclusive or NoTax; quotes in upper case';
COMMENT ON COLUMN xero.overpayments.currency_code IS 'ISO code of the currency every amount of the document is in';
COMMENT ON COLUMN xero.overpayments.currency_rate IS 'Exchange rate: units of the document''s currency for one of the base currency';
COMMENT ON COLUMN xero.overpayments.sub_total IS 'Total before tax, in the document''s currency';
COMMENT ON COLUMN xero.overpayments.total_tax IS 'Tax, rounded by line and then summed, in the document''s currency';
COMMENT ON COLUMN xero.overpayments.total IS 'Total with tax, in the document''s currency';
COMMENT ON COLUMN xero.overpayments.remaining_credit IS 'Not yet allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.overpayments.applied_amount IS 'Allocated or refunded, in the document''s currency';
COMMENT ON COLUMN xero.overpayments.has_attachments IS 'Files are attached; null where Xero does not say';
COMMENT ON COLUMN xero.overpayments.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.overpayments.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.overpayments.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.allocations (
    org_id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    allocation_id TEXT COLLATE "C" NOT NULL,
    source_type TEXT NOT NULL,
    invoice_id TEXT COLLATE "C",
    invoice_number TEXT,
    amount NUMERIC,
    date DATE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT allocations_pkey PRIMARY KEY (org_id, source_id, allocation_id)
);

COMMENT ON TABLE xero.allocations IS 'Which credit notes, prepayments and overpayments cover which invoices and bills';
COMMENT ON COLUMN xero.allocations.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.allocations.source_id IS 'Credit note, prepayment or overpayment the credit comes from';
COMMENT ON COLUMN xero.allocations.allocation_id IS 'Xero''s AllocationID; source, invoice and position where Xero sends none';
COMMENT ON COLUMN xero.allocations.source_type IS 'credit_note, prepayment or overpayment';
COMMENT ON COLUMN xero.allocations.invoice_id IS 'Invoice or bill the credit goes to';
COMMENT ON COLUMN xero.allocations.invoice_number IS 'Number of the invoice or bill';
COMMENT ON COLUMN xero.allocations.amount IS 'Amount allocated, in the source''s currency';
COMMENT ON COLUMN xero.allocations.date IS 'The later of the two documents'' dates';
COMMENT ON COLUMN xero.allocations.synced_at IS 'When the content of this row last changed here';

CREATE TABLE xero.payments (
    org_id TEXT COLLATE "C" NOT NULL,
    payment_id TEXT COLLATE "C" NOT NULL,
    status TEXT,
    payment_type TEXT,
    date DATE,
    amount NUMERIC,
    bank_amount NUMERIC,
    currency_code TEXT,
    currency_rate NUMERIC,
    reference TEXT,
    is_reconciled BOOLEAN,
    invoice_id TEXT COLLATE "C",
    invoice_number TEXT,
    credit_note_id TEXT COLLATE "C",
    credit_note_number TEXT,
    prepayment_id TEXT COLLATE "C",
    overpayment_id TEXT COLLATE "C",
    batch_payment_id TEXT COLLATE "C",
    account_id TEXT COLLATE "C",
    account_code TEXT,
    contact_id TEXT COLLATE "C",
    contact_name TEXT,
    updated_utc TIMESTAMP WITH TIME ZONE,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (org_id, payment_id)
);

COMMENT ON TABLE xero.payments IS 'Payments of invoices and bills and refunds of credits; reversed ones stay with status DELETED';
COMMENT ON COLUMN xero.payments.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN xero.payments.payment_id IS 'Xero''s PaymentID';
COMMENT ON COLUMN xero.payments.status IS 'AUTHORISED, or DELETED when reversed';
COMMENT ON COLUMN xero.payments.payment_type IS 'ACCRECPAYMENT, ACCPAYPAYMENT, or the refund of a credit, such as ARCREDITPAYMENT';
COMMENT ON COLUMN xero.payments.date IS 'Date of the payment';
COMMENT ON COLUMN xero.payments.amount IS 'Amount in the currency of the document paid';
COMMENT ON COLUMN xero.payments.bank_amount IS 'Amount in the currency of the bank account';
COMMENT ON COLUMN xero.payments.currency_code IS 'ISO code of the currency of the document paid';
COMMENT ON COLUMN xero.payments.currency_rate IS 'Exchange rate; Xero''s lists may show 0';
COMMENT ON COLUMN xero.payments.reference IS 'Reference';
COMMENT ON COLUMN xero.payments.is_reconciled IS 'Matched with a bank statement line; null where Xero does not say';
COMMENT ON COLUMN xero.payments.invoice_id IS 'Invoice or bill paid; null for refunds';
COMMENT ON COLUMN xero.payments.invoice_number IS 'Number of the invoice or bill paid';
COMMENT ON COLUMN xero.payments.credit_note_id IS 'Credit note refunded';
COMMENT ON COLUMN xero.payments.credit_note_number IS 'Number of the credit note refunded';
COMMENT ON COLUMN xero.payments.prepayment_id IS 'Prepayment refunded';
COMMENT ON COLUMN xero.payments.overpayment_id IS 'Overpayment refunded';
COMMENT ON COLUMN xero.payments.batch_payment_id IS 'Batch the payment was made in';
COMMENT ON COLUMN xero.payments.account_id IS 'Bank account of the payment';
COMMENT ON COLUMN xero.payments.account_code IS 'Code of the bank account; bank accounts may have none';
COMMENT ON COLUMN xero.payments.contact_id IS 'Contact of the document';
COMMENT ON COLUMN xero.payments.contact_name IS 'Name of the contact when the document was read';
COMMENT ON COLUMN xero.payments.updated_utc IS 'When the record was last modified in Xero; null where Xero does not say';
COMMENT ON COLUMN xero.payments.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN xero.payments.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.accounts (
    org_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    account_number TEXT,
    type TEXT,
    is_person_account BOOLEAN,
    person_email TEXT,
    phone TEXT,
    website TEXT,
    billing_street TEXT,
    billing_city TEXT,
    billing_state TEXT,
    billing_postal_code TEXT,
    billing_country TEXT,
    owner_id TEXT COLLATE "C",
    parent_id TEXT COLLATE "C",
    master_record_id TEXT COLLATE "C",
    currency_iso_code TEXT,
    xero_contact_id TEXT COLLATE "C",
    xero_do_not_sync BOOLEAN,
    xero_account_status TEXT,
    xero_total_invoiced NUMERIC,
    xero_total_paid NUMERIC,
    xero_total_credited NUMERIC,
    xero_total_due NUMERIC,
    xero_total_overdue NUMERIC,
    xero_total_draft NUMERIC,
    xero_unallocated_credit NUMERIC,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (org_id, account_id)
);

COMMENT ON TABLE salesforce.accounts IS 'Customers and suppliers as Salesforce knows them, person accounts included';
COMMENT ON COLUMN salesforce.accounts.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.accounts.account_id IS 'The account''s id';
COMMENT ON COLUMN salesforce.accounts.name IS 'Name; first and last name of a person account';
COMMENT ON COLUMN salesforce.accounts.account_number IS 'The account number people gave it; evidence when contacts are matched';
COMMENT ON COLUMN salesforce.accounts.type IS 'Kind of account, from the org''s own list';
COMMENT ON COLUMN salesforce.accounts.is_person_account IS 'Whether the account is a person; false in an org without person accounts';
COMMENT ON COLUMN salesforce.accounts.person_email IS 'Email of a person account; null for a business';
COMMENT ON COLUMN salesforce.accounts.phone IS 'Phone';
COMMENT ON COLUMN salesforce.accounts.website IS 'Website';
COMMENT ON COLUMN salesforce.accounts.billing_street IS 'Street lines of the billing address';
COMMENT ON COLUMN salesforce.accounts.billing_city IS 'City of the billing address';
COMMENT ON COLUMN salesforce.accounts.billing_state IS 'State or region of the billing address';
COMMENT ON COLUMN salesforce.accounts.billing_postal_code IS 'Postal code of the billing address';
COMMENT ON COLUMN salesforce.accounts.billing_country IS 'Country of the billing address';
COMMENT ON COLUMN salesforce.accounts.owner_id IS 'The user who owns the record: salesforce.users';
COMMENT ON COLUMN salesforce.accounts.parent_id IS 'The account this one is part of';
COMMENT ON COLUMN salesforce.accounts.master_record_id IS 'The record this one was merged into, which is why it is deleted; null otherwise';
COMMENT ON COLUMN salesforce.accounts.currency_iso_code IS 'Currency of the amounts of this row; null in an org with one currency';
COMMENT ON COLUMN salesforce.accounts.xero_contact_id IS 'ContactID of the Xero contact the account is matched to, as Salesforce holds it';
COMMENT ON COLUMN salesforce.accounts.xero_do_not_sync IS 'Ticked by a person to keep the account out of the sync';
COMMENT ON COLUMN salesforce.accounts.xero_account_status IS 'What Salesforce shows as the account''s standing in Xero';
COMMENT ON COLUMN salesforce.accounts.xero_total_invoiced IS 'What Salesforce shows as invoiced to the account';
COMMENT ON COLUMN salesforce.accounts.xero_total_paid IS 'What Salesforce shows as paid by the account';
COMMENT ON COLUMN salesforce.accounts.xero_total_credited IS 'What Salesforce shows as credited to the account';
COMMENT ON COLUMN salesforce.accounts.xero_total_due IS 'What Salesforce shows as due on the account''s sales invoices';
COMMENT ON COLUMN salesforce.accounts.xero_total_overdue IS 'What Salesforce shows as overdue on the account''s sales invoices';
COMMENT ON COLUMN salesforce.accounts.xero_total_draft IS 'What Salesforce shows as the total of the account''s draft sales invoices';
COMMENT ON COLUMN salesforce.accounts.xero_unallocated_credit IS 'What Salesforce shows as the account''s credit that no invoice has used yet';
COMMENT ON COLUMN salesforce.accounts.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.accounts.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.accounts.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.accounts.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.contacts (
    org_id TEXT COLLATE "C" NOT NULL,
    contact_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C",
    first_name TEXT,
    last_name TEXT,
    name TEXT,
    email TEXT,
    phone TEXT,
    mobile_phone TEXT,
    owner_id TEXT COLLATE "C",
    master_record_id TEXT COLLATE "C",
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (org_id, contact_id)
);

COMMENT ON TABLE salesforce.contacts IS 'People at accounts, as Salesforce knows them; not to be mistaken for Xero''s contacts';
COMMENT ON COLUMN salesforce.contacts.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.contacts.contact_id IS 'The contact''s id';
COMMENT ON COLUMN salesforce.contacts.account_id IS 'The account the person belongs to';
COMMENT ON COLUMN salesforce.contacts.first_name IS 'First name';
COMMENT ON COLUMN salesforce.contacts.last_name IS 'Last name';
COMMENT ON COLUMN salesforce.contacts.name IS 'Full name';
COMMENT ON COLUMN salesforce.contacts.email IS 'Email';
COMMENT ON COLUMN salesforce.contacts.phone IS 'Phone';
COMMENT ON COLUMN salesforce.contacts.mobile_phone IS 'Mobile phone';
COMMENT ON COLUMN salesforce.contacts.owner_id IS 'The user who owns the record: salesforce.users';
COMMENT ON COLUMN salesforce.contacts.master_record_id IS 'The record this one was merged into, which is why it is deleted; null otherwise';
COMMENT ON COLUMN salesforce.contacts.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.contacts.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.contacts.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.contacts.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.products (
    org_id TEXT COLLATE "C" NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL,
    name TEXT,
    product_code TEXT,
    stock_keeping_unit TEXT,
    is_active BOOLEAN,
    family TEXT,
    description TEXT,
    quantity_unit_of_measure TEXT,
    currency_iso_code TEXT,
    standard_price NUMERIC,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (org_id, product_id)
);

COMMENT ON TABLE salesforce.products IS 'What is sold, with the price of the standard price book';
COMMENT ON COLUMN salesforce.products.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.products.product_id IS 'The product''s id';
COMMENT ON COLUMN salesforce.products.name IS 'Name';
COMMENT ON COLUMN salesforce.products.product_code IS 'The code people gave it; what Xero knows an item by';
COMMENT ON COLUMN salesforce.products.stock_keeping_unit IS 'Stock keeping unit';
COMMENT ON COLUMN salesforce.products.is_active IS 'Whether the product may be sold';
COMMENT ON COLUMN salesforce.products.family IS 'Product family, from the org''s own list';
COMMENT ON COLUMN salesforce.products.description IS 'Description';
COMMENT ON COLUMN salesforce.products.quantity_unit_of_measure IS 'What a quantity of one is';
COMMENT ON COLUMN salesforce.products.currency_iso_code IS 'The product''s own currency, that of its standard price; null in an org with one currency';
COMMENT ON COLUMN salesforce.products.standard_price IS 'Price in the standard price book; null when the product has no active entry there';
COMMENT ON COLUMN salesforce.products.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.products.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.products.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.products.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.opportunities (
    org_id TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C",
    name TEXT,
    type TEXT,
    stage_name TEXT,
    close_date DATE,
    amount NUMERIC,
    probability NUMERIC,
    is_closed BOOLEAN,
    is_won BOOLEAN,
    owner_id TEXT COLLATE "C",
    currency_iso_code TEXT,
    xero_reference TEXT,
    xero_total_invoiced NUMERIC,
    xero_total_paid NUMERIC,
    xero_total_due NUMERIC,
    xero_total_overdue NUMERIC,
    xero_total_draft NUMERIC,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT opportunities_pkey PRIMARY KEY (org_id, opportunity_id)
);

COMMENT ON TABLE salesforce.opportunities IS 'Deals, open and closed';
COMMENT ON COLUMN salesforce.opportunities.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.opportunities.opportunity_id IS 'The opportunity''s id';
COMMENT ON COLUMN salesforce.opportunities.account_id IS 'The account the deal is with';
COMMENT ON COLUMN salesforce.opportunities.name IS 'Name';
COMMENT ON COLUMN salesforce.opportunities.type IS 'Kind of deal, from the org''s own list';
COMMENT ON COLUMN salesforce.opportunities.stage_name IS 'Stage, from the org''s own list';
COMMENT ON COLUMN salesforce.opportunities.close_date IS 'The day it closed or is expected to';
COMMENT ON COLUMN salesforce.opportunities.amount IS 'Amount; the sum of the lines where there are any';
COMMENT ON COLUMN salesforce.opportunities.probability IS 'Likelihood of winning, in per cent';
COMMENT ON COLUMN salesforce.opportunities.is_closed IS 'Whether the stage counts as closed';
COMMENT ON COLUMN salesforce.opportunities.is_won IS 'Whether the stage counts as won';
COMMENT ON COLUMN salesforce.opportunities.owner_id IS 'The user who owns the record: salesforce.users';
COMMENT ON COLUMN salesforce.opportunities.currency_iso_code IS 'Currency of the amounts of this row; null in an org with one currency';
COMMENT ON COLUMN salesforce.opportunities.xero_reference IS 'The reference that invoices in Xero carry to be linked to this opportunity';
COMMENT ON COLUMN salesforce.opportunities.xero_total_invoiced IS 'What Salesforce shows as invoiced for the opportunity';
COMMENT ON COLUMN salesforce.opportunities.xero_total_paid IS 'What Salesforce shows as paid for the opportunity';
COMMENT ON COLUMN salesforce.opportunities.xero_total_due IS 'What Salesforce shows as due on the opportunity''s sales invoices';
COMMENT ON COLUMN salesforce.opportunities.xero_total_overdue IS 'What Salesforce shows as overdue on the opportunity''s sales invoices';
COMMENT ON COLUMN salesforce.opportunities.xero_total_draft IS 'What Salesforce shows as the total of the opportunity''s draft sales invoices';
COMMENT ON COLUMN salesforce.opportunities.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.opportunities.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.opportunities.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.opportunities.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.opportunity_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C" NOT NULL,
    opportunity_line_id TEXT COLLATE "C" NOT NULL,
    line_number INTEGER,
    product_id TEXT COLLATE "C",
    product_code TEXT,
    name TEXT,
    quantity NUMERIC,
    unit_price NUMERIC,
    discount NUMERIC,
    total_price NUMERIC,
    service_date DATE,
    description TEXT,
    currency_iso_code TEXT,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT opportunity_lines_pkey PRIMARY KEY (org_id, opportunity_id, opportunity_line_id)
);

COMMENT ON TABLE salesforce.opportunity_lines IS 'Products of opportunities';
COMMENT ON COLUMN salesforce.opportunity_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.opportunity_lines.opportunity_id IS 'The opportunity the line is of';
COMMENT ON COLUMN salesforce.opportunity_lines.opportunity_line_id IS 'The line''s id';
COMMENT ON COLUMN salesforce.opportunity_lines.line_number IS 'Position on the opportunity where people sorted the lines; null otherwise';
COMMENT ON COLUMN salesforce.opportunity_lines.product_id IS 'The product: salesforce.products';
COMMENT ON COLUMN salesforce.opportunity_lines.product_code IS 'The product''s code as the line shows it';
COMMENT ON COLUMN salesforce.opportunity_lines.name IS 'Name of the line: opportunity and product';
COMMENT ON COLUMN salesforce.opportunity_lines.quantity IS 'Quantity';
COMMENT ON COLUMN salesforce.opportunity_lines.unit_price IS 'Price of one, before discount';
COMMENT ON COLUMN salesforce.opportunity_lines.discount IS 'Discount in per cent';
COMMENT ON COLUMN salesforce.opportunity_lines.total_price IS 'Quantity times price less discount';
COMMENT ON COLUMN salesforce.opportunity_lines.service_date IS 'The day the product is delivered or the service begins';
COMMENT ON COLUMN salesforce.opportunity_lines.description IS 'Description';
COMMENT ON COLUMN salesforce.opportunity_lines.currency_iso_code IS 'Currency of the amounts of this row; null in an org with one currency';
COMMENT ON COLUMN salesforce.opportunity_lines.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.opportunity_lines.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.opportunity_lines.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.opportunity_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.orders (
    org_id TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C",
    opportunity_id TEXT COLLATE "C",
    order_number TEXT,
    po_number TEXT,
    status TEXT,
    status_code TEXT,
    effective_date DATE,
    total_amount NUMERIC,
    owner_id TEXT COLLATE "C",
    currency_iso_code TEXT,
    xero_reference TEXT,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (org_id, order_id)
);

COMMENT ON TABLE salesforce.orders IS 'Orders, drafts and activated; empty in an org that does not use them';
COMMENT ON COLUMN salesforce.orders.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.orders.order_id IS 'The order''s id';
COMMENT ON COLUMN salesforce.orders.account_id IS 'The account that ordered';
COMMENT ON COLUMN salesforce.orders.opportunity_id IS 'The opportunity the order came of, where the org keeps it';
COMMENT ON COLUMN salesforce.orders.order_number IS 'The number Salesforce gave it';
COMMENT ON COLUMN salesforce.orders.po_number IS 'The customer''s own purchase order number';
COMMENT ON COLUMN salesforce.orders.status IS 'Status, from the org''s own list';
COMMENT ON COLUMN salesforce.orders.status_code IS 'What the status counts as: Draft or Activated';
COMMENT ON COLUMN salesforce.orders.effective_date IS 'The day the order starts';
COMMENT ON COLUMN salesforce.orders.total_amount IS 'Sum of the lines';
COMMENT ON COLUMN salesforce.orders.owner_id IS 'The user who owns the record: salesforce.users';
COMMENT ON COLUMN salesforce.orders.currency_iso_code IS 'Currency of the amounts of this row; null in an org with one currency';
COMMENT ON COLUMN salesforce.orders.xero_reference IS 'The reference that invoices in Xero carry to be linked to this order';
COMMENT ON COLUMN salesforce.orders.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.orders.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.orders.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.orders.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.order_lines (
    org_id TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C" NOT NULL,
    order_line_id TEXT COLLATE "C" NOT NULL,
    order_item_number TEXT,
    product_id TEXT COLLATE "C",
    product_code TEXT,
    quantity NUMERIC,
    unit_price NUMERIC,
    total_price NUMERIC,
    service_date DATE,
    description TEXT,
    currency_iso_code TEXT,
    is_deleted BOOLEAN DEFAULT false NOT NULL,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT order_lines_pkey PRIMARY KEY (org_id, order_id, order_line_id)
);

COMMENT ON TABLE salesforce.order_lines IS 'Products of orders';
COMMENT ON COLUMN salesforce.order_lines.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.order_lines.order_id IS 'The order the line is of';
COMMENT ON COLUMN salesforce.order_lines.order_line_id IS 'The line''s id';
COMMENT ON COLUMN salesforce.order_lines.order_item_number IS 'The number Salesforce gave the line, unique in the org';
COMMENT ON COLUMN salesforce.order_lines.product_id IS 'The product: salesforce.products';
COMMENT ON COLUMN salesforce.order_lines.product_code IS 'The product''s code now';
COMMENT ON COLUMN salesforce.order_lines.quantity IS 'Quantity';
COMMENT ON COLUMN salesforce.order_lines.unit_price IS 'Price of one';
COMMENT ON COLUMN salesforce.order_lines.total_price IS 'Quantity times price';
COMMENT ON COLUMN salesforce.order_lines.service_date IS 'The day the product is delivered or the service begins';
COMMENT ON COLUMN salesforce.order_lines.description IS 'Description';
COMMENT ON COLUMN salesforce.order_lines.currency_iso_code IS 'Currency of the amounts of this row; null in an org with one currency';
COMMENT ON COLUMN salesforce.order_lines.is_deleted IS 'Deleted in Salesforce, or merged away: kept here, used for nothing';
COMMENT ON COLUMN salesforce.order_lines.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.order_lines.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.order_lines.synced_at IS 'When the content of this row last changed here';

CREATE TABLE salesforce.users (
    org_id TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    username TEXT,
    name TEXT,
    email TEXT,
    is_active BOOLEAN,
    user_type TEXT,
    time_zone TEXT,
    system_modstamp TIMESTAMP WITH TIME ZONE NOT NULL,
    vanished_at TIMESTAMP WITH TIME ZONE,
    synced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT users_pkey PRIMARY KEY (org_id, user_id)
);

COMMENT ON TABLE salesforce.users IS 'People and integrations that can own records; never deleted, only deactivated';
COMMENT ON COLUMN salesforce.users.org_id IS 'The organisation of the row: Xero''s OrganisationID, or the Salesforce org id';
COMMENT ON COLUMN salesforce.users.user_id IS 'The user''s id';
COMMENT ON COLUMN salesforce.users.username IS 'Login name, unique in all of Salesforce';
COMMENT ON COLUMN salesforce.users.name IS 'Full name';
COMMENT ON COLUMN salesforce.users.email IS 'Email';
COMMENT ON COLUMN salesforce.users.is_active IS 'Whether the user can log in';
COMMENT ON COLUMN salesforce.users.user_type IS 'Kind of user: Standard, AutomatedProcess, Guest …';
COMMENT ON COLUMN salesforce.users.time_zone IS 'The user''s own time zone, an IANA name';
COMMENT ON COLUMN salesforce.users.system_modstamp IS 'When a user or an automated process last changed the record in Salesforce';
COMMENT ON COLUMN salesforce.users.vanished_at IS 'When a full sync first no longer saw the record; null while it is seen';
COMMENT ON COLUMN salesforce.users.synced_at IS 'When the content of this row last changed here';

CREATE TABLE sync.connections (
    system TEXT COLLATE "C" NOT NULL,
    alias TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C",
    tenant_name TEXT,
    remote_connection_id TEXT COLLATE "C",
    grant_kind TEXT NOT NULL,
    client_id TEXT NOT NULL,
    instance_url TEXT,
    scopes TEXT,
    access_token BYTEA,
    refresh_token BYTEA,
    previous_refresh_token BYTEA,
    previous_until TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    connected_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disconnected_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT connections_pkey PRIMARY KEY (system, alias)
);

COMMENT ON TABLE sync.connections IS 'How each organisation and the Salesforce org are reached; tokens are encrypted and never shown';
COMMENT ON COLUMN sync.connections.system IS 'xero or salesforce';
COMMENT ON COLUMN sync.connections.alias IS 'Alias of the organisation in orgs.yaml; salesforce for the Salesforce org';
COMMENT ON COLUMN sync.connections.org_id IS 'Xero tenant id, which is the OrganisationID, or the Salesforce org id; null until known';
COMMENT ON COLUMN sync.connections.tenant_name IS 'Name of the organisation on the other side';
COMMENT ON COLUMN sync.connections.remote_connection_id IS 'Xero''s id of the connection itself, which disconnecting deletes';
COMMENT ON COLUMN sync.connections.grant_kind IS 'authorization_code, client_credentials or jwt_bearer';
COMMENT ON COLUMN sync.connections.client_id IS 'App the tokens were given to';
COMMENT ON COLUMN sync.connections.instance_url IS 'Where the API is reached, where the token says so (Salesforce)';
COMMENT ON COLUMN sync.connections.scopes IS 'Scopes granted, separated by spaces';
COMMENT ON COLUMN sync.connections.access_token IS 'Current access token, encrypted';
COMMENT ON COLUMN sync.connections.refresh_token IS 'Current refresh token, encrypted; null for grants without one';
COMMENT ON COLUMN sync.connections.previous_refresh_token IS 'Refresh token before the current one, encrypted: Xero honours it 30 minutes';
COMMENT ON COLUMN sync.connections.previous_until IS 'When the previous refresh token is worth nothing any more';
COMMENT ON COLUMN sync.connections.expires_at IS 'When the access token ends';
COMMENT ON COLUMN sync.connections.connected_at IS 'When the connection was made';
COMMENT ON COLUMN sync.connections.disconnected_at IS 'When it was disconnected; null while connected';
COMMENT ON COLUMN sync.connections.version IS 'Counts token changes: a refresh writes only over the version it read';

CREATE TABLE sync.windows (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    covered_from TIMESTAMP WITH TIME ZONE,
    covered_until TIMESTAMP WITH TIME ZONE NOT NULL,
    mode TEXT NOT NULL,
    run_id TEXT COLLATE "C",
    rows_seen BIGINT DEFAULT 0 NOT NULL,
    rows_written BIGINT DEFAULT 0 NOT NULL,
    calls BIGINT DEFAULT 0 NOT NULL,
    bytes BIGINT DEFAULT 0 NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT windows_pkey PRIMARY KEY (id)
);

CREATE INDEX windows_coverage_idx ON sync.windows (org_id, endpoint, covered_until);

COMMENT ON TABLE sync.windows IS 'Coverage ledger: each finished read of an endpoint and the stretch of time it made complete';
COMMENT ON COLUMN sync.windows.id IS 'Order of recording';
COMMENT ON COLUMN sync.windows.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.windows.endpoint IS 'What was read, such as invoices or contacts';
COMMENT ON COLUMN sync.windows.covered_from IS 'Everything modified since then was read; null is the beginning';
COMMENT ON COLUMN sync.windows.covered_until IS 'Everything modified before then was read; never after the start of the read';
COMMENT ON COLUMN sync.windows.mode IS 'delta, backfill or full';
COMMENT ON COLUMN sync.windows.run_id IS 'Run that read it';
COMMENT ON COLUMN sync.windows.rows_seen IS 'Rows read';
COMMENT ON COLUMN sync.windows.rows_written IS 'Rows that were new or had changed';
COMMENT ON COLUMN sync.windows.calls IS 'API calls made';
COMMENT ON COLUMN sync.windows.bytes IS 'Bytes of answers received, before decompression';
COMMENT ON COLUMN sync.windows.recorded_at IS 'When the read was committed';

CREATE TABLE sync.runs (
    run_id TEXT COLLATE "C" NOT NULL,
    alias TEXT NOT NULL,
    org_id TEXT COLLATE "C",
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    dagster_run_id TEXT COLLATE "C",
    window_start TIMESTAMP WITH TIME ZONE,
    window_end TIMESTAMP WITH TIME ZONE,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT NOT NULL,
    error TEXT,
    stage TEXT,
    rows_seen BIGINT DEFAULT 0 NOT NULL,
    rows_written BIGINT DEFAULT 0 NOT NULL,
    calls BIGINT DEFAULT 0 NOT NULL,
    deliveries BIGINT DEFAULT 0 NOT NULL,
    holder_pid INTEGER NOT NULL,
    holder_host TEXT NOT NULL,
    CONSTRAINT runs_pkey PRIMARY KEY (run_id)
);

CREATE INDEX runs_alias_started_at_idx ON sync.runs (alias, started_at);

COMMENT ON TABLE sync.runs IS 'Every sync of an organisation: what started it, when, and how it ended';
COMMENT ON COLUMN sync.runs.run_id IS 'Run, by an id of our own';
COMMENT ON COLUMN sync.runs.alias IS 'Alias of the organisation in orgs.yaml';
COMMENT ON COLUMN sync.runs.org_id IS 'Xero organisation, by OrganisationID; null until the connection told';
COMMENT ON COLUMN sync.runs.kind IS 'scheduled, manual, backfill or initial';
COMMENT ON COLUMN sync.runs.mode IS 'delta, full, metadata, rollups, restart-invoices, restart-contacts or export';
COMMENT ON COLUMN sync.runs.dagster_run_id IS 'Run in Dagster; null when run from the command line';
COMMENT ON COLUMN sync.runs.window_start IS 'Start of the windows asked for; null when none were';
COMMENT ON COLUMN sync.runs.window_end IS 'End of the windows asked for; null when none were';
COMMENT ON COLUMN sync.runs.started_at IS 'When it started';
COMMENT ON COLUMN sync.runs.ended_at IS 'When it ended; null while it runs';
COMMENT ON COLUMN sync.runs.outcome IS 'running, succeeded or failed';
COMMENT ON COLUMN sync.runs.error IS 'Why it failed, in one sentence';
COMMENT ON COLUMN sync.runs.stage IS 'Stage it reached';
COMMENT ON COLUMN sync.runs.rows_seen IS 'Rows read';
COMMENT ON COLUMN sync.runs.rows_written IS 'Rows that were new or had changed';
COMMENT ON COLUMN sync.runs.calls IS 'API calls made';
COMMENT ON COLUMN sync.runs.deliveries IS 'Records sent to either side';
COMMENT ON COLUMN sync.runs.holder_pid IS 'Process that runs it';
COMMENT ON COLUMN sync.runs.holder_host IS 'Machine it runs on';

CREATE TABLE sync.events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    org_id TEXT NOT NULL,
    run_id TEXT COLLATE "C",
    system TEXT NOT NULL,
    object TEXT NOT NULL,
    record_id TEXT COLLATE "C",
    record_name TEXT,
    action TEXT NOT NULL,
    detail JSONB,
    CONSTRAINT events_pkey PRIMARY KEY (id)
);

CREATE INDEX events_org_id_at_idx ON sync.events (org_id, at);

CREATE INDEX events_record_id_idx ON sync.events (record_id);

COMMENT ON TABLE sync.events IS 'What happened to single records: one row a change, failure, delivery or decision';
COMMENT ON COLUMN sync.events.id IS 'Order of events';
COMMENT ON COLUMN sync.events.at IS 'When it happened';
COMMENT ON COLUMN sync.events.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.events.run_id IS 'Run in which it happened';
COMMENT ON COLUMN sync.events.system IS 'Side the record lives on: xero or salesforce';
COMMENT ON COLUMN sync.events.object IS 'Table or object of the record, such as invoices';
COMMENT ON COLUMN sync.events.record_id IS 'Id of the record there';
COMMENT ON COLUMN sync.events.record_name IS 'What people call it: number, name or code';
COMMENT ON COLUMN sync.events.action IS 'inserted, updated, drifted, vanished, returned, sent, removed, failed, matched or ambiguous';
COMMENT ON COLUMN sync.events.detail IS 'More about it: ids, reasons, before and after';

CREATE TABLE sync.deliveries (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    org_id TEXT NOT NULL,
    system TEXT NOT NULL,
    object TEXT NOT NULL,
    external_id TEXT NOT NULL,
    record_name TEXT,
    payload_hash TEXT NOT NULL,
    payload JSONB,
    idempotency_key TEXT,
    status TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    first_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE,
    remote_id TEXT COLLATE "C",
    error_code TEXT,
    error TEXT,
    response JSONB,
    resolution TEXT,
    resolution_reason TEXT,
    resolved_by TEXT,
    resolved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_org_id_system_object_external_id_key UNIQUE (org_id, system, object, external_id)
);

CREATE INDEX deliveries_open_idx ON sync.deliveries (org_id, status) WHERE status <> 'succeeded';

COMMENT ON TABLE sync.deliveries IS 'What was or is to be sent to either side, one row a record: the queue, and the proof that nothing is sent twice';
COMMENT ON COLUMN sync.deliveries.id IS 'Delivery, as the command line names it';
COMMENT ON COLUMN sync.deliveries.org_id IS 'Xero organisation, by OrganisationID';
COMMENT ON COLUMN sync.deliveries.system IS 'Side it is sent to: xero or salesforce';
COMMENT ON COLUMN sync.deliveries.object IS 'Object there, such as Xero_Invoice__c or contacts';
COMMENT ON COLUMN sync.deliveries.external_id IS 'What the record is upserted by';
COMMENT ON COLUMN sync.deliveries.record_name IS 'What people call it: number, name or code';
COMMENT ON COLUMN sync.deliveries.payload_hash IS 'Digest of the payload, by which a change is told';
COMMENT ON COLUMN sync.deliveries.payload IS 'Fields to send, in the other side''s names';
COMMENT ON COLUMN sync.deliveries.idempotency_key IS 'Same for every try of the same payload: the other side acts on it once';
COMMENT ON COLUMN sync.deliveries.status IS 'pending, succeeded, failed or dismissed';
COMMENT ON COLUMN sync.deliveries.attempts IS 'Times it was sent with this payload';
COMMENT ON COLUMN sync.deliveries.first_at IS 'When it was first wanted';
COMMENT ON COLUMN sync.deliveries.last_at IS 'When it was last tried';
COMMENT ON COLUMN sync.deliveries.remote_id IS 'Id the other side gave the record';
COMMENT ON COLUMN sync.deliveries.error_code IS 'Code of the last refusal';
COMMENT ON COLUMN sync.deliveries.error IS 'Reason of the last refusal';
COMMENT ON COLUMN sync.deliveries.response IS 'What the other side answered last';
COMMENT ON COLUMN sync.deliveries.resolution IS 'What a person decided: auto_sync, retry or dismiss';
COMMENT ON COLUMN sync.deliveries.resolution_reason IS 'Why they decided so';
COMMENT ON COLUMN sync.deliveries.resolved_by IS 'Who decided';
COMMENT ON COLUMN sync.deliveries.resolved_at IS 'When they decided';

CREATE TABLE sync.contact_matches (
    org_id TEXT COLLATE "C" NOT NULL,
    contact_id TEXT COLLATE "C" NOT NULL,
    salesforce_org_id TEXT COLLATE "C",
    account_id TEXT COLLATE "C",
    rule TEXT,
    status TEXT NOT NULL,
    candidates JSONB,
    evidence TEXT,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    run_id TEXT COLLATE "C",
    CONSTRAINT contact_matches_pkey PRIMARY KEY (org_id, contact_id)
);

CREATE INDEX contact_matches_account_id_idx ON sync.contact_matches (account_id);

COMMENT ON TABLE sync.contact_matches IS 'Which Salesforce account each Xero contact is, or why that is open';
COMMENT ON COLUMN sync.contact_matches.org_id IS 'Xero organisation of the contact, by OrganisationID';
COMMENT ON COLUMN sync.contact_matches.contact_id IS 'Xero contact';
COMMENT ON COLUMN sync.contact_matches.salesforce_org_id IS 'Salesforce org of the account';
COMMENT ON COLUMN sync.contact_matches.account_id IS 'Salesforce account; null while ambiguous or unmatched';
COMMENT ON COLUMN sync.contact_matches.rule IS 'Rule that decided';
COMMENT ON COLUMN sync.contact_matches.status IS 'matched, ambiguous, unmatched or manual';
COMMENT ON COLUMN sync.contact_matches.candidates IS 'Accounts that fit, where several do';
COMMENT ON COLUMN sync.contact_matches.evidence IS 'What the decision rests on, in words';
COMMENT ON COLUMN sync.contact_matches.decided_at IS 'When it was decided';
COMMENT ON COLUMN sync.contact_matches.run_id IS 'Run that decided; null for a person';

CREATE TABLE sync.invoice_links (
    org_id TEXT COLLATE "C" NOT NULL,
    invoice_id TEXT COLLATE "C" NOT NULL,
    target_type TEXT,
    target_id TEXT COLLATE "C",
    rule TEXT,
    status TEXT NOT NULL,
    candidates JSONB,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    run_id TEXT COLLATE "C",
    CONSTRAINT invoice_links_pkey PRIMARY KEY (org_id, invoice_id)
);

CREATE INDEX invoice_links_target_id_idx ON sync.invoice_links (target_id);

COMMENT ON TABLE sync.invoice_links IS 'Which opportunity or order each sales invoice belongs to, or why that is open';
COMMENT ON COLUMN sync.invoice_links.org_id IS 'Xero organisation of the invoice, by OrganisationID';
COMMENT ON COLUMN sync.invoice_links.invoice_id IS 'Xero invoice';
COMMENT ON COLUMN sync.invoice_links.target_type IS 'opportunity or order; null while ambiguous';
COMMENT ON COLUMN sync.invoice_links.target_id IS 'Salesforce opportunity or order; null while ambiguous';
COMMENT ON COLUMN sync.invoice_links.rule IS 'Rule that decided';
COMMENT ON COLUMN sync.invoice_links.status IS 'linked, ambiguous or manual';
COMMENT ON COLUMN sync.invoice_links.candidates IS 'Records that fit, where several do';
COMMENT ON COLUMN sync.invoice_links.decided_at IS 'When it was decided';
COMMENT ON COLUMN sync.invoice_links.run_id IS 'Run that decided; null for a person';

CREATE TABLE sync.settings (
    org_id TEXT COLLATE "C" DEFAULT '' NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" DEFAULT '' NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value JSONB,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_by TEXT,
    CONSTRAINT settings_pkey PRIMARY KEY (org_id, scope, subject, key)
);

COMMENT ON TABLE sync.settings IS 'Settings that live with the data: of everything, of an organisation, or of one Salesforce account';
COMMENT ON COLUMN sync.settings.org_id IS 'Xero organisation; empty for all';
COMMENT ON COLUMN sync.settings.scope IS 'global, org or account';
COMMENT ON COLUMN sync.settings.subject IS 'Salesforce account the setting is for, with scope account; else empty';
COMMENT ON COLUMN sync.settings.key IS 'Name of the setting, such as time_zone';
COMMENT ON COLUMN sync.settings.value IS 'Value of the setting';
COMMENT ON COLUMN sync.settings.updated_at IS 'When it was last set';
COMMENT ON COLUMN sync.settings.updated_by IS 'Who or what set it';

CREATE TABLE analytics.account_rollups (
    org_id TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    total_invoiced NUMERIC,
    total_paid NUMERIC,
    total_credited NUMERIC,
    total_due NUMERIC,
    total_overdue NUMERIC,
    total_draft NUMERIC,
    unallocated_credit NUMERIC,
    documents INTEGER NOT NULL,
    status TEXT,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT account_rollups_pkey PRIMARY KEY (org_id, account_id, currency_code)
);

COMMENT ON TABLE analytics.account_rollups IS 'What each Salesforce account was invoiced, paid and owes, a row a currency and one in base currency';
COMMENT ON COLUMN analytics.account_rollups.org_id IS 'Xero organisation the invoices are of, by OrganisationID';
COMMENT ON COLUMN analytics.account_rollups.account_id IS 'Salesforce record the invoices are rolled up to';
COMMENT ON COLUMN analytics.account_rollups.currency_code IS 'ISO code of the amounts; * for all currencies together, in base currency';
COMMENT ON COLUMN analytics.account_rollups.total_invoiced IS 'Total of authorised and paid sales invoices';
COMMENT ON COLUMN analytics.account_rollups.total_paid IS 'Paid on them by payments';
COMMENT ON COLUMN analytics.account_rollups.total_credited IS 'Covered on them by credit notes, prepayments and overpayments';
COMMENT ON COLUMN analytics.account_rollups.total_due IS 'Still due on authorised sales invoices';
COMMENT ON COLUMN analytics.account_rollups.total_overdue IS 'Due on those past their due date, in the organisation''s time zone';
COMMENT ON COLUMN analytics.account_rollups.total_draft IS 'Total of drafts and, if so configured, of submitted invoices';
COMMENT ON COLUMN analytics.account_rollups.unallocated_credit IS 'Remaining credit of authorised credit notes, prepayments and overpayments';
COMMENT ON COLUMN analytics.account_rollups.documents IS 'Documents counted';
COMMENT ON COLUMN analytics.account_rollups.status IS 'Overdue, Owing, In Credit, Paid Up or Draft Only';
COMMENT ON COLUMN analytics.account_rollups.computed_at IS 'When a figure of this row last changed';

CREATE TABLE analytics.opportunity_rollups (
    org_id TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C" NOT NULL,
    currency_code TEXT COLLATE "C" NOT NULL,
    total_invoiced NUMERIC,
    total_paid NUMERIC,
    total_credited NUMERIC,
    total_due NUMERIC,
    total_overdue NUMERIC,
    total_draft NUMERIC,
    documents INTEGER NOT NULL,
    computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT opportunity_rollups_pkey PRIMARY KEY (org_id, opportunity_id, currency_code)
);

COMMENT ON TABLE analytics.opportunity_rollups IS 'What the invoices linked to each opportunity add up to, a row a currency and one in base currency';
COMMENT ON COLUMN analytics.opportunity_rollups.org_id IS 'Xero organisation the invoices are of, by OrganisationID';
COMMENT ON COLUMN analytics.opportunity_rollups.opportunity_id IS 'Salesforce record the invoices are rolled up to';
COMMENT ON COLUMN analytics.opportunity_rollups.currency_code IS 'ISO code of the amounts; * for all currencies together, in base currency';
COMMENT ON COLUMN analytics.opportunity_rollups.total_invoiced IS 'Total of authorised and paid sales invoices';
COMMENT ON COLUMN analytics.opportunity_rollups.total_paid IS 'Paid on them by payments';
COMMENT ON COLUMN analytics.opportunity_rollups.total_credited IS 'Covered on them by credit notes, prepayments and overpayments';
COMMENT ON COLUMN analytics.opportunity_rollups.total_due IS 'Still due on authorised sales invoices';
COMMENT ON COLUMN analytics.opportunity_rollups.total_overdue IS 'Due on those past their due date, in the organisation''s time zone';
COMMENT ON COLUMN analytics.opportunity_rollups.total_draft IS 'Total of drafts and, if so configured, of submitted invoices';
COMMENT ON COLUMN analytics.opportunity_rollups.documents IS 'Documents counted';
COMMENT ON COLUMN analytics.opportunity_rollups.computed_at IS 'When a figure of this row last changed';
