-- Which signals are open, as they are on that day: a snoozed one is new again from its date on.
SELECT
    account_signal.id AS id,
    account_signal.account_id AS account_id,
    account_signal.kind AS kind,
    account_signal.label AS label,
    account_signal.opened_on AS opened_on,
    CASE WHEN account_signal.snoozed_until <= :today THEN 'new' ELSE account_signal.state END AS state,
    CASE WHEN account_signal.snoozed_until <= :today THEN account_signal.snoozed_until
         ELSE account_signal.opened_on END AS new_since,
    account_signal.reason AS reason,
    account_signal.snoozed_until AS snoozed_until,
    account_signal.state_by AS state_by,
    account_signal.state_at AS state_at
FROM account_signal
JOIN account ON account.id = account_signal.account_id
WHERE account_signal.closed_on IS NULL
  AND (:account_id IS NULL OR account_signal.account_id = :account_id)
  AND (:ae_id IS NULL OR account.ae_id = :ae_id)
ORDER BY account_signal.id
