-- Every invoice that counts, with the account that its contact is.
counted as (
    select sale.*, matches.account_id
    from ({counted}) as sale
    inner join sync.contact_matches as matches
        on matches.org_id = %(org_id)s and matches.contact_id = sale.contact_id and matches.account_id is not null
),
