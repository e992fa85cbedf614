/**
 * Claimed orders to their nodes: many in one call, a connection for each node, two calls of each kind under way on it. Who is to be removed is called
 * by himself, since a node answers that only when his connections are forgotten, and who begins shall not wait for him. What fails is sent again until its
 * claim is over, and is then for whoever claims it next. Nothing is added to an order here, so that one that is sent late is refused.
 */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Answer, ExitService, type OrderSchema } from "@ropewalk/api/proto/vpn/exit";
import { ipAddress, ipAddressBytes } from "@ropewalk/kernel/addresses";
import { type BackoffConfig, backoff } from "@ropewalk/kernel/backoff";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { GrpcClient } from "@ropewalk/ops/grpc-client";
import type { GrpcIdentity } from "@ropewalk/ops/grpc-identity";
import type { PresharedKeys } from "../preshared-keys.ts";
import type { LeaseTerms } from "../pure/lease-terms.ts";
import type { NodeId } from "../pure/node-fitness.ts";
import type { PlacementId } from "../pure/vpn-placement.ts";
import type { ClaimedOrder } from "./order.ts";
import type { AnswerEvent } from "./step-work.ts";

export interface OrderSenderDeps {
  readonly clock: Clock;
  readonly chance: () => number;
  readonly identity: GrpcIdentity;
  readonly terms: LeaseTerms;
  readonly presharedKeys: PresharedKeys;
  /** Where its control listens, and its name; undefined: it was not told. */
  readonly find: (node: NodeId) => { readonly name: string; readonly controlAddress: string | undefined } | undefined;
  readonly onAnswer: (order: ClaimedOrder, event: AnswerEvent) => void;
  readonly onFailure: (node: NodeId, error: unknown) => void;
  /** Several calls to it have failed in succession: another replica may reach it. This one goes on trying. */
  readonly onOutOfReach: (node: NodeId) => void;
}

/** In a call, under way on a node of each kind, and kept for it. */
const [mostTogether, mostCalls, mostKept] = [256, 2, 8_192];
const callWithin = seconds(3);
/** One may be a connection that was cut, and the next goes well. */
const fewFailures = 2;
const between: BackoffConfig = { first: millis(50), longest: seconds(1) };

interface Kept {
  readonly order: ClaimedOrder;
  /** By this replica's clock. */
  readonly claimedUntil: Millis;
}

type Kind = ClaimedOrder["what"]["kind"];
const kinds: readonly Kind[] = ["place", "remove"];

class NodeLink {
  readonly waiting = new Map<PlacementId, Kept>();
  client: { readonly address: string; readonly grpc: GrpcClient<typeof ExitService> } | undefined;
  readonly calls: Record<Kind, number> = { place: 0, remove: 0 };
  failures = 0;
  pause: Timer | undefined;
}

export class OrderSender implements Disposable {
  readonly #deps: OrderSenderDeps;
  readonly #links = new Map<NodeId, NodeLink>();
  readonly #stop = new AbortController();

  constructor(deps: OrderSenderDeps) {
    this.#deps = deps;
  }

  /** A later order for a placement takes the place of an earlier one. What is too many is left to who claims it later. */
  send(orders: readonly ClaimedOrder[], claimedUntil: Millis): void {
    const links = new Set<NodeId>();
    for (const order of orders) {
      const link = this.#linkOf(order.node);
      const known = link.waiting.get(order.placement);
      if (known !== undefined && known.order.generation > order.generation) continue;
      if (known === undefined && link.waiting.size >= mostKept) continue;
      link.waiting.set(order.placement, { order, claimedUntil });
      links.add(order.node);
    }
    for (const node of links) {
      const link = this.#linkOf(node);
      if (link.pause !== undefined && link.failures >= fewFailures) this.#deps.onOutOfReach(node);
      this.#pump(node, link);
    }
  }

  /** Nodes to which several calls in succession have failed. */
  outOfReach(): readonly NodeId[] {
    return [...this.#links].flatMap(([node, { failures }]) => (failures >= fewFailures ? [node] : []));
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const link of this.#links.values()) {
      link.pause?.[Symbol.dispose]();
      link.client?.grpc[Symbol.dispose]();
    }
    this.#links.clear();
  }

