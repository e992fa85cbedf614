/**
 * Waits until the first message of TLS is whole, and lets in nothing that cannot be one: so a connection that never goes on costs a
 * few octets, and no TLS. Each octet is looked at once. Source: RFC 8446 §5.1, §4.
 */
import type { RefusalReason } from "./refusal.ts";

const handshakeRecord = 22;
const clientHello = 1;
const longestRecord = 16_384;
/** Of the message. One that offers X25519MLKEM768 alone takes about 1.4 KB. */
const longestHello = 16_384;
/** Of all records, with their headers: whoever cuts a message into single octets sends six times as many. */
const longestFlight = longestHello + 1024;
const messageHeader = 4;

export type GateVerdict =
  | { readonly kind: "wait" }
  | { readonly kind: "whole" }
  | { readonly kind: "refused"; readonly reason: RefusalReason };

const wait: GateVerdict = { kind: "wait" };
const whole: GateVerdict = { kind: "whole" };

export class ClientHelloGate {
  #read = 0;
  #inHeader = 0;
  #recordLength = 0;
  #recordLeft = 0;
  #inMessage = 0;
  #messageLength = 0;

  /** The verdict after these octets too. Once it is not "wait" there is nothing more to ask. */
  read(octets: Uint8Array): GateVerdict {
    let offset = 0;
    while (offset < octets.length) {
      const octet = octets[offset] ?? 0;
      if (this.#recordLeft === 0) {
        offset += 1;
        const reason = this.#onHeader(octet);
        if (reason !== undefined) return { kind: "refused", reason };
      } else if (this.#inMessage < messageHeader) {
        offset += 1;
        this.#recordLeft -= 1;
        const reason = this.#onMessageHeader(octet);
        if (reason !== undefined) return { kind: "refused", reason };
      } else {
        const skipped = Math.min(this.#recordLeft, octets.length - offset);
        offset += skipped;
        this.#recordLeft -= skipped;
        this.#inMessage += skipped;
      }
      if (this.#inMessage >= messageHeader + Math.max(1, this.#messageLength)) return whole;
    }
    this.#read += octets.length;
    return this.#read > longestFlight ? { kind: "refused", reason: "oversize" } : wait;
  }

  #onHeader(octet: number): RefusalReason | undefined {
    this.#inHeader += 1;
    switch (this.#inHeader) {
      case 1:
        return octet === handshakeRecord ? undefined : "wrong-protocol";
      case 2:
        return octet === 3 ? undefined : "wrong-protocol";
      case 3:
        return undefined;
      case 4:
        this.#recordLength = octet << 8;
        return undefined;
      default: {
        this.#inHeader = 0;
        this.#recordLeft = this.#recordLength + octet;
        if (this.#recordLeft === 0) return "malformed-message";
        return this.#recordLeft > longestRecord ? "oversize" : undefined;
      }
    }
  }

  #onMessageHeader(octet: number): RefusalReason | undefined {
    this.#inMessage += 1;
    if (this.#inMessage === 1) return octet === clientHello ? undefined : "wrong-protocol";
    this.#messageLength = this.#messageLength * 256 + octet;
    if (this.#inMessage < messageHeader) return undefined;
    if (this.#messageLength === 0) return "malformed-message";
    return this.#messageLength > longestHello ? "oversize" : undefined;
  }
}
