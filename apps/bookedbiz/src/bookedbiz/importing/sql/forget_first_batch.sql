-- Which contracts came with this import and have nothing left now that it is taken back? They never came.
UPDATE contract SET first_batch_id = NULL
WHERE first_batch_id = :batch_id
  AND NOT EXISTS (SELECT 1 FROM spot WHERE spot.contract_id = contract.id)
