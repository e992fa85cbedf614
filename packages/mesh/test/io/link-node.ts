/** The half of a node that touches the network: a door, a dialler and the links of both, with all that they told. */
import type { PathBinding } from "@ropewalk/kernel/connectivity";
import { bitsPerSecond, millis, seconds } from "@ropewalk/kernel/units";
import { Dialler } from "@ropewalk/mesh/io/dialler";
import { LinkDoor, type LinkDoorConfig } from "@ropewalk/mesh/io/link-door";
import { type LinkPlace, Links } from "@ropewalk/mesh/io/links";
import type { DialTarget } from "@ropewalk/mesh/pure/dial-entry";
import type { LinkId } from "@ropewalk/mesh/pure/link";
import { clock, type TestNode, testNode } from "./link-ends.ts";

/** More than any test needs, but one that is about them. */
const strangers: LinkDoorConfig["strangers"] = {
  most: 64,
  rate: { perSecond: 1_000, burst: 1_000, prefixes: 16 },
  total: { perSecond: 1_000, burst: 1_000 },
};

export interface LinkNodeOptions {
  readonly node?: TestNode;
  readonly host?: string;
  readonly port?: number;
  readonly most?: number;
  readonly strangers?: LinkDoorConfig["strangers"];
  readonly paths?: () => readonly PathBinding[];
}

export class LinkNode implements Disposable {
  readonly node: TestNode;
  readonly told: string[] = [];
  readonly frames: string[] = [];
  readonly links: Links;
  readonly dialler: Dialler;
  /** Of all nodes: what one waits for may be told at another. */
  static readonly #changed = new Set<() => void>();
  #door: LinkDoor | undefined;

  static async open(options: LinkNodeOptions = {}): Promise<LinkNode> {
    const node = new LinkNode(options);
    const { identity, host, port } = {
      identity: node.node,
      host: options.host ?? "127.0.0.1",
      port: options.port ?? 0,
    };
    const config = { host, port, within: seconds(10), strangers: options.strangers ?? strangers };
    node.#door = await LinkDoor.listen(
      config,
      { identity, clock },
      {
        onProved: (link, ends) => void node.links.add(link, ends),
        onRefused: ({ reason }) => node.#tell(`refused ${reason}`),
      },
    );
    return node;
  }

  private constructor({ node = testNode(), most = 100, paths = () => [] }: LinkNodeOptions) {
    this.node = node;
    const own = node.address;
    this.links = new Links({ own, most, isWelcome: () => false, bitrate: bitsPerSecond(10_000_000) }, clock, {
      onUp: (_id, { peer }) => {
        this.dialler.linkUp(peer);
        this.#tell(`up ${peer}`);
      },
      onDown: (_id, { peer }, end) => {
        this.dialler.linkDown(peer);
        this.#tell(`down ${end.kind}`);
      },
      onFrame: (_id, frame) => {
        this.frames.push(new TextDecoder().decode(frame));
        this.#wake();
      },
    });
    const dialling = {
      ...{
        own,
        atOnce: 8,
        discovered: 8,
        headStart: seconds(1),
        goodAfter: seconds(10),
        lost: { for: seconds(10), every: millis(250) },
        full: seconds(300),
      },
      backoff: { first: millis(20), longest: seconds(1) },
    };
    const deps = { identity: node, clock, chance: Math.random, sockets: undefined, paths };
    this.dialler = new Dialler({ dialling, within: seconds(10) }, deps, {
      onProved: (link, place) => void this.links.add(link, place),
      onFailed: (_target, { reason }) => this.#tell(`failed ${reason}`),
    });
  }

  get port(): number {
    return this.#door?.address.port ?? 0;
  }

  get strangers(): number {
    return this.#door?.strangers ?? 0;
  }

  target(expected = this.node.address): DialTarget {
    return { kind: "static", host: "127.0.0.1", port: this.port, expected };
  }

  count(told: string): number {
    return this.told.filter((each) => each === told).length;
  }

  /** The link with that node, which there is. */
  linkWith(other: LinkNode): LinkId {
    const found = this.links.picture().find(({ facts }) => facts.peer === other.node.address);
    if (found === undefined) throw new Error(`there is no link: ${this.told.join(", ")}`);
    return found.id;
  }

  say(to: LinkNode, text: string): void {
    this.links.send(this.linkWith(to), new TextEncoder().encode(text));
  }

  /** Resolves once it holds; looked at whenever any node is told something. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const limit = AbortSignal.timeout(30_000);
    while (!holds()) {
      await new Promise<void>((resolve, reject) => {
        const wake = () => {
          LinkNode.#changed.delete(wake);
          resolve();
        };
        LinkNode.#changed.add(wake);
        limit.addEventListener("abort", () => reject(new Error(`not ${what}: ${this.told.join(", ")}`)), {
          once: true,
        });
      });
    }
  }

  linked(other: LinkNode): Promise<void> {
    return this.until("linked", () => this.links.has(other.node.address));
  }

  /** As when the paths of the machine change. */
  endGone(isGone: (place: LinkPlace) => boolean): void {
    this.links.endGone(isGone);
    this.dialler.pathsChanged();
  }

  [Symbol.dispose](): void {
    this.dialler[Symbol.dispose]();
    this.#door?.[Symbol.dispose]();
    this.links[Symbol.dispose]();
  }

  #tell(text: string): void {
    this.told.push(text);
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...LinkNode.#changed]) wake();
  }
}
