-- What a span of time was like. Unqualified names are the tenant's tables. $1 and $2 bound the span, $3 the rows.

-- name: tally_alerts
-- By day, by severity, by both, and all together. Index: alerts_fired.
SELECT f.day, f.severity, count(*) AS alerts, count(f.matched_incident_id) AS matched,
    count(f.acknowledge) AS acknowledged,
    percentile_cont(array[0.5, 0.9]) WITHIN GROUP (ORDER BY f.acknowledge) AS acknowledge,
    count(f.resolve) AS resolved, percentile_cont(array[0.5, 0.9]) WITHIN GROUP (ORDER BY f.resolve) AS resolve
FROM (
    SELECT (first_fired_at AT TIME ZONE $4)::date AS day, severity, matched_incident_id,
        extract(epoch FROM acknowledged_at - first_fired_at)::double precision AS acknowledge,
        extract(epoch FROM resolved_at - first_fired_at)::double precision AS resolve
    FROM alerts
    WHERE first_fired_at >= $1 AND first_fired_at < $2
    ORDER BY first_fired_at DESC
    LIMIT $3
) AS f
GROUP BY GROUPING SETS ((f.day, f.severity), (f.day), (f.severity), ())
ORDER BY f.day NULLS LAST, array_position(array['critical', 'major', 'warning', 'info'], f.severity)

-- name: list_offenders
-- Indexes: alerts_fired; for the titles and pages of those that are told, alerts_episode and the unique key of deliveries.
SELECT o.fingerprint, n.title, CASE WHEN s.id IS NOT NULL THEN json_build_object('id', s.id, 'name', s.name) END AS service,
    o.count, o.occurrences, p.pages, o.resolved_share
FROM (
    SELECT f.fingerprint, count(*) AS count, sum(f.occurrence_count) AS occurrences,
        avg((f.status = 'resolved')::integer)::double precision AS resolved_share, max(f.episode) AS newest,
        min(f.episode) AS oldest
    FROM (
        SELECT fingerprint, episode, occurrence_count, status
        FROM alerts
        WHERE first_fired_at >= $1 AND first_fired_at < $2
        ORDER BY first_fired_at DESC
        LIMIT $3
    ) AS f
    GROUP BY f.fingerprint
    HAVING sum(f.occurrence_count) > 1
    ORDER BY count(*) DESC, sum(f.occurrence_count) DESC, f.fingerprint
    LIMIT $4
) AS o
JOIN alerts AS n ON n.fingerprint = o.fingerprint AND n.episode = o.newest
LEFT JOIN services AS s ON s.id = n.service_id
CROSS JOIN LATERAL (
    SELECT count(*) AS pages
    FROM alerts AS a JOIN deliveries AS d ON d.alert_id = a.id AND d.recipient LIKE 'user:%' AND d.sent_at IS NOT NULL
    WHERE a.fingerprint = o.fingerprint AND a.episode BETWEEN o.oldest AND o.newest
) AS p
ORDER BY o.count DESC, o.occurrences DESC, o.fingerprint

-- name: list_unmatched
-- Index: alerts_fired.
SELECT f.title, count(*) AS count, max(f.last_fired_at) AS last_fired_at
FROM (
    SELECT title, last_fired_at, matched_incident_id
    FROM alerts
    WHERE first_fired_at >= $1 AND first_fired_at < $2
    ORDER BY first_fired_at DESC
    LIMIT $3
) AS f
WHERE f.matched_incident_id IS NULL
GROUP BY f.title
ORDER BY count(*) DESC, f.title
LIMIT $4

-- name: list_page_times
-- Pages to people that a provider took. Ids are made by hosts' clocks, and a page may be held for days, so the bounds on
-- them have time to spare. Index: deliveries_pkey.
SELECT u.id, u.display_name, u.timezone, array_agg(d.sent_at) AS times
FROM (
    SELECT recipient, sent_at
    FROM deliveries
    WHERE id >= public.uuidv7_floor(least($1::timestamptz, now() - (public.clock_now() - $1::timestamptz)) - interval '8 days')
        AND sent_at >= $1 AND sent_at < $2 AND status IN ('sent', 'delivered') AND recipient LIKE 'user:%'
    ORDER BY id DESC
    LIMIT $3
) AS d
JOIN users AS u ON d.recipient = 'user:' || u.id::text
GROUP BY u.id

-- name: list_lateness
-- The tiers of policies, without hand-overs. Index: escalation_events_fired.
SELECT e.tier, count(*) AS count, (percentile_cont(array[0.5, 0.99]) WITHIN GROUP (ORDER BY e.late)) AS late,
    avg((e.late <= 1)::integer)::double precision AS within_second_share
FROM (
    SELECT tier, greatest(0, extract(epoch FROM fired_at - due_at))::double precision AS late
    FROM escalation_events
    WHERE fired_at >= $1 AND fired_at < $2 AND tier < 1000 AND outcome IN ('paged', 'nobody')
    ORDER BY fired_at DESC
    LIMIT $3
) AS e
GROUP BY e.tier
ORDER BY e.tier
