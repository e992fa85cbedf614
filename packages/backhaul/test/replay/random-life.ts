/**
 * A machine's life made from a seed: links that come, go, flap and are renumbered, and paths whose probes are answered in and
 * out of order, twice, late or never. It feeds the pure machine as the shell would and tells of every step.
 */
import { type BackhaulConfig, backhaulSection } from "@ropewalk/backhaul/config";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { initialState, step } from "@ropewalk/backhaul/pure/machine";
import type { Recorded } from "@ropewalk/backhaul/pure/replay/segment-recorder";
import type { BackhaulEffect, BackhaulInput, BackhaulState, TrafficCounts } from "@ropewalk/backhaul/pure/state";
import { FakeNetwork } from "@ropewalk/host/fake/fake-network";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { type Millis, millis } from "@ropewalk/kernel/units";
import { ProbedPaths } from "./probed-paths.ts";
import { createRandom, pick, type Random } from "./random.ts";
import { RandomNetwork } from "./random-network.ts";
import { randomResolvers } from "./random-resolvers.ts";

type Request<Kind extends BackhaulEffect["kind"]> = Extract<BackhaulEffect, { readonly kind: Kind }>;

/** What an operator may write, from one reload to the next. */
const written: readonly object[] = [
  {},
  { uplink: [{ interface: "eth*", metered: true }] },
  { uplink: [{ interface: "wwan0", role: "include", name: "spare" }] },
  { uplink: [{ interface: "eth1", role: "exclude" }], probe: { require: 2 } },
  { probe: { profile: "fast" } },
  { probe: { profile: "eco" }, damping: { enabled: false } },
  { probe: { enabled: false } },
];

/** Orders may name what is not there. */
const nobody = { id: "mac-nobody" as UplinkId };

export class RandomLife {
  readonly #onStep: (recorded: Recorded) => void;
  readonly #random: Random;
  readonly #clock = new FakeClock();
  readonly #network: RandomNetwork;
  readonly #paths: ProbedPaths;
  readonly #configs: readonly BackhaulConfig[];
  readonly #devices: Request<"read-device">[] = [];
  readonly #resolvers: Request<"read-resolvers">[] = [];
  #traffic: readonly number[] | undefined;
  #due: Millis | undefined;
  #config: BackhaulConfig;
  #state: BackhaulState = initialState;

  constructor(seed: number, onStep: (recorded: Recorded) => void) {
    this.#onStep = onStep;
    this.#random = createRandom(seed);
    this.#network = new RandomNetwork(new FakeNetwork(this.#clock, { keepRoute }), this.#random);
    this.#paths = new ProbedPaths(this.#random);
    this.#configs = written.map((text) => backhaulSection.schema.parse(text));
    this.#config = pick(this.#random, this.#configs);
    this.#take({ kind: "remembered", at: this.#now(), uplinks: [] });
    this.#take({ kind: "network", at: this.#now(), facts: this.#network.facts });
  }

  get state(): BackhaulState {
    return this.#state;
  }

  /** One input, of the kind that is next. */
  live(): void {
    const chance = this.#random(1_000);
    if (chance === 25) this.#paths.changeWeather();
    if (chance < 20 || this.#isQuiet()) this.#changeNetwork();
    else if (chance < 22) this.#reconfigure();
    else if (chance < 25) this.#order();
    else if (this.#devices.length > 0 && chance < 300) this.#answerDevices();
    else if (this.#resolvers.length > 0 && chance < 300) this.#answerResolvers();
    else if (this.#traffic !== undefined && chance < 500) this.#answerTraffic(this.#traffic);
    else this.#goOn();
  }

  #isQuiet(): boolean {
    const asked = this.#devices.length + this.#resolvers.length;
    return asked === 0 && this.#traffic === undefined && this.#due === undefined && this.#paths.nextAt === undefined;
  }

  /** Time goes on to the wake-up or to the next outcome of a probe, whichever is first; sometimes the program was stalled. */
  #goOn(): void {
    const { nextAt } = this.#paths;
    const due = this.#due;
    const at = Math.min(due ?? Number.POSITIVE_INFINITY, nextAt ?? Number.POSITIVE_INFINITY);
    const late = this.#random(500) === 0 ? this.#random(5_000) : this.#random(1_000) / 997;
    if (Number.isFinite(at)) this.#clock.advance(millis(Math.max(0, at - this.#now()) + late));
    if (due !== undefined && due <= this.#now() && (nextAt === undefined || due <= nextAt)) {
      this.#due = undefined;
      this.#take({ kind: "tick", at: this.#now(), due });
    } else if (nextAt !== undefined) {
      const outcome = this.#paths.next();
      this.#take({ kind: "probed", at: this.#now(), outcome });
    } else this.#changeNetwork();
  }

  #changeNetwork(): void {
    this.#clock.advance(millis(this.#random(2_000) / 7));
    this.#network.change();
    this.#take({ kind: "network", at: this.#now(), facts: this.#network.facts });
  }

  #reconfigure(): void {
    this.#config = pick(this.#random, this.#configs);
    this.#take({ kind: "config", at: this.#now() });
  }

  #order(): void {
    const kind = pick(this.#random, ["use", "pin", "drain", "release"] as const);
    const uplinkIds = [...this.#state.uplinks.values(), nobody].map(({ id }) => id);
    this.#take({ kind: "order", at: this.#now(), order: { kind, uplinkId: pick(this.#random, uplinkIds) } });
  }

  #answerDevices(): void {
    const answers = this.#devices.splice(0, 1 + this.#random(3)).map(({ ifindex, name }) => {
      return { ifindex, name, facts: this.#random(5) === 0 ? undefined : this.#network.device(name) };
    });
    this.#take({ kind: "devices", at: this.#now(), answers });
  }

  #answerResolvers(): void {
    const asked = this.#resolvers.splice(0, 1 + this.#random(3));
    const facts = new Map(asked.map(({ ifindex }) => [ifindex, randomResolvers(this.#random)]));
    this.#take({ kind: "resolvers", at: this.#now(), facts });
  }

  #answerTraffic(ifindexes: readonly number[]): void {
    this.#traffic = undefined;
    const counts = new Map<number, TrafficCounts>();
    for (const ifindex of ifindexes) {
      const counted = this.#network.count(ifindex);
      if (counted !== undefined) counts.set(ifindex, counted);
    }
    this.#take({ kind: "traffic", at: this.#now(), counts });
  }

  #now(): Millis {
    return this.#clock.now();
  }

  #take(input: BackhaulInput): void {
    const before = this.#state;
    const config = this.#config;
    const { state, effects } = step(before, input, config);
    this.#state = state;
    this.#onStep({ input, before, config, effects });
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: BackhaulEffect): void {
    switch (effect.kind) {
      case "read-device":
        this.#devices.push(effect);
        break;
      case "read-resolvers":
        this.#resolvers.push(effect);
        break;
      case "probe":
        this.#paths.ask(effect.request, this.#now());
        break;
      case "wake":
        this.#due = effect.at;
        break;
      case "read-traffic":
        this.#traffic = effect.ifindexes;
        break;
      case "follow":
      case "publish":
      case "save":
      case "save-orders":
      case "poll-closely":
        break;
    }
  }
}
