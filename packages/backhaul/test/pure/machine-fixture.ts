/** A machine in a test: it answers the device requests of every step as sysfs would, and keeps the effects. */

import { type BackhaulConfig, backhaulSection } from "@ropewalk/backhaul/config";
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import { initialState, type MachineConfig, step } from "@ropewalk/backhaul/pure/machine";
import type { BackhaulEffect, BackhaulInput, BackhaulState, RememberedUplink } from "@ropewalk/backhaul/pure/state";
import type { BackhaulEvent, UplinkStatus } from "@ropewalk/backhaul/status";
import type { DeviceFacts, LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import { deviceFacts, now } from "./facts-fixture.ts";

/** A device of its own for each interface, hardware unless the link has a kind. */
export function deviceOf(link: LinkFacts): DeviceFacts {
  const isVirtual = link.virtualKind !== undefined;
  if (isVirtual) return deviceFacts({ isVirtual, devicePath: `virtual/net/${link.name}`, driver: undefined });
  return deviceFacts({ devicePath: `pci0000:00/0000:${(link.ifindex % 256).toString(16).padStart(2, "0")}:00.0` });
}

/** Every default but one, unless `tables` say otherwise: nothing is probed. */
export function machineConfig(tables: object = {}): BackhaulConfig {
  return backhaulSection.schema.parse({ probe: { enabled: false }, ...tables });
}

export class Machine {
  state: BackhaulState = initialState;
  entries: readonly UplinkEntry[];
  config: MachineConfig = machineConfig();
  readonly device: (link: LinkFacts) => DeviceFacts | undefined;
  readonly effects: BackhaulEffect[] = [];

  constructor(entries: readonly UplinkEntry[] = [], device: (link: LinkFacts) => DeviceFacts | undefined = deviceOf) {
    this.entries = entries;
    this.device = device;
  }

  remember(...uplinks: readonly RememberedUplink[]): this {
    return this.take({ kind: "remembered", at: now, uplinks });
  }

  see(facts: NetworkFacts): this {
    return this.take({ kind: "network", at: now, facts }).answer();
  }

  configure(...entries: readonly UplinkEntry[]): this {
    this.entries = entries;
    return this.take({ kind: "config", at: now }).answer();
  }

  /** One step and nothing else. */
  take(input: BackhaulInput): this {
    const { state, effects } = step(this.state, input, { ...this.config, uplink: this.entries });
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  /** Answers what is asked of devices, until nothing is. */
  answer(): this {
    for (;;) {
      const asked = this.effects.flatMap((effect) => (effect.kind === "read-device" ? [effect] : []));
      this.effects.splice(0, this.effects.length, ...this.effects.filter((effect) => effect.kind !== "read-device"));
      if (asked.length === 0) return this;
      const answers = asked.map(({ ifindex, name }) => {
        const link = this.state.network?.links.get(ifindex);
        return { ifindex, name, facts: link?.name === name ? this.device(link) : undefined };
      });
      this.take({ kind: "devices", at: now, answers });
    }
  }

  get uplinks(): readonly UplinkStatus[] {
    return this.state.picture.uplinks;
  }

  get ids(): readonly string[] {
    return this.uplinks.map((uplink) => uplink.id);
  }

  /** The effects of one kind since the last call. */
  taken<Kind extends BackhaulEffect["kind"]>(kind: Kind): readonly Extract<BackhaulEffect, { kind: Kind }>[] {
    const isWanted = (effect: BackhaulEffect): effect is Extract<BackhaulEffect, { kind: Kind }> =>
      effect.kind === kind;
    const found = this.effects.filter(isWanted);
    this.effects.splice(0, this.effects.length, ...this.effects.filter((effect) => effect.kind !== kind));
    return found;
  }

  events(): readonly BackhaulEvent[] {
    return this.taken("publish").map((effect) => effect.event);
  }
}
