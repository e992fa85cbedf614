/**
 * Whatever is cut, joined, lost, late or forgotten, and at whatever moment it is looked: who follows the nearest next hops never comes to a
 * node twice; and a packet comes to none again with as many sidesteps left, unless that node has learnt of a better way meanwhile.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import fc from "fast-check";
import { SmallMesh, usualConfig } from "./small-mesh.ts";

const size = 7;
const node = fc.nat(size - 1);
const kind = <const Kind extends string>(of: Kind) => fc.constant<Kind>(of);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind("join"), one: node, other: node }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("part"), one: node, other: node }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("run"), time: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("run"), time: fc.integer({ min: 500, max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("lossy"), share: fc.constantFrom(0, 0, 0.2, 0.5) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("late"), most: fc.constantFrom(1, 7, 40) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("restart"), one: node, memory: fc.constantFrom("kept", "wiped") }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("probe"), one: node, other: node }) },
);
type Step = typeof step extends fc.Arbitrary<infer Of> ? Of : never;

const config = { ...usualConfig, interval: millis(2_000), lifetime: millis(10_000) };

class Play {
  readonly mesh: SmallMesh = new SmallMesh(size, config);
  #chance = 1;
  #share = 0;
  #probes = 0;
  /** What each packet came to, by its body, which nobody on the way changes. */
  readonly #been = new Map<string, Set<string>>();

  constructor() {
    this.mesh.tamper = (frame, to) => {
      this.#seePacket(frame, to);
      return this.#drawn() < this.#share ? undefined : frame;
    };
  }

  do(one: Step): void {
    const { mesh } = this;
    switch (one.kind) {
      case "run":
        for (let time = 0; time < one.time; time += 1 + one.time / 40) this.#run(one.time / 40 + 1);
        return;
      case "lossy":
        this.#share = one.share;
        return;
      case "late":
        mesh.delay = (link) => 1 + ((Math.imul(link, 2_654_435_761) >>> 8) % one.most);
        return;
      case "restart":
        mesh.restart(one.one, one.memory as "kept" | "wiped");
        break;
      case "probe":
        this.#probe(one.one, one.other);
        return;
      case "join":
        if (one.one !== one.other && !mesh.neighboursOf(one.one).includes(one.other)) mesh.join(one.one, one.other);
        break;
      case "part":
        mesh.part(one.one, one.other);
        break;
    }
    this.#look();
  }

  #drawn(): number {
    this.#chance = (Math.imul(this.#chance, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#chance / 2 ** 32;
  }

  #run(time: number): void {
    this.mesh.run(time);
    this.#look();
  }

  /** Several, so that losses in a row make detours. */
  #probe(from: number, to: number): void {
    if (from === to) return;
    for (let count = 0; count < 4; count += 1) {
      this.#probes += 1;
      this.mesh.probe(from, to, count % 2 === 0 ? "ping" : "trace", this.#probes);
    }
  }

  #seePacket(octets: Uint8Array, at: number): void {
    const frame = decodeFrame(octets);
    if (frame?.type !== "packet" && frame?.type !== "trace") return;
    const body = frame.body.toHex();
    const route = this.#routeOf(at, frame.label);
    const been = this.#been.get(body) ?? new Set();
    this.#been.set(body, been);
    const where = `${at}, ${frame.sidestepsLeft} sidesteps left, ${route}`;
    assert.ok(!been.has(where), `a packet is again at ${where}`);
    been.add(where);
    assert.ok(been.size <= 64, "more hops than there are");
  }

  /** What the node knows of the one for whom the label stands. */
  #routeOf(at: number, label: number): string {
    for (const { address, label: own, announce, nearest } of this.mesh.at(at).node.routes())
      if (own === label) return `${address} ${announce.epoch} ${announce.sequence} ${nearest}`;
    return "its own, or unknown";
  }

  #look(): void {
    for (const to of this.mesh.members.keys())
      for (const from of this.mesh.members.keys()) {
        const been = new Set([from]);
        for (let at = this.#next(from, to); at !== undefined && at !== to; at = this.#next(at, to)) {
          assert.ok(!been.has(at), `${[...been, at].join(", ")} on the way from ${from} to ${to}`);
          been.add(at);
        }
      }
  }

  #next(at: number, to: number): number | undefined {
    const link = at === to ? undefined : this.mesh.at(at).node.route(this.mesh.address(to))?.best?.link;
    return link === undefined ? undefined : this.mesh.across(link, at);
  }
}

test("nobody goes in circles, and no packet does", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: "max" }), (steps) => {
      const play = new Play();
      for (const one of steps) play.do(one);
    }),
    { numRuns: 80, seed: 7 },
  );
});
