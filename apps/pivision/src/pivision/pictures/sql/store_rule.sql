-- The limits of the appliance.
INSERT INTO setting (name, value, changed_at, changed_by)
VALUES ('retention', :value, :at, :by)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by
