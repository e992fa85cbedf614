/** Many nodes on one network are one mesh, whoever comes, goes or is made up, and no node has a link with everybody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { type DialTarget, targetKey } from "@ropewalk/mesh/pure/dial-entry";
import { Dialling } from "@ropewalk/mesh/pure/dialling";
import { chosenPeers, type FoundPeer, nearestPeers } from "@ropewalk/mesh/pure/lan-choice";
import type { MeshAddress } from "@ropewalk/mesh/pure/mesh-address";
import fc from "fast-check";

const most = 8;
const modulus = 2 ** 31 - 1;
const peer = (address: string, standing: FoundPeer["standing"] = "untried", draw = 0.5): FoundPeer => {
  return { address: address as MeshAddress, standing, draw };
};
const own = "50" as MeshAddress;
const others = ["10", "20", "30", "40", "60", "70", "80", "90", "a0", "b0"];
const chosen = (found: readonly FoundPeer[], at: MeshAddress = own) =>
  [...chosenPeers(at, found, most)].map(String).toSorted();

test("the two nearest on each side of the ring are chosen, over its end too, and four by chance", () => {
  const draws = [0.9, 0.1, 0.9, 0.9, 0.9, 0.9, 0.2, 0.3, 0.8, 0.4];
  const found = others.map((address, index) => peer(address, "untried", draws[index]));
  assert.deepEqual(chosen(found), ["20", "30", "40", "60", "70", "80", "90", "b0"]);
  assert.ok(["10", "20", "a0", "b0"].every((near) => chosen(found, "00" as MeshAddress).includes(near)));
});

test("who does not answer is tried and stands for nobody: who is behind him is chosen too", () => {
  const found = others.map((address) => peer(address, ["60", "80"].includes(address) ? "failing" : "linked"));
  const all = chosen(found);
  for (const near of ["30", "40", "60", "70", "80", "90"]) assert.ok(all.includes(near), near);
  assert.equal(all.filter((address) => !["60", "80"].includes(address)).length, most);
});

test("of those by chance, who has a link stays; and few are all chosen", () => {
  const found = others.map((address, index) => peer(address, index % 2 === 0 ? "linked" : "untried", 1 - (index % 2)));
  const linked = found.filter(({ standing }) => standing === "linked").map(({ address }) => address);
  assert.ok(linked.every((address) => chosen(found).includes(address)));
  assert.deepEqual(chosen(found.slice(0, 6)), others.slice(0, 6));
  assert.deepEqual(chosen([]), []);
});

test("whom this node has to take are the nearest, also those that it dials in vain, and no more", () => {
  const found = others.map((address) => peer(address, "failing"));
  assert.deepEqual([...nearestPeers(own, found, most)].toSorted(), ["30", "40", "60", "70"]);
  assert.deepEqual([...nearestPeers(own, found.slice(0, 1), most)], ["10"]);
});

/** Below the modulus of the generator, whose multiples it never leaves. */
const seed = fc.integer({ min: 1, max: modulus - 1 });
const anyMost = fc.constantFrom(2, 4, most);

test("a hundred nodes that find each other are one mesh, with few links each; and where each dials eight, with any one of them gone", () => {
  fc.assert(
    fc.property(seed, anyMost, (from, dialled) => {
      const lan = new Lan(100, from, dialled);
      lan.findAll();
      lan.run(seconds(60));
      assert.equal(lan.reached(), 100);
      assert.ok(lan.linkCount() <= 100 * dialled, `${lan.linkCount()} links`);
      if (dialled === most)
        for (const gone of lan.nodes) assert.equal(lan.reached(gone), 99, `without ${gone.address}`);
    }),
    { numRuns: 4 },
  );
});

test("when a third of them dies at once the others are one mesh again, and so they are among fifty that were made up", () => {
  fc.assert(
    fc.property(seed, anyMost, (from, dialled) => {
      const lan = new Lan(100, from, dialled);
      lan.makeUp(50);
      lan.findAll();
      lan.run(seconds(60));
      assert.equal(lan.reached(), 100);
      for (let count = 0; count < 33; count += 1) lan.kill(lan.any());
      lan.run(seconds(60));
      assert.equal(lan.reached(), 67);
    }),
    { numRuns: 1 },
  );
});

test("small machines that take four links are one mesh too, for nobody turns his nearest away", () => {
  fc.assert(
    fc.property(seed, anyMost, (from, dialled) => {
      const lan = new Lan(60, from, dialled, 4);
      lan.findAll();
      lan.run(seconds(15));
      assert.equal(lan.reached(), 60);
      assert.ok(lan.isCircle(), "each has a link with the next");
      for (const node of lan.nodes) assert.ok(node.links.size <= 4 + 4, `${node.links.size}`);
    }),
    { numRuns: 1 },
  );
});

interface LanNode {
  readonly address: MeshAddress;
  readonly dialling: Dialling;
  readonly links: Set<LanNode>;
  isAlive: boolean;
  /** When it is to dial; undefined: to be asked. */
  deadline: number | undefined;
}

