/**
 * Messages in a mesh of which half is off at any time: everybody comes and goes, the mesh is cut in two now and then, each time along another
 * line, and who is there writes to anybody, there or not. What is told: how many arrived, how often each, how many held one, and what was carried
 * for it; and what an epidemic without bounds would have come to in the same network.
 */
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { absentNode } from "./absent-node.ts";
import { type ChurnFigures, type MessageChurn, mostCopies } from "./churn-figures.ts";
import type { ChurnLook, WrittenMessage } from "./churn-part.ts";
import type { ChurnParts } from "./churn-parts.ts";
import { type ChurnOptions, ChurnScript, delaysOf } from "./churn-script.ts";
import { Epidemic } from "./epidemic.ts";
import { Holders } from "./holders.ts";
import { MeshSim } from "./mesh-sim.ts";

export interface MessageChurnOptions extends ChurnOptions {
  /** From the first on, at most. */
  readonly lasts: Millis;
  /** It ends as soon as such a share of all that were written has arrived. */
  readonly enough: number;
  readonly report?: (line: string) => void;
}

/** As an envelope of this content is, padded. */
const envelopeLength = 256;
const lookEvery = seconds(10);
/** Of looks. */
const [countEvery, reportEvery] = [3, 60];

/** `makeParts`: how the mesh is divided, which makes no difference to what is found. */
export async function messageChurn(
  options: MessageChurnOptions,
  makeParts: (options: ChurnOptions) => ChurnParts,
): Promise<MessageChurn> {
  const { report, lasts, enough, ...churn } = options;
  await using parts = makeParts(churn);
  return await new Churn(options, parts).run();
}

class Churn {
  readonly #options: MessageChurnOptions;
  readonly #parts: ChurnParts;
  /** The same network, of which it matters only who can reach whom. */
  readonly #network: MeshSim;
  readonly #epidemic: Epidemic;
  readonly #holders = new Holders();
  /** On the disk, and not arrived as far as it was looked. */
  readonly #underWay = new Map<string, WrittenMessage>();
  readonly #latencies: number[] = [];
  readonly #proved = new Set<string>();
  #written = 0;

  constructor(options: MessageChurnOptions, parts: ChurnParts) {
    const { seed, graph } = options;
    this.#options = options;
    this.#parts = parts;
    this.#network = new MeshSim({ seed, graph, make: () => absentNode, delays: delaysOf(options) });
    this.#epidemic = new Epidemic((node) => this.#network.station(node).isAlive);
    new ChurnScript(options, this.#network, () => {}).begin();
  }

  async run(): Promise<MessageChurn> {
    const { written, lasts, enough } = this.#options;
    let until = lookEvery;
    let coming = this.#parts.ask({ until, isCounted: false });
    for (let looks = 1; ; looks += 1) {
      const [now, seen] = [until, await coming];
      this.#arrive(now, seen);
      const isOver = now >= lasts || (now > written && this.#latencies.length >= enough * this.#written);
      // What is left to be done of this look is done while the parts go on.
      if (!isOver) until = millis(now + lookEvery);
      coming = this.#parts.ask({ until, isCounted: isOver || (looks + 1) % countEvery === 0 });
      this.#spread(now, seen);
      this.#count(seen);
      if (looks % reportEvery === 0) this.#report(seen);
      if (!isOver) continue;
      this.#count(await coming);
      return this.#found(seen);
    }
  }

  #arrive(now: Millis, seen: readonly ChurnLook[]): void {
    for (const message of inOrder(seen)) this.#underWay.set(message.id, message);
    const arrived = new Set(seen.flatMap((look) => look.arrived));
    for (const [id, { at }] of this.#underWay) {
      if (!arrived.has(id)) continue;
      this.#underWay.delete(id);
      this.#latencies.push(now - at);
    }
    for (const id of seen.flatMap(({ proved }) => proved)) this.#proved.add(id);
    this.#written += seen.reduce((sum, { written }) => sum + written.length, 0);
  }

  /** What the epidemic does with the same messages in the same network, up to now. */
  #spread(now: Millis, seen: readonly ChurnLook[]): void {
    for (const cut of seen.flatMap(({ cuts }) => cuts)) this.#network.heed(cut);
    for (const { at, accepted, from, to } of inOrder(seen)) {
      this.#network.time.runUntil(accepted);
      this.#epidemic.post(at, this.#network.connected(), { from, to, octets: envelopeLength });
    }
    this.#network.time.runUntil(now);
    this.#epidemic.look(now, this.#network.connected());
  }

  #count(seen: readonly ChurnLook[]): void {
    const held = seen.flatMap((look) => look.held ?? []);
    if (held.length === 0) return;
    for (const { tags } of seen) this.#holders.learn(tags ?? []);
    this.#holders.count(held);
  }

  #found(seen: readonly ChurnLook[]): MessageChurn {
    const { latencies, copies, octets } = this.#epidemic;
    const mesh: ChurnFigures = {
      ...{ latencies: this.#latencies, copies: this.#holders.most },
      octets: seen.reduce((sum, look) => sum + look.octets, 0),
    };
    return {
      ...{ written: this.#written, took: this.#network.time.now, proved: this.#proved.size },
      repeated: seen.reduce((sum, look) => sum + look.repeated, 0),
      ...{ mesh, epidemic: { latencies, copies, octets } },
    };
  }

  #report(seen: readonly ChurnLook[]): void {
    const { written, proved, repeated, took, mesh, epidemic } = this.#found(seen);
    const alive = this.#network.stations.filter(({ isAlive }) => isAlive).length;
    this.#options.report?.(
      `${Math.round(took / 60_000)} min: ${alive} on, ${written} written, ${mesh.latencies.length} arrived, ${proved} proved, epidemic ${epidemic.latencies.length}, ${repeated} more than once, ${this.#holders.held} copies held, ${mostCopies(mesh)} of one at most, ${Math.round(mesh.octets / 1e6)} MB`,
    );
  }
}

/** Messages of all parts as they were accepted, one after the other. */
function inOrder(seen: readonly ChurnLook[]): readonly WrittenMessage[] {
  return seen
    .flatMap(({ written }) => written)
    .toSorted((one, other) => one.accepted - other.accepted || one.from - other.from);
}
