/** Broadcasts of this node's own: numbered and signed, or sealed to a channel, and no more of them than others take of one node. */
import { TokenBucket } from "@ropewalk/kernel/token-bucket";
import { type Millis, millis, seconds } from "@ropewalk/kernel/units";
import type { Freshness } from "../../wire/announce.ts";
import { frameHead } from "../../wire/frame-stream.ts";
import { frameLengths } from "../../wire/link-frame.ts";
import { sealToChannel, signBroadcast } from "../sealing/broadcast-sealing.ts";
import type { MessageCrypto } from "../sealing/message-crypto.ts";
import {
  Broadcast,
  type BroadcastForm,
  broadcastLength,
  encodeBroadcast,
  longestBroadcastLife,
  mostBroadcastHops,
} from "../wire/broadcast.ts";
import { encodePlaintext, type Plaintext, plaintextHead } from "../wire/plaintext.ts";
import { paddingOf } from "../wire/size-class.ts";
import { type BroadcastOrder, type BroadcastRefusal, longestBroadcastContent } from "./broadcast-terms.ts";
import type { Channels } from "./channels.ts";
import type { HeardBroadcast } from "./heard-broadcasts.ts";
import { originRate } from "./origins.ts";

export interface OwnBroadcastsDeps {
  readonly crypto: MessageCrypto;
  readonly channels: Pick<Channels, "keys">;
  /** Seconds since 1970, for people. */
  readonly wall: (now: Millis) => number;
  readonly takeNumber: () => Freshness;
  readonly isConstrained: boolean;
}

export interface OwnBroadcast {
  readonly kind: "made";
  readonly id: string;
  readonly broadcast: Broadcast;
  readonly heard: HeardBroadcast;
}

const idLength = 8;

export class OwnBroadcasts {
  readonly #deps: OwnBroadcastsDeps;
  readonly #bucket: TokenBucket;

  constructor(deps: OwnBroadcastsDeps, now: Millis) {
    this.#deps = deps;
    this.#bucket = new TokenBucket(originRate, now);
  }

  make(now: Millis, order: BroadcastOrder): OwnBroadcast | BroadcastRefusal {
    const { crypto, channels, wall } = this.#deps;
    const { channel, port, priority, content } = order;
    const key = channel === undefined ? undefined : channels.keys.get(channel);
    if (channel !== undefined && key === undefined) return { kind: "no-channel" };
    if (content.length > longestBroadcastContent)
      return { kind: "too-long", octets: content.length, limit: longestBroadcastContent };
    if (!this.#bucket.take(now)) return { kind: "too-many", wait: millis((this.#bucket.readyAt(now) ?? now) - now) };
    const id = key === undefined ? numberId(this.#deps.takeNumber()) : crypto.random(idLength).toHex();
    const said: Plaintext = { kind: "whole", port, id, sent: wall(now), content };
    const plaintext = this.#padded(said, key === undefined ? "signed" : "channel");
    const life = millis(Math.min(longestBroadcastLife, Math.max(seconds(1), order.life)));
    const made = key === undefined ? signBroadcast(crypto, plaintext) : sealToChannel(crypto, key, plaintext);
    const broadcast = new Broadcast(encodeBroadcast({ priority, hops: mostBroadcastHops, life }, made));
    const heard = { priority, until: millis(now + life), hops: mostBroadcastHops, from: undefined };
    return { kind: "made", id, broadcast, heard };
  }

  /** What all can read need not hide how long it is. */
  #padded(said: Plaintext, form: BroadcastForm): Uint8Array {
    if (form === "signed" || this.#deps.isConstrained) return encodePlaintext(said, 0);
    const length = plaintextHead.whole + said.content.length;
    return encodePlaintext(said, paddingOf(frameHead + frameLengths.broadcast + broadcastLength(form, length)));
  }
}

function numberId({ epoch, sequence }: Freshness): string {
  return [epoch, sequence].map((part) => part.toString(16).padStart(8, "0")).join("");
}
