-- Endpoints. Unqualified names are the tenant's tables. No query reads an address or a secret.

-- name: list_endpoints
-- Keyset on id, newest first. Index: endpoints_pkey.
SELECT id, name, kind, substring(url FROM '^https?://[^/?#]+') AS origin, revision, created_at, updated_at
FROM endpoints
WHERE id < $1
ORDER BY id DESC
LIMIT $2

-- name: count_endpoints
SELECT count(*) FROM endpoints

-- name: load_endpoint
SELECT id, name, kind, substring(url FROM '^https?://[^/?#]+') AS origin, revision, created_at, updated_at
FROM endpoints
WHERE id = $1

-- name: lock_endpoint
SELECT id, name, kind, substring(url FROM '^https?://[^/?#]+') AS origin, revision, created_at, updated_at
FROM endpoints
WHERE id = $1
FOR UPDATE

-- name: insert_endpoint
INSERT INTO endpoints (id, name, kind, url, secret) VALUES ($1, $2, $3, $4, $5)

-- name: update_endpoint
UPDATE endpoints
SET name = $2, url = coalesce($3, url), revision = revision + 1, updated_at = public.clock_now()
WHERE id = $1

-- name: update_endpoint_secret
UPDATE endpoints SET secret = $2, revision = revision + 1, updated_at = public.clock_now() WHERE id = $1

-- name: endpoint_is_in_use
-- Whether a tier of a policy's current version names it, or a subscription. Both are few.
SELECT EXISTS (
    SELECT FROM escalation_policies AS p
    JOIN escalation_policy_versions AS v ON v.policy_id = p.id AND v.version = p.current_version
    WHERE jsonb_path_exists(v.tiers, '$[*].targets[*] ? (@ == $target)', jsonb_build_object('target', $1::text))
)
    OR EXISTS (SELECT FROM webhook_subscriptions WHERE 'endpoint:' || endpoint_id::text = $1)

-- name: delete_endpoint
DELETE FROM endpoints WHERE id = $1
