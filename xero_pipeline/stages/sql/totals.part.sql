-- A document without a rate makes its sum null: no number is better than a wrong one.
case when bool_and(invoiced is not null) then sum(invoiced) end as total_invoiced,
case when bool_and(paid is not null) then sum(paid) end as total_paid,
case when bool_and(credited is not null) then sum(credited) end as total_credited,
case when bool_and(due is not null) then sum(due) end as total_due,
case when bool_and(overdue is not null) then sum(overdue) end as total_overdue,
case when bool_and(draft is not null) then sum(draft) end as total_draft
