-- From which secret the preshared keys of placements are derived, by its fingerprint: a replica with another one would cut off whomever it prolongs.
-- Another one may take its place while no node may have a placement. The secret itself is nowhere in the database. Who has lost it removes the row:
-- every session then gets another key when it is prolonged.
CREATE TABLE preshared_secret (
  is_the_one boolean NOT NULL DEFAULT true CONSTRAINT preshared_secret_pkey PRIMARY KEY
    CONSTRAINT preshared_secret_is_one CHECK (is_the_one),
  fingerprint bytea NOT NULL CONSTRAINT preshared_secret_fingerprint_is_one CHECK (length(fingerprint) = 32),
  noted_at timestamptz NOT NULL DEFAULT now()
);
