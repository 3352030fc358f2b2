-- What many records show and no note tells of: when one of these changes, everything is looked at.
select
    coalesce((select name from xero.organisations where org_id = %(org_id)s), '') as organisation,
    coalesce((
        select md5(string_agg(branding_theme_id || ' ' || coalesce(name, ''), ',' order by branding_theme_id))
        from xero.branding_themes
        where org_id = %(org_id)s
    ), '') as themes,
    coalesce((
        select md5(string_agg(product_code || ' ' || product_id, ',' order by product_id))
        from salesforce.products
        where is_active and not is_deleted and product_code <> ''
    ), '') as products,
    -- Matches that a person made and whose account is gone.
    coalesce((
        select md5(string_agg(matches.contact_id, ',' order by matches.contact_id))
        from sync.contact_matches as matches
        where
            matches.org_id = %(org_id)s and matches.account_id is not null
            and not exists (
                select 1 from salesforce.accounts
                where accounts.account_id = matches.account_id and not accounts.is_deleted
            )
    ), '') as gone
