/**
 * What each stream of the load does, from a seed and its number alone: both ends know it without a word between them, and so does
 * whoever checks. The kinds are those that tunnels have broken.
 */
import { Random } from "@ropewalk/simnet/random";

export type Step =
  | { readonly kind: "send"; readonly octets: number }
  | { readonly kind: "pause"; readonly ms: number }
  /** Until so many octets have come in all. */
  | { readonly kind: "await"; readonly octets: number }
  | { readonly kind: "await-end" };

export type Script = readonly Step[];

export const streamKinds = ["bulk", "questions", "trickle", "half-closed", "brief"] as const;
export type StreamKind = (typeof streamKinds)[number];

/** Behind the last step each end finishes its direction. */
export interface StreamPlan {
  readonly kind: StreamKind;
  readonly client: Script;
  readonly target: Script;
}

/** Streams that live long are cut often; `length` 1 is a second or two on a quiet machine. */
export function planOf(seed: number, number: number, length: number): StreamPlan {
  const random = new Random(seed >>> 0, `stream ${number}`);
  const kind = streamKinds[number % streamKinds.length] ?? "bulk";
  return { kind, ...scripts[kind](random, length) };
}

/** All that one end sends. */
export function octetsOf(script: Script): number {
  return script.reduce((sum, step) => sum + (step.kind === "send" ? step.octets : 0), 0);
}

const scripts: Readonly<Record<StreamKind, (random: Random, length: number) => Omit<StreamPlan, "kind">>> = {
  /** Much, both ways at once. */
  bulk: (random, length) => ({ client: paced(random, 24 * length), target: paced(random, 24 * length) }),
  questions(random, length) {
    const client: Step[] = [];
    const target: Step[] = [];
    let asked = 0;
    let answered = 0;
    for (let turn = 0; turn < 100 * length; turn += 1) {
      const question = 1 + random.below(2_000);
      const answer = 1 + random.below(random.isLucky(0.1) ? 100_000 : 1_000);
      asked += question;
      answered += answer;
      client.push(send(question), { kind: "await", octets: answered }, { kind: "pause", ms: random.below(15) });
      target.push({ kind: "await", octets: asked }, send(answer));
    }
    return { client, target };
  },
  /** Key presses, and what a terminal says. */
  trickle: (random, length) => ({ client: dripped(random, 60 * length), target: dripped(random, 60 * length) }),
  /** All goes up, and is ended; only then all comes down. */
  "half-closed": (random, length) => ({
    client: paced(random, 4 * length),
    target: [{ kind: "await-end" }, ...paced(random, 24 * length)],
  }),
  brief: (random) => ({ client: [send(random.below(20_000))], target: [{ kind: "await-end" }] }),
};

function send(octets: number): Step {
  return { kind: "send", octets };
}

function paced(random: Random, parts: number): Script {
  return Array.from({ length: Math.ceil(parts) }, (): readonly Step[] => [
    send(1 + random.below(random.isLucky(0.1) ? 400_000 : 40_000)),
    { kind: "pause", ms: random.below(150) },
  ]).flat();
}

function dripped(random: Random, drops: number): Script {
  return Array.from({ length: Math.ceil(drops) }, (): readonly Step[] => [
    send(1 + random.below(64)),
    { kind: "pause", ms: 5 + random.below(40) },
  ]).flat();
}
