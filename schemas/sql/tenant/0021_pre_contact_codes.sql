-- People prove their addresses themselves: a page of the kind that tries an address may bring a code, which they type in.

ALTER TABLE test_pages
    ADD COLUMN purpose     text NOT NULL DEFAULT 'test' CHECK (purpose IN ('test', 'code')),
    ADD COLUMN code_hash   text,
    ADD COLUMN expires_at  timestamptz,
    ADD COLUMN tries       integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    ADD CONSTRAINT test_pages_code_check CHECK (code_hash IS NULL OR (purpose = 'code' AND expires_at IS NOT NULL));
COMMENT ON TABLE test_pages IS 'Pages that somebody sent to try or to prove a contact method. They concern no alert and are tried once.';
COMMENT ON COLUMN test_pages.purpose IS 'test: to see whether a page arrives. code: it brings a code that proves the address.';
COMMENT ON COLUMN test_pages.code_hash IS 'Argon2id of the code; null before it is on its way, and once it is used or was surely not sent.';
COMMENT ON COLUMN test_pages.expires_at IS 'Until when the code proves anything.';
COMMENT ON COLUMN test_pages.tries IS 'How often somebody has typed a code for it.';

CREATE INDEX test_pages_codes ON test_pages (lower(address), created_at) WHERE purpose = 'code';
COMMENT ON INDEX test_pages_codes IS 'How many codes went to an address lately, whoever asked for them.';
