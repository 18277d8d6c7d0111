-- Where is this account, those merged into it included?
SELECT
    address.id AS id,
    address.account_id AS account_id,
    address.kind AS kind,
    address.street AS street,
    address.city AS city,
    address.state AS state,
    address.zip AS zip,
    address.is_primary AS is_primary
FROM address
WHERE address.account_id IN (SELECT member_id FROM account_member WHERE account_id = :account_id)
ORDER BY address.account_id <> :account_id, address.is_primary DESC, address.id
