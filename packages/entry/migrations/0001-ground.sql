-- The ground: nodes, customers and their devices, sessions and placements, and what carries changes outwards. The invariant of
-- docs/protocols/vpn-control.md is in the constraints, which have names because programs tell by them what was refused.
--
-- Some columns are generated so that a foreign key can look at them: a key of (id, true) may only point to a row for which it is true, and
-- keeps it true. Such keys are looked at when a transaction ends, so that it may go through its steps in any order.

CREATE TABLE nodes (
  id uuid CONSTRAINT nodes_pkey PRIMARY KEY,
  name text NOT NULL CONSTRAINT nodes_one_per_name UNIQUE
    CONSTRAINT nodes_name_is_a_label CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  roles text[] NOT NULL CONSTRAINT nodes_roles_are_few CHECK (cardinality(roles) BETWEEN 1 AND 16),
  -- Who takes no new ones keeps those that it has.
  admission text NOT NULL DEFAULT 'open' CONSTRAINT nodes_admission_is_known CHECK (admission IN ('open', 'closed')),
  -- Of the last order to it; the row is locked by whoever draws the next.
  generation bigint NOT NULL DEFAULT 0 CONSTRAINT nodes_generation_counts CHECK (generation >= 0),
  -- As its last heartbeat told: a moment of its own clock, which counts from that boot.
  heartbeat_at timestamptz,
  boot text CONSTRAINT nodes_boot_is_short CHECK (length(boot) <= 128),
  boot_millis bigint CONSTRAINT nodes_boot_millis_counts CHECK (boot_millis >= 0),
  is_healthy boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT nodes_heartbeat_is_whole CHECK (num_nulls(heartbeat_at, boot, boot_millis) IN (0, 3))
);

-- What a node with the role "exit" is to customers.
CREATE TABLE exits (
  node uuid CONSTRAINT exits_pkey PRIMARY KEY CONSTRAINT exits_node_fkey REFERENCES nodes (id) ON DELETE CASCADE,
  region text NOT NULL CONSTRAINT exits_region_is_short CHECK (length(region) BETWEEN 1 AND 64),
  country text CONSTRAINT exits_country_is_a_code CHECK (country ~ '^[A-Z]{2}$'),
  city text CONSTRAINT exits_city_is_short CHECK (length(city) BETWEEN 1 AND 64),
  pool text NOT NULL DEFAULT 'default' CONSTRAINT exits_pool_is_short CHECK (length(pool) BETWEEN 1 AND 64),
  endpoint text NOT NULL CONSTRAINT exits_endpoint_is_short CHECK (length(endpoint) BETWEEN 1 AND 262),
  public_key bytea NOT NULL CONSTRAINT exits_one_per_key UNIQUE
    CONSTRAINT exits_key_is_one CHECK (length(public_key) = 32 AND public_key <> decode(repeat('00', 32), 'hex')),
  addresses_v4 cidr CONSTRAINT exits_addresses_v4_are CHECK (family(addresses_v4) = 4),
  addresses_v6 cidr CONSTRAINT exits_addresses_v6_are CHECK (family(addresses_v6) = 6),
  capacity integer NOT NULL CONSTRAINT exits_capacity_counts CHECK (capacity >= 0),
  -- As its last heartbeat told.
  active_peers integer NOT NULL DEFAULT 0 CONSTRAINT exits_active_peers_count CHECK (active_peers >= 0),
  CONSTRAINT exits_have_addresses CHECK (num_nonnulls(addresses_v4, addresses_v6) > 0)
);

CREATE TABLE customers (
  id uuid CONSTRAINT customers_pkey PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz
);

CREATE TABLE devices (
  id uuid CONSTRAINT devices_pkey PRIMARY KEY,
  customer uuid NOT NULL CONSTRAINT devices_customer_fkey REFERENCES customers (id),
  name text NOT NULL CONSTRAINT devices_name_is_short CHECK (length(name) BETWEEN 1 AND 64),
  public_key bytea NOT NULL
    CONSTRAINT devices_key_is_one CHECK (length(public_key) = 32 AND public_key <> decode(repeat('00', 32), 'hex')),
  -- removed: its customer has it no longer, and a node may still have its key. freed: none has.
  state text NOT NULL DEFAULT 'alive' CONSTRAINT devices_state_is_known CHECK (state IN ('alive', 'removed', 'freed')),
  has_key boolean NOT NULL GENERATED ALWAYS AS (state <> 'freed') STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT devices_of_customer UNIQUE (id, customer),
  CONSTRAINT devices_with_key UNIQUE (id, has_key)
);
CREATE UNIQUE INDEX devices_one_owner_per_key ON devices (public_key) WHERE state <> 'freed';
CREATE INDEX devices_by_customer ON devices (customer);

