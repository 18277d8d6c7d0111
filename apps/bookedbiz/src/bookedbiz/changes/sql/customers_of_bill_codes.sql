-- Whose is each bill code, as reports name them?
SELECT bill_code_id, customer FROM buyer
