/**
 * A node of the mesh, without sockets, timers or chance of its own: what comes over links goes in, and what is to be done comes out.
 * Announces spread who is there; packets follow the labels that neighbours gave; whatever fails is told to those who relied on it.
 */
import type { Millis } from "@ropewalk/kernel/units";
import { Advertising } from "./advertising.ts";
import { AnnounceIntake } from "./announce-intake.ts";
import { Deliveries } from "./deliveries.ts";
import { Flows } from "./flows.ts";
import { type Arrival, Forwarding } from "./forwarding.ts";
import { frameCost } from "./frame-cost.ts";
import type { LinkFacts, LinkId } from "./link.ts";
import type { MeshAddress } from "./mesh-address.ts";
import type { MeshCrypto } from "./mesh-crypto.ts";
import type { MeshNodeConfig } from "./mesh-node-config.ts";
import type { MeshOutput, SequenceMark } from "./mesh-output.ts";
import { MeshTally } from "./mesh-tally.ts";
import { MessageDesk } from "./messages/message-desk.ts";
import type { MessagesMaking } from "./messages/message-desk-terms.ts";
import { Neighbour } from "./neighbour.ts";
import { NeighbourWatch } from "./neighbour-watch.ts";
import { NextHopChoice } from "./next-hop-choice.ts";
import { OwnAdvertising } from "./own-advertising.ts";
import { OwnConnectivity } from "./own-connectivity.ts";
import { heardConnectivity, type PeerRoute } from "./peer-route.ts";
import { ProbeDesk } from "./probe-desk.ts";
import { defaultLinkBudget, type LinkBudgetConfig } from "./protection/link-budget.ts";
import { Questions } from "./questions.ts";
import { type RouteFollower, RouteLosses } from "./route-losses.ts";
import { Requests } from "./routing/requests.ts";
import type { Route } from "./routing/route.ts";
import { Routes } from "./routing/routes.ts";
import { capability } from "./wire/announce.ts";
import { decodeFrame } from "./wire/decode-frame.ts";
import { encodeFrame } from "./wire/encode-frame.ts";
import { type AnnounceFrame, frameType, type LinkFrame, type NodeKind, type OnlineState } from "./wire/link-frame.ts";

export class MeshNode {
  readonly tally: MeshTally = new MeshTally();
  readonly #crypto: MeshCrypto;
  readonly #own: OwnAdvertising;
  readonly #neighbours = new Map<LinkId, Neighbour>();
  readonly #routes: Routes;
  readonly #requests = new Requests();
  readonly #advertising: Advertising;
  readonly #losses: RouteLosses;
  readonly #intake: AnnounceIntake;
  readonly #flows: Flows;
  /** What next hops have delivered. */
  readonly deliveries: Deliveries = new Deliveries();
  readonly #forwarding: Forwarding;
  readonly #questions: Questions;
  readonly #probes: ProbeDesk;
  /** Whoever does something there calls `finish` behind it. Undefined: this node passes no messages on. */
  readonly messages: MessageDesk | undefined;
  readonly #timed: { readonly deadline: Millis | undefined }[];
  #limits: LinkBudgetConfig;
  readonly #connectivity: OwnConnectivity;
  readonly #watch: NeighbourWatch;
  #outputs: MeshOutput[] = [];

