/**
 * Feeds every decoder and parser of the repository seeded random and mutated input. A target that throws, or takes longer
 * than a decoder may, has let something escape; the input is printed as hex so that it can become a test.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

interface FuzzTarget {
  readonly name: string;
  /** Must return on any input; a throw is a defect. */
  readonly run: (bytes: Uint8Array) => void;
  /** Well-formed inputs to mutate: random bytes alone rarely get past the first length check. */
  readonly seeds?: readonly Uint8Array[];
  /** Inputs in a test, for a target that takes long over each: one that verifies signatures. */
  readonly sample?: number;
}

interface FuzzResult {
  readonly name: string;
  readonly inputs: number;
  readonly seconds: number;
  readonly escapes: readonly { readonly input: string; readonly error: string }[];
}

const longestInput = 512;

/** All targets that packages export from a file named `…fuzz-targets.ts` under test/. */
export async function fuzzTargets(): Promise<readonly FuzzTarget[]> {
  const files = globSync(["packages/*/test/**/*fuzz-targets.ts", "apps/*/test/**/*fuzz-targets.ts"]).toSorted();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(resolve(file)).href)));
  return modules.flatMap((module) => module.fuzzTargets as readonly FuzzTarget[]);
}

/** Runs `count` inputs made from `seed`; the same seed makes the same inputs. */
export function fuzz(target: FuzzTarget, count: number, seed: number): FuzzResult {
  const random = createRandom(seed);
  const escapes: { input: string; error: string }[] = [];
  const began = performance.now();
  for (let index = 0; index < count && escapes.length < 10; index += 1) {
    const input = makeInput(target.seeds ?? [], random);
    try {
      target.run(input);
    } catch (error) {
      escapes.push({ input: input.toHex(), error: String(error) });
    }
  }
  return { name: target.name, inputs: count, seconds: (performance.now() - began) / 1000, escapes };
}

type Random = (below: number) => number;

/** xorshift32: fast, and good enough to choose bytes. */
function createRandom(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function makeInput(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  if (seeds.length === 0 || random(4) === 0) return randomBytes(random(64), random);
  const seed = seeds[random(seeds.length)] ?? new Uint8Array();
  const input = seed.slice(0, Math.min(seed.length, longestInput));
  for (let edits = random(6); edits >= 0; edits -= 1) {
    if (input.length > 0) input[random(input.length)] = interesting[random(interesting.length * 2)] ?? random(256);
  }
  switch (random(4)) {
    case 0:
      return input.subarray(0, random(input.length + 1));
    case 1:
      return extended(input, randomBytes(random(16), random));
    default:
      return input;
  }
}

/** Values at which lengths, types and characters tend to break. */
const interesting = [0, 1, 2, 3, 4, 7, 8, 10, 0x20, 0x22, 0x2e, 0x2f, 0x3a, 0x3d, 0x5b, 0x5d, 0x7f, 0x80, 0xff, 0xfe];

function randomBytes(length: number, random: Random): Uint8Array {
  const octets = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) octets[at] = random(256);
  return octets;
}

function extended(input: Uint8Array, more: Uint8Array): Uint8Array {
  const octets = new Uint8Array(input.length + more.length);
  octets.set(input);
  octets.set(more, input.length);
  return octets;
}
