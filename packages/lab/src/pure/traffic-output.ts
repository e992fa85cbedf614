/**
 * What a traffic program says on its standard output: "ready", then "from ADDRESS TIME" at each change of way and, where it
 * was asked to tell as it goes, more such lines; at its end one line of JSON with the packets, as many as it says, behind it.
 */
import { type IpAddress, ipAddress } from "@ropewalk/kernel/addresses";
import { type Packet, parsePackets } from "./packet-record.ts";

export type TrafficWord =
  | { readonly kind: "ready" }
  /** Packets come from, or replies come in at, this address; `at` is when the first one did. */
  | { readonly kind: "from"; readonly address: IpAddress; readonly at: bigint }
  | { readonly kind: "packet"; readonly packet: Packet }
  /** So many came since the start. */
  | { readonly kind: "octets"; readonly total: number; readonly at: bigint }
  /** No octet came between these. */
  | { readonly kind: "pause"; readonly from: bigint; readonly to: bigint }
  /** A connection failed; `reason` is the name of the error. */
  | { readonly kind: "broken"; readonly reason: string; readonly at: bigint };

/** A program's last words. */
export interface TrafficTold {
  readonly line: Readonly<Record<string, unknown>>;
  readonly packets: readonly Packet[];
}

const newline = 10;
const brace = 123;

export class TrafficOutput {
  /** What is not yet a whole line. */
  #rest: Uint8Array = new Uint8Array();
  /** Of the last word "from": packets come from there until the next one. */
  #address: IpAddress | undefined;
  /** From the line of JSON on. */
  readonly #last: Uint8Array[] = [];

  /** The words that `chunk` completed. */
  push(chunk: Uint8Array): readonly TrafficWord[] {
    if (this.#last.length > 0) {
      this.#last.push(chunk);
      return [];
    }
    let text = joined([this.#rest, chunk]);
    const words: TrafficWord[] = [];
    for (let end = text.indexOf(newline); end >= 0 && text[0] !== brace; end = text.indexOf(newline)) {
      words.push(this.#word(new TextDecoder().decode(text.subarray(0, end))));
      text = text.subarray(end + 1);
    }
    if (text[0] === brace) this.#last.push(text);
    else this.#rest = text;
    return words;
  }

  /** Throws SyntaxError or RangeError when the program was cut off. */
  end(): TrafficTold {
    const text = joined(this.#last);
    const end = text.indexOf(newline);
    const line = JSON.parse(new TextDecoder().decode(text.subarray(0, Math.max(0, end)))) as Record<string, unknown>;
    const packets = parsePackets(text.subarray(end + 1));
    if (packets.length !== Number(line["records"] ?? 0)) throw new RangeError(`${packets.length} packets were told`);
    return { line, packets };
  }

  /** Throws RangeError at a line that no program says. */
  #word(line: string): TrafficWord {
    const [verb, ...words] = line.split(" ");
    const [first = "", second = "0", third = "0"] = words;
    switch (verb) {
      case "ready":
        return { kind: "ready" };
      case "from":
        this.#address = ipAddress(first);
        return { kind: "from", address: this.#address, at: BigInt(second) };
      case "packet":
        return { kind: "packet", packet: this.#packet(Number(first), BigInt(second), BigInt(third)) };
      case "octets":
        return { kind: "octets", total: Number(first), at: BigInt(second) };
      case "pause":
        return { kind: "pause", from: BigInt(first), to: BigInt(second) };
      case "broken":
        return { kind: "broken", reason: first, at: BigInt(second) };
      default:
        throw new RangeError(`a traffic program said "${line}"`);
    }
  }

  #packet(number: number, sentAt: bigint, arrivedAt: bigint): Packet {
    if (this.#address === undefined) throw new RangeError(`packet ${number} came from nowhere`);
    return { number, sentAt, arrivedAt, address: this.#address };
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
