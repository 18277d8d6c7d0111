-- What did this import change, by sales person and month?
INSERT INTO changed_seller SELECT * FROM changed_seller_now WHERE batch_id = :batch_id
