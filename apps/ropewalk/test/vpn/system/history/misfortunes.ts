/** What happens to replicas, database, exits and what is between them, one thing after another and often several at once; whatever begins also ends. */
import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "@ropewalk/simnet/random";
import type { Epoch } from "../../history/history.ts";
import type { Network, RecordedExit } from "./recorded-exit.ts";
import type { ReplicaProcess } from "./replica-process.ts";

export interface Victims {
  /** Of requests: how many tempt fate. */
  readonly share: number;
  readonly replicas: readonly ReplicaProcess[];
  readonly exits: readonly RecordedExit[];
  /** Between them when nothing happens. */
  readonly network: Network;
  /** Ends the server's processes at once; resolves when it answers again. */
  readonly restartDatabase: () => Promise<void>;
}

const bad: Network = { again: 0.3, lost: 0.2, late: 2_600 };

interface Misfortune<Victim> {
  readonly name: string;
  /** Of all, beside the others'. */
  readonly share: number;
  readonly happen: (victim: Victim) => Promise<void>;
}

export class Misfortunes {
  /** How often each has happened. */
  readonly counts: Map<string, number> = new Map();
  /** When the database was away. */
  readonly outages: Epoch["outages"][number][] = [];
  readonly #victims: Victims;
  readonly #random: Random;
  readonly #wall: () => number;
  readonly #busy = new Set<unknown>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  constructor(victims: Victims, random: Random, wall: () => number) {
    [this.#victims, this.#random, this.#wall] = [victims, random, wall];
  }

  /** Perhaps one, beside those that are under way. */
  tempt(): void {
    if (!this.#random.isLucky(this.#victims.share)) return;
    const one = this.#one()
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#underWay.delete(one));
    this.#underWay.add(one);
  }

  /** All is well again. Throws what kept one of them from ending. */
  async over(): Promise<void> {
    await Promise.all(this.#underWay);
    const [failure] = this.#failures;
    if (failure !== undefined) throw failure;
  }

  async #one(): Promise<void> {
    const bag = this.#all().flatMap((one) => Array.from({ length: one.share }, () => one));
    const { name, happen } = bag[this.#random.below(bag.length)] as Misfortune<void>;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    await happen();
  }

  #all(): readonly Misfortune<void>[] {
    const { replicas, exits, restartDatabase } = this.#victims;
    const to = <Victim>(victims: readonly Victim[], misfortunes: readonly Misfortune<Victim>[]) =>
      misfortunes.map(({ happen, ...one }) => ({ ...one, happen: () => this.#to(victims, happen) }));
    return [
      ...to(replicas, this.#ofReplicas()),
      ...to(exits, this.#ofExits()),
      ...to(
        [restartDatabase],
        [{ name: "the database is restarted", share: 2, happen: (restart) => this.#restart(restart) }],
      ),
    ];
  }

  #ofReplicas(): readonly Misfortune<ReplicaProcess>[] {
    return [
      {
        name: "a replica is stopped",
        share: 25,
        happen: async (replica) => {
          replica.stop();
          await pause(this.#random.between(100, 1_500));
          replica.wake();
        },
      },
      {
        name: "a replica is killed",
        share: 6,
        // One at a time: to start takes the longest of all.
        happen: (replica) =>
          this.#to(["start"], async () => {
            await replica.kill();
            await replica.start();
          }),
      },
    ];
  }

  #ofExits(): readonly Misfortune<RecordedExit>[] {
    const random = this.#random;
    const dead = (name: string, share: number, meanwhile: (exit: RecordedExit) => Promise<void> | void) => ({
      ...{ name, share },
      happen: async (exit: RecordedExit) => {
        await exit.die();
        await meanwhile(exit);
        await exit.start();
      },
    });
    return [
      dead("an exit dies", 20, () => pause(random.between(0, 300))),
      dead("an exit is away", 10, () => pause(random.between(500, 2_500))),
      dead("a machine starts again", 6, (exit) => exit.startMachine()),
      dead("a store is lost", 5, (exit) => exit.loseStore()),
      {
        name: "a network is bad",
        share: 15,
        happen: async (exit) => {
          exit.network = bad;
          await pause(random.between(200, 2_500));
          exit.network = this.#victims.network;
        },
      },
      {
        name: "a device does not obey",
        share: 10,
        happen: async ({ device }) => {
          device.fault = random.isLucky(0.5) ? "before" : "behind";
          await pause(random.between(50, 1_000));
          device.fault = "none";
        },
      },
    ];
  }

  async #restart(restart: Victims["restartDatabase"]): Promise<void> {
    const from = this.#wall();
    await restart();
    this.outages.push({ from, to: this.#wall() });
  }

  /** To one of them to which nothing happens now. */
  async #to<Victim>(victims: readonly Victim[], happen: (victim: Victim) => Promise<void>): Promise<void> {
    const free = victims.filter((one) => !this.#busy.has(one));
    const victim = free[this.#random.below(free.length)];
    if (victim === undefined) return;
    this.#busy.add(victim);
    try {
      await happen(victim);
    } finally {
      this.#busy.delete(victim);
    }
  }
}
