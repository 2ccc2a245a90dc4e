-- Codes that prove contact methods: test pages whose purpose is `code`. Unqualified names are the tenant's tables.

-- name: lock_address
-- Who asks for a code to an address waits for others who do.
SELECT pg_advisory_xact_lock(hashtextextended('contact_codes ' || current_schema() || ' ' || lower($1::text), 0))

-- name: count_codes
-- Of the last $3 hours; when the oldest of them no longer counts, in seconds. Indexes: test_pages_user, test_pages_codes.
SELECT p.count AS to_person, p.seconds AS person_seconds, a.count AS to_address, a.seconds AS address_seconds
FROM (
    SELECT count(*),
        coalesce(ceil(extract(epoch FROM min(created_at) + make_interval(hours => $3) - public.clock_now())), 0)::integer
            AS seconds
    FROM test_pages
    WHERE user_id = $1 AND purpose = 'code' AND created_at > public.clock_now() - make_interval(hours => $3)
) AS p
CROSS JOIN (
    SELECT count(*),
        coalesce(ceil(extract(epoch FROM min(created_at) + make_interval(hours => $3) - public.clock_now())), 0)::integer
            AS seconds
    FROM test_pages
    WHERE lower(address) = lower($2) AND purpose = 'code'
        AND created_at > public.clock_now() - make_interval(hours => $3)
) AS a

-- name: take_try
-- Of the newest code for the address as it stands; a newer one ends it. The try counts before anybody looks whether it
-- is right. Index: test_pages_user.
UPDATE test_pages SET tries = tries + 1
WHERE id = (
        SELECT id FROM test_pages WHERE user_id = $1 AND contact_method_id = $2 AND purpose = 'code'
        ORDER BY created_at DESC, id DESC LIMIT 1
    )
    AND channel = $3 AND address = $4
    AND code_hash IS NOT NULL AND expires_at > public.clock_now() AND tries < $5
RETURNING id AS page_id, code_hash, $5::integer - tries AS tries_left

-- name: verify_method
-- Once, and only while the contact method is what the code was sent to.
WITH used AS (
    UPDATE test_pages SET code_hash = NULL
    WHERE id = $1 AND code_hash IS NOT NULL
    RETURNING user_id, contact_method_id, channel, address
)
UPDATE contact_methods AS m SET verified_at = public.clock_now(), revision = m.revision + 1
FROM used AS u
WHERE m.id = u.contact_method_id AND m.user_id = u.user_id AND m.kind = u.channel AND m.address = u.address
    AND m.verified_at IS NULL
RETURNING m.id