  #linkOf(node: NodeId): NodeLink {
    const known = this.#links.get(node);
    if (known !== undefined) return known;
    const link = new NodeLink();
    this.#links.set(node, link);
    return link;
  }

  #pump(node: NodeId, link: NodeLink): void {
    if (this.#stop.signal.aborted || link.pause !== undefined) return;
    for (const kind of kinds) {
      while (link.calls[kind] < mostCalls) {
        const taken = this.#take(link, kind);
        if (taken.length === 0) break;
        link.calls[kind] += 1;
        void this.#call(node, link, taken).finally(() => {
          link.calls[kind] -= 1;
          this.#pump(node, link);
        });
      }
    }
  }

  /** Whose claim is over is somebody else's by now. */
  #take({ waiting }: NodeLink, kind: Kind): readonly Kept[] {
    const now = this.#deps.clock.now();
    const taken: Kept[] = [];
    for (const [placement, kept] of waiting) {
      if (taken.length >= mostTogether) break;
      if (kept.order.what.kind !== kind) continue;
      waiting.delete(placement);
      if (now < kept.claimedUntil) taken.push(kept);
    }
    return taken;
  }

  async #call(node: NodeId, link: NodeLink, kept: readonly Kept[]): Promise<void> {
    try {
      const client = this.#clientOf(node, link);
      const orders = kept.map(({ order }) => messageOf(order, this.#deps));
      const { answers } = await client.calls.apply({ orders }, { within: callWithin, signal: this.#stop.signal });
      link.failures = 0;
      answers.forEach((answer, index) => {
        const order = kept[index]?.order;
        const event = order === undefined ? undefined : eventOf(answer, order);
        if (order !== undefined && event !== undefined) this.#deps.onAnswer(order, event);
      });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#deps.onFailure(node, error);
      this.#keep(node, link, kept);
      if (link.failures >= fewFailures) this.#deps.onOutOfReach(node);
    }
  }

  #keep(node: NodeId, link: NodeLink, kept: readonly Kept[]): void {
    for (const one of kept) {
      const { placement, generation } = one.order;
      const later = link.waiting.get(placement);
      if (later === undefined || later.order.generation < generation) link.waiting.set(placement, one);
    }
    const { clock, chance } = this.#deps;
    const wait = backoff(link.failures, chance(), between);
    link.failures += 1;
    link.pause ??= clock.after("orders again", wait, () => {
      link.pause = undefined;
      this.#pump(node, link);
    });
  }

  #clientOf(node: NodeId, link: NodeLink): GrpcClient<typeof ExitService> {
    const facts = this.#deps.find(node);
    const address = facts?.controlAddress;
    if (facts === undefined || address === undefined) throw new Error("where its control listens is not known");
    if (link.client?.address === address) return link.client.grpc;
    link.client?.grpc[Symbol.dispose]();
    const options = { address, serverName: facts.name, identity: this.#deps.identity };
    link.client = { address, grpc: new GrpcClient(ExitService, options) };
    return link.client.grpc;
  }
}

function messageOf(
  { placement, generation, publicKey, what }: ClaimedOrder,
  { terms: { lease, remember }, presharedKeys }: Pick<OrderSenderDeps, "terms" | "presharedKeys">,
): MessageInitShape<typeof OrderSchema> {
  const common = { placement, generation: BigInt(generation) };
  if (what.kind === "remove")
    return { order: { case: "remove", value: { ...common, publicKey, rememberMillis: remember } } };
  const addresses = what.addresses.map((address) => ipAddressBytes(ipAddress(address)));
  const until = { boot: what.until.boot, millis: BigInt(what.until.at) };
  const peer = { publicKey, addresses, presharedKey: presharedKeys.of(placement) };
  return { order: { case: "place", value: { ...common, peer, leaseMillis: lease, until } } };
}

/**
 * Undefined for what is not an answer to this order. Nor is it one that a node will not remove somebody: that order stays where it is, and is sent again
 * with each claim, ever less often, until the node does or cannot have him any more.
 */
function eventOf({ placement, generation, answer }: Answer, order: ClaimedOrder): AnswerEvent | undefined {
  const isIts = placement === order.placement && generation === BigInt(order.generation);
  if (!isIts || answer.case === undefined) return undefined;
  if (order.what.kind === "remove" && answer.case === "refused") return undefined;
  return { kind: answer.case, placement: order.placement, generation: order.generation };
}
