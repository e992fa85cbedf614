/**
 * One question to the resolvers of a path over UDP, by no resolver of this machine's own. An answer counts when its sender,
 * id and question are those of a query of ours that waits: whoever cannot see the queries must guess id and port.
 */
import type { PathDatagramSocket } from "@ropewalk/host/ports";
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Timer } from "@ropewalk/kernel/clock";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { ProbeTraffic } from "../../pure/health/probe.ts";
import { type DnsQuestion, decodeDnsResponse, encodeDnsQuery, isSameQuestion } from "../../pure/probing/dns-message.ts";
import { addTraffic, datagramOctets, noTraffic } from "../../pure/probing/packet-octets.ts";
import { type DnsAnswer, type DnsFinding, dnsPort, isRefusal, notAName } from "./dns-answer.ts";
import { drawInteger, type ProbeGround, whenAborted } from "./probe-ground.ts";
import { unsentAsThrown, unsentAsTold } from "./sending-faults.ts";

/** From one query to the next while none is answered. */
const repeatAfter = seconds(1);

/**
 * Asks the resolvers in turn, one each second, until one answers or the limit has passed. One that will not answer gives its
 * turn to the next at once; that it would not is told when it was the last.
 */
export async function askOverUdp(
  question: DnsQuestion,
  resolvers: readonly IpAddress[],
  ground: ProbeGround,
): Promise<DnsFinding> {
  if (encodeDnsQuery(0, question) === undefined) return notAName(question);
  let socket: PathDatagramSocket;
  try {
    socket = await ground.sockets.datagram(ground.binding);
  } catch (error) {
    return { answer: unsentAsThrown(error), traffic: noTraffic };
  }
  await using asking = new UdpAsking(socket, question, resolvers, ground);
  const answer = await asking.answer;
  return { answer, traffic: asking.traffic };
}

interface SentQuery {
  readonly resolver: IpAddress;
  readonly at: Millis;
}

class UdpAsking implements AsyncDisposable {
  readonly answer: Promise<DnsAnswer>;
  traffic: ProbeTraffic = noTraffic;
  readonly #settle: (answer: DnsAnswer) => void;
  readonly #socket: PathDatagramSocket;
  readonly #question: DnsQuestion;
  readonly #resolvers: readonly IpAddress[];
  readonly #ground: ProbeGround;
  /** By id, of which each query has its own. */
  readonly #waiting = new Map<number, SentQuery>();
  readonly #listening: Disposable;
  #repeat: Timer | undefined;
  #attempts = 0;
  #refusals = 0;

  constructor(socket: PathDatagramSocket, question: DnsQuestion, resolvers: readonly IpAddress[], ground: ProbeGround) {
    ({ promise: this.answer, resolve: this.#settle } = Promise.withResolvers<DnsAnswer>());
    this.#socket = socket;
    this.#question = question;
    this.#resolvers = resolvers;
    this.#ground = ground;
    this.#listening = socket.onMessage((payload, from) => this.#receive(payload, from));
    whenAborted(ground.signal, () => this.#settle({ kind: "silent" }));
    if (!ground.signal.aborted) this.#send();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#repeat?.[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
    await this.#socket[Symbol.asyncDispose]();
  }

  #send(): void {
    const { clock, chance, binding } = this.#ground;
    const resolver = this.#resolvers[this.#attempts % this.#resolvers.length];
    const id = drawInteger(chance, 16);
    const query = encodeDnsQuery(id, this.#question);
    if (query === undefined || resolver === undefined) return;
    this.#attempts += 1;
    this.#waiting.set(id, { resolver, at: clock.now() });
    if (this.#socket.send(query, { address: resolver, port: dnsPort })) {
      this.traffic = addTraffic(this.traffic, { sent: datagramOctets(binding.family, query.length), received: 0 });
    } else if (this.traffic.sent === 0) this.#settle(unsentAsTold(this.#socket.lastError));
    this.#repeat?.[Symbol.dispose]();
    this.#repeat = clock.after("repeat DNS query", repeatAfter, () => this.#send());
  }

  #receive(payload: Uint8Array, from: { readonly address: IpAddress; readonly port: number }): void {
    const { binding, clock } = this.#ground;
    this.traffic = addTraffic(this.traffic, { sent: 0, received: datagramOctets(binding.family, payload.length) });
    const response = from.port === dnsPort ? decodeDnsResponse(payload) : undefined;
    if (response === undefined || !isSameQuestion(response.question, this.#question)) return;
    const query = this.#waiting.get(response.id);
    if (query?.resolver !== from.address) return;
    this.#waiting.delete(response.id);
    this.#refusals += isRefusal(response) ? 1 : 0;
    if (isRefusal(response) && this.#refusals < this.#resolvers.length) this.#send();
    else this.#settle({ kind: "response", response, resolver: from.address, rtt: millis(clock.now() - query.at) });
  }
}
