-- What are the numbers of these contracts?
SELECT id, number FROM contract WHERE id IN (SELECT value FROM json_each(:contracts))