  /** `mark`: nothing at it or behind it was ever used. `random`: 0…1, for what need not be secret. Without `messages` it passes none on. */
  constructor(
    config: MeshNodeConfig,
    crypto: MeshCrypto,
    mark: SequenceMark,
    random: () => number,
    messages?: MessagesMaking,
  ) {
    this.#crypto = crypto;
    this.#limits = config.limits ?? defaultLinkBudget;
    this.#routes = new Routes(config.routes, random);
    const emit = (output: MeshOutput) => void this.#outputs.push(output);
    const told = { neighbours: this.#neighbours, label: this.#routes.own, emit };
    const capabilities = config.capabilities | (messages === undefined ? 0 : capability.store);
    this.#own = new OwnAdvertising({ config: { ...config, capabilities }, crypto, ...told }, mark, random);
    this.#advertising = new Advertising(this.#neighbours, emit);
    this.#flows = new Flows(Math.floor(random() * 2 ** 31));
    const say = (link: LinkId, frame: LinkFrame) => this.#say(link, frame);
    this.#connectivity = new OwnConnectivity(config.kind, { neighbours: this.#neighbours, say });
    const cut = (link: LinkId, why: string) => this.#cut(link, why);
    this.#watch = new NeighbourWatch({ neighbours: this.#neighbours, crypto, say, cut });
    const parts = { routes: this.#routes, advertising: this.#advertising, requests: this.#requests, tally: this.tally };
    const choice = new NextHopChoice(this.#neighbours, this.deliveries);
    const follower: RouteFollower = {
      wayUp: (now, route) => this.messages?.wayUp(now, route),
      neighbourTold: (now, neighbour, capabilities) => this.messages?.neighbourTold(now, neighbour, capabilities),
      forgotten: ({ address }) => this.messages?.forgotten(address),
    };
    this.#losses = new RouteLosses({ ...parts, follower });
    const taking = { ...parts, choice, crypto, follower, losses: this.#losses };
    this.#intake = new AnnounceIntake(taking, (now, announce) => this.#own.heard(now, announce));
    const toOthers = { ...parts, neighbours: this.#neighbours, deliveries: this.deliveries, emit };
    this.#forwarding = new Forwarding({ ...toOthers, choice, flows: this.#flows, address: crypto.address });
    this.#questions = new Questions(toOthers);
    this.#probes = new ProbeDesk({ ...toOthers, crypto, forwarding: this.#forwarding });
    this.#timed = [this.#own, this.#advertising, this.#intake, this.#losses, this.#requests, this.#probes, this.#flows];
    if (messages === undefined) return;
    const onPrekey = (now: Millis, prekey: Uint8Array) => this.#own.setPrekey(now, prekey);
    const takeNumber = () => this.#own.takeNumber();
    const carried = { ...toOthers, choice, address: crypto.address, onPrekey, takeNumber };
    this.messages = new MessageDesk(messages.config, { ...carried, ...messages }, messages.now);
    this.#timed.push(this.messages);
  }

  /** How many announces of a neighbour wait for their proof. */
  waitingOf(link: LinkId): number {
    return this.#intake.waitingOf(link);
  }

  get address(): MeshAddress {
    return this.#crypto.address;
  }

  get neighbours(): ReadonlyMap<LinkId, Neighbour> {
    return this.#neighbours;
  }

  get routeCount(): number {
    return this.#routes.size;
  }

  routes(): IterableIterator<Route> {
    return this.#routes.all();
  }

  route(address: MeshAddress): Route | undefined {
    return this.#routes.get(address);
  }

  isRoutable(address: MeshAddress): boolean {
    return this.#routes.get(address)?.best !== undefined;
  }

  /** A neighbour is there, and has proved who it is. */
  linkUp(now: Millis, link: LinkId, facts: LinkFacts): readonly MeshOutput[] {
    const neighbour = new Neighbour(link, facts, now, this.tally.overRate, this.#limits);
    this.#neighbours.set(link, neighbour);
    this.#routes.linkUp(link, facts);
    this.messages?.linkUp(neighbour);
    const { kind, online } = this.#connectivity;
    this.#say(link, { type: "hello", kind, online, ...this.#own.latest });
    this.#connectivity.say(now, link);
    this.#own.linkUp(now, neighbour);
    const known = this.#routes.get(facts.peer);
    if (known !== undefined) this.#advertising.giveBack(neighbour, known);
    this.#advertising.introduce(now, neighbour, this.#routes.all());
    return this.finish(now);
  }

  linkDown(now: Millis, link: LinkId): readonly MeshOutput[] {
    const neighbour = this.#neighbours.get(link);
    if (neighbour === undefined) return [];
    this.#neighbours.delete(link);
    const isLast = !this.#neighbours.values().some(({ facts }) => facts.peer === neighbour.facts.peer);
    this.#routes.linkDown(link, neighbour.facts, isLast);
    this.#intake.drop(link);
    this.deliveries.linkDown(link);
    this.messages?.linkDown(neighbour);
    this.#losses.linkDown(now, link);
    return this.finish(now);
  }

  /** One frame. What is none ends its link: its sender has proved who it is, and is broken or worse. */
  receive(now: Millis, link: LinkId, octets: Uint8Array): readonly MeshOutput[] {
    this.take(now, link, octets);
    return this.finish(now);
  }

  /** One of several frames that came together: `finish` tells what follows. False: it is none, and nothing behind it is one. */
  take(now: Millis, link: LinkId, octets: Uint8Array): boolean {
    const neighbour = this.#neighbours.get(link);
    if (neighbour === undefined) return true;
    neighbour.heard(now);
    if (octets[0] === frameType.announce && this.#intake.knows(now, neighbour, octets)) return true;
    const frame = decodeFrame(octets);
    if (frame === undefined) this.#cut(link, "it sent octets that are no frame");
    else if (frame.type === "announce") this.#intake.offer(now, neighbour, frame.label, frame.announce);
    else if (neighbour.budget.take(now, ...frameCost(frame))) this.#onFrame(now, neighbour, frame);
    return frame !== undefined;
  }

  /** What it says of itself and whom it keeps from now on; how many routes it may have stays as it was. */
  reconfigure(now: Millis, config: MeshNodeConfig): readonly MeshOutput[] {
    this.#own.reconfigure(now, config);
    this.#routes.setContacts(config.routes.contacts);
    this.#limits = config.limits ?? defaultLinkBudget;
    for (const { budget } of this.#neighbours.values()) budget.reconfigure(this.#limits);
    this.#connectivity.setKind(now, config.kind);
    return this.finish(now);
  }

  /** What this node has measured of its way to the internet, and when. Neighbours hear at once what is something else than before. */
  setConnectivity(now: Millis, kind: NodeKind, online: OnlineState, at: Millis = now): readonly MeshOutput[] {
    this.#connectivity.set(now, kind, online, at);
    return this.finish(now);
  }

  /** It was measured again, and is as it was: neighbours hear how late that was when they are told the next time. */
  measured(at: Millis): void {
    this.#connectivity.measured(at);
  }

  /** By whom this node reaches the internet: itself, by a neighbour that does, or not at all. */
  findPeerRoute(now: Millis): PeerRoute {
    return this.#connectivity.findPeerRoute(now);
  }

  /** Asks `to` for an answer; `answered` or `unanswered` with this identifier follows. */
  probe(now: Millis, id: number, to: MeshAddress, kind: "ping" | "trace"): readonly MeshOutput[] {
    this.#probes.ask(now, id, to, kind);
    return this.finish(now);
  }

  deadline(): Millis | undefined {
    // It is asked after each frame.
    let at = this.#watch.deadline;
    for (const { deadline } of this.#timed) if (deadline !== undefined && deadline < at) at = deadline;
    return at;
  }

  expire(now: Millis): readonly MeshOutput[] {
    this.#own.expire(now);
    if (this.#watch.expire(now)) {
      this.#connectivity.expire(now);
      this.#losses.expire(now);
    }
    this.#intake.work(now);
    this.#losses.work(now);
    this.#questions.ask(now);
    for (const { to, by, from } of this.#forwarding.expire(now))
      this.#questions.askAround(now, { to, by, from: from?.link });
    this.#probes.expire(now);
    this.messages?.expire(now);
    return this.finish(now);
  }

  #onFrame(now: Millis, neighbour: Neighbour, frame: Exclude<LinkFrame, AnnounceFrame>): void {
    const { link } = neighbour;
    switch (frame.type) {
      case "packet":
      case "trace":
        this.#arrived(now, neighbour, this.#forwarding.pass(now, link, frame));
        return;
      case "answer":
        this.#arrived(now, neighbour, this.#forwarding.back(now, link, frame));
        return;
      case "withdraw":
        this.#intake.withdrawn(link, frame.labels);
        this.#losses.withdrawn(now, link, frame.labels);
        return;
      case "request":
        if (frame.address === this.address) this.#own.asked(now, neighbour, frame);
        else this.#questions.asked(now, neighbour, frame);
        return;
      case "hello":
        // How late it is measured the status behind it says.
        return;
      case "status":
        neighbour.said = heardConnectivity(now, frame.kind, frame.online, frame.age);
        return;
      case "ping":
        this.#say(link, { type: "pong", token: frame.token });
        return;
      case "pong":
        neighbour.answered(now, frame.token);
        return;
      case "message":
      case "proof":
      case "deposit":
      case "meeting":
      case "broadcast":
        this.messages?.receive(now, neighbour, frame);
        return;
    }
  }

  /** To open what was sealed costs as much as a signature. */
  #arrived(now: Millis, { budget }: Neighbour, arrival: Arrival | undefined): void {
    if (arrival === undefined) return;
    if (arrival.kind === "answer" || budget.take(now, "question")) this.#probes.arrived(now, arrival);
  }

  #say(link: LinkId, frame: LinkFrame): void {
    this.#outputs.push({ kind: "transmit", link, frame: encodeFrame(frame) });
  }

  #cut(link: LinkId, why: string): void {
    this.#outputs.push({ kind: "cut", link, why });
  }

  /** What is to be done after all that happened since this was called last: it goes out together. */
  finish(now: Millis): readonly MeshOutput[] {
    this.messages?.flush(now);
    this.#advertising.flush(now);
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
