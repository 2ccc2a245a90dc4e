-- Reading alerts. Unqualified names are the tenant's tables.

-- name: find_alerts
-- What belongs to a row stands in subqueries of its own: as joins they took four times as long to plan, and each call is
-- planned.
--
-- Keyset: on id, newest first, or on (urgency, id), most urgent first; $35 chooses, and what is not chosen vanishes from
-- the plan. One value of a filter is an equality ($2, $15 to $17, $19, $23, $25, $27), so that its index gives the order
-- as well. Indexes: alerts_pkey, alerts_urgency; alerts_open where $39 leaves resolved ones out; alerts_source,
-- alerts_service, alerts_assignee, alerts_fired, alerts_labels, alerts_search, alerts_group, alerts_muted_newest,
-- alerts_cluster, alerts_holder, alerts_policy, alerts_matched; alerts_episode for fingerprints.
-- include: alert_versions.sql
FROM alerts AS a
-- include: alert_filter.sql
    AND ($39::text[] IS NULL OR a.status = ANY ($39))
    AND ($36::smallint IS NOT NULL OR a.id < $37)
    AND ($36::smallint IS NULL OR (a.urgency, a.id) < ($36, $37))
ORDER BY CASE WHEN $35::boolean THEN a.urgency END DESC, a.id DESC
LIMIT $38

-- name: find_newest
-- Without a filter, so that one plan is right for all calls; with how many there are from $3 on, up to $4.
-- Index: alerts_pkey.
-- include: alert_versions.sql
    , (SELECT count(*) FROM (SELECT FROM alerts AS n WHERE n.id >= $3 LIMIT $4) AS c) AS newer
FROM alerts AS a
WHERE a.id < $1
ORDER BY a.id DESC
LIMIT $2

-- name: count_alerts
-- Counted up to a bound, so that the cost has one too.
SELECT count(*)
FROM (
SELECT
FROM alerts AS a
-- include: alert_filter.sql
LIMIT $35
) AS counted

-- name: count_everything
-- What began before an edge that lies ten minutes back, and what since, each up to a bound. Index: alerts_pkey.
WITH edge AS MATERIALIZED (SELECT uuidv7(interval '-10 minutes') AS id)
SELECT e.id AS edge,
    (SELECT count(*) FROM (SELECT FROM alerts AS a WHERE a.id < e.id LIMIT $1) AS o) AS old,
    (SELECT count(*) FROM (SELECT FROM alerts AS a WHERE a.id >= e.id LIMIT $1) AS n) AS new
FROM edge AS e

-- name: count_since
SELECT count(*) FROM (SELECT FROM alerts AS a WHERE a.id >= $1 LIMIT $2) AS counted

-- name: list_alert_ids
-- For bulk jobs. Oldest first, so that those who wait longest are worked on first.
SELECT a.id
FROM alerts AS a
-- include: alert_filter.sql
ORDER BY a.id
LIMIT $35

-- name: load_alerts
-- include: alert_columns.sql
FROM alerts AS a
WHERE a.id = ANY ($1::uuid[])

-- name: load_alert
-- include: alert_columns.sql
FROM alerts AS a
WHERE a.id = $1

-- name: load_detail
-- With how many episodes of its problem opened in the last 24 hours. They are numbered as they open, so those since the
-- newest old one are the recent ones, and only they are read. Index: alerts_episode.
-- include: alert_columns.sql
    , (
        SELECT count(*) FROM alerts AS e
        WHERE e.fingerprint = a.fingerprint
            AND e.episode > coalesce((
                SELECT o.episode FROM alerts AS o
                WHERE o.fingerprint = a.fingerprint AND o.first_fired_at <= public.clock_now() - interval '24 hours'
                ORDER BY o.episode DESC
                LIMIT 1
            ), 0)
    ) AS recent_episodes
FROM alerts AS a
WHERE a.id = $1

-- name: alert_exists
SELECT EXISTS (SELECT FROM alerts WHERE id = $1)

-- name: list_entries
-- Oldest first. Index: the primary key.
SELECT id, at, kind, actor, evidence
FROM alert_timeline
WHERE alert_id = $1 AND id > $2
ORDER BY id
LIMIT $3

-- name: count_entries
SELECT count(*) FROM alert_timeline WHERE alert_id = $1

-- name: list_deliveries
-- Index: the unique key, which begins with alert_id.
SELECT d.id, d.cycle, d.step, d.recipient, u.display_name AS recipient_name, d.channel, d.address, d.status, d.is_repeat,
    d.provider, d.provider_id, d.provider_status, d.reason, d.created_at, d.not_before, d.held_for, d.bundled_into,
    d.sent_at, d.settled_at, coalesce(t.attempts, '[]') AS attempts
FROM deliveries AS d
LEFT JOIN users AS u ON d.recipient = 'user:' || u.id::text
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object(
            'outcome', o.outcome, 'provider', o.provider, 'provider_id', o.provider_id, 'reason', o.reason,
            'detail', o.detail, 'finished_at', o.finished_at
        )
        ORDER BY o.finished_at, o.token
    ) AS attempts
    FROM delivery_attempts AS o
    WHERE o.delivery_id = d.id
) AS t ON true
WHERE d.alert_id = $1 AND d.id > $2
ORDER BY d.id
LIMIT $3

-- name: count_deliveries
SELECT count(*) FROM deliveries WHERE alert_id = $1

-- name: list_open_subjects
-- What matchers see of the newest open alerts. Index: alerts_open.
SELECT id, labels, severity, source, title
FROM alerts
WHERE status <> 'resolved'
ORDER BY id DESC
LIMIT $1
