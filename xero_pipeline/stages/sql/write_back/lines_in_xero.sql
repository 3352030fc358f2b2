-- Every line that its document in Xero still has, whether or not the document is in scope or was seen lately: what was sent of
-- such documents is kept (products.md 2.12), and only a line that left its document is deleted in Salesforce.
select invoice_id || ':' || line_item_id as external_id
from xero.invoice_lines
where org_id = %(org_id)s and (%(everything)s or invoice_id = any(%(removals)s))
union all
select credit_note_id || ':' || line_item_id
from xero.credit_note_lines
where org_id = %(org_id)s and (%(everything)s or credit_note_id = any(%(removals)s))
