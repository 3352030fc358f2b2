-- One Xero_Payment__c a payment on an invoice, bill or credit note; deleted ones stay and say so (SCW-10, SCW-11).
select
    payments.payment_id as external_id,
    named.name as record_name,
    jsonb_build_object(
        'Name', left(named.name, 80),
        'Invoice__r',
        case
            when invoices.invoice_id is not null then jsonb_build_object('Xero_Id__c', invoices.invoice_id)
            when credit_notes.credit_note_id is not null then jsonb_build_object('Xero_Id__c', credit_notes.credit_note_id)
        end,
        'Date__c', payments.date,
        'Amount__c', payments.amount,
        'Currency__c', coalesce(invoices.currency_code, credit_notes.currency_code),
        'Payment_Type__c', payments.payment_type,
        'Status__c', payments.status,
        'Reference__c', left(payments.reference, 255),
        'Account_Code__c', payments.account_code,
        'Is_Reconciled__c', coalesce(payments.is_reconciled, false),
        'Organisation__c', payments.org_id,
        'Updated_In_Xero__c', payments.updated_utc
    ) as payload
from xero.payments
-- A bill may have no number, which is then empty and no name.
cross join lateral (
    select
        coalesce(
            nullif(btrim(payments.reference), ''), nullif(btrim(payments.invoice_number), ''), payments.payment_id
        ) as name
) as named
left join xero.invoices on invoices.org_id = payments.org_id and invoices.invoice_id = payments.invoice_id and invoices.in_scope
left join xero.credit_notes
    on credit_notes.org_id = payments.org_id and credit_notes.credit_note_id = payments.credit_note_id
where
    payments.org_id = %(org_id)s
    and payments.vanished_at is null
    -- A payment follows its invoice: out of scope together (products.md 2.11).
    and (payments.invoice_id is null or invoices.invoice_id is not null)
    and (
        %(everything)s
        or payments.payment_id = any(%(payments)s)
        or payments.invoice_id = any(%(changed)s)
        or payments.credit_note_id = any(%(changed)s)
    )
