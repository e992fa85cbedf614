/**
 * What UTun's configuration had, and what became of each key. Those that take seconds and have an heir work under their own name
 * within `[tunnel]`; every other one is refused with its heir, or with why there is nothing to set.
 */

const heldBySession = "there is nothing to set: what nobody has taken yet is bounded by tunnel.session_credit_bytes";
const always = "both ends always show a certificate; there is no tunnel without";
const noIdleEnd = "there is nothing to set: a connection ends when its ends say so, not when they are silent";
const onlyTcp = "there is nothing to set: TCP is what the tunnel carries";

/** By their places in UTun's file; the same holds below `[tunnel]`. */
const refused: Readonly<Record<string, string>> = {
  "source.listen_ip": "is now tunnel.source.listen, and each entry of tunnel.source.expose may have its own listen",
  "source.listen_port": "there is no one port for all: each is an entry of its own, [[tunnel.source.expose]] with port",
  "source.mode":
    "there is nothing to set: an entry of tunnel.source.expose goes to the same port at the far end, or where its service or target says",
  "source.dest_host": 'is now tunnel.source.destinations: ["host:port"]',
  "source.dest_tunnel_port": 'is now tunnel.source.destinations: ["host:port"]',
  "source.max_connections":
    "is now max_connections of each tunnel.source.expose, and tunnel.max_streams of all together",
  "source.connection_timeout_ms": `${noIdleEnd}; until a destination answers it is tunnel.source.connect_within`,
  "source.keep_alive_interval_ms": "is now tunnel.heartbeat.interval, a duration",
  "source.heartbeat_interval_ms": "is now tunnel.heartbeat.interval, a duration",
  "source.heartbeat_timeout_ms": "is now tunnel.heartbeat.timeout, a duration",
  "source.max_missed_pongs": "is now tunnel.heartbeat.missed",
  "source.reconnection_enabled": "there is nothing to set: a source goes on until it is stopped",
  "source.max_reconnect_attempts": "there is nothing to set: a source goes on until it is stopped",
  "source.initial_reconnect_delay_ms": "is now tunnel.source.reconnect.first, a duration",
  "source.max_reconnect_delay_ms": "is now tunnel.source.reconnect.longest, a duration",
  "source.frame_buffer_size": heldBySession,
  "source.connection_channel_size": heldBySession,
  "source.write_queue_size": heldBySession,
  "source.circuit_breaker_max_restarts": "is now tunnel.source.reconnect.breaker.restarts",
  "source.connection_drain_timeout_secs":
    "there is nothing to set: at a refresh the streams move to the new lane, and none is drained",
  "source.allowed_outbound":
    "what may be reached is the destination's to say, in tunnel.destination.service and tunnel.destination.allow_target",
  "source.exposed_ports": "is now [[tunnel.source.expose]], with port",
  "source.expose.protocol": onlyTcp,
  "dest.listen_ip": 'is now tunnel.destination.listen: ["address:port"]',
  "dest.tunnel_port": 'is now tunnel.destination.listen: ["address:port"]',
  "dest.exposed_services": 'is now [[tunnel.destination.service]], with name, port and target = "host:port"',
  "dest.max_connections_per_service": "is now max_connections of each tunnel.destination.service",
  "dest.max_connections":
    "is now max_connections of each tunnel.destination.service, and tunnel.max_streams of a session",
  "dest.connection_timeout_ms": `${noIdleEnd}; until a target answers it is tunnel.destination.connect_within`,
  "dest.target_connect_timeout_ms": "is now tunnel.destination.connect_within, a duration",
  "dest.connection_channel_size": heldBySession,
  "dest.stale_cleanup_interval_secs":
    "there is nothing to set: a stream that ends is gone at both ends at once, so that none is left to be cleaned up",
  "dest.connection_filter":
    "is now tunnel.allow, names of certificates; an address proves nobody, and where it is to be filtered the firewall does it",
  "destination.service.target_ip": 'is now target: "host:port"',
  "destination.service.target_port": 'is now target: "host:port"',
  "destination.service.protocol": onlyTcp,
  "destination.service.description": "there is nothing to set: write a comment",
  "auth.use_mtls": always,
  "auth.verify_client_cert": always,
  "auth.ca_cert_path": "is now tunnel.authorities, a list",
  "auth.client_cert_path": "is now tunnel.certificate",
  "auth.server_cert_path": "is now tunnel.certificate",
  "auth.client_key_path": "is now tunnel.key",
  "auth.server_key_path": "is now tunnel.key",
  "crypto.kem_mode": "is now tunnel.mode",
  "crypto.rehandshake_before_expiry_seconds":
    "there is nothing to set: keys change between two records, without a handshake that could come late",
  "crypto.max_handshake_size": "there is nothing to set: the protocol bounds every message of the handshake",
  "metrics.enabled": 'is now tunnel.http.listen, an address or "off"',
  "metrics.metrics_port": 'is now tunnel.http.listen, "127.0.0.1:7420"',
  "metrics.metrics_bind_ip": 'is now tunnel.http.listen, "127.0.0.1:7420"',
  "logging.level": "is now log.level",
  "logging.format": "is now log.format",
  "logging.include_timestamp": "there is nothing to set: every line has its time",
};

/** Durations of UTun's in seconds; the places on the right are below `[tunnel]`. */
const inSeconds: Readonly<Record<string, string>> = {
  "source.connection_refresh_interval_secs": "refresh",
  "source.circuit_breaker_window_secs": "source.reconnect.breaker.window",
  "crypto.key_rotation_interval_seconds": "rekey.after",
};

/** Keys without their table, where somebody has put them right below `[tunnel]`. */
const withoutTable = ["auth.use_mtls", "auth.verify_client_cert", "crypto.kem_mode", "crypto.max_handshake_size"];

const tables: Readonly<Record<string, string>> = {
  source: "is now [tunnel.source]",
  dest: "is now [tunnel.destination]",
  auth: "its keys are now certificate, key and authorities of [tunnel]",
  crypto: "its keys are now mode and rekey of [tunnel]",
  metrics: "is now [tunnel.http]",
  logging: "is now [log]",
};

export const formerSeconds: Readonly<Record<string, string>> = {
  ...inSeconds,
  connection_refresh_interval_secs: "refresh",
  key_rotation_interval_seconds: "rekey.after",
};

/** Below `[tunnel]`. The table `dest` has its new name there as well. */
export const formerKeys: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(refused).flatMap(([key, advice]) =>
      [key, key.replace(/^dest\./, "destination.")].map((place) => [place, advice]),
    ),
  ),
  ...Object.fromEntries(withoutTable.map((key) => [key.split(".")[1], refused[key] ?? ""])),
  dest: "is now tunnel.destination",
};

/** From the top of the file, as UTun had it. */
export const formerTables: Readonly<Record<string, string>> = {
  ...refused,
  ...Object.fromEntries(
    Object.entries(inSeconds).map(([key, heir]) => [key, `is now tunnel.${heir}, a duration: "3600s"`]),
  ),
  ...tables,
};
