/** What people are shown of a tunnel: statuses, streams and events in, lines out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionDocument, SourceDocument, TunnelStatusDocument } from "@ropewalk/api/tunnel";
import type { TunnelEventDocument } from "@ropewalk/api/tunnel-events";
import type { SourceStatus } from "@ropewalk/tunnel/status";
import { streamDocument } from "../../src/local-api/tunnel-documents.ts";
import { createPaint } from "../../src/render/paint.ts";
import { type TrialPicture, trialBody } from "../../src/render/trial-view.ts";
import { tunnelEventLine } from "../../src/render/tunnel-event-line.ts";
import { tunnelStatusLines } from "../../src/render/tunnel-status-view.ts";
import { streamTable } from "../../src/render/tunnel-streams-view.ts";
import { destinationStatus, sourceStatus, stream } from "./fake-end.ts";

const at = 1.8e12;
const view = { paint: createPaint(false), columns: undefined };
const healthy = { state: "healthy", ready: true, subsystems: [] } as const;
const head = { schema: 1, version: "0.1.0", pid: 1, startedAt: at, at, health: healthy } as const;

const session: SessionDocument = {
  id: "00ff00ff00ff00ff",
  peer: { names: ["hub.example"], authority: "CN=CA", until: at },
  since: at - 60_000,
  state: {
    kind: "up",
    lane: {
      since: at - 10_000,
      remote: "2001:db8::9 8443",
      local: "192.0.2.1 50000",
      path: "wan0 ipv4",
      rttMs: 12,
      keys: { sent: 0, received: 0 },
      records: { sent: 1, received: 1 },
      octets: { sent: 1_000, received: 90_000 },
      retransmits: 1,
    },
  },
  express: null,
  copies: { sent: 9, first: 4, late: 2, early: 0 },
  streams: { open: 1, limit: 2048, opened: 7, refused: 1 },
  credit: { usedBytes: 671_089, budgetBytes: 67_108_864 },
  octets: { sent: 900, received: 88_000 },
  resumptions: 1,
};

/** The same, as the end itself has it. */
const linked: SourceStatus = {
  ...sourceStatus,
  sessions: [{ ...session, credit: { used: 0, budget: 1 } } as unknown as SourceStatus["sessions"][number]],
};

function linesOf(end: TunnelStatusDocument["end"], health: TunnelStatusDocument["health"] = healthy) {
  return tunnelStatusLines({ ...head, end, health }, view);
}

function sourceWith(change: Partial<SourceDocument>): SourceDocument {
  return { ...sourceStatus, sessions: [], ...change };
}

test("a source that is connected shows its lane, its session and what it exposes", () => {
  assert.deepEqual(
    linesOf(sourceWith({ sessions: [session], identity: { ...sourceStatus.identity, until: at + 8.64e7 * 90 } })),
    [
      "Source site.example: connected to hub.example:8443.",
      "Its certificate, of CN=CA, is good for 90 days.",
      "",
      "Session 00ff00ff with hub.example, for 60 s, resumed once",
      "  lane for 10 s: 192.0.2.1:50000 to [2001:db8::9]:8443 by wan0 ipv4, 12 ms",
      "  on it 1 kB sent, 90 kB received, 1 segment sent again",
      "  1 stream of 2048; 7 opened, 1 refused; 900 B sent, 88 kB received; 1 % of the credit in use",
      "",
      "EXPOSED         ASKS FOR    CONNECTIONS",
      "127.0.0.1:5432  service db  1 of 1000",
    ],
  );
});

test("an express lane has a line of its own, and another for what it was good for", () => {
  const lane = session.state.kind === "up" ? session.state.lane : null;
  const lines = linesOf(sourceWith({ sessions: [{ ...session, express: lane }] }));
  assert.deepEqual(lines.slice(lines.findIndex((line) => line.includes("express"))).slice(0, 2), [
    "  express lane for 10 s: 1 kB sent, 90 kB received, 1 segment sent again",
    "  copies: 9 sent; of those that came 4 were first, 2 late, 0 too early",
  ]);
});

test("a source without a lane says for how long, what came of the last attempt, and when the next is", () => {
  const reach = {
    kind: "seeking",
    since: at - 5_000,
    dials: 4,
    nextAt: at + 1_500,
    lastFailure: "ECONNREFUSED",
  } as const;
  const state = { kind: "absent", since: at - 5_000, until: at + 595_000 } as const;
  const [first, ...rest] = linesOf(sourceWith({ reach, sessions: [{ ...session, state }] }));
  assert.equal(first, "Source site.example: no lane for 5 s; dialled 4 times, again in 1.5 s (ECONNREFUSED).");
  assert.ok(rest.includes("  away for 5 s: its streams stand still; given up in 10 min"));
});

test("a destination shows where it is reached, its services, and which sources are away", () => {
  const state = { kind: "absent", since: at - 5_000, until: at + 595_000 } as const;
  const lines = linesOf({ ...destinationStatus, isDraining: true, sessions: [session, { ...session, state }] });
  assert.equal(lines[0], "Destination hub.example: 1 source connected, 1 away and waited for.");
  assert.ok(lines.includes("It drains: nothing new is taken, and it stops then."));
  assert.ok(lines.includes("It is reached at 0.0.0.0:8443."));
  assert.deepEqual(lines.slice(-2), [
    "SERVICE  PORT  TARGET         CONNECTIONS",
    "db       5432  10.0.0.5:5432  2 of 100",
  ]);
});