CREATE TABLE sessions (
  id uuid CONSTRAINT sessions_pkey PRIMARY KEY,
  customer uuid NOT NULL,
  device uuid NOT NULL,
  state text NOT NULL CONSTRAINT sessions_state_is_known
    CHECK (state IN ('requested', 'provisioning', 'active', 'terminating', 'terminated', 'failed')),
  is_live boolean NOT NULL GENERATED ALWAYS AS (state IN ('requested', 'provisioning', 'active', 'terminating')) STORED,
  -- SHA-256 of the key by which its device comes back; the one before holds until its successor is used first.
  reconnect_hash bytea CONSTRAINT sessions_one_per_reconnect_key UNIQUE
    CONSTRAINT sessions_reconnect_hash_is_one CHECK (length(reconnect_hash) = 32),
  former_reconnect_hash bytea CONSTRAINT sessions_one_per_former_reconnect_key UNIQUE
    CONSTRAINT sessions_former_reconnect_hash_is_one CHECK (length(former_reconnect_hash) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT sessions_device_of_customer FOREIGN KEY (device, customer) REFERENCES devices (id, customer),
  CONSTRAINT sessions_end_is_dated CHECK ((ended_at IS NULL) = (state IN ('requested', 'provisioning', 'active', 'terminating'))),
  CONSTRAINT sessions_with_device UNIQUE (id, device),
  CONSTRAINT sessions_with_life UNIQUE (id, is_live)
);
CREATE UNIQUE INDEX sessions_one_live_per_customer ON sessions (customer)
  WHERE state IN ('requested', 'provisioning', 'active', 'terminating');
CREATE INDEX sessions_by_customer ON sessions (customer, created_at);
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE placements (
  id uuid CONSTRAINT placements_pkey PRIMARY KEY,
  session uuid NOT NULL,
  device uuid NOT NULL,
  node uuid NOT NULL CONSTRAINT placements_node_fkey REFERENCES nodes (id),
  -- released: its node has not got it and will not; its addresses and its key are free.
  role text NOT NULL CONSTRAINT placements_role_is_known
    CHECK (role IN ('coming', 'current', 'draining', 'orphaned', 'released')),
  -- Of the last order for it.
  generation bigint NOT NULL CONSTRAINT placements_generation_counts CHECK (generation > 0),
  -- Until then its node may have it, whatever is lost.
  may_last_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  is_held boolean NOT NULL GENERATED ALWAYS AS (role <> 'released') STORED,
  -- NULL where a key is not to look.
  wants_live boolean GENERATED ALWAYS AS (CASE WHEN role IN ('coming', 'current') THEN true END) STORED,
  wants_key boolean GENERATED ALWAYS AS (CASE WHEN role <> 'released' THEN true END) STORED,
  CONSTRAINT placements_device_of_session FOREIGN KEY (session, device) REFERENCES sessions (id, device),
  CONSTRAINT placements_of_live_session FOREIGN KEY (session, wants_live) REFERENCES sessions (id, is_live)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT placements_keep_their_key FOREIGN KEY (device, wants_key) REFERENCES devices (id, has_key)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT placements_one_per_generation UNIQUE (node, generation),
  CONSTRAINT placements_with_node UNIQUE (id, node, is_held)
);
CREATE UNIQUE INDEX placements_one_coming ON placements (session) WHERE role = 'coming';
CREATE UNIQUE INDEX placements_one_current ON placements (session) WHERE role = 'current';
CREATE UNIQUE INDEX placements_one_draining ON placements (session) WHERE role = 'draining';
-- A node knows its peers by key: a second placement of the same one would take the first one's addresses.
CREATE UNIQUE INDEX placements_one_per_key ON placements (node, device) WHERE role <> 'released';
CREATE INDEX placements_by_session ON placements (session);
CREATE INDEX placements_by_device ON placements (device);
CREATE INDEX placements_by_lapse ON placements (may_last_until) WHERE role IN ('draining', 'orphaned');

-- A row is a reservation: who releases a placement removes its addresses in the same transaction.
CREATE TABLE addresses (
  node uuid NOT NULL,
  address inet NOT NULL CONSTRAINT addresses_are_single CHECK (masklen(address) = CASE family(address) WHEN 4 THEN 32 ELSE 128 END),
  placement uuid NOT NULL,
  family smallint NOT NULL GENERATED ALWAYS AS (family(address)) STORED,
  is_held boolean NOT NULL DEFAULT true CONSTRAINT addresses_are_held CHECK (is_held),
  CONSTRAINT addresses_one_owner PRIMARY KEY (node, address),
  CONSTRAINT addresses_one_of_each_family UNIQUE (placement, family),
  CONSTRAINT addresses_of_held_placement FOREIGN KEY (placement, node, is_held) REFERENCES placements (id, node, is_held)
    DEFERRABLE INITIALLY DEFERRED
);

-- Orders that are to reach their node. A row is claimed for a time and removed when its node has answered.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
  node uuid NOT NULL CONSTRAINT outbox_node_fkey REFERENCES nodes (id),
  placement uuid NOT NULL CONSTRAINT outbox_placement_fkey REFERENCES placements (id) ON DELETE CASCADE,
  kind text NOT NULL CONSTRAINT outbox_kind_is_known CHECK (kind IN ('place', 'remove')),
  generation bigint NOT NULL CONSTRAINT outbox_generation_counts CHECK (generation > 0),
  -- An order to place is taken no more from then on, by its node's own clock; one to remove always is.
  until_boot text CONSTRAINT outbox_until_boot_is_short CHECK (length(until_boot) <= 128),
  until_millis bigint CONSTRAINT outbox_until_millis_counts CHECK (until_millis >= 0),
  attempts integer NOT NULL DEFAULT 0 CONSTRAINT outbox_attempts_count CHECK (attempts >= 0),
  -- Whose it is until then; it is nobody's where that is past.
  claimed_by uuid,
  claimed_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT outbox_one_per_generation UNIQUE (node, generation),
  CONSTRAINT outbox_deadline_is_of_a_place
    CHECK (num_nonnulls(until_boot, until_millis) = CASE kind WHEN 'place' THEN 2 ELSE 0 END),
  CONSTRAINT outbox_claim_is_whole CHECK (num_nulls(claimed_by, claimed_until) IN (0, 2))
);
CREATE INDEX outbox_by_placement ON outbox (placement);

