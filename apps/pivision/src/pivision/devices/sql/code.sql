-- Is this an enrolment code of this device that may still be exchanged?
SELECT enrolment_code.id AS code_id, device.id AS device_id
FROM enrolment_code
JOIN device ON device.id = enrolment_code.device_id
WHERE enrolment_code.digest = :digest AND device.name = :name AND device.enabled = 1
  AND enrolment_code.used_at IS NULL AND enrolment_code.expires_at > :now
