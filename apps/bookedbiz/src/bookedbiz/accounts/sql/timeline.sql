-- What was said and done on an account, those merged into it included; the newest first.
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
    '' AS account
FROM activity
LEFT JOIN contact ON contact.id = activity.contact_id
WHERE activity.account_id IN (SELECT member_id FROM account_member WHERE account_id = :account_id)
ORDER BY activity.at DESC, activity.id DESC
LIMIT :count
