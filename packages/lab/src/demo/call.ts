/** A call: the LAN's client sends packets steadily to a far end that sends each back, and says by which uplink it heard them. */
import type { IpAddress } from "@ropewalk/kernel/addresses";
import type { Lab } from "../lab.ts";
import type { Packet } from "../pure/packet-record.ts";
import type { TrafficWord } from "../pure/traffic-output.ts";
import { receiveStream, type SentStream, sendStream } from "../traffic.ts";
import type { TrafficProcess } from "../traffic-process.ts";
import { type CallFigures, callFigures } from "./pure/figures.ts";
import { addressOf, uplinkWith } from "./ways.ts";

const far = "target-2";
const port = 7_001;
const callRate = 50;

export class Call implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #stack = new AsyncDisposableStack();
  #sender: TrafficProcess<SentStream> | undefined;
  /** Of the call that runs. */
  #replies: Packet[] = [];
  #heard: Packet[] = [];
  #way: IpAddress | undefined;

  static async begin(lab: Lab): Promise<Call> {
    await using unwinding = new AsyncDisposableStack();
    const call = unwinding.use(new Call(lab));
    const receiver = call.#stack.use(await receiveStream(lab.host(far), { port, isEcho: true, isLive: true }));
    call.#stack.use(receiver.follow((word) => call.#hear(word)));
    await call.again();
    unwinding.move();
    return call;
  }

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Hangs up and calls anew: another flow, and figures of its own. */
  async again(): Promise<void> {
    await this.#sender?.stop();
    this.#replies = [];
    this.#heard = [];
    this.#way = undefined;
    const plan = { to: addressOf(far), port, rate: callRate, wantsReplies: true, isLive: true };
    const sender = this.#stack.use(await sendStream(this.#lab.host("client"), plan));
    const replies = this.#replies;
    sender.follow((word) => void (word.kind === "packet" && replies.push(word.packet)));
    this.#sender = sender;
  }

  /** The uplink by which the far end heard the last packet. */
  get by(): string | null {
    return uplinkWith(this.#lab, this.#way);
  }

  /** Packets between two moments. */
  between(from: bigint, to: bigint): { readonly there: number; readonly back: number } {
    const count = (packets: readonly Packet[]) =>
      packets.filter(({ arrivedAt }) => from < arrivedAt && arrivedAt <= to).length;
    return { there: count(this.#heard), back: count(this.#replies) };
  }

  /** True once a packet came back that was sent behind `moment`. */
  isAnsweredSince(moment: bigint): boolean {
    return (this.#replies.at(-1)?.sentAt ?? 0n) > moment;
  }

  figures(since: bigint, now: bigint): CallFigures {
    return callFigures(this.#replies, since, now);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stack.disposeAsync();
  }

  #hear(word: TrafficWord): void {
    if (word.kind !== "packet") return;
    this.#heard.push(word.packet);
    this.#way = word.packet.address;
  }
}
