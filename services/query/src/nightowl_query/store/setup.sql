-- What a first run has come to. Unqualified names are the tenant's tables.

-- name: count_steps
-- Of alerts only whether there is one; whether one was acknowledged is asked of what is in somebody's hands and of the
-- newest 10,000. Indexes: alerts_pkey, alerts_urgency.
SELECT (SELECT count(*) FROM users WHERE is_active) AS people,
    (
        SELECT count(*) FROM contact_methods AS c JOIN users AS u ON u.id = c.user_id AND u.is_active
        WHERE c.verified_at IS NOT NULL AND ($1::uuid IS NULL OR c.user_id = $1)
    ) AS contact,
    (
        SELECT count(DISTINCT m.roster_id) FROM roster_members AS m JOIN users AS u ON u.id = m.user_id AND u.is_active
        WHERE m.left_on IS NULL
    ) AS roster,
    (SELECT count(*) FROM escalation_policies WHERE archived_at IS NULL) AS policy,
    (SELECT count(*) FROM (SELECT FROM alerts LIMIT 1) AS a) AS alert,
    (
        EXISTS (SELECT FROM alerts WHERE urgency >= 4 AND urgency < 12)
        OR EXISTS (
            SELECT FROM (SELECT acknowledged_at FROM alerts ORDER BY id DESC LIMIT 10000) AS n
            WHERE n.acknowledged_at IS NOT NULL
        )
    )::integer AS acknowledged
