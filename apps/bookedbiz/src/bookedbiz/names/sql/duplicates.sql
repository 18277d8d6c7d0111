-- Which customers are one advertiser under agencies of which one's name begins with the other's?
SELECT
    one.id AS id, one.name AS name, other.id AS other_id, other.name AS other_name
FROM customer AS one
JOIN customer AS other ON other.advertiser_id = one.advertiser_id AND other.id <> one.id AND other.active
JOIN agency AS first ON first.id = one.agency_id
JOIN agency AS second ON second.id = other.agency_id
WHERE one.active
  AND substr(second.key, 1, length(first.key)) = first.key
  AND (length(second.key) > length(first.key) OR one.id < other.id)
ORDER BY one.name, other.name