/** Nodes that have found each other, each dialling as it decides; who is dialled and has room takes the link. */
class Lan {
  readonly nodes: LanNode[];
  readonly #mostLinks: number;
  readonly #madeUp: MeshAddress[] = [];
  #random: number;
  #now: Millis = millis(0);

  constructor(count: number, from: number, dialled: number, mostLinks = 64) {
    this.#random = from;
    this.#mostLinks = mostLinks;
    this.nodes = Array.from({ length: count }, () => {
      const address = this.#address();
      const dialling = new Dialling({
        ...{
          own: address,
          atOnce: 8,
          discovered: dialled,
          headStart: millis(200),
          goodAfter: seconds(60),
          lost: { for: seconds(10), every: millis(250) },
          full: seconds(300),
        },
        backoff: { first: millis(200), longest: seconds(30) },
      });
      return { address, dialling, links: new Set(), isAlive: true, deadline: undefined };
    });
  }

  /** Somebody says of so many nodes that they are there. */
  makeUp(count: number): void {
    for (let made = 0; made < count; made += 1) this.#madeUp.push(this.#address());
  }

  findAll(): void {
    const all = [...this.nodes.map(({ address }) => address), ...this.#madeUp];
    for (const { dialling } of this.nodes)
      for (const address of all.toSorted(() => this.#chance() - 0.5))
        dialling.found(this.#now, targetOf(address), this.#chance());
  }

  any(): LanNode {
    const alive = this.nodes.filter(({ isAlive }) => isAlive);
    return alive[Math.floor(this.#chance() * alive.length)] ?? assert.fail("nobody is left");
  }

  kill(node: LanNode): void {
    node.isAlive = false;
    node.deadline = Number.POSITIVE_INFINITY;
    for (const other of [...node.links]) this.#part(node, other);
  }

  run(time: Millis): void {
    const until = this.#now + time;
    for (;;) {
      let next = Number.POSITIVE_INFINITY;
      for (const node of this.nodes) {
        node.deadline ??= node.dialling.deadline() ?? Number.POSITIVE_INFINITY;
        next = Math.min(next, node.deadline);
      }
      if (next > until) break;
      this.#now = millis(Math.max(next, this.#now));
      for (const node of this.nodes) if ((node.deadline ?? next) <= this.#now) this.#dialDue(node);
    }
    this.#now = millis(until);
  }

  linkCount(): number {
    return this.nodes.reduce((sum, { links }) => sum + links.size, 0) / 2;
  }

  /** Whether each has a link with the next on the ring. */
  isCircle(): boolean {
    const ring = this.nodes.toSorted((one, other) => (one.address < other.address ? -1 : 1));
    return ring.every((node, index) => node.links.has(ring[(index + 1) % ring.length] ?? node));
  }

  /** How many are connected with one that lives, where `gone` is not there. */
  reached(gone?: LanNode): number {
    const first = this.nodes.find((node) => node.isAlive && node !== gone) ?? assert.fail("nobody is left");
    const seen = new Set([first]);
    for (const node of seen) for (const other of node.links) if (other !== gone) seen.add(other);
    return seen.size;
  }

  #dialDue(node: LanNode): void {
    node.deadline = undefined;
    for (const target of node.dialling.due(this.#now)) {
      const key = targetKey(target);
      const other = this.nodes.find(({ address, isAlive }) => isAlive && address === target.expected);
      if (other === undefined) {
        node.dialling.failed(this.#now, key, this.#chance());
        continue;
      }
      node.dialling.proved(this.#now, key, other.address);
      const isTaken = [node, other].every((end) => {
        const far = end === node ? other : node;
        return end.links.size < this.#mostLinks || end.dialling.isNearest(far.address);
      });
      this.#join(node, other);
      if (!isTaken) this.#part(node, other);
    }
  }

  #join(one: LanNode, other: LanNode): void {
    for (const [end, far] of ends(one, other)) {
      end.deadline = undefined;
      end.links.add(far);
      end.dialling.linkUp(this.#now, far.address);
    }
  }

  #part(one: LanNode, other: LanNode): void {
    for (const [end, far] of ends(one, other)) {
      end.links.delete(far);
      if (end.isAlive) end.deadline = undefined;
      end.dialling.linkDown(this.#now, far.address, this.#chance());
    }
  }

  #address(): MeshAddress {
    return Array.from({ length: 8 }, () => Math.floor(this.#chance() * 16).toString(16)).join("") as MeshAddress;
  }

  /** Park and Miller's generator: the same run for the same seed. */
  #chance(): number {
    this.#random = (this.#random * 48_271) % modulus;
    return this.#random / modulus;
  }
}

function ends(one: LanNode, other: LanNode): readonly (readonly [LanNode, LanNode])[] {
  return [
    [one, other],
    [other, one],
  ];
}

function targetOf(address: MeshAddress): DialTarget {
  return { kind: "discovered", host: address, port: 7412, expected: address };
}
