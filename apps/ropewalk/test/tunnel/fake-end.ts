/** An end that is what a test says it is: no sockets, no threads, no certificates. */
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { TunnelConfig } from "@ropewalk/tunnel/config";
import type { Destination } from "@ropewalk/tunnel/pure/reach/way";
import type {
  DestinationStatus,
  ReloadResult,
  SourceStatus,
  StreamStatus,
  TunnelCounts,
  TunnelStatus,
} from "@ropewalk/tunnel/status";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import type { RunningEnd, StartEnd } from "../../src/compose/tunnel/running-end.ts";

export const hub = "hub.example:8443" as Destination;

export const sourceStatus: SourceStatus = {
  role: "source",
  isDraining: false,
  identity: { names: ["site.example"], authority: "CN=CA", until: 1.9e12 },
  reach: { kind: "up", destination: hub },
  destinations: [{ destination: hub, breaker: { kind: "closed" } }],
  listeners: [{ address: ipAddress("127.0.0.1"), port: 5432, request: "service db", connections: 1, limit: 1000 }],
  sessions: [],
};

export const destinationStatus: DestinationStatus = {
  role: "destination",
  isDraining: false,
  identity: { names: ["hub.example"], authority: "CN=CA", until: 1.9e12 },
  listeners: [{ address: ipAddress("0.0.0.0"), port: 8443, request: null, connections: 0, limit: 256 }],
  services: [{ name: "db", port: 5432, target: "10.0.0.5:5432", connections: 2, limit: 100 }],
  sessions: [],
};

export const stream: StreamStatus = {
  session: "00ff",
  stream: 1,
  request: "service db",
  from: "127.0.0.1 40000",
  to: null,
  since: 1.7e12,
  octets: { sent: 1, received: 2 },
  waiting: { toPeer: 3, toApplication: 4 },
  state: "open",
};

export const counts: TunnelCounts = {
  handshakes: 3,
  handshakesRefused: new Map([["expired", 2]]),
  streamsOpened: 7,
  streamsClosed: 5,
  streamsReset: new Map([["aborted", 1]]),
  streamsRefused: new Map(),
  octets: { sent: 100, received: 200 },
  resentOctets: 10,
  records: { sent: 11, received: 12 },
  keyChanges: 1,
  copies: { sent: 6, first: 3, late: 2, early: 1 },
};

export class FakeEnd implements RunningEnd {
  readonly counts = counts;
  /** Set by a test, shown to all. */
  shown: TunnelStatus;
  open: readonly StreamStatus[] = [];
  /** What a reload is answered. */
  answer: ReloadResult = { kind: "applied" };
  readonly reloaded: TunnelConfig[] = [];
  refreshed = 0;
  isDisposed = false;
  tell: (event: TunnelEvent) => void = () => {};
  readonly refresh?: () => void;
  readonly #drained = Promise.withResolvers<"empty" | "cut">();

  constructor(shown: TunnelStatus) {
    this.shown = shown;
    if (shown.role === "source") {
      this.refresh = () => {
        this.refreshed += 1;
      };
    }
  }

  readonly start: StartEnd = async (_role, _config, { onEvent }) => {
    this.tell = onEvent;
    onEvent({ kind: "trouble", text: "told before anybody listened" });
    return this;
  };

  status(): TunnelStatus {
    return this.shown;
  }

  streams(): readonly StreamStatus[] {
    return this.open;
  }

  async reload(config: TunnelConfig): Promise<ReloadResult> {
    this.reloaded.push(config);
    return this.answer;
  }

  /** Waits for its streams as a real end does; a test ends them. */
  drain(): Promise<"empty" | "cut"> {
    this.shown = { ...this.shown, isDraining: true };
    if (this.open.length === 0) this.endStreams("empty");
    return this.#drained.promise;
  }

  endStreams(how: "empty" | "cut"): void {
    this.open = [];
    this.#drained.resolve(how);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true;
  }
}
