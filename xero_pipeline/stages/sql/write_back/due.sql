-- Takes what is due, and says what of each kind of record is to be looked at: all that may have changed, and what is offered again.
-- Removals stay until they are done.
with taken as (
    delete from sync.write_back_due
    where org_id = %(org_id)s and kind <> 'removal'
    returning kind, record_id
),

refused as (
    select object, external_id
    from sync.deliveries
    where org_id = %(org_id)s and system = 'salesforce' and status = 'failed' and attempts < %(most)s
),

changed as (
    select record_id from taken where kind = 'document'
    union
    select split_part(external_id, ':', 1) from refused where object = 'Xero_Invoice_Line__c'
)

select 'contacts' as kind, record_id from taken where kind in ('contact', 'match')
union
select 'contacts', external_id from refused where object = 'Xero_Contact__c'
union
-- Documents show the account of their contact.
select 'documents', invoices.invoice_id
from taken
inner join xero.invoices on invoices.org_id = %(org_id)s and invoices.contact_id = taken.record_id
where taken.kind = 'match'
union
select 'documents', credit_notes.credit_note_id
from taken
inner join xero.credit_notes on credit_notes.org_id = %(org_id)s and credit_notes.contact_id = taken.record_id
where taken.kind = 'match'
union
select 'documents', record_id from changed
union
select 'documents', external_id from refused where object = 'Xero_Invoice__c'
union
-- What lines and payments show of their document changes with the document itself alone.
select 'changed', record_id from changed
union
select 'payments', record_id from taken where kind = 'payment'
union
select 'payments', external_id from refused where object = 'Xero_Payment__c'
union
select 'removals', record_id from sync.write_back_due where org_id = %(org_id)s and kind = 'removal'
