-- What a filter of alerts needs before it can be asked. Unqualified names are the tenant's tables.

-- name: bound_patterns
-- A regular expression of a caller may be slow on every row; it gets this long.
SET LOCAL statement_timeout = '2s'

-- name: check_patterns
-- Fails on what is not a regular expression, whether or not there is a row to try it on.
SELECT bool_or('' ~ p.value) FROM unnest($1::text[]) AS p (value)

-- name: read_words
-- The words of a search, as a tsquery; where the last one may be unfinished it matches as a prefix.
SELECT CASE WHEN $2::boolean THEN regexp_replace(w.words, '''$', ''':*') ELSE w.words END
FROM (SELECT websearch_to_tsquery('pg_catalog.simple', $1)::text AS words) AS w

-- name: load_service_ids
-- Services by name and by owner. The table is small.
SELECT id FROM services WHERE ($1::text[] IS NULL OR name = ANY ($1)) AND ($2::text[] IS NULL OR owner = ANY ($2))
