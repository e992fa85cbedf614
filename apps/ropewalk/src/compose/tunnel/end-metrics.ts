/**
 * What an end of the tunnel counts, as Prometheus reads it: at the scrape, but for what its events say one by one. No label has a value
 * that a stranger or a stream could choose.
 */
import type { Metrics } from "@ropewalk/ops/metrics";
import type { TunnelCounts, TunnelStatus } from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import { registerPlaceMetrics } from "./place-metrics.ts";

export interface MeasuredEnd {
  readonly counts: TunnelCounts;
  status(): TunnelStatus;
}

/** Told each event. */
export type CountEvent = (event: TunnelEvent) => void;

export function registerEndMetrics(metrics: Metrics, end: MeasuredEnd): CountEvent {
  registerSessionMetrics(metrics, end);
  registerStreamMetrics(metrics, end);
  registerRecordMetrics(metrics, end);
  registerExpressMetrics(metrics, end);
  registerPlaceMetrics(metrics, end);
  return registerEventMetrics(metrics);
}

function registerSessionMetrics(metrics: Metrics, end: MeasuredEnd): void {
  metrics.gauge({
    name: "ropewalk_tunnel_sessions",
    help: "Sessions, by whether a lane carries them (up) or they wait for one (absent).",
    labels: ["state"],
    collect: (set) => {
      const states = end.status().sessions.map(({ state }) => state.kind);
      for (const state of ["up", "absent"]) set({ state }, states.filter((each) => each === state).length);
    },
  });
  metrics.gauge({
    name: "ropewalk_tunnel_lane_rtt_seconds",
    help: "Round trip of the slowest lane; no series where none was measured.",
    labels: [],
    collect: (set) => {
      const lanes = end.status().sessions.flatMap(({ state }) => (state.kind === "up" ? [state.lane.rttMs] : []));
      const measured = lanes.filter((rtt) => rtt !== null);
      if (measured.length > 0) set({}, Math.max(...measured) / 1000);
    },
  });
  metrics.gauge({
    name: "ropewalk_tunnel_credit_bytes",
    help: "Memory of all sessions together: what their windows promise (used), and what they may (budget).",
    labels: ["kind"],
    collect: (set) => {
      const credits = end.status().sessions.map(({ credit }) => credit);
      set({ kind: "used" }, sum(credits.map(({ used }) => used)));
      set({ kind: "budget" }, sum(credits.map(({ budget }) => budget)));
    },
  });
  byReason(metrics, "ropewalk_tunnel_handshakes_refused_total", "Handshakes that either end refused.", () => {
    return end.counts.handshakesRefused;
  });
  total(metrics, "ropewalk_tunnel_handshakes_total", "Handshakes that came to a lane.", () => end.counts.handshakes);
}

function registerStreamMetrics(metrics: Metrics, end: MeasuredEnd): void {
  metrics.gauge({
    name: "ropewalk_tunnel_streams",
    help: "Streams that are open.",
    labels: [],
    collect: (set) => set({}, sum(end.status().sessions.map(({ streams }) => streams.open))),
  });
  total(metrics, "ropewalk_tunnel_streams_opened_total", "Streams opened.", () => end.counts.streamsOpened);
  const closed = "Streams whose two directions came to their end.";
  total(metrics, "ropewalk_tunnel_streams_closed_total", closed, () => end.counts.streamsClosed);
  const reset = "Streams that were over before their time.";
  byReason(metrics, "ropewalk_tunnel_streams_reset_total", reset, () => end.counts.streamsReset);
  const refused = "Streams that were asked for and never opened.";
  byReason(metrics, "ropewalk_tunnel_streams_refused_total", refused, () => end.counts.streamsRefused);
  const octets = "Octets of streams, each counted once.";
  bothWays(metrics, "ropewalk_tunnel_stream_bytes_total", octets, () => end.counts.octets);
}

function registerRecordMetrics(metrics: Metrics, end: MeasuredEnd): void {
  bothWays(metrics, "ropewalk_tunnel_records_total", "Sealed records.", () => end.counts.records);
  const resent = "Octets of streams that were sent again on another lane.";
  total(metrics, "ropewalk_tunnel_resent_bytes_total", resent, () => end.counts.resentOctets);
  const changes = "Times that a lane got another key, of either direction.";
  total(metrics, "ropewalk_tunnel_key_changes_total", changes, () => end.counts.keyChanges);
}

function registerExpressMetrics(metrics: Metrics, end: MeasuredEnd): void {
  metrics.gauge({
    name: "ropewalk_tunnel_express_lanes",
    help: "Sessions that have an express lane.",
    labels: [],
    collect: (set) => set({}, end.status().sessions.filter(({ express }) => express !== null).length),
  });
  const sent = "Copies of what is small that were sent by express lanes.";
  total(metrics, "ropewalk_tunnel_copies_sent_total", sent, () => end.counts.copies.sent);
  metrics.counter({
    name: "ropewalk_tunnel_copies_received_total",
    help: "Copies that came: first with something new, late, or early, before what they follow on.",
    labels: ["fate"],
    collect: (set) => {
      const { copies } = end.counts;
      for (const fate of ["first", "late", "early"] as const) set({ fate }, copies[fate]);
    },
  });
}

/** From 10 ms, which a good resume takes, to ten minutes, after which a session is given up. */
const absences = [0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

function registerEventMetrics(metrics: Metrics): CountEvent {
  const events = metrics.counter({
    name: "ropewalk_tunnel_events_total",
    help: "What the end has told, by kind: lanes lost and found, sessions, refusals.",
    labels: ["kind"],
  });
  const failures = metrics.counter({
    name: "ropewalk_tunnel_dial_failures_total",
    help: "Attempts at a lane that came to nothing, by reason.",
    labels: ["reason"],
  });
  const absence = metrics.histogram({
    name: "ropewalk_tunnel_absence_seconds",
    help: "How long sessions had no lane, each time that one was lost and another took its place.",
    labels: [],
    buckets: absences,
  });
  return (event) => {
    events.add({ kind: event.kind });
    if (event.kind === "dial-failed") failures.add({ reason: event.reason });
    if (event.kind === "resumed" && event.after === "loss") absence.observe({}, event.took / 1000);
    if (event.kind === "session-resumed" && event.after === "loss") absence.observe({}, event.absentFor / 1000);
  };
}

function total(metrics: Metrics, name: string, help: string, read: () => number): void {
  metrics.counter({ name, help, labels: [], collect: (set) => set({}, read()) });
}

function byReason(metrics: Metrics, name: string, what: string, read: () => ReadonlyMap<string, number>): void {
  metrics.counter({
    name,
    help: `${what.slice(0, -1)}, by reason.`,
    labels: ["reason"],
    collect: (set) => {
      for (const [reason, count] of read()) set({ reason }, count);
    },
  });
}

function bothWays(metrics: Metrics, name: string, what: string, read: () => TunnelCounts["octets"]): void {
  metrics.counter({
    name,
    help: `${what.slice(0, -1)}, by direction as this end sees it.`,
    labels: ["direction"],
    collect: (set) => {
      const { sent, received } = read();
      set({ direction: "sent" }, sent);
      set({ direction: "received" }, received);
    },
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}
