/** Ropewalk among the monitors: the real daemon in edge, its decisions read from its event stream as a subscriber gets them. */
import type { FamilyDocument, UplinkDocument } from "@ropewalk/api/http";
import type { Lab } from "@ropewalk/lab/lab";
import { probeConfiguration, type SaidOfUplink } from "@ropewalk/lab/probe-configuration";
import { type Arrival, DaemonInLab, daemonCommand } from "./daemon-in-lab.ts";
import { VerdictLog } from "./verdict-log.ts";

/**
 * Leaving is with the defaults. Returning is made short, and damping is off, so that a trial takes a second and not a minute;
 * neither is of use to what decides that an uplink is down.
 */
export const shortReturn = `
[backhaul.settling]
return_after = "300ms"
recover_after = "300ms"
min_duration = "0s"
[backhaul.damping]
enabled = false
`;

export interface RopewalkOptions {
  /** Default is the clone; what people install was made by `npm run build`. */
  readonly from?: "source" | "dist";
  /** TOML besides that of the lab's targets. */
  readonly configuration?: string;
  /** Environment, without the ROPEWALK_ in front of each name. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the configuration says of uplinks, by their names; one that costs by volume has the profile eco. */
  readonly uplinks?: Readonly<Record<string, SaidOfUplink>>;
}

export class RopewalkMonitor implements AsyncDisposable {
  readonly daemon: DaemonInLab;
  readonly #logs: ReadonlyMap<string, VerdictLog>;
  #events: Disposable | undefined;

  static async start(lab: Lab, options: RopewalkOptions): Promise<RopewalkMonitor> {
    const targets = probeConfiguration(lab, undefined, options.uplinks);
    const toml = `${options.configuration ?? ""}\n${targets}`;
    const daemon = await DaemonInLab.start(lab.host("edge"), daemonCommand(options.from ?? "source"), {
      toml,
      settings: options.settings ?? {},
    });
    const names = lab.uplinks.map(({ name }) => name);
    const monitor = new RopewalkMonitor(daemon, names);
    monitor.#events = await daemon.watch((arrival) => monitor.#hear(arrival));
    return monitor;
  }

  private constructor(daemon: DaemonInLab, names: readonly string[]) {
    this.daemon = daemon;
    this.#logs = new Map(names.map((name) => [name, new VerdictLog(true)]));
  }

  /** What it says of the uplink's IPv4 path. */
  log(name: string): VerdictLog {
    const found = this.#logs.get(name);
    if (found === undefined) throw new Error(`the lab has no uplink ${name}`);
    return found;
  }

  /** The silence detector's bound for the uplink's IPv4 path as the daemon states it now; undefined before it has one. */
  async statedBound(name: string): Promise<number | undefined> {
    const { uplinks } = await this.daemon.explanation();
    const paths = uplinks.find((uplink) => uplink.name === name)?.paths ?? [];
    return paths.find(({ family }) => family === "ipv4")?.silence?.boundMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events?.[Symbol.dispose]();
    await this.daemon[Symbol.asyncDispose]();
  }

  #hear({ at, event }: Arrival): void {
    switch (event.kind) {
      case "snapshot":
        for (const uplink of event.status.backhaul.uplinks) this.#say(at, uplink);
        return;
      case "uplink-added":
      case "uplink-changed":
        this.#say(at, event.uplink);
        return;
      case "uplink-removed":
      case "connectivity":
      case "order":
      case "steering":
        return;
    }
  }

  #say(at: bigint, uplink: UplinkDocument): void {
    const isDown = downOf(uplink.ipv4);
    if (isDown !== undefined) this.#logs.get(uplink.name)?.say(at, isDown);
  }
}

/** Undefined: not judged, or not yet again. */
function downOf({ state }: FamilyDocument): boolean | undefined {
  switch (state) {
    case "down":
      return true;
    case "up":
    case "degraded":
      return false;
    case "probing":
    case "portal":
    case "unknown":
      return undefined;
  }
}
