-- What was revoked, or shown to nobody, in the appliance that a backup replaces?
UPDATE api_token SET revoked_at = :at
WHERE revoked_at IS NULL AND lookup IN (SELECT lookup FROM before.api_token WHERE revoked_at IS NOT NULL);
UPDATE device_key SET revoked_at = :at
WHERE revoked_at IS NULL AND lookup IN (SELECT lookup FROM before.device_key WHERE revoked_at IS NOT NULL);
UPDATE device SET privacy_blur = 1
WHERE name IN (SELECT name FROM before.device WHERE privacy_blur = 1);
UPDATE device SET signs = 1
WHERE name IN (SELECT name FROM before.device WHERE signs = 1);
