/**
 * A neighbour with a key and a link of its own that says it keeps for others, takes what it is given, and then says in meetings that all of it was
 * proved, that it has a thousand envelopes more, and proofs of its own making.
 */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { parseHostPort } from "@ropewalk/kernel/host-port";
import { createMeshCrypto } from "@ropewalk/mesh/mesh-identity";
import { addressOfKey } from "@ropewalk/mesh/pure/mesh-address";
import { elementsOf } from "@ropewalk/mesh/pure/messages/reconcile/element";
import { Meeting, type MeetingOutput } from "@ropewalk/mesh/pure/messages/reconcile/meeting";
import { defaultMeetingLimits } from "@ropewalk/mesh/pure/messages/reconcile/meeting-limits";
import type { MeetingSaid } from "@ropewalk/mesh/pure/messages/wire/meeting";
import { capability } from "@ropewalk/mesh/pure/wire/announce";
import { makeAnnounce } from "@ropewalk/mesh/pure/wire/announce-proof";
import { decodeFrame } from "@ropewalk/mesh/pure/wire/decode-frame";
import { encodeFrame } from "@ropewalk/mesh/pure/wire/encode-frame";
import { encodeFrames, FrameCutter } from "@ropewalk/mesh/pure/wire/frame-stream";
import type { LinkFrame } from "@ropewalk/mesh/pure/wire/link-frame";
import { clock, outcomeOf, testNode } from "./io/link-ends.ts";
import { plainContent } from "./pure/wire/announces.ts";

const madeUp = 1_000;

export class LyingKeeper implements Disposable {
  /** Tags of what it was given. */
  readonly taken: Set<string> = new Set();
  /** How its meetings ended. */
  readonly ended: string[] = [];
  readonly #stream: Duplex;
  readonly #meeting: Meeting;
  #lies = false;

  /** `place`: of a node, as others dial it. */
  static async join(place: string): Promise<LyingKeeper> {
    const node = testNode();
    const at = parseHostPort(place);
    if (at === undefined) throw new Error(`${place} is no place`);
    const socket = connect({ host: at.host, port: at.port, noDelay: true }).on("error", () => {});
    const outcome = await outcomeOf(socket, node, { direction: "dialled" });
    if ("refused" in outcome) throw new Error(`no link: ${outcome.refused.reason}`);
    return new LyingKeeper(outcome.proved.stream, node, addressOfKey(outcome.proved.peerKey));
  }

  private constructor(stream: Duplex, { key, address: own }: ReturnType<typeof testNode>, peer: typeof own) {
    this.#stream = stream;
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    this.#meeting = new Meeting(clock.now(), { own, peer, mtu: 4096 }, defaultMeetingLimits, {
      elements: () => (this.#lies ? elementsOf({ held: hashes(madeUp), proved: this.taken }) : new Uint32Array()),
      random,
    });
    const capabilities = capability.relay | capability.store;
    const announce = makeAnnounce(createMeshCrypto(key), { ...plainContent, capabilities }).octets;
    this.#say({ type: "hello", kind: "standard", online: "unknown", epoch: 1, sequence: 1 });
    this.#say({ type: "announce", label: 0x0100, announce });
    const cutter = new FrameCutter();
    stream.on("data", (octets: Uint8Array) => cutter.cut(octets, (frame) => this.#hear(decodeFrame(frame.slice()))));
  }

  /** A meeting in which nothing that it says is so. */
  lie(): void {
    this.#lies = true;
    this.#perform(this.#meeting.begin(clock.now()));
  }

  get isLinked(): boolean {
    return !this.#stream.destroyed;
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  #hear(frame: LinkFrame | undefined): void {
    if (frame?.type === "deposit") {
      this.taken.add(frame.envelope.name);
      this.#meeting.came();
    }
    if (frame?.type === "ping") this.#say({ ...frame, type: "pong" });
    if (frame?.type === "meeting") this.#perform(this.#meeting.receive(clock.now(), frame.said));
  }

  #perform(outputs: readonly MeetingOutput[]): void {
    for (const output of outputs) {
      if (output.kind === "say") this.#meet(output.said);
      else if (output.kind === "give") {
        const ackKeys = hashes(output.given.proved.length).map((hash) => Uint8Array.fromHex(hash.repeat(2)));
        if (ackKeys.length > 0) this.#say({ type: "proof", ackKeys });
      } else this.ended.push(output.kind);
    }
  }

  #meet(said: MeetingSaid): void {
    this.#say({ type: "meeting", said });
  }

  #say(frame: LinkFrame): void {
    if (this.isLinked) this.#stream.write(encodeFrames([encodeFrame(frame)]));
  }
}

/** Of 16 digits each, always the same. */
function hashes(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) =>
    createHash("sha256").update(`${number}`).digest("hex").slice(0, 16),
  );
}
