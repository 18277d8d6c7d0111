-- What should the summary say of this bill code?
INSERT INTO parted SELECT * FROM parted_now WHERE bill_code_id = :code
