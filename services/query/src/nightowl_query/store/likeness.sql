-- Alerts that are like another one. Unqualified names are the tenant's tables.

-- name: list_similar
-- The newest alert of each other problem that shares service, name or incident with $1. It is looked for in four short
-- lists, so the cost is the same whatever was kept, and an alert pays for nothing when it comes: the newest 500 open
-- ones, the newest 500 of all, the newest 50 of the service, and the last 50 that the incident was counted for.
-- Indexes: alerts_open, alerts_pkey, alerts_service, incident_resolutions_newest. OFFSET 0 keeps each a look-up by id.
WITH this AS MATERIALIZED (
    SELECT id, fingerprint, service_id, matched_incident_id, coalesce(labels ->> 'alertname', title) AS name
    FROM alerts
    WHERE id = $1
), near AS MATERIALIZED (
    (SELECT id FROM alerts WHERE status <> 'resolved' ORDER BY id DESC LIMIT 500)
    UNION
    (SELECT id FROM alerts ORDER BY id DESC LIMIT 500)
    UNION
    (SELECT id FROM alerts WHERE service_id = (SELECT service_id FROM this) ORDER BY id DESC LIMIT 50)
    UNION
    (SELECT alert_id FROM incident_resolutions WHERE incident_id = (SELECT matched_incident_id FROM this)
    ORDER BY resolved_at DESC, alert_id DESC LIMIT 50)
), alike AS (
    SELECT DISTINCT ON (a.fingerprint) a.id, a.title, a.status, a.severity, a.service_id, a.first_fired_at, a.resolved_at,
        a.resolution, array_remove(ARRAY[
            CASE WHEN a.service_id = this.service_id THEN 'service' END,
            CASE WHEN coalesce(a.labels ->> 'alertname', a.title) = this.name THEN 'name' END,
            CASE WHEN a.matched_incident_id = this.matched_incident_id THEN 'incident' END
        ], NULL) AS shares
    FROM near
    CROSS JOIN this
    CROSS JOIN LATERAL (
        SELECT id, fingerprint, episode, title, status, severity, service_id, first_fired_at, resolved_at, resolution,
            labels, matched_incident_id
        FROM alerts
        WHERE id = near.id AND fingerprint <> this.fingerprint
        OFFSET 0
    ) AS a
    ORDER BY a.fingerprint, a.episode DESC
)
SELECT k.id, k.title, k.status, k.severity,
    CASE WHEN s.id IS NOT NULL THEN json_build_object('id', s.id, 'name', s.name) END AS service,
    k.first_fired_at, k.resolved_at, k.resolution, k.shares
FROM alike AS k
LEFT JOIN services AS s ON s.id = k.service_id
WHERE k.shares <> '{}'
ORDER BY k.status = 'resolved', cardinality(k.shares) DESC, k.id DESC
LIMIT $2
