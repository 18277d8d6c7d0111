-- What should the summary say of this bill code?
INSERT INTO aired SELECT * FROM aired_now WHERE bill_code_id = :code
