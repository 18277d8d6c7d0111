-- Which lines of the summary are to be made anew?
DELETE FROM priced WHERE bill_code_id IN (SELECT value FROM json_each(:codes))
