/** A destination's sessions with lanes in memory, a clock that is moved by hand, and targets that a test answers for. */
import assert from "node:assert/strict";
import { readCertificates } from "@ropewalk/crypto/certificates/read-certificate";
import { sha384 } from "@ropewalk/crypto/sha384";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { tunnelSection } from "@ropewalk/tunnel/config";
import type { DestinationTunnelConfig } from "@ropewalk/tunnel/destination";
import { DestinationSessions } from "@ropewalk/tunnel/destination-sessions";
import type { Lane } from "@ropewalk/tunnel/io/lane";
import type { SessionFrame } from "@ropewalk/tunnel/io/lane-owner";
import { TargetConnector } from "@ropewalk/tunnel/io/target-connector";
import type { Established } from "@ropewalk/tunnel/io/thread-messages";
import { LiveSessions } from "@ropewalk/tunnel/live-sessions";
import { OpeningLanes } from "@ropewalk/tunnel/opening-lanes";
import { LaneWelcomes } from "@ropewalk/tunnel/pure/lane/lane-hello";
import type { LaneLoss } from "@ropewalk/tunnel/pure/reach/reach-state";
import type { Epoch } from "@ropewalk/tunnel/pure/session/epochs";
import { Tally } from "@ropewalk/tunnel/tally";
import type { TunnelEvent } from "@ropewalk/tunnel/tunnel-event";
import { FakeTcp, settled } from "../io/fake-tcp.ts";
import { epoch as epochOf } from "../pure/lane/epochs.ts";
import { issue } from "../throw-away-authority.ts";
import { bareLane } from "./two-lanes.ts";
import { settle, WireEnd } from "./wire-end.ts";

const start = Date.UTC(2026, 10, 22);
const from = new Date(start - 3_600_000);
const to = new Date(start + 36_000_000);
const ca = issue({ name: "CA", isCa: true, from, to });
const authorities = readCertificates(new Uint8Array(ca.der));

/** What the source's end of a lane has. */
export interface Caller {
  readonly lane: Lane;
  readonly wire: WireEnd;
  /** Of its epoch. */
  readonly number: number;
  readonly epoch: Epoch;
  /** The destination's own copy. */
  readonly far: Epoch;
  readonly heard: SessionFrame[];
  readonly lost: (LaneLoss | string)[];
}

export class OneDestination {
  readonly clock = new FakeClock(start);
  readonly events: TunnelEvent[] = [];
  readonly tcp = new FakeTcp();
  readonly tally = new Tally();
  readonly live = new LiveSessions(
    { trust: { authorities, crls: [], demandsCrl: false }, allow: undefined },
    this.clock,
  );
  readonly sessions: DestinationSessions;
  readonly opening: OpeningLanes;
  readonly #wires: WireEnd[] = [];
  #epochs = 0;

  /** `keys`: of `[tunnel.destination]`. */
  constructor(common: Readonly<Record<string, unknown>> = {}, keys: Readonly<Record<string, unknown>> = {}) {
    const service = [{ name: "db", target: "127.0.0.1:5432", max_connections: 100 }];
    const parsed = tunnelSection.schema.parse({
      destination: { listen: ["127.0.0.1:1"], service, ...keys },
      ...common,
    });
    const config = parsed as DestinationTunnelConfig;
    const { allowTarget: allowed, connectWithin, service: services } = config.destination;
    const lookUp = () => Promise.resolve([ipAddress("127.0.0.1")]);
    const { clock, tcp, live, tally } = this;
    const connector = new TargetConnector({ tcp, clock, lookUp }, { services, allowed, connectWithin });
    const onEvent = (event: TunnelEvent) => void this.events.push(event);
    this.sessions = new DestinationSessions({ clock, live, connector, tally, config: () => config, onEvent });
    this.opening = new OpeningLanes(clock, this.sessions);
  }

  /** A lane that is welcomed, after a handshake of the site of this name. */
  call(name = "site"): Caller {
    this.#epochs += 1;
    const number = this.#epochs;
    const [epoch, far] = [epochNumbered(number), epochNumbered(number)];
    const welcomes = new LaneWelcomes(sha384, far.id, far.keys);
    return this.#connect({ number, epoch, far }, (lane) =>
      this.opening.add(lane, { epoch: far, established: establishedWith(name, far), welcomes }),
    );
  }

  /** Another lane of the caller's epoch, welcomed. */
  another({ number, epoch, far }: Caller): Caller {
    return this.#connect({ number, epoch, far }, (lane) => this.opening.addExpress(lane, far.id.toHex()));
  }

  #connect(of: Pick<Caller, "number" | "epoch" | "far">, add: (lane: Lane) => void): Caller {
    const [wire, destinationWire] = WireEnd.pair();
    this.#wires.push(wire, destinationWire);
    const lane = bareLane(this.clock, "source", wire, undefined, of.number);
    const caller: Caller = { ...of, lane, wire, heard: [], lost: [] };
    lane.start({
      onFrames: (frames) => caller.heard.push(...frames),
      onWritable: () => {},
      onLost: (why) => caller.lost.push(why),
      onBroken: (why) => caller.lost.push(why),
    });
    add(bareLane(this.clock, "destination", destinationWire, undefined, of.number));
    return caller;
  }

  /** All that is under way comes to pass, also what promises are for. */
  async rest(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      settle(...this.#wires);
      await settled();
    }
  }

  /** What was told of sessions, in order. */
  get story(): readonly string[] {
    return this.events.map((event) =>
      "why" in event && typeof event.why === "string" ? `${event.kind} ${event.why}` : event.kind,
    );
  }

  /** Nothing of it is left to happen. */
  [Symbol.dispose](): void {
    this.opening[Symbol.dispose]();
    this.sessions.endAll();
    this.live[Symbol.dispose]();
    settle(...this.#wires);
    const heartbeats = this.clock.pendingTimers().filter((name) => name !== "heartbeat of a lane");
    assert.deepEqual(heartbeats, [], "timers of the destination are left");
  }
}

function epochNumbered(number: number): Epoch {
  const { id, keys } = epochOf(number);
  return { id, keys, transcript: new Uint8Array(48).fill(number) };
}

function establishedWith(name: string, { id, transcript }: Epoch): Established {
  const site = issue({ ca, name, names: [`${name}.example`], usage: "client", from, to });
  const [leaf] = readCertificates(new Uint8Array(site.der));
  assert.ok(leaf !== undefined);
  return {
    session: {
      ...{ id, transcript, version: 1, mode: "mlkem768", role: "destination", capabilities: 0 },
      epochSecret: new Uint8Array(48),
    },
    peer: { role: "source", leaf, intermediates: [] },
    chain: [leaf, ...authorities],
    until: to.getTime(),
    negotiated: { tlsVersion: "", group: "", cipher: "", signature: "", protocol: "" },
    times: { tls: millis(1), established: millis(1) },
  };
}
