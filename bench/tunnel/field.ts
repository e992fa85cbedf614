/** Those who race, started on one ground, each with ports and a folder of its own; they take turns, in each round in another order. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { rotated } from "../handshake/rotation.ts";
import { controlColumn, ownColumn, type RunningTunnel, type TunnelEntrant } from "./entrant.ts";
import { type Ground, openLoopback } from "./ground.ts";
import { startFarEnd } from "./load.ts";
import type { Scene } from "./part.ts";
import { startReady } from "./ready-tunnel.ts";

/** The ports of the first tunnel begin here; below what the kernel gives to clients. */
export const firstPort = 10_000;

export interface Racer<T extends RunningTunnel = RunningTunnel> {
  readonly column: string;
  readonly tunnel: T;
}

/** All at once, for what one of them costs while it is idle is nothing. */
export class Field implements AsyncDisposable {
  readonly ground: Ground;
  readonly #stack: AsyncDisposableStack;
  readonly #scene: Scene;
  readonly #racers: readonly Racer[];

  /** On loopback. `entrants`: those of the scene, unless others are given. */
  static async open(scene: Scene, entrants = scene.entrants): Promise<Field> {
    await using stack = new AsyncDisposableStack();
    const ground = stack.use(await openLoopback());
    return await Field.on(ground, scene, entrants, stack.move());
  }

  /** On a ground that is there; `stack` ends with the field. */
  static async on(ground: Ground, scene: Scene, entrants: readonly TunnelEntrant[], stack: AsyncDisposableStack) {
    await using unwinding = stack;
    unwinding.use(await startFarEnd(ground));
    const racers: Racer[] = [];
    for (const [index, entrant] of entrants.entries()) {
      const { column } = entrant;
      if (scene.table.isLeftOut(column)) continue;
      const tunnel = await entered(scene, entrant, { ground, index });
      if (tunnel !== undefined) racers.push({ column, tunnel: unwinding.use(tunnel) });
    }
    return new Field(ground, scene, racers, unwinding.move());
  }

  private constructor(ground: Ground, scene: Scene, racers: readonly Racer[], stack: AsyncDisposableStack) {
    this.ground = ground;
    this.#scene = scene;
    this.#racers = racers;
    this.#stack = stack;
  }

  /** Runs `turn` for each in each round. One of the others that fails is left out from then on; we may not fail. */
  async race(turn: (racer: Racer, round: number) => Promise<void>): Promise<void> {
    const { rounds } = this.#scene;
    for (let round = 0; round < rounds; round += 1) await this.#round(round, turn);
  }

  /** One round before all others, for what is slower the first time. */
  async warmUp(turn: (racer: Racer) => Promise<void>): Promise<void> {
    await this.#round(0, turn);
  }

  async #round(round: number, turn: (racer: Racer, round: number) => Promise<void>): Promise<void> {
    const { table } = this.#scene;
    for (const racer of rotated(this.#racers, round)) {
      if (table.isLeftOut(racer.column)) continue;
      await orLeftOut(this.#scene, racer.column, async () => {
        await turn(racer, round);
        const failure = racer.tunnel.failure();
        if (failure !== undefined) throw new Error(failure);
      });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** One alone on a fresh loopback, for what a tunnel keeps of its past; ends after `turn`. */
export async function alone<T extends RunningTunnel>(
  scene: Scene,
  entrant: TunnelEntrant<T>,
  turn: (racer: Racer<T>, ground: Ground) => Promise<void>,
): Promise<void> {
  const { column } = entrant;
  if (scene.table.isLeftOut(column)) return;
  await orLeftOut(scene, column, async () => {
    await using ground = await openLoopback();
    await using _farEnd = await startFarEnd(ground);
    await using tunnel = await startReady(entrant, await planFor(scene, entrant, { ground, index: 0 }));
    await turn({ column, tunnel }, ground);
    const failure = tunnel.failure();
    if (failure !== undefined) throw new Error(failure);
  });
}

interface Place {
  readonly ground: Ground;
  readonly index: number;
}

async function entered(scene: Scene, entrant: TunnelEntrant, place: Place): Promise<RunningTunnel | undefined> {
  let tunnel: RunningTunnel | undefined;
  await orLeftOut(scene, entrant.column, async () => {
    tunnel = await startReady(entrant, await planFor(scene, entrant, place));
    for (const note of entrant.notes) scene.table.note(note);
  });
  return tunnel;
}

let plans = 0;

async function planFor(scene: Scene, { column }: TunnelEntrant, { ground, index }: Place) {
  plans += 1;
  const folder = join(scene.folder, `${plans}-${column.replaceAll(/\W+/g, "-")}`);
  await mkdir(folder, { recursive: true });
  return { ground, folder, firstPort: firstPort + index * 100 };
}

async function orLeftOut({ table }: Scene, column: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (column === ownColumn || column === controlColumn) throw error;
    table.leaveOut(column, error instanceof Error ? error.message : String(error));
  }
}
