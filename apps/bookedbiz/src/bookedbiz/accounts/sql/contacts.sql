-- Whom does one talk to at each account, or at those of one AE?
SELECT
    account_shown.name,
    account_shown.kind,
    contact.name,
    contact.title,
    contact.role,
    contact.email,
    contact.phone,
    CASE WHEN contact.is_primary THEN 'yes' ELSE '' END
FROM contact
JOIN account_shown ON account_shown.id = contact.account_id
WHERE contact.active AND (:ae_id IS NULL OR account_shown.ae_id = :ae_id)
ORDER BY account_shown.name, account_shown.kind, contact.is_primary DESC, contact.name
