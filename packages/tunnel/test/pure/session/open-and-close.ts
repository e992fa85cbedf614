/** Streams opened, used and ended in every way, again and again: what is left of them. */
import { millis } from "@ropewalk/kernel/units";
import {
  createPair,
  cut,
  type End,
  finish,
  open,
  type Pair,
  peerOf,
  reset,
  settle,
  smallConfig,
  write,
} from "./two-sessions.ts";

const together = 8;

/** What should not be there, after `count` streams; nothing: all is as at the beginning. */
export function openAndClose(count: number, seed: number): readonly string[] {
  const pair = createPair({ ...smallConfig, credit: 1_048_576 });
  for (let done = 0; done < count; done += together) {
    pair.now = millis(pair.now + 10_000);
    useAndEnd(pair, (done + seed) % 7 < 4 ? pair.source : pair.destination, done + seed);
    for (const end of [pair.source, pair.destination]) {
      end.sides.clear();
      pair.copies[end.role].length = 0;
    }
  }
  return [pair.source, pair.destination].flatMap(leftOf);
}

function useAndEnd(pair: Pair, end: End, seed: number): void {
  const peer = peerOf(pair, end);
  const streams = Array.from({ length: together }, () => open(pair, end)).filter((stream) => stream !== undefined);
  for (const stream of streams) write(end, stream, (seed * 37) % 9000);
  if (seed % 3 !== 0) settle(pair);
  for (const [index, stream] of streams.entries()) {
    const way = (seed + index) % 5;
    if (way === 0) reset(end, stream);
    else finish(end, stream);
    if (!peer.sides.has(stream)) continue;
    peer.session.accept(stream);
    if (way === 1) reset(peer, stream);
    if (way === 2) write(peer, stream, (seed * 91) % 9000);
  }
  if (seed % 11 === 0) cut(pair);
  settle(pair);
  for (const [stream, { over }] of peer.sides) if (over === "no") finish(peer, stream);
  settle(pair);
}

function leftOf({ role, session }: End): readonly string[] {
  const gauges = {
    streams: session.streams.size,
    promised: session.promised,
    kept: session.kept,
    due: session.deadline() ?? 0,
    expected: Number(session.isExpecting),
    said: Number(session.take(millis(Number.MAX_SAFE_INTEGER), 65_536) !== undefined),
  };
  return Object.entries(gauges).flatMap(([gauge, value]) => (value === 0 ? [] : [`${role}: ${gauge} is ${value}`]));
}
