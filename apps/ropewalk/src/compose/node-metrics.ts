/** What the node's own machinery counts; the domains count for themselves. All are read at the scrape. */
import type { EventStream } from "@ropewalk/ops/event-stream";
import type { GuardedServer } from "@ropewalk/ops/guarded-server";
import type { HealthRegistry } from "@ropewalk/ops/health";
import type { RootLog } from "@ropewalk/ops/log";
import type { Metrics } from "@ropewalk/ops/metrics";

export interface ProgramParts {
  readonly version: string;
  readonly log: Pick<RootLog, "lostLines">;
  readonly health: Pick<HealthRegistry, "snapshot">;
}

export interface CountedParts extends ProgramParts {
  readonly stream: Pick<EventStream<never>, "readers" | "cutOff">;
  readonly servers: Readonly<Record<string, Pick<GuardedServer, "refused">>>;
}

export function registerNodeMetrics(metrics: Metrics, parts: CountedParts): void {
  registerProgramMetrics(metrics, parts);
  registerApiMetrics(metrics, parts);
}

/** What every program tells, whatever it serves. */
export function registerProgramMetrics(metrics: Metrics, parts: ProgramParts): void {
  metrics.gauge({
    name: "ropewalk_version",
    help: "Always 1; the label says which version of Ropewalk this is.",
    labels: ["version"],
    collect: (set) => set({ version: parts.version }, 1),
  });
  metrics.gauge({
    name: "ropewalk_subsystem_healthy",
    help: "Whether a subsystem of the program is healthy (1) or not (0).",
    labels: ["subsystem"],
    collect: (set) => {
      for (const { name, state } of parts.health.snapshot().subsystems) {
        set({ subsystem: name }, state === "healthy" ? 1 : 0);
      }
    },
  });
  metrics.counter({
    name: "ropewalk_log_lost_lines_total",
    help: "Log lines that their destination did not take.",
    labels: [],
    collect: (set) => set({}, parts.log.lostLines),
  });
}

function registerApiMetrics(metrics: Metrics, parts: CountedParts): void {
  metrics.gauge({
    name: "ropewalk_event_readers",
    help: "Readers that follow the event stream now.",
    labels: [],
    collect: (set) => set({}, parts.stream.readers),
  });
  metrics.counter({
    name: "ropewalk_event_readers_cut_off_total",
    help: "Readers of the event stream that were cut off because they did not keep up.",
    labels: [],
    collect: (set) => set({}, parts.stream.cutOff),
  });
  metrics.counter({
    name: "ropewalk_http_refused_total",
    help: "Requests and connections that a server refused or cut off, by reason.",
    labels: ["server", "reason"],
    collect: (set) => {
      for (const [server, { refused }] of Object.entries(parts.servers)) {
        for (const [reason, count] of Object.entries(refused)) set({ server, reason }, count);
      }
    },
  });
}
