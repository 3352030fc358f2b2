-- One Xero_Invoice_Line__c a line of those documents, under its Xero_Invoice__c.
with product as (
    -- A code that two active products share names neither.
    select product_code, min(product_id) as product_id
    from salesforce.products
    where is_active and not is_deleted and product_code <> ''
    group by product_code
    having count(*) = 1
),

line as (
    select
        lines.org_id, lines.invoice_id as document_id, lines.line_item_id, lines.line_number, lines.description, lines.quantity,
        lines.unit_amount, lines.discount_rate, lines.line_amount, lines.tax_amount, lines.tax_type, lines.account_code,
        lines.item_code, lines.tracking_1_name, lines.tracking_1_option, lines.tracking_2_name, lines.tracking_2_option
    from xero.invoice_lines as lines
    inner join xero.invoices using (org_id, invoice_id)
    where
        lines.org_id = %(org_id)s and invoices.in_scope and invoices.vanished_at is null
        and (%(everything)s or lines.invoice_id = any(%(changed)s))
    union all
    select
        lines.org_id, lines.credit_note_id, lines.line_item_id, lines.line_number, lines.description, lines.quantity,
        lines.unit_amount, lines.discount_rate, lines.line_amount, lines.tax_amount, lines.tax_type, lines.account_code,
        lines.item_code, lines.tracking_1_name, lines.tracking_1_option, lines.tracking_2_name, lines.tracking_2_option
    from xero.credit_note_lines as lines
    inner join xero.credit_notes using (org_id, credit_note_id)
    where
        lines.org_id = %(org_id)s and credit_notes.vanished_at is null
        and (%(everything)s or lines.credit_note_id = any(%(changed)s))
)

select
    line.document_id || ':' || line.line_item_id as external_id,
    left(line.description, 80) as record_name,
    jsonb_build_object(
        'Name', left(coalesce(nullif(btrim(line.description), ''), 'Line ' || line.line_number), 80),
        'Invoice__r', jsonb_build_object('Xero_Id__c', line.document_id),
        'Line_Number__c', line.line_number,
        'Description__c', line.description,
        'Quantity__c', line.quantity,
        'Unit_Amount__c', line.unit_amount,
        'Discount_Rate__c', line.discount_rate,
        'Line_Amount__c', line.line_amount,
        'Tax_Amount__c', line.tax_amount,
        'Tax_Type__c', line.tax_type,
        'Account_Code__c', line.account_code,
        'Item_Code__c', line.item_code,
        'Product__c', product.product_id,
        'Tracking_1__c', line.tracking_1_name || ': ' || line.tracking_1_option,
        'Tracking_2__c', line.tracking_2_name || ': ' || line.tracking_2_option
    ) as payload
from line
left join product on product.product_code = line.item_code