test("what is amiss is said at the end, and a destination that refuses is named", () => {
  const subsystems = [{ name: "identity", state: "degraded", reason: "end.crt: it is empty", since: null }] as const;
  const destinations = [{ destination: "hub2.example:8443", breaker: { kind: "open", nextAt: at + 30_000 } }] as const;
  const lines = linesOf(sourceWith({ destinations }), { state: "degraded", ready: true, subsystems });
  assert.ok(lines.includes("hub2.example:8443 refused too often: it is asked again in 30 s."));
  assert.equal(lines.at(-1), "  identity is degraded: end.crt: it is empty");
});

test("streams are rows, and a name from the other end cannot move the cursor", () => {
  const lines = streamTable(
    { schema: 1, at, streams: [{ ...streamDocument(stream), request: "service \u001b[2Jdb" }] },
    view,
  );
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /^1 {7}00ff .*service .\[2Jdb .*open$/);
  assert.deepEqual(streamTable({ schema: 1, at, streams: [] }, view), ["No streams."]);
});

const way = { destination: "hub.example:8443", path: "wan0 ipv4" };
const ofSession = { session: "00ff00ff00ff", remote: "192.0.2.1 50000" };
const told: readonly (readonly [TunnelEventDocument, string])[] = [
  [
    { at, kind: "heartbeat-dead", ...way, silenceMs: 20_000, missed: 3 },
    "the lane to hub.example:8443 by wan0 ipv4 is dead: nothing came for 20 s, 3 pings unanswered",
  ],
  [
    {
      at,
      kind: "resumed",
      destination: way.destination,
      path: null,
      after: "loss",
      tookMs: 80,
      streams: 1,
      resentBytes: 4_096,
    },
    "the lane to hub.example:8443 is back in 80 ms; 1 stream goes on, 4.1 kB sent again",
  ],
  [
    { at, kind: "refreshed", ...way, tookMs: 20, streams: 4 },
    "the lane to hub.example:8443 by wan0 ipv4 is a new one, in 20 ms; 4 streams moved to it",
  ],
  [
    {
      at,
      kind: "session-absent",
      ...ofSession,
      why: { kind: "closed", code: "ECONNRESET" },
      streams: 2,
      heldForMs: 600_000,
    },
    "session 00ff00ff is away (ECONNRESET): 2 streams wait, for 10 min at most",
  ],
  [
    { at, kind: "session-ended", ...ofSession, why: "revoked", detail: "revoked", streams: 1 },
    "session 00ff00ff has ended: the source may have none any more (revoked); 1 stream was cut",
  ],
  [
    {
      at,
      kind: "stream-refused",
      session: null,
      request: "port 22",
      by: "peer",
      reason: "unknown-service",
      detail: "",
    },
    "port 22: refused by the other end, unknown-service",
  ],
  [
    { at, kind: "handshakes-refused", numbers: { expired: 4, revoked: 1 } },
    "more handshakes were refused: 4 expired, 1 revoked",
  ],
  [{ at, kind: "draining", streams: 3, withinMs: 30_000 }, "nothing new is taken; 3 streams may end within 30 s"],
  [{ at, kind: "trouble", text: "a\u001b[2Jb" }, "a\ufffd[2Jb"],
];

for (const [event, line] of told) {
  test(`an event ${event.kind} is one line with its time`, () => {
    assert.equal(tunnelEventLine(event), `2027-01-15T08:00:00.000Z ${line}`);
  });
}

test("a trial's board says how the lane is, what was done to it and what the download bore", () => {
  const [held] = linked.sessions;
  assert.ok(held !== undefined);
  const download = { octets: 132_000_000, wrong: 0, longestStall: 81, ended: undefined };
  const boardOf = (change: object) =>
    trialBody({ source: linked, download, cuts: 3, at, ...change } as TrialPicture, createPaint(false));
  assert.deepEqual(boardOf({}), [
    "  lane      up for 10 s, round trip 12 ms; the 2nd of one session",
    "  cut       3 times",
    "  download  132 MB, every octet checked, 0 wrong; longest pause 81 ms",
    "  streams   1 open; one of them is the download, which this program makes for itself",
  ]);
  const away = { ...linked, sessions: [{ ...held, state: { kind: "absent", since: at - 400, until: at } }] };
  assert.equal(boardOf({ source: away })[0], "  lane      lost for 400 ms");
  const [lane, cut, , streams] = boardOf({ source: { ...linked, sessions: [] }, cuts: 0 });
  assert.deepEqual([lane, cut, streams], ["  lane      none yet", "  cut       not yet", "  streams   none"]);
  assert.match(
    boardOf({ download: { ...download, wrong: 1, ended: "aborted" } })[2] ?? "",
    /1 wrong;.*ended: aborted$/,
  );
});
