-- One Xero_Metadata__c a setting: what pick-lists and reports in Salesforce choose from (BW-03, BW-51).
select
    setting.org_id || ':' || setting.kind || ':' || setting.key as external_id,
    setting.name as record_name,
    jsonb_build_object(
        'Name', left(coalesce(nullif(btrim(setting.name), ''), setting.key), 80),
        'Kind__c', setting.kind,
        'Code__c', setting.code,
        'Status__c', setting.status,
        'Is_Archived__c', setting.is_archived,
        'Rate__c', setting.rate,
        'Details__c', left(setting.details, 255),
        'Organisation__c', setting.org_id,
        'Organisation_Name__c', organisations.name
    ) as payload
from (
    select
        org_id, 'Branding Theme' as kind, branding_theme_id as key, name, null as code, 'ACTIVE' as status,
        vanished_at is not null as is_archived, null::numeric as rate, type as details
    from xero.branding_themes
    union all
    select org_id, 'Account', account_id, name, code, status, is_archived or vanished_at is not null, null, class || ' / ' || type
    from xero.accounts
    union all
    select org_id, 'Tax Rate', tax_type, name, tax_type, status, is_archived or vanished_at is not null, effective_rate, null
    from xero.tax_rates
    union all
    select
        org_id, 'Tracking Category', tracking_category_id, name, null, status, is_archived or vanished_at is not null, null, null
    from xero.tracking_categories
    union all
    select
        options.org_id, 'Tracking Option', options.tracking_option_id, options.name, null, options.status,
        options.is_archived, null, categories.name
    from xero.tracking_options as options
    left join xero.tracking_categories as categories using (org_id, tracking_category_id)
    union all
    select org_id, 'Currency', code, coalesce(nullif(btrim(description), ''), code), code, 'ACTIVE', vanished_at is not null, null, null
    from xero.currencies
    union all
    select org_id, 'Item', item_id, coalesce(nullif(btrim(name), ''), code), code, 'ACTIVE', vanished_at is not null, null, description
    from xero.items
) as setting
left join xero.organisations on organisations.org_id = setting.org_id
where setting.org_id = %(org_id)s
