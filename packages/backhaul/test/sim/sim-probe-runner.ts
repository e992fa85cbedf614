/**
 * Answers the questions of the pure part with packets on simulated uplinks. It holds to the promises of the real runner: one
 * outcome for each request, save for an echo whose reply never comes, and never before `run` has returned.
 */
import type { OnOutcome, ProbeRunner } from "@ropewalk/backhaul/io/probes/probe-runner";
import type {
  ProbePath,
  ProbeQuestion,
  ProbeRequest,
  ProbeResult,
  ProbeTraffic,
} from "@ropewalk/backhaul/pure/health/probe";
import { type Family, familyOf, type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { bytes, type Millis, millis, seconds } from "@ropewalk/kernel/units";
import { DatagramExchange, type Line, octetsOf, TcpExchange } from "./exchange.ts";
import type { SimInternet, SimUplink } from "./internet.ts";
import { lastMessage, type Message } from "./message.ts";
import { probeSizes, type Round } from "./probe-sizes.ts";

type Finding = { readonly result: ProbeResult; readonly traffic: ProbeTraffic };

const noTraffic: ProbeTraffic = { sent: 0, received: 0 };

/** What every name resolves to. */
export const rightAddresses: readonly IpAddress[] = [
  "8.8.8.8",
  "8.8.4.4",
  "2001:4860:4860::8888",
  "2001:4860:4860::8844",
].map(ipAddress);

export interface RunnerCounts {
  readonly asked: Record<ProbeQuestion["kind"], number>;
  readonly bytes: Record<ProbeQuestion["kind"], number>;
}

export class SimProbeRunner implements ProbeRunner {
  readonly counts: RunnerCounts = { asked: zeroes(), bytes: zeroes() };
  readonly #internet: SimInternet;
  readonly #onOutcome: OnOutcome;
  /** By the path's source address. */
  #followed = new Map<IpAddress, SimUplink>();
  readonly #waiting = new Map<number, { readonly source: IpAddress; readonly end: Disposable }>();

  constructor(internet: SimInternet, onOutcome: OnOutcome) {
    this.#internet = internet;
    this.#onOutcome = onOutcome;
  }

  run(request: ProbeRequest): void {
    const { path, question } = request;
    this.counts.asked[question.kind] += 1;
    const uplink = this.#followed.get(path.source);
    if (uplink === undefined) {
      const result = {
        kind: "unsent",
        cause: "path-gone",
        detail: `${path.source} is no address of ${path.name}`,
      } as const;
      this.#wait(
        request,
        this.#after(millis(0), () => this.#end(request, { result, traffic: noTraffic })),
      );
    } else if (question.kind === "echo") this.#echo(request, uplink, question.target);
    else this.#wait(request, this.#begin(request, uplink, question));
  }

  follow(paths: readonly ProbePath[]): void {
    const found = paths.map(({ source }) => [
      source,
      this.#internet.uplinks.find(({ ipv4, ipv6 }) => ipv4.source === source || ipv6.source === source),
    ]);
    this.#followed = new Map(found.filter((entry): entry is [IpAddress, SimUplink] => entry[1] !== undefined));
    for (const [id, { source, end }] of this.#waiting) {
      if (this.#followed.has(source)) continue;
      end[Symbol.dispose]();
      this.#waiting.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.follow([]);
  }

  /** The one that is asked most: a single object goes there and comes back. The kernel tells when a reply came. */
  #echo({ id, path: { source, family } }: ProbeRequest, uplink: SimUplink, target: IpAddress): void {
    const sentAt = this.#internet.now;
    const { echo } = probeSizes[family];
    this.counts.bytes.echo += echo;
    const answers: Message[] = [];
    const message: Message = {
      size: echo,
      isWhole: false,
      answers,
      arrive: (at) => {
        if (!this.#followed.has(source)) return;
        this.counts.bytes.echo += echo;
        const rtt = millis(at - sentAt);
        this.#onOutcome({ id, result: { kind: "answered", rtt }, traffic: { sent: echo, received: echo } });
      },
    };
    answers.push(message);
    this.#internet.send(uplink, target, message);
  }

  #wait({ id, path }: ProbeRequest, end: Disposable): void {
    this.#waiting.set(id, { source: path.source, end });
  }

  #end({ id, question: { kind } }: ProbeRequest, { result, traffic }: Finding): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    waiting.end[Symbol.dispose]();
    this.counts.bytes[kind] += traffic.sent + traffic.received;
    this.#onOutcome({ id, result, traffic });
  }

  #begin(request: ProbeRequest, uplink: SimUplink, question: Exclude<ProbeQuestion, { kind: "echo" }>): Disposable {
    const sizes = probeSizes[request.path.family];
    const line = (to: IpAddress): Line => ({ internet: this.#internet, uplink, to, sizes });
    switch (question.kind) {
      case "tcp":
        return this.#connection(request, line(question.target), [], ({ rtt }) => ({ kind: "answered", rtt }));
      case "tls":
        return this.#connection(request, line(question.target), sizes.tls, ({ rtt }) => ({ kind: "answered", rtt }));
      case "dns":
        return question.transport === "udp"
          ? this.#datagram(request, line(question.resolver))
          : this.#connection(request, line(question.resolver), sizes.dnsByTcp, ({ took }) => resolved(took, request));
      case "http":
        return this.#page(request, line, question.resolvers[0]);
      case "mtu":
        return this.#fullSize(request, line(question.target), question);
    }
  }

  #datagram(request: ProbeRequest, line: Line): Disposable {
    const { dns } = line.sizes;
    const exchange = new DatagramExchange(line, dns.question, dns.answer, (rtt) => {
      this.#end(request, { result: resolved(rtt, request), traffic: { sent: dns.question, received: dns.answer } });
    });
    return this.#limited(request, exchange, () => ({
      result: { kind: "silent" },
      traffic: { sent: dns.question, received: 0 },
    }));
  }

  #connection(
    request: ProbeRequest,
    line: Line,
    rounds: readonly Round[],
    resultOf: (times: { readonly rtt: Millis; readonly took: Millis }) => ProbeResult,
    before: ProbeTraffic = noTraffic,
  ): Disposable {
    const began = this.#internet.now;
    const { syn, synAck, reset } = line.sizes;
    let rtt = millis(0);
    const add = ({ sent, received }: ProbeTraffic) => ({
      sent: sent + before.sent,
      received: received + before.received,
    });
    const exchange = new TcpExchange(line, rounds, {
      onConnected: (time) => {
        rtt = time;
      },
      onDone: () => {
        const result = resultOf({ rtt, took: millis(this.#internet.now - began) });
        this.#end(request, { result, traffic: add(octetsOf(rounds, line.sizes)) });
      },
    });
    return this.#limited(request, exchange, () => {
      if (exchange.isConnected)
        return { result: { kind: "silent" }, traffic: add({ sent: syn + reset, received: synAck }) };
      const isBare = rounds.length === 0;
      const result: ProbeResult = isBare ? { kind: "silent" } : { kind: "skipped", detail: "no connection came about" };
      return { result, traffic: add({ sent: syn, received: 0 }) };
    });
  }

  #page(request: ProbeRequest, line: (to: IpAddress) => Line, resolver: IpAddress | undefined): Disposable {
    const [address] = rightAddressesOf(request.path);
    if (resolver === undefined || address === undefined) {
      const result: ProbeResult = { kind: "skipped", detail: "there is no resolver to ask" };
      return this.#after(millis(0), () => this.#end(request, { result, traffic: noTraffic }));
    }
    const { dns, http } = probeSizes[request.path.family];
    const asked: ProbeTraffic = { sent: dns.question, received: dns.answer };
    let failure: ProbeResult = { kind: "skipped", detail: "its name was not resolved" };
    const stack = new DisposableStack();
    stack.use(
      new DatagramExchange(line(resolver), dns.question, dns.answer, () => {
        failure = { kind: "silent" };
        const answered = ({ took }: { readonly took: Millis }): ProbeResult => ({ kind: "answered", rtt: took });
        stack.use(this.#connection(request, line(address), http, answered, asked));
      }),
    );
    return this.#limited(request, stack, () => ({ result: failure, traffic: { sent: dns.question, received: 0 } }));
  }

  /** Again each second; what does not fit the link is found by halving, which takes a handful of rounds. */
  #fullSize(request: ProbeRequest, line: Line, { size }: Extract<ProbeQuestion, { kind: "mtu" }>): Disposable {
    const began = this.#internet.now;
    const { there, back } = line.uplink.wire;
    const stack = new DisposableStack();
    let tries = 0;
    const ask = () => {
      tries += 1;
      const answer: Message = {
        ...lastMessage(size),
        isWhole: true,
        arrive: (at) => {
          const rtt = millis(at - began);
          this.#end(request, { result: { kind: "answered", rtt }, traffic: { sent: size, received: size } });
        },
      };
      this.#internet.send(line.uplink, line.to, { ...lastMessage(size), isWhole: true, answers: [answer] });
      stack.use(this.#after(seconds(1), decide));
    };
    const decide = () => {
      const largest = bytes(Math.min(there.mtu, back.mtu));
      if (tries < 5 || largest >= size) ask();
      else
        this.#end(request, { result: { kind: "limited", size: largest }, traffic: { sent: 5 * size, received: size } });
    };
    ask();
    return this.#limited(request, stack, () => ({ result: { kind: "silent" }, traffic: { sent: size, received: 0 } }));
  }

  /** `work` with an end: at the request's limit `atEnd` is the outcome. */
  #limited(request: ProbeRequest, work: Disposable, atEnd: () => Finding): Disposable {
    const stack = new DisposableStack();
    stack.use(work);
    stack.use(this.#after(request.limit, () => this.#end(request, atEnd())));
    return stack;
  }

  #after(delay: Millis, work: () => void): Disposable {
    return this.#internet.site.clock.after("probe", delay, work);
  }
}

function resolved(rtt: Millis, { path }: ProbeRequest): ProbeResult {
  return { kind: "resolved", rtt, rcode: 0, addresses: rightAddressesOf(path) };
}

function rightAddressesOf({ family }: { readonly family: Family }): readonly IpAddress[] {
  return rightAddresses.filter((address) => familyOf(address) === family);
}

function zeroes(): Record<ProbeQuestion["kind"], number> {
  return { echo: 0, tcp: 0, dns: 0, tls: 0, http: 0, mtu: 0 };
}
