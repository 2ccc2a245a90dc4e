-- What incidents were counted for. Unqualified names are the tenant's tables.

-- name: list_resolutions
-- Read from the top of its index until enough are found; it passes over those alone that are open again. Indexes:
-- incident_resolutions_newest, alerts_pkey.
SELECT r.alert_id, a.title, a.severity,
    CASE WHEN s.id IS NOT NULL THEN json_build_object('id', s.id, 'name', s.name) END AS service,
    r.resolved_at, a.resolved_by, r.minutes, a.resolution
FROM incident_resolutions AS r
JOIN alerts AS a ON a.id = r.alert_id AND a.status = 'resolved'
LEFT JOIN services AS s ON s.id = a.service_id
WHERE r.incident_id = $1
ORDER BY r.resolved_at DESC, r.alert_id DESC
LIMIT $2
