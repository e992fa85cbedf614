/**
 * Reads of sysfs, leases and managers, kept out of the path of events: each waits for the next turn of the event loop, a few
 * are done in one turn so that a carrier edge never waits behind hundreds, and what was asked twice is read once.
 */
import type { NetworkReader } from "@ropewalk/host/ports";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { ResolverFacts } from "../pure/resolver-facts.ts";
import type { DeviceAnswer } from "../pure/state.ts";
import type { ResolverSources } from "./resolver-sources.ts";

export interface DeferredReadsDeps {
  readonly clock: Clock;
  readonly reader: Pick<NetworkReader, "device">;
  readonly sources: Pick<ResolverSources, "read">;
  readonly onDevices: (answers: readonly DeviceAnswer[]) => void;
  readonly onResolvers: (facts: ReadonlyMap<number, ResolverFacts>) => void;
}

/** A read of sysfs takes about 0.1 ms and one of resolvers about 1 ms: neither kind holds the loop for long. */
const devicesInOneTurn = 32;
const resolversInOneTurn = 4;

/** How long a device that was not found may take to get its new name. */
const retryAfter: Millis = millis(100);

export class DeferredReads implements Disposable {
  readonly #deps: DeferredReadsDeps;
  readonly #devices = new Map<number, string>();
  readonly #retries = new Map<number, string>();
  readonly #resolvers = new Map<number, string>();
  #turn: Timer | undefined;
  #retry: Timer | undefined;

  constructor(deps: DeferredReadsDeps) {
    this.#deps = deps;
  }

  askDevice(ifindex: number, name: string, isRetry: boolean): void {
    if (isRetry) {
      this.#retries.set(ifindex, name);
      this.#retry ??= this.#deps.clock.after("backhaul device retry", retryAfter, () => {
        this.#admitRetries();
        this.#schedule();
      });
      return;
    }
    this.#devices.set(ifindex, name);
    this.#schedule();
  }

  askResolvers(ifindex: number, name: string): void {
    this.#resolvers.set(ifindex, name);
    this.#schedule();
  }

  /** Reads everything asked for, and what the answers ask for, before it returns; retries too, without their wait. */
  runNow(): void {
    while (this.#devices.size + this.#resolvers.size + this.#retries.size > 0) {
      this.#admitRetries();
      this.#runTurn();
    }
  }

  [Symbol.dispose](): void {
    this.#turn?.[Symbol.dispose]();
    this.#retry?.[Symbol.dispose]();
    this.#devices.clear();
    this.#retries.clear();
    this.#resolvers.clear();
  }

  #schedule(): void {
    this.#turn ??= this.#deps.clock.after("backhaul reads", millis(0), () => {
      this.#turn = undefined;
      this.#runTurn();
      if (this.#devices.size > 0 || this.#resolvers.size > 0) this.#schedule();
    });
  }

  #admitRetries(): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = undefined;
    for (const [ifindex, name] of this.#retries) this.#devices.set(ifindex, name);
    this.#retries.clear();
  }

  #runTurn(): void {
    const { reader, sources, onDevices, onResolvers } = this.#deps;
    const devices = takeSome(this.#devices, devicesInOneTurn);
    if (devices.length > 0)
      onDevices(devices.map(([ifindex, name]) => ({ ifindex, name, facts: reader.device(name) })));
    const resolvers = takeSome(this.#resolvers, resolversInOneTurn);
    if (resolvers.length > 0)
      onResolvers(new Map(resolvers.map(([ifindex, name]) => [ifindex, sources.read(ifindex, name)])));
  }
}

function takeSome(from: Map<number, string>, most: number): readonly (readonly [number, string])[] {
  const taken = [...from].slice(0, most);
  for (const [ifindex] of taken) from.delete(ifindex);
  return taken;
}
