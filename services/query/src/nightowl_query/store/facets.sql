-- Facets: how many alerts have which value. Unqualified names are the tenant's tables.

-- name: count_values
-- Over the newest alerts that the filter lets through, up to a bound.
SELECT g.facet, g.severity, g.source, s.name AS service, g.cluster, g.holder, g.policy_id::text AS policy,
    g.is_matched, coalesce(u.display_name, p.name, g.holder_name) AS name, g.count
FROM (
SELECT grouping(f.severity, f.source, f.service_id, f.cluster, f.holder, f.policy_id, f.is_matched) AS facet,
    f.severity, f.source, f.service_id, f.cluster, f.holder, f.policy_id, f.is_matched,
    CASE WHEN f.holder IS NOT NULL THEN max(f.holder_name) END AS holder_name, count(*) AS count
FROM (
SELECT a.severity, a.source, a.service_id, nullif(a.labels ->> 'cluster', '') AS cluster,
    coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id') AS holder,
    CASE WHEN a.assignee_id IS NULL THEN a.acknowledged_by ->> 'name' END AS holder_name,
    a.policy_id, a.matched_incident_id IS NOT NULL AS is_matched
FROM alerts AS a
-- include: alert_filter.sql
ORDER BY a.id DESC
LIMIT $35
) AS f
GROUP BY GROUPING SETS
    ((f.severity), (f.source), (f.service_id), (f.cluster), (f.holder), (f.policy_id), (f.is_matched), ())
) AS g
LEFT JOIN services AS s ON s.id = g.service_id
LEFT JOIN users AS u ON u.id::text = g.holder
LEFT JOIN escalation_policies AS p ON p.id = g.policy_id
ORDER BY g.count DESC, service, cluster, name

-- name: count_statuses
-- The most urgent first, up to a bound: where there are more, it is resolved ones that are missing. Without other filters
-- the index on urgency answers alone.
SELECT (array['resolved', 'investigating', 'acknowledged', 'firing', 'firing'])[1 + f.urgency / 4] AS status, count(*) AS count
FROM (
SELECT a.urgency
FROM alerts AS a
-- include: alert_filter.sql
ORDER BY a.urgency DESC
LIMIT $35
) AS f
GROUP BY 1
ORDER BY 2 DESC
