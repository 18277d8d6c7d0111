-- Does a row name this picture file?
SELECT 1 FROM event_picture INDEXED BY event_picture_by_path WHERE path = :path AND deleted_at IS NULL
