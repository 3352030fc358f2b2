-- Drops what no longer holds: a link whose target was deleted in Salesforce, a choice whose candidates are all gone.
-- What a person linked stays.
delete from sync.invoice_links as links
where
    links.org_id = %(org_id)s
    and links.status <> 'manual'
    and not exists (
        select 1
        from salesforce.opportunities
        where
            opportunities.org_id = %(salesforce_org_id)s
            and not opportunities.is_deleted
            and (
                opportunities.opportunity_id = links.target_id
                or links.candidates @> jsonb_build_array(jsonb_build_object('id', opportunities.opportunity_id))
            )
    )
    and not exists (
        select 1
        from salesforce.orders
        where
            orders.org_id = %(salesforce_org_id)s
            and not orders.is_deleted
            and (
                orders.order_id = links.target_id
                or links.candidates @> jsonb_build_array(jsonb_build_object('id', orders.order_id))
            )
    )
returning invoice_id
