-- The development tenant. It is filled once, while nobody has made anything in it: what people have changed or taken
-- away since is never put back. Two seeds at once fill it once.

-- name: is_untouched
SELECT NOT EXISTS (SELECT FROM users) AND NOT EXISTS (SELECT FROM rosters)
    AND NOT EXISTS (SELECT FROM escalation_policies) AND NOT EXISTS (SELECT FROM services)

-- name: seed_users
INSERT INTO users (id, email, display_name, timezone, phone, slack_user_id, role) VALUES
    ('00000000-0000-7000-8000-00000000a11c', 'alice@acme.example', 'Alice Ambler', 'Europe/Berlin', '+4915550000001', 'U0ALICE', 'engineer'),
    ('00000000-0000-7000-8000-0000000000b0', 'bob@acme.example', 'Bob Baker', 'America/New_York', '+12025550102', 'U0BOB', 'engineer'),
    ('00000000-0000-7000-8000-00000000ca01', 'carol@acme.example', 'Carol Chen', 'Pacific/Auckland', '+6421555003', 'U0CAROL', 'admin')
ON CONFLICT DO NOTHING

-- name: seed_roster
INSERT INTO rosters (id, name, description, timezone, rotation_days, handoff_time, start_date) VALUES (
    '00000000-0000-7000-8000-000000000105', 'Platform', 'Weekly, Alice and Bob in turn', 'Europe/Berlin', 7, '09:00',
    (date_trunc('week', public.clock_now() AT TIME ZONE 'Europe/Berlin' - interval '1 day'))::date - 7
)
ON CONFLICT DO NOTHING

-- name: seed_members
INSERT INTO roster_members (roster_id, user_id, position)
SELECT '00000000-0000-7000-8000-000000000105', user_id, position
FROM (VALUES
    ('00000000-0000-7000-8000-00000000a11c'::uuid, 0),
    ('00000000-0000-7000-8000-0000000000b0'::uuid, 1)
) AS m (user_id, position)
WHERE NOT EXISTS (SELECT FROM roster_members WHERE roster_id = '00000000-0000-7000-8000-000000000105')

-- name: seed_policy
INSERT INTO escalation_policies (id, name, description) VALUES
    ('00000000-0000-7000-8000-000000000901', 'Platform', 'On call, then the backup, then the lead; twice')
ON CONFLICT DO NOTHING

-- name: seed_policy_version
INSERT INTO escalation_policy_versions (policy_id, version, tiers, repeat_count, roster_id) VALUES (
    '00000000-0000-7000-8000-000000000901', 1,
    '[
        {"timeout_minutes": 5, "notify_via": ["slack_dm"], "targets": ["oncall_primary"]},
        {"timeout_minutes": 10, "notify_via": ["slack_dm", "sms"], "targets": ["oncall_backup"]},
        {"timeout_minutes": 15, "notify_via": ["sms"], "targets": ["user:00000000-0000-7000-8000-00000000ca01"]}
    ]'::jsonb,
    1, '00000000-0000-7000-8000-000000000105'
)
ON CONFLICT DO NOTHING

-- name: seed_services
INSERT INTO services (name, cluster, namespace, owner, tier, default_policy_id) VALUES
    ('payments', 'prod-eu', 'payments', 'platform', 'critical', '00000000-0000-7000-8000-000000000901')
ON CONFLICT DO NOTHING

-- name: seed_config
UPDATE tenant_config
SET default_policy_id = '00000000-0000-7000-8000-000000000901', slack_channel = 'C0ALERTS', timezone = 'Europe/Berlin'
WHERE default_policy_id IS NULL
