/**
 * Whether what the two ends of a stream tell is what must be: all that was to be sent was sent, the same octets came in the same
 * order, and each direction was finished, not cut. Pure: it is itself tried against relays that do wrong.
 */
import { OctetStream } from "./octet-stream.ts";
import type { WrongOctets } from "./received.ts";
import type { EndResult } from "./stream-end.ts";
import { octetsOf, planOf } from "./stream-plan.ts";

export interface BothEnds {
  readonly client: EndResult | undefined;
  readonly target: EndResult | undefined;
}

/** What is wrong with stream `number`, a sentence each. */
export function faultsOf(
  seed: number,
  length: number,
  number: number,
  { client, target }: BothEnds,
): readonly string[] {
  const plan = planOf(seed, number, length);
  const name = `stream ${number} (${plan.kind})`;
  if (client === undefined || target === undefined) {
    return [`${name}: the ${client === undefined ? "client" : "target"} has not ended`];
  }
  const faults: string[] = [];
  for (const [end, result] of [
    ["client", client],
    ["target", target],
  ] as const) {
    if (result.ended !== "end") faults.push(`${name}: the ${end} ended by ${result.ended}`);
  }
  for (const [direction, from, to, script] of [
    ["up", client, target, plan.client],
    ["down", target, client, plan.target],
  ] as const) {
    const planned = octetsOf(script);
    const { sent } = from;
    const { came } = to;
    if (sent.length !== planned) faults.push(`${name} ${direction}: ${sent.length} of ${planned} octets were sent`);
    if (came.wrong !== undefined) faults.push(`${name} ${direction}: ${describe(seed, number, direction, came.wrong)}`);
    if (came.length !== sent.length)
      faults.push(`${name} ${direction}: ${sent.length} octets sent, ${came.length} came`);
    else if (came.sha256 !== sent.sha256)
      faults.push(`${name} ${direction}: SHA-256 ${sent.sha256} sent, ${came.sha256} came`);
  }
  return faults;
}

/** How far away what came is looked for. */
const before = 1 << 20;
const behind = 4 << 20;

function describe(seed: number, number: number, direction: "up" | "down", { offset, came }: WrongOctets): string {
  const octets = Buffer.from(came, "hex");
  const stream = new OctetStream(seed, number, direction);
  const from = Math.max(0, offset - before);
  // A keystream cannot be entered in the middle.
  for (let left = from; left > 0; left -= Math.min(left, behind)) stream.take(Math.min(left, behind));
  const place = octets.length < 8 ? -1 : stream.take(before + behind).indexOf(octets);
  if (place < 0) return `at offset ${offset} came octets that stand nowhere near: ${came}`;
  const distance = from + place - offset;
  return distance > 0
    ? `${distance} octets are missing at offset ${offset}`
    : `at offset ${offset} the ${-distance} octets before it come again`;
}
