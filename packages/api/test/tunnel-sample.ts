/** A source and a destination in the middle of their work, and one event of each kind that they tell. */
import type { SessionDocument, StreamDocument, TunnelStatusDocument } from "@ropewalk/api/tunnel";
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";

const now = 1_792_000_000_000;
const peer = { names: ["hub.example"], authority: "CN=Example CA", until: now + 1e9 };
const way = { destination: "hub.example:8443", path: "wan0 ipv4" };
const ofSession = { session: "00ff", remote: "192.0.2.1 50000" };

const session: SessionDocument = {
  id: "00ff",
  peer,
  since: now - 60_000,
  state: {
    kind: "up",
    lane: {
      since: now - 10_000,
      remote: "192.0.2.9 8443",
      local: "192.0.2.1 50000",
      path: "wan0 ipv4",
      rttMs: 12.5,
      keys: { sent: 1, received: 2 },
      records: { sent: 10, received: 12 },
      octets: { sent: 1_000, received: 90_000 },
      retransmits: 3,
    },
  },
  express: null,
  copies: { sent: 9, first: 4, late: 2, early: 0 },
  streams: { open: 2, limit: 2048, opened: 7, refused: 1 },
  credit: { usedBytes: 131_072, budgetBytes: 67_108_864 },
  octets: { sent: 900, received: 88_000 },
  resumptions: 1,
};

const health = { state: "healthy", ready: true, subsystems: [] } as const;
const head = { schema: 1, version: "0.1.0", pid: 4711, startedAt: now - 90_000, at: now, health } as const;

export const sourceStatus: TunnelStatusDocument = {
  ...head,
  end: {
    role: "source",
    isDraining: false,
    identity: { names: ["site.example"], authority: "CN=Example CA", until: now + 1e9 },
    reach: { kind: "up", destination: "hub.example:8443" },
    destinations: [
      { destination: "hub.example:8443", breaker: { kind: "closed" } },
      { destination: "hub2.example:8443", breaker: { kind: "open", nextAt: now + 5_000 } },
    ],
    listeners: [{ address: "127.0.0.1", port: 5432, request: "service db", connections: 2, limit: 1000 }],
    sessions: [session],
  },
};

export const destinationStatus: TunnelStatusDocument = {
  ...head,
  end: {
    role: "destination",
    isDraining: true,
    identity: peer,
    listeners: [{ address: "0.0.0.0", port: 8443, request: null, connections: 0, limit: 256 }],
    services: [{ name: "db", port: 5432, target: "10.0.0.5:5432", connections: 2, limit: 100 }],
    sessions: [{ ...session, state: { kind: "absent", since: now - 5_000, until: now + 595_000 } }],
  },
};

export const stream: StreamDocument = {
  session: "00ff",
  stream: 3,
  request: "service db",
  from: "127.0.0.1 40000",
  to: null,
  since: now - 1_000,
  octets: { sent: 10, received: 20 },
  waiting: { toPeerBytes: 0, toApplicationBytes: 512 },
  state: "open",
};

export const tunnelEvents: readonly TunnelEventDocument[] = (
  [
    { kind: "snapshot", status: sourceStatus },
    { kind: "heartbeat-dead", ...way, silenceMs: 20_000, missed: 3 },
    { kind: "lane-closed", ...way, code: "ECONNRESET" },
    { kind: "write-failed", ...way, code: "EPIPE" },
    { kind: "lane-broken", ...way, detail: "a record does not open" },
    { kind: "path-changed", destination: way.destination, from: "wan0 ipv4", to: null, why: "gone" },
    { kind: "refresh-started", ...way },
    { kind: "refreshed", ...way, tookMs: 20, streams: 4 },
    { kind: "refresh-failed", destination: way.destination, retryInMs: 1_000 },
    { kind: "started", ...way, tookMs: 30 },
    { kind: "resumed", ...way, after: "loss", tookMs: 80, streams: 4, resentBytes: 4_096 },
    { kind: "session-lost", destination: way.destination, why: "peer-restarted", streams: 4 },
    { kind: "dial-failed", ...way, purpose: "resume", reason: "unreachable", detail: "ECONNREFUSED" },
    { kind: "breaker-opened", destination: way.destination, failures: 5, retryInMs: 30_000 },
    { kind: "breaker-closed", destination: way.destination, openForMs: 60_000 },
    { kind: "offline" },
    { kind: "online", offlineForMs: 5_000 },
    { kind: "destination-stopping", destination: way.destination },
    { kind: "failed-over", from: way.destination, to: "hub2.example:8443" },
    { kind: "session-opened", ...ofSession, peer },
    { kind: "session-resumed", ...ofSession, after: "move", absentForMs: 0, streams: 1, resentBytes: 0 },
    {
      kind: "session-absent",
      ...ofSession,
      why: { kind: "heartbeat", silenceMs: 20_000, missed: 3 },
      streams: 1,
      heldForMs: 600_000,
    },
    { kind: "session-ended", ...ofSession, why: "hold-over", detail: "", streams: 1 },
    { kind: "express-up", ...ofSession },
    { kind: "express-lost", ...ofSession, why: { kind: "closed", code: "ECONNRESET" } },
    { kind: "stream-refused", session: null, request: "port 22", by: "us", reason: "unknown-service", detail: "" },
    { kind: "streams-refused", numbers: { "too-many": 4 } },
    { kind: "handshakes-refused", numbers: { expired: 4 } },
    {
      kind: "handshake-refused",
      remote: "192.0.2.1 50000",
      refusal: { by: "us", reason: "expired", detail: "CN=site" },
    },
    { kind: "service-full", service: "db", limit: 100 },
    { kind: "listener-full", place: "127.0.0.1 5432", limit: 1000 },
    { kind: "listener-exhausted", place: "127.0.0.1 5432", code: "EMFILE" },
    { kind: "identity-changed", names: ["site.example"], until: now },
    { kind: "identity-kept", reason: "no such file" },
    { kind: "trouble", text: "a key cannot be kept" },
    { kind: "failed", reason: "the handshake thread has died" },
    { kind: "draining", streams: 3, withinMs: 30_000 },
  ] as const
).map((event) => ({ at: now, ...event }));
