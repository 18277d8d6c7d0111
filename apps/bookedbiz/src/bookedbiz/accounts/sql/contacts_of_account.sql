-- Whom does one talk to at this account, those merged into it included, and when was that last?
SELECT
    contact.id AS id,
    contact.account_id AS account_id,
    contact.name AS name,
    contact.title AS title,
    contact.role AS role,
    contact.email AS email,
    contact.phone AS phone,
    contact.is_primary AS is_primary,
    (SELECT max(at) FROM activity WHERE activity.account_id = contact.account_id AND contact_id = contact.id)
        AS last_contacted_at
FROM contact
WHERE contact.active
  AND contact.account_id IN (SELECT member_id FROM account_member WHERE account_id = :account_id)
ORDER BY contact.account_id <> :account_id, contact.is_primary DESC, contact.name
