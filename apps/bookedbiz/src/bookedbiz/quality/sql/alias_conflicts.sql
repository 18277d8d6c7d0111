-- Which other spellings are the name of somebody else as well?
SELECT alias.kind AS kind, alias.name AS name
FROM alias
WHERE alias.active
  AND (EXISTS (SELECT 1 FROM agency WHERE alias.kind = 'agency' AND agency.key = alias.key
               AND agency.id <> alias.agency_id)
       OR EXISTS (SELECT 1 FROM advertiser WHERE alias.kind = 'advertiser' AND advertiser.key = alias.key
                  AND advertiser.id <> alias.advertiser_id)
       OR EXISTS (SELECT 1 FROM ae WHERE alias.kind = 'ae' AND ae.key = alias.key AND ae.id <> alias.ae_id)
       OR EXISTS (SELECT 1 FROM customer WHERE alias.kind = 'bill_code' AND customer.key = alias.key
                  AND customer.id <> alias.customer_id AND customer.active))
ORDER BY alias.kind, alias.name
