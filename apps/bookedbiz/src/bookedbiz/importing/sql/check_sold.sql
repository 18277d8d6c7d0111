-- Which months does the summary without spellings tell otherwise than the one with them? (month, with, without)
WITH by_spelling AS (
    SELECT booked.month AS month, COALESCE(bill_code.customer_id, -bill_code.id) AS customer_id,
        COALESCE(sales_person.ae_id, 0) AS ae_id, bill_code.is_worldlink AS is_worldlink,
        booked.revenue_type_id AS revenue_type_id, booked.market_id AS market_id,
        COALESCE(booked.assigned_language_id, booked.language_id) AS language_id, SUM(booked.spots) AS spots,
        SUM(booked.gross_cents) AS gross_cents, SUM(booked.net_cents) AS net_cents,
        SUM(booked.paid_spots) AS paid_spots, SUM(booked.paid_gross_cents) AS paid_gross_cents
    FROM booked
    JOIN bill_code ON bill_code.id = booked.bill_code_id
    JOIN sales_person ON sales_person.id = booked.sales_person_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), differing AS (
    SELECT month FROM (SELECT * FROM by_spelling EXCEPT SELECT * FROM sold)
    UNION
    SELECT month FROM (SELECT * FROM sold EXCEPT SELECT * FROM by_spelling)
)
SELECT month,
    (SELECT COUNT(*) || ' lines, ' || COALESCE(SUM(gross_cents), 0) || ' cents' FROM by_spelling
     WHERE by_spelling.month = differing.month),
    (SELECT COUNT(*) || ' lines, ' || COALESCE(SUM(gross_cents), 0) || ' cents' FROM sold
     WHERE sold.month = differing.month)
FROM differing
