-- Which customers can a bill code be linked to?
SELECT
    customer.id AS id,
    COALESCE(agency.name, '') || COALESCE(':' || via.name, '') AS agency,
    advertiser.name AS advertiser,
    customer.name AS shown
FROM customer
JOIN advertiser ON advertiser.id = customer.advertiser_id
LEFT JOIN agency ON agency.id = customer.agency_id
LEFT JOIN agency AS via ON via.id = customer.via_agency_id
WHERE customer.active
ORDER BY customer.name
