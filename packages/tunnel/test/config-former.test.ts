/** Every key of UTun's configuration: it works under its own name below [tunnel], or says what became of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { tunnelSection } from "@ropewalk/tunnel/config";
import { formerKeys, formerSeconds, formerTables } from "@ropewalk/tunnel/config/former-keys";

const load = (content: string, env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ sections: { tunnel: tunnelSection }, text: { path: "a.toml", content }, env });

function faults(content: string): readonly string[] {
  const loaded = load(content);
  return loaded.kind === "ok" ? [] : loaded.faults.map(describeFault);
}

/** Every key that seed 003 or UTun's own files name. */
const utun = `
[source]
listen_ip = "0.0.0.0"
listen_port = 8443
mode = "transparent"
dest_host = "hub.example"
dest_tunnel_port = 8443
max_connections = 10000
connection_timeout_ms = 30000
keep_alive_interval_ms = 30000
heartbeat_interval_ms = 15000
heartbeat_timeout_ms = 5000
max_missed_pongs = 3
reconnection_enabled = true
max_reconnect_attempts = 0
initial_reconnect_delay_ms = 1000
max_reconnect_delay_ms = 60000
frame_buffer_size = 1000
connection_channel_size = 1024
circuit_breaker_window_secs = 60
circuit_breaker_max_restarts = 5
write_queue_size = 8192
connection_refresh_interval_secs = 3600
connection_drain_timeout_secs = 60
allowed_outbound = { allowed_ips = [] }
exposed_ports = [{ port = 22, protocol = "tcp" }]
[dest]
listen_ip = "0.0.0.0"
tunnel_port = 8443
exposed_services = [{ name = "ssh", port = 22, target_ip = "127.0.0.1", target_port = 22, protocol = "tcp", description = "" }]
max_connections_per_service = 100
max_connections = 8000
connection_timeout_ms = 30000
target_connect_timeout_ms = 5000
connection_channel_size = 1024
stale_cleanup_interval_secs = 15
connection_filter = { allowed_source_ips = [] }
[auth]
use_mtls = true
ca_cert_path = "ca.crt"
client_cert_path = "client.crt"
client_key_path = "client.key"
server_cert_path = "server.crt"
server_key_path = "server.key"
verify_client_cert = true
[crypto]
kem_mode = "hybrid"
key_rotation_interval_seconds = 3600
rehandshake_before_expiry_seconds = 300
max_handshake_size = 2097152
[logging]
level = "info"
format = "json"
include_timestamp = true
[metrics]
enabled = true
metrics_port = 9090
metrics_bind_ip = "127.0.0.1"
`;
const keys = utun.split("\n").filter((line) => line.includes(" = "));

test("a file of UTun's is answered key by key, each with its line and what became of it", () => {
  const told = faults(utun);
  assert.equal(told.length, keys.length, told.join("\n"));
  for (const line of told) {
    assert.match(line, /^a\.toml:\d+: [a-z_.]+: (is now |there is |both ends |what may be reached )/);
    assert.doesNotMatch(line, /unknown/);
  }
});

test("with its tables moved below [tunnel], each key works or is answered likewise", () => {
  const moved = utun.replaceAll(/^\[(\w+)\]$/gm, "[tunnel.$1]").replaceAll(/^\[tunnel\.(logging|metrics)\][^[]*/gm, "");
  const below = ["source", "dest", "auth", "crypto"].flatMap((name) =>
    Object.keys(formerTables).filter((key) => key.startsWith(`${name}.`)),
  );
  const working = Object.keys(formerSeconds).filter((key) => key.includes("."));
  const told = faults(moved);
  const answered = below.filter((key) => !working.includes(key) && moved.includes(`\n${key.split(".")[1]} = `));
  for (const key of answered)
    assert(
      told.some((line) => line.includes(` tunnel.${key}: `)),
      `${key}\n${told.join("\n")}`,
    );
  for (const key of working) assert(!told.some((line) => line.includes(` tunnel.${key}`)), key);
});

test("durations in seconds work under their old names, and not beside the new one", () => {
  const loaded = load(`
    [tunnel]
    connection_refresh_interval_secs = 0
    crypto = { key_rotation_interval_seconds = 60 }
    [tunnel.source]
    destinations = ["hub.example:8443"]
    circuit_breaker_window_secs = 120
  `);
  assert(loaded.kind === "ok", loaded.kind === "faults" ? loaded.faults.map(describeFault).join("\n") : "");
  const { refresh, rekey, source } = loaded.values.tunnel;
  assert.deepEqual([refresh, rekey.after, source?.reconnect.breaker.window], [0, 60_000, 120_000]);
  assert.match(
    faults(
      '[tunnel]\nrefresh = "1h"\nkey_rotation_interval_seconds = 1\nsource = { connection_refresh_interval_secs = 1 }',
    ).join("\n"),
    /source\.connection_refresh_interval_secs: is another name of tunnel\.refresh; keep one/,
  );
});

test("variables have the old names of durations too, and advice for the rest", () => {
  const loaded = load("", { ROPEWALK_TUNNEL_CRYPTO_KEY_ROTATION_INTERVAL_SECONDS: "90" });
  assert(loaded.kind === "ok");
  assert.equal(loaded.values.tunnel.rekey.after, 90_000);
  const refused = load("", { ROPEWALK_TUNNEL_SOURCE_WRITE_QUEUE_SIZE: "8192" });
  assert(refused.kind === "faults");
  assert.match(refused.faults.map(describeFault).join("\n"), /session_credit_bytes/);
});

test("advice names only keys that there are", () => {
  const known = load('[tunnel]\n[tunnel.source]\ndestinations = ["a:1"]\nserver_names = []\n[tunnel.destination]\n');
  assert(known.kind === "ok");
  const paths = known.leaves.map(({ path }) => path.join("."));
  const lists = ["tunnel.source.expose", "tunnel.destination.service", "tunnel.destination.allow_target"];
  const there = [...paths, ...lists, "log.level", "log.format"];
  for (const advice of [...Object.values(formerKeys), ...Object.values(formerTables)]) {
    for (const [name] of advice.matchAll(/\b(?:tunnel|log)(?:\.[a-z_]+)+/g)) {
      assert(
        there.some((path) => path === name || path.startsWith(`${name}.`)),
        `${advice}: ${name}`,
      );
    }
  }
});
