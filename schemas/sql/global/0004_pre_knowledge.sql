-- Joins the words of a list for a search vector. A generated column may use immutable functions alone, and
-- array_to_string is only stable, because it calls the element type's output function; text's is immutable.
CREATE FUNCTION public.words(list text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT pg_catalog.array_to_string(list, ' ') $$;
