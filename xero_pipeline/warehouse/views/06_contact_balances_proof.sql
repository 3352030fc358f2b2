-- For each contact: what its staged documents add up to, beside the balances Xero itself keeps. They must be equal.
-- Outstanding is what is due on authorised documents less what remains of authorised credits; overdue is what is due on
-- documents past their due date, credits not deducted. Each document is turned into base currency and rounded by itself.
create or replace view analytics.contact_balances_proof as
with contact as (
    select
        contacts.org_id,
        contacts.contact_id,
        contacts.name,
        organisation_days.base_currency,
        -- Xero's overdue figures are as of when the contact was read, and so must ours be.
        (contacts.synced_at at time zone organisation_days.time_zone)::date as as_of,
        coalesce(contacts.accounts_receivable_outstanding, 0) as receivable_outstanding,
        coalesce(contacts.accounts_receivable_overdue, 0) as receivable_overdue,
        coalesce(contacts.accounts_payable_outstanding, 0) as payable_outstanding,
        coalesce(contacts.accounts_payable_overdue, 0) as payable_overdue
    from xero.contacts
    inner join analytics.organisation_days using (org_id)
    where contacts.vanished_at is null
),

open_amount as (
    select org_id, contact_id, currency_code, currency_rate, type = 'ACCREC' as receivable, due_date, amount_due as amount
    from xero.invoices
    where status = 'AUTHORISED' and vanished_at is null
    union all
    select org_id, contact_id, currency_code, currency_rate, type = 'ACCRECCREDIT', null, -remaining_credit
    from xero.credit_notes
    where status = 'AUTHORISED' and vanished_at is null
    union all
    select org_id, contact_id, currency_code, currency_rate, type in ('RECEIVE-PREPAYMENT', 'ARPREPAYMENT'), null,
        -remaining_credit
    from xero.prepayments
    where status = 'AUTHORISED' and vanished_at is null
    union all
    select org_id, contact_id, currency_code, currency_rate, type in ('RECEIVE-OVERPAYMENT', 'AROVERPAYMENT'), null,
        -remaining_credit
    from xero.overpayments
    where status = 'AUTHORISED' and vanished_at is null
),

in_base_currency as (
    select
        contact.org_id,
        contact.contact_id,
        open_amount.receivable,
        coalesce(open_amount.due_date < contact.as_of, false) as overdue,
        round(
            open_amount.amount
            / case
                when open_amount.currency_code = contact.base_currency then 1
                else nullif(open_amount.currency_rate, 0)
            end,
            2
        ) as amount
    from open_amount
    inner join contact using (org_id, contact_id)
    where open_amount.amount <> 0
),

-- A document without a rate makes its contact's figures null, and the proof fails: nothing was proven.
computed as (
    select
        org_id,
        contact_id,
        bool_and(amount is not null) as complete,
        coalesce(sum(amount) filter (where receivable), 0) as receivable_outstanding,
        coalesce(sum(amount) filter (where receivable and overdue), 0) as receivable_overdue,
        coalesce(sum(amount) filter (where not receivable), 0) as payable_outstanding,
        coalesce(sum(amount) filter (where not receivable and overdue), 0) as payable_overdue
    from in_base_currency
    group by org_id, contact_id
),

side_by_side as (
    select
        contact.org_id,
        contact.contact_id,
        contact.name,
        contact.as_of,
        coalesce(computed.complete, true) as complete,
        coalesce(computed.receivable_outstanding, 0) as receivable_outstanding,
        contact.receivable_outstanding as receivable_outstanding_in_xero,
        coalesce(computed.receivable_overdue, 0) as receivable_overdue,
        contact.receivable_overdue as receivable_overdue_in_xero,
        coalesce(computed.payable_outstanding, 0) as payable_outstanding,
        contact.payable_outstanding as payable_outstanding_in_xero,
        coalesce(computed.payable_overdue, 0) as payable_overdue,
        contact.payable_overdue as payable_overdue_in_xero
    from contact
    left join computed using (org_id, contact_id)
)

select
    org_id,
    contact_id,
    name,
    as_of,
    receivable_outstanding,
    receivable_outstanding_in_xero,
    receivable_outstanding - receivable_outstanding_in_xero as receivable_outstanding_difference,
    receivable_overdue,
    receivable_overdue_in_xero,
    receivable_overdue - receivable_overdue_in_xero as receivable_overdue_difference,
    payable_outstanding,
    payable_outstanding_in_xero,
    payable_outstanding - payable_outstanding_in_xero as payable_outstanding_difference,
    payable_overdue,
    payable_overdue_in_xero,
    payable_overdue - payable_overdue_in_xero as payable_overdue_difference,
    complete
    and receivable_outstanding = receivable_outstanding_in_xero
    and receivable_overdue = receivable_overdue_in_xero
    and payable_outstanding = payable_outstanding_in_xero
    and payable_overdue = payable_overdue_in_xero as ties
from side_by_side;

comment on view analytics.contact_balances_proof is
'What each contact''s staged documents add up to, beside the balances Xero keeps, in base currency';
comment on column analytics.contact_balances_proof.org_id is 'Xero organisation, by OrganisationID';
comment on column analytics.contact_balances_proof.contact_id is 'Xero contact';
comment on column analytics.contact_balances_proof.name is 'Name of the contact';
comment on column analytics.contact_balances_proof.as_of is 'Date the contact was read, in the organisation''s time zone';
comment on column analytics.contact_balances_proof.receivable_outstanding is 'Owed to us, from documents';
comment on column analytics.contact_balances_proof.receivable_outstanding_in_xero is 'Owed to us, from the contact';
comment on column analytics.contact_balances_proof.receivable_outstanding_difference is 'Documents less contact';
comment on column analytics.contact_balances_proof.receivable_overdue is 'Owed to us and past due, from documents';
comment on column analytics.contact_balances_proof.receivable_overdue_in_xero is 'Owed to us and past due, from the contact';
comment on column analytics.contact_balances_proof.receivable_overdue_difference is 'Documents less contact';
comment on column analytics.contact_balances_proof.payable_outstanding is 'Owed by us, from documents';
comment on column analytics.contact_balances_proof.payable_outstanding_in_xero is 'Owed by us, from the contact';
comment on column analytics.contact_balances_proof.payable_outstanding_difference is 'Documents less contact';
comment on column analytics.contact_balances_proof.payable_overdue is 'Owed by us and past due, from documents';
comment on column analytics.contact_balances_proof.payable_overdue_in_xero is 'Owed by us and past due, from the contact';
comment on column analytics.contact_balances_proof.payable_overdue_difference is 'Documents less contact';
comment on column analytics.contact_balances_proof.ties is 'All four figures are equal, and no document lacks a rate';
