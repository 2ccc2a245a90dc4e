-- What became of pages. Unqualified names are the tenant's tables.

-- name: summarize_deliveries
-- Ids are made by hosts' clocks, so the bounds on them have time to spare. Indexes: the primary keys of both tables.
WITH chosen AS (
    SELECT id, channel, provider, status, attempts, created_at, sent_at, held_for, not_before
    FROM deliveries
    WHERE id >= public.uuidv7_floor(least($1::timestamptz, now() - (public.clock_now() - $1::timestamptz)) - interval '1 hour')
        AND id < public.uuidv7_floor($2::timestamptz + interval '1 hour')
        AND created_at >= $1 AND created_at < $2
    ORDER BY id DESC
    LIMIT $3
), tries AS (
    SELECT d.channel, a.provider, a.finished_at, coalesce(a.reason, a.detail) AS reason,
        a.outcome IN ('sent', 'found') AS is_taken,
        max(a.finished_at) FILTER (WHERE a.outcome IN ('sent', 'found')) OVER (PARTITION BY d.channel, a.provider) AS taken_at
    FROM chosen AS d
    JOIN delivery_attempts AS a ON a.delivery_id = d.id AND a.outcome IN ('sent', 'found', 'failed', 'unclear')
), by_try AS (
    SELECT channel, provider, count(*) AS tries, count(*) FILTER (WHERE is_taken) AS taken,
        min(finished_at) FILTER (WHERE finished_at > coalesce(taken_at, '-infinity')) AS refused_since,
        (array_agg(reason ORDER BY finished_at DESC) FILTER (WHERE finished_at > coalesce(taken_at, '-infinity')))[1] AS refusal
    FROM tries
    GROUP BY channel, provider
), by_page AS (
    SELECT channel, provider,
        count(*) FILTER (WHERE status IN ('queued', 'sending')) AS waiting,
        count(*) FILTER (
            WHERE status IN ('queued', 'sending') AND not_before < public.clock_now() - interval '1 minute'
        ) AS late,
        count(*) FILTER (WHERE status = 'sent') AS sent, count(*) FILTER (WHERE status = 'delivered') AS delivered,
        count(*) FILTER (WHERE status = 'failed') AS failed, count(*) FILTER (WHERE status = 'superseded') AS superseded,
        count(*) FILTER (WHERE attempts > 1) AS retried,
        percentile_cont(array[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - created_at)::double precision)
            FILTER (WHERE sent_at IS NOT NULL AND held_for IS NULL) AS times
    FROM chosen
    GROUP BY channel, provider
)
SELECT coalesce(p.channel, t.channel) AS channel, coalesce(p.provider, t.provider) AS provider,
    coalesce(p.waiting, 0) AS waiting, coalesce(p.late, 0) AS late, coalesce(p.sent, 0) AS sent,
    coalesce(p.delivered, 0) AS delivered, coalesce(p.failed, 0) AS failed, coalesce(p.superseded, 0) AS superseded,
    coalesce(p.retried, 0) AS retried, coalesce(t.tries, 0) AS tries, coalesce(t.taken, 0) AS taken,
    p.times[1] AS p50_seconds, p.times[2] AS p95_seconds, t.refused_since, t.refusal
FROM by_page AS p
FULL JOIN by_try AS t ON t.channel = p.channel AND t.provider = p.provider
ORDER BY channel, provider NULLS LAST
