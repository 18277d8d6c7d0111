-- Who is this customer? A negative id is the bill code that is not resolved to one yet.
SELECT
    customer.name AS name,
    advertiser.name AS advertiser,
    agency.name AS agency,
    via.name AS via_agency,
    COALESCE(sector.name, 'Unassigned') AS sector,
    customer.active AS active
FROM customer
JOIN advertiser ON advertiser.id = customer.advertiser_id
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN agency AS via ON via.id = customer.via_agency_id
LEFT JOIN sector ON sector.id = customer.sector_id
WHERE customer.id = :customer_id
UNION ALL
SELECT
    COALESCE(NULLIF(bill_code.raw, ''), '(no bill code)'),
    COALESCE(NULLIF(bill_code.customer_text, ''), '(no bill code)'),
    bill_code.agency_text, NULL, 'Unassigned', 1
FROM bill_code
WHERE bill_code.id = -:customer_id AND bill_code.customer_id IS NULL
