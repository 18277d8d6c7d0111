-- What should the summary say of this bill code?
INSERT INTO priced SELECT * FROM priced_now WHERE bill_code_id = :code
