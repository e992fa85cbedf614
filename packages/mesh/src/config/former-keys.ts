/** What other meshes' configurations have, and what became of it here: those that count seconds work, every other one is refused with its heir. */

/** Below `[mesh]`. */
export const formerKeys: Readonly<Record<string, string>> = {
  enabled: "there is nothing to set: a node is part of a mesh when the table [mesh] is there",
  "identity.path": "is now mesh.identity.file",
  "identity.key_path": "is now mesh.identity.file",
  "announce.capabilities": "there is nothing to set: a node announces what it does",
  "announce.max_age_ms": "is now mesh.announce.max_age, a duration",
  "announce.interval_ms": "is now mesh.announce.interval, a duration",
  "routing.max_entries": "is now mesh.routing.max_routes",
  "routing.max_hops": "is now mesh.announce.max_hops",
  "transport.quic": "links are TCP with TLS 1.3: mesh.transport.listen, and [[mesh.peer]] for who is dialled",
  "transport.tcp": "is now mesh.transport.listen, and [[mesh.peer]] for who is dialled",
  "transport.lora": "this version has no radio",
  "transport.peers": 'is now [[mesh.peer]], with at = "host:port"',
  "discovery.mdns": "is now mesh.discovery.enabled",
  "rate_limit.messages": "is now mesh.limits.packets, of each link in a second",
  "rate_limit.announces": "is now mesh.limits.new_announces and mesh.limits.known_announces, of each link in a second",
  "rate_limit.requests": "is now mesh.limits.requests, of each link in a second",
  rate_limit: "is now [mesh.limits]: new_announces, known_announces, requests and packets, of each link in a second",
  "store.max_messages": "is now mesh.store.max_inbox, and in octets mesh.store.max_custody_bytes and max_outbox_bytes",
  "store.max_stored": "is now mesh.store.max_custody_bytes, in octets",
  "store.path": "there is nothing to set: messages are in the node's state folder",
  crypto: "there is nothing to set: every link has the same key exchange, cipher and signature",
  logging: "is now [log]",
};

/** Below `[mesh]`. */
export const formerSeconds: Readonly<Record<string, string>> = {
  "announce.interval_secs": "announce.interval",
  "announce.max_age_secs": "announce.max_age",
};
