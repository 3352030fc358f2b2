-- Every delta asks which invoices in a foreign currency have no rate. Xero gives none to those in the base currency, which are most,
-- so the index has the currency.
CREATE INDEX invoices_without_rate_idx ON xero.invoices (org_id, currency_code) WHERE coalesce(currency_rate, 0) = 0;

-- Records change and seldom grow. With room on its page for the next version of one, a change writes that page alone, and no index.
ALTER TABLE xero.contacts SET (fillfactor = 90);
ALTER TABLE xero.invoices SET (fillfactor = 90);
ALTER TABLE xero.payments SET (fillfactor = 90);
