-- Which money counts under no customer, no account executive, no sector?
SELECT
    CASE
        WHEN bill_code.customer_id IS NULL AND bill_code.raw <> '' THEN 'unresolved_bill_code'
        WHEN bill_code.customer_id IS NULL THEN 'blank_bill_code'
        WHEN customer.sector_id IS NULL THEN 'no_sector'
        ELSE ''
    END AS customer_problem,
    CASE
        WHEN sales_person.ae_id IS NOT NULL THEN ''
        WHEN sales_person.raw = '' THEN 'blank_sales_person'
        ELSE 'unknown_sales_person'
    END AS ae_problem,
    SUM(booked.spots) AS spots,
    SUM(booked.gross_cents) AS gross_cents
FROM booked
JOIN revenue_type ON revenue_type.id = booked.revenue_type_id AND NOT revenue_type.is_trade
JOIN bill_code ON bill_code.id = booked.bill_code_id
LEFT JOIN customer ON customer.id = bill_code.customer_id
JOIN sales_person ON sales_person.id = booked.sales_person_id
GROUP BY 1, 2
