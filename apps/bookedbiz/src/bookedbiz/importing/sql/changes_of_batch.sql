-- What did an import change, by customer, account executive, month and kind?
SELECT
    COALESCE(customer.name, NULLIF(bill_code.raw, ''), '(no bill code)') AS customer,
    COALESCE(ae.name, 'Unknown') AS ae,
    change.month AS month,
    change.kind AS kind,
    SUM(change.spots) AS spots,
    SUM(change.gross_after_cents - change.gross_before_cents) AS gross_cents,
    SUM(change.net_after_cents - change.net_before_cents) AS net_cents
FROM change
JOIN bill_code ON bill_code.id = change.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = change.sales_person_id
LEFT JOIN ae ON ae.id = sales_person.ae_id
WHERE change.batch_id = :batch_id
GROUP BY 1, 2, 3, 4
