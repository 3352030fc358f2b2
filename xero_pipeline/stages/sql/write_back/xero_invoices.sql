-- One Xero_Invoice__c a sales invoice, bill or credit note (BW-X02), with its payment status (products.md 2.29).
with document as (
    select
        org_id, invoice_id as id, type, status, invoice_number as number, reference, contact_id, date, due_date,
        fully_paid_on_date, currency_code, currency_rate, sub_total, total_tax, total, amount_paid, amount_credited, amount_due,
        null::numeric as remaining_credit, branding_theme_id, updated_utc,
        case
            when status in ('DRAFT', 'SUBMITTED') then 'Draft'
            when status = 'VOIDED' then 'Voided'
            when status = 'DELETED' then 'Deleted'
            when status = 'PAID' and amount_paid = 0 and amount_credited > 0 then 'Paid by Credit'
            when status = 'PAID' then 'Paid'
            when status = 'AUTHORISED' and amount_due < total then 'Partially Paid'
            when status = 'AUTHORISED' then 'Unpaid'
            else status
        end as payment_status
    from xero.invoices
    where
        org_id = %(org_id)s and in_scope and vanished_at is null
        and (%(everything)s or invoice_id = any(%(documents)s))
    union all
    select
        org_id, credit_note_id, type, status, credit_note_number, reference, contact_id, date, due_date,
        fully_paid_on_date, currency_code, currency_rate, sub_total, total_tax, total, null, null, null,
        remaining_credit, branding_theme_id, updated_utc,
        case
            when status in ('DRAFT', 'SUBMITTED') then 'Draft'
            when status = 'VOIDED' then 'Voided'
            when status = 'DELETED' then 'Deleted'
            when status = 'PAID' then 'Paid'
            when remaining_credit < total then 'Partially Paid'
            else 'Unpaid'
        end
    from xero.credit_notes
    where
        org_id = %(org_id)s and vanished_at is null
        and (%(everything)s or credit_note_id = any(%(documents)s))
)

select
    document.id as external_id,
    document.number as record_name,
    jsonb_build_object(
        'Name', left(coalesce(nullif(btrim(document.number), ''), document.id), 80),
        'Type__c', document.type,
        'Status__c', document.status,
        'Payment_Status__c', document.payment_status,
        'Organisation__c', document.org_id,
        'Organisation_Name__c', organisations.name,
        'Xero_Contact__r', jsonb_build_object('Xero_Id__c', document.contact_id),
        'Account__c', accounts.account_id,
        'Opportunity__c', case when links.target_type = 'opportunity' then links.target_id end,
        'Order__c', case when links.target_type = 'order' then links.target_id end,
        'Reference__c', left(document.reference, 255),
        'Date__c', document.date,
        'Due_Date__c', document.due_date,
        'Fully_Paid_On__c', case when document.status = 'PAID' then document.fully_paid_on_date end,
        'Currency__c', document.currency_code,
        'Currency_Rate__c', document.currency_rate,
        'Sub_Total__c', document.sub_total,
        'Total_Tax__c', document.total_tax,
        'Total__c', document.total,
        'Amount_Paid__c', document.amount_paid,
        'Amount_Credited__c', document.amount_credited,
        'Amount_Due__c', document.amount_due,
        'Remaining_Credit__c', document.remaining_credit,
        'Branding_Theme__c', branding_themes.name,
        'Updated_In_Xero__c', document.updated_utc
    ) as payload
from document
left join sync.contact_matches as matches using (org_id, contact_id)
left join salesforce.accounts on accounts.account_id = matches.account_id and not accounts.is_deleted
left join sync.invoice_links as links
    on links.org_id = document.org_id and links.invoice_id = document.id and links.status in ('linked', 'manual')
left join xero.branding_themes
    on branding_themes.org_id = document.org_id and branding_themes.branding_theme_id = document.branding_theme_id
left join xero.organisations on organisations.org_id = document.org_id