-- What a change was asked with, and what was answered. The key itself is nowhere: the answer can be read only by who has it.
CREATE TABLE idempotency_keys (
  key_hash bytea CONSTRAINT idempotency_keys_pkey PRIMARY KEY
    CONSTRAINT idempotency_keys_hash_is_one CHECK (length(key_hash) = 32),
  request_hash bytea NOT NULL CONSTRAINT idempotency_keys_request_hash_is_one CHECK (length(request_hash) = 32),
  status smallint CONSTRAINT idempotency_keys_status_is_one CHECK (status BETWEEN 200 AND 599),
  sealed_answer bytea CONSTRAINT idempotency_keys_answer_is_short CHECK (length(sealed_answer) <= 65536),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  CONSTRAINT idempotency_keys_answer_is_whole CHECK (num_nulls(status, sealed_answer) IN (0, 2)),
  CONSTRAINT idempotency_keys_expire_later CHECK (expires_at > created_at)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- Who did what to what. It outlives what it names, so it has no foreign keys.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_pkey PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor_kind text NOT NULL CONSTRAINT audit_actor_is_known CHECK (actor_kind IN ('admin', 'customer', 'node', 'entry')),
  actor text NOT NULL CONSTRAINT audit_actor_is_short CHECK (length(actor) BETWEEN 1 AND 128),
  action text NOT NULL CONSTRAINT audit_action_is_a_name CHECK (action ~ '^[a-z]+(\.[a-z_]+)+$'),
  subject text CONSTRAINT audit_subject_is_short CHECK (length(subject) BETWEEN 1 AND 128),
  details jsonb NOT NULL DEFAULT '{}' CONSTRAINT audit_details_are_an_object CHECK (jsonb_typeof(details) = 'object')
);
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_subject ON audit (subject, at) WHERE subject IS NOT NULL;
