-- Which accounts have figures of their own, whose customers are theirs, and may they have signals?
SELECT
    account.id AS id,
    customer.id AS customer_id,
    parent.id AS parent_id,
    customer.active AND customer.merged_into_id IS NULL AS watched,
    agency.active AS parent_watched
FROM customer
JOIN account ON account.customer_id = customer.id
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN account AS parent ON parent.agency_id = agency.id
