-- What the control of the VPN keeps besides the ground: what nodes tell of themselves, keys that were replaced, and why a session failed.

-- "closed" is what an earlier version wrote; it is read as "draining".
ALTER TABLE nodes
  DROP CONSTRAINT nodes_admission_is_known,
  ADD CONSTRAINT nodes_admission_is_known CHECK (admission IN ('open', 'closed', 'draining', 'disabled')),
  -- As its last heartbeat told.
  ADD COLUMN troubles text[] NOT NULL DEFAULT '{}' CONSTRAINT nodes_troubles_are_few CHECK (cardinality(troubles) <= 16),
  ADD COLUMN version text CONSTRAINT nodes_version_is_short CHECK (length(version) <= 64),
  ADD COLUMN control_address text CONSTRAINT nodes_control_address_is_short CHECK (length(control_address) <= 262);

-- An exit is registered before it tells what it is.
ALTER TABLE exits
  ALTER COLUMN endpoint DROP NOT NULL,
  ALTER COLUMN public_key DROP NOT NULL,
  ALTER COLUMN capacity SET DEFAULT 0,
  DROP CONSTRAINT exits_have_addresses,
  ADD CONSTRAINT exits_have_addresses CHECK (endpoint IS NULL OR num_nonnulls(addresses_v4, addresses_v6) > 0),
  ADD CONSTRAINT exits_are_told_whole CHECK (num_nulls(endpoint, public_key) IN (0, 2)),
  -- In the tunnel; nobody is given one.
  ADD COLUMN own_addresses inet[] NOT NULL DEFAULT '{}' CONSTRAINT exits_own_addresses_are_few CHECK (cardinality(own_addresses) <= 16);

ALTER TABLE sessions
  -- Of one that failed: what its node did.
  ADD COLUMN failure text CONSTRAINT sessions_failure_is_known CHECK (failure IN ('refused', 'silent'));

-- Keys by which a device came back, whose successors were used: who uses one again has copied it.
CREATE TABLE retired_reconnect_keys (
  hash bytea CONSTRAINT retired_reconnect_keys_pkey PRIMARY KEY
    CONSTRAINT retired_reconnect_keys_hash_is_one CHECK (length(hash) = 32),
  session uuid NOT NULL CONSTRAINT retired_reconnect_keys_session_fkey REFERENCES sessions (id) ON DELETE CASCADE,
  retired_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX retired_reconnect_keys_by_session ON retired_reconnect_keys (session);

-- A node refuses an address for a while that somebody else had: for as long as it told, the row stays, and is nobody's.
ALTER TABLE exits
  ADD COLUMN quarantine_millis integer NOT NULL DEFAULT 0 CONSTRAINT exits_quarantine_counts CHECK (quarantine_millis >= 0);
ALTER TABLE addresses
  ALTER COLUMN placement DROP NOT NULL,
  ADD COLUMN rests_until timestamptz,
  ADD CONSTRAINT addresses_are_placed_or_rest CHECK (num_nulls(placement, rests_until) = 1);
CREATE INDEX addresses_by_rest ON addresses (rests_until) WHERE rests_until IS NOT NULL;

CREATE INDEX outbox_by_claim ON outbox (claimed_until);
CREATE INDEX outbox_by_creation ON outbox (created_at);
CREATE INDEX placements_by_renewal ON placements (may_last_until) WHERE role = 'current';
CREATE INDEX placements_by_node ON placements (node) WHERE role IN ('coming', 'current');
