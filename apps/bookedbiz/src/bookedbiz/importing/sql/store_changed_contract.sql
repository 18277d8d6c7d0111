-- What did this import change, by bill code and contract?
INSERT INTO changed_contract SELECT * FROM changed_contract_now WHERE batch_id = :batch_id
