-- One Xero_Contact__c a contact, under its account where one was matched; archived ones stay and say so (BW-12, BW-X04).
select
    contacts.contact_id as external_id,
    contacts.name as record_name,
    jsonb_build_object(
        'Name', left(coalesce(contacts.name, contacts.contact_id), 80),
        'Account__c', accounts.account_id,
        'Organisation__c', contacts.org_id,
        'Organisation_Name__c', organisations.name,
        'Status__c', contacts.contact_status,
        'Is_Archived__c', contacts.is_archived,
        'Merged_To__c', contacts.merged_to_contact_id,
        'Account_Number__c', contacts.account_number,
        'Email__c', contacts.email_address,
        'Phone__c', left(contacts.phone_default, 40),
        'Is_Customer__c', coalesce(contacts.is_customer, false),
        'Is_Supplier__c', coalesce(contacts.is_supplier, false),
        'Currency__c', contacts.default_currency,
        'Receivable_Outstanding__c', contacts.accounts_receivable_outstanding,
        'Receivable_Overdue__c', contacts.accounts_receivable_overdue,
        'Payable_Outstanding__c', contacts.accounts_payable_outstanding,
        'Payable_Overdue__c', contacts.accounts_payable_overdue,
        'Updated_In_Xero__c', contacts.updated_utc
    ) as payload
from xero.contacts
left join sync.contact_matches as matches using (org_id, contact_id)
left join salesforce.accounts on accounts.account_id = matches.account_id and not accounts.is_deleted
left join xero.organisations on organisations.org_id = contacts.org_id
where
    contacts.org_id = %(org_id)s and contacts.vanished_at is null
    and (%(everything)s or contacts.contact_id = any(%(contacts)s))
