/** The driver on a machine in memory, with what its tests ask of both. */
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import { Driver } from "@ropewalk/backhaul/steering/driver";
import { createLifetimeJournal } from "@ropewalk/backhaul/steering/lifetime-journal";
import { createSettingJournal } from "@ropewalk/backhaul/steering/setting-journal";
import type { SteeringEvent } from "@ropewalk/backhaul/steering-event";
import { type Family, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import type { Decisions } from "../pure/steering/uplink-fixture.ts";
import { FakeMachine } from "./fake-machine.ts";
import { SteeringBench, stateOf } from "./steering-bench.ts";

export const internet: Readonly<Record<Family, IpAddress>> = {
  ipv4: ipAddress("203.0.113.9"),
  ipv6: ipAddress("2001:db8:ffff::9"),
};

export interface DriverRig {
  readonly machine: FakeMachine;
  readonly driver: Driver;
  readonly events: SteeringEvent[];
  /** What the machine was before the driver. */
  readonly untouched: unknown;
  readonly follow: (uplinks: readonly SlottedUplink[], decisions: Decisions) => void;
  /** What was done since the last call. */
  readonly told: () => readonly string[];
  /** By which interface a packet to the internet leaves. */
  readonly out: (family: Family) => number | undefined;
  /** Whose traffic was ended since the last call. */
  readonly endings: () => readonly string[];
  /** By which interfaces and weights ordinary IPv4 traffic goes. */
  readonly ordinary: () => string | undefined;
}

/** A driver of the machine with journals in memory; `onEvent` hears what it tells, and `entries` are what the operator wrote. */
export function driverOf(
  machine: FakeMachine,
  onEvent: (event: SteeringEvent) => void,
  entries: readonly UplinkEntry[] = [],
): Driver {
  const { store } = new SteeringBench();
  return new Driver(machine.hands, {
    network: machine.network,
    journal: createSettingJournal(store),
    lifetimeJournal: createLifetimeJournal(store),
    clock: machine.clock,
    nameOf: (ifindex) => machine.network.facts.links.get(ifindex)?.name ?? `if${ifindex}`,
    onEvent,
    config: () => ({ drainGrace: seconds(30), uplink: entries }),
  });
}

/** A machine with the uplinks of these slots. */
export function createRig(...slots: readonly number[]): DriverRig {
  const machine = new FakeMachine();
  for (const slot of slots) machine.addUplink(slot);
  const untouched = machine.all;
  const events: SteeringEvent[] = [];
  const driver = driverOf(machine, (event) => void events.push(event));
  return {
    ...{ machine, driver, events, untouched },
    follow: (uplinks, decisions) => driver.follow(stateOf(machine, uplinks, decisions)),
    told: () => events.splice(0).map(({ action, family }) => (family === null ? action : `${action} ${family}`)),
    out: (family) => machine.out({ family, destination: internet[family] }),
    endings: () => machine.ended.splice(0).map(({ family, addresses }) => `${family} ${[...addresses].join()}`),
    ordinary: () => {
      const route = machine.present.routes.find(({ table, metric, family }) => {
        return table === 200 && metric === 10 && family === "ipv4";
      });
      return route?.nextHops.map(({ ifindex, weight }) => `${ifindex}×${weight}`).join(" ");
    },
  };
}
