-- Facets: how many alerts have which value. Unqualified names are the tenant's tables. The filter is that of alerts.sql.

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
WHERE ($1::smallint[] IS NULL OR a.urgency = ANY ($1))
    AND ($2::smallint IS NULL OR a.urgency = $2)
    AND ($3::text[] IS NULL OR a.source = ANY ($3))
    AND ($4::text[] IS NULL OR a.fingerprint = ANY ($4))
    AND ($5::uuid[] IS NULL OR a.service_id = ANY ($5) OR ($21::boolean AND a.service_id IS NULL))
    AND ($6::timestamptz IS NULL OR a.first_fired_at >= $6)
    AND ($7::timestamptz IS NULL OR a.first_fired_at < $7)
    AND ($8::text IS NULL OR a.search @@ $8::tsquery)
    AND ($9::uuid[] IS NULL OR a.assignee_id = ANY ($9))
    AND ($10::boolean IS NULL OR a.assignee_id IS NULL)
    AND ($11::jsonb IS NULL OR a.labels @> $11)
    AND ($12::text[] IS NULL OR NOT EXISTS (
        SELECT FROM unnest($12, $13::text[], $14::text[]) AS m (key, operator, value)
        WHERE CASE m.operator
            WHEN '!=' THEN coalesce(a.labels ->> m.key, '') = m.value
            WHEN '=~' THEN coalesce(a.labels ->> m.key, '') !~ m.value
            ELSE coalesce(a.labels ->> m.key, '') ~ m.value
        END
    ))
    AND ($15::text IS NULL OR a.source = $15)
    AND ($16::uuid IS NULL OR a.service_id = $16)
    AND ($17::uuid IS NULL OR a.assignee_id = $17)
    AND ($18::uuid[] IS NULL OR a.group_id = ANY ($18))
    AND ($19::uuid IS NULL OR a.group_id = $19)
    AND ($20::boolean IS NULL OR (a.escalation_state = 'muted') = $20)
    AND ($22::text[] IS NULL OR coalesce(a.labels ->> 'cluster', '') = ANY ($22))
    AND ($23::text IS NULL OR coalesce(a.labels ->> 'cluster', '') = $23)
    AND ($24::text[] IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') = ANY ($24))
    AND ($25::text IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') = $25)
    AND ($26::text[] IS NULL OR coalesce(a.policy_id::text, 'none') = ANY ($26))
    AND ($27::text IS NULL OR coalesce(a.policy_id::text, 'none') = $27)
    AND ($28::boolean IS NULL OR (a.matched_incident_id IS NOT NULL) = $28)
    AND ($29::text[] IS NULL OR a.source <> ALL ($29))
    AND ($30::uuid[] IS NULL OR coalesce(a.service_id, '00000000-0000-0000-0000-000000000000') <> ALL ($30))
    AND ($31::text[] IS NULL OR coalesce(a.labels ->> 'cluster', '') <> ALL ($31))
    AND ($32::text[] IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') <> ALL ($32))
    AND ($33::text[] IS NULL OR coalesce(a.policy_id::text, 'none') <> ALL ($33))
ORDER BY a.id DESC
LIMIT $34
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
WHERE ($1::smallint[] IS NULL OR a.urgency = ANY ($1))
    AND ($2::smallint IS NULL OR a.urgency = $2)
    AND ($3::text[] IS NULL OR a.source = ANY ($3))
    AND ($4::text[] IS NULL OR a.fingerprint = ANY ($4))
    AND ($5::uuid[] IS NULL OR a.service_id = ANY ($5) OR ($21::boolean AND a.service_id IS NULL))
    AND ($6::timestamptz IS NULL OR a.first_fired_at >= $6)
    AND ($7::timestamptz IS NULL OR a.first_fired_at < $7)
    AND ($8::text IS NULL OR a.search @@ $8::tsquery)
    AND ($9::uuid[] IS NULL OR a.assignee_id = ANY ($9))
    AND ($10::boolean IS NULL OR a.assignee_id IS NULL)
    AND ($11::jsonb IS NULL OR a.labels @> $11)
    AND ($12::text[] IS NULL OR NOT EXISTS (
        SELECT FROM unnest($12, $13::text[], $14::text[]) AS m (key, operator, value)
        WHERE CASE m.operator
            WHEN '!=' THEN coalesce(a.labels ->> m.key, '') = m.value
            WHEN '=~' THEN coalesce(a.labels ->> m.key, '') !~ m.value
            ELSE coalesce(a.labels ->> m.key, '') ~ m.value
        END
    ))
    AND ($15::text IS NULL OR a.source = $15)
    AND ($16::uuid IS NULL OR a.service_id = $16)
    AND ($17::uuid IS NULL OR a.assignee_id = $17)
    AND ($18::uuid[] IS NULL OR a.group_id = ANY ($18))
    AND ($19::uuid IS NULL OR a.group_id = $19)
    AND ($20::boolean IS NULL OR (a.escalation_state = 'muted') = $20)
    AND ($22::text[] IS NULL OR coalesce(a.labels ->> 'cluster', '') = ANY ($22))
    AND ($23::text IS NULL OR coalesce(a.labels ->> 'cluster', '') = $23)
    AND ($24::text[] IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') = ANY ($24))
    AND ($25::text IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') = $25)
    AND ($26::text[] IS NULL OR coalesce(a.policy_id::text, 'none') = ANY ($26))
    AND ($27::text IS NULL OR coalesce(a.policy_id::text, 'none') = $27)
    AND ($28::boolean IS NULL OR (a.matched_incident_id IS NOT NULL) = $28)
    AND ($29::text[] IS NULL OR a.source <> ALL ($29))
    AND ($30::uuid[] IS NULL OR coalesce(a.service_id, '00000000-0000-0000-0000-000000000000') <> ALL ($30))
    AND ($31::text[] IS NULL OR coalesce(a.labels ->> 'cluster', '') <> ALL ($31))
    AND ($32::text[] IS NULL OR coalesce(a.assignee_id::text, a.acknowledged_by ->> 'id', 'none') <> ALL ($32))
    AND ($33::text[] IS NULL OR coalesce(a.policy_id::text, 'none') <> ALL ($33))
ORDER BY a.urgency DESC
LIMIT $34
) AS f
GROUP BY 1
ORDER BY 2 DESC
