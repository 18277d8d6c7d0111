-- Somebody who is told.
INSERT INTO subscriber (kind, name, body, created_at)
VALUES (:kind, :name, :body, :at)
RETURNING id
