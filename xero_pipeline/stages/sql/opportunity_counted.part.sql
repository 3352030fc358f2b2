-- Every invoice that counts, with the opportunity that it is linked to.
counted as (
    select sale.*, links.target_id as opportunity_id
    from ({counted}) as sale
    inner join sync.invoice_links as links
        on
            links.org_id = %(org_id)s
            and links.invoice_id = sale.invoice_id
            and links.target_type = 'opportunity'
            and links.status in ('linked', 'manual')
),
