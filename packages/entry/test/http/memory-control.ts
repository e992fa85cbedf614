/**
 * The control of the VPN in memory: as its interface says, with nodes that take whatever they are given. It keeps what entry's HTTP must not
 * confuse: whose a session is, and by which key it is come back to.
 */
import { randomUUID } from "node:crypto";
import type { NodeId } from "@ropewalk/entry/pure/node-fitness";
import type { PlacementId } from "@ropewalk/entry/pure/vpn-placement";
import type { SessionId } from "@ropewalk/entry/pure/vpn-session";
import type {
  EndOutcome,
  MoveOutcome,
  NewNode,
  NodeChange,
  NodeView,
  NodeWish,
  RegisterOutcome,
  SessionPlace,
  SessionRequest,
  SessionView,
  StartOutcome,
  VpnControl,
} from "@ropewalk/entry/vpn-control";

interface Kept {
  view: SessionView;
  readonly reconnect: Set<string>;
}

/** The oldest is forgotten, as what is over is by entry. */
const mostSessions = 1000;
const mostNodes = 200;
const ends = ["terminated", "failed"];

export class MemoryControl implements VpnControl {
  readonly starts: SessionRequest[] = [];
  /** Waited for before a start is answered. */
  gate: Promise<void> = Promise.resolve();
  readonly #sessions = new Map<string, Kept>();
  readonly #nodes = new Map<string, NodeView>();

  async start(request: SessionRequest): Promise<StartOutcome> {
    this.starts.push(request);
    if (this.starts.length > mostSessions) this.starts.shift();
    await this.gate;
    const hash = request.reconnectHash.toHex();
    const live = [...this.#sessions.values()].find(
      ({ view }) => view.customer === request.customer && !ends.includes(view.state),
    );
    const isKnown = live?.reconnect.has(hash) || live?.reconnect.has(request.formerReconnectHash?.toHex() ?? "");
    if (live !== undefined && !isKnown) return { kind: "conflict" };
    live?.reconnect.add(hash);
    const view = live?.view ?? this.#open(request, hash);
    if (view === undefined) return { kind: "no-node", why: { kind: "regions", reasons: new Map([["eu", "busy"]]) } };
    return { kind: "active", session: { ...view, place: view.place as SessionPlace } };
  }

  async end(session: SessionId, customer: string | undefined): Promise<EndOutcome> {
    const kept = this.#sessions.get(session);
    if (kept === undefined || (customer !== undefined && kept.view.customer !== customer))
      return { kind: "unknown-session" };
    kept.view = { ...kept.view, state: "terminated", place: undefined };
    return { kind: "terminated", session: kept.view, isConfirmed: true };
  }

  async move(session: SessionId, customer: string | undefined, wish: NodeWish): Promise<MoveOutcome> {
    const kept = this.#sessions.get(session);
    if (kept === undefined || (customer !== undefined && kept.view.customer !== customer))
      return { kind: "unknown-session" };
    if (kept.view.state !== "active") return { kind: "not-now" };
    const node = this.#choose(wish);
    if (node === undefined) return { kind: "no-node", why: { kind: "hinted-node" } };
    const place = placeOn(node);
    kept.view = { ...kept.view, place };
    return { kind: "active", session: { ...kept.view, place } };
  }

  async current(customer: string): Promise<SessionView | undefined> {
    const kept = [...this.#sessions.values()];
    return kept.find(({ view }) => view.customer === customer && !ends.includes(view.state))?.view;
  }

  async list(most: number, before: SessionId | undefined): Promise<readonly SessionView[]> {
    const all = [...this.#sessions.values()].map(({ view }) => view).toReversed();
    const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1;
    return all.slice(from, from + most);
  }

  async nodes(): Promise<readonly NodeView[]> {
    return [...this.#nodes.values()];
  }

  async registerNode(node: NewNode): Promise<RegisterOutcome> {
    const names = [...this.#nodes.values()].map(({ name }) => name);
    if (names.includes(node.name) || names.length >= mostNodes) return { kind: "name-taken" };
    const { name, roles, region, country, city, pool = "default" } = node;
    const view: NodeView = {
      ...{ id: randomUUID() as NodeId, name, roles, region, country, city, pool },
      ...{ admission: "open", heartbeatAge: undefined, isHealthy: true, troubles: [], version: undefined },
      ...{ endpoint: "192.0.2.1:51820", capacity: 100, placements: 0, activePeers: 0 },
    };
    this.#nodes.set(view.id, view);
    return { kind: "registered", node: view };
  }

  async changeNode(node: NodeId, change: NodeChange): Promise<NodeView | undefined> {
    const known = this.#nodes.get(node);
    if (known === undefined) return undefined;
    const { country, city, ...rest } = change;
    const changed: NodeView = {
      ...known,
      ...rest,
      country: country === undefined ? known.country : (country ?? undefined),
      city: city === undefined ? known.city : (city ?? undefined),
    };
    this.#nodes.set(node, changed);
    return changed;
  }

  #open({ customer, device, wish }: SessionRequest, hash: string): SessionView | undefined {
    const node = this.#choose(wish);
    if (node === undefined) return undefined;
    const view: SessionView = {
      ...{ id: randomUUID() as SessionId, customer, device, state: "active", createdAt: Date.now() },
      place: placeOn(node),
    };
    this.#sessions.set(view.id, { view, reconnect: new Set([hash]) });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > mostSessions && oldest !== undefined) this.#sessions.delete(oldest);
    return view;
  }

  #choose({ region, nodeHint }: NodeWish): NodeView | undefined {
    const open = [...this.#nodes.values()].filter(({ admission }) => admission === "open");
    const fits = (node: NodeView) => region === undefined || node.region === region;
    return open.find((node) => fits(node) && (nodeHint === undefined || node.id === nodeHint));
  }
}

function placeOn(node: NodeView): SessionPlace {
  return {
    placement: randomUUID() as PlacementId,
    ...{ node: node.id, nodeName: node.name, region: node.region, country: node.country, city: node.city },
    ...{ endpoint: node.endpoint ?? "", publicKey: new Uint8Array(32).fill(9), addresses: ["10.64.0.2"] },
  };
}
