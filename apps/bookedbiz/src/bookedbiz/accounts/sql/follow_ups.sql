-- What is to be done, the first due at the top, on the accounts of an AE or on all?
SELECT
    activity.id AS id,
    activity.account_id AS account_id,
    activity.kind AS kind,
    activity.text AS text,
    activity.author AS author,
    activity.at AS at,
    activity.due_on AS due_on,
    activity.done_at AS done_at,
    contact.name AS contact,
    account_shown.name AS account
FROM activity
JOIN account_shown ON account_shown.id = activity.account_id
LEFT JOIN contact ON contact.id = activity.contact_id
WHERE activity.due_on IS NOT NULL AND activity.done_at IS NULL
  AND (:ae_id IS NULL OR account_shown.ae_id = :ae_id)
ORDER BY activity.due_on, activity.id
LIMIT :count
