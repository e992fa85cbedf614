/** A neighbour who has proved his key and holds nothing back: he says what he has to say again and again, as fast as it is read. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { parseHostPort } from "@ropewalk/kernel/host-port";
import { encodeFrames } from "@ropewalk/mesh/pure/wire/frame-stream";
import { outcomeOf, testNode } from "../io/link-ends.ts";

const atOnce = 65_536;
/** A node that has cut a link, or is asked too often, takes another a moment later. */
const againMs = 100;

export interface Siege {
  /** Of the node, as others dial it. */
  readonly place: string;
  readonly frames: readonly Uint8Array[];
  /** After which he goes, and comes again as another; undefined: he stays for as long as he may. */
  readonly staysMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Until it is aborted; how many links came to their end before. */
export async function besiege({ place, frames, staysMs, signal }: Siege): Promise<number> {
  const pieces = piecesOf(frames);
  let ends = 0;
  while (!signal.aborted) {
    const stream = await linkTo(place, testNode());
    if (stream === undefined) {
      await new Promise((resolve) => setTimeout(resolve, againMs));
      continue;
    }
    const stays = staysMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(staysMs)]);
    await pour(stream, pieces, stays);
    stream.destroy();
    if (!signal.aborted) ends += 1;
  }
  return ends;
}

async function linkTo(place: string, node: ReturnType<typeof testNode>): Promise<Duplex | undefined> {
  const at = parseHostPort(place);
  if (at === undefined) throw new Error(`${place} is no place`);
  const socket = connect({ host: at.host, port: at.port, noDelay: true });
  socket.on("error", () => {});
  const outcome = await outcomeOf(socket, node, { direction: "dialled" });
  return "proved" in outcome ? outcome.proved.stream : undefined;
}

async function pour(stream: Duplex, pieces: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  stream.on("close", () => over.abort()).resume();
  for (let next = 0; !stop.aborted; next += 1) {
    const piece = pieces[next % pieces.length];
    if (piece === undefined || stream.write(piece)) continue;
    await once(stream, "drain", { signal: stop }).catch(() => {});
  }
}

function piecesOf(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let [from, octets] = [0, 0];
  for (const [index, frame] of frames.entries()) {
    octets += frame.length;
    if (octets < atOnce && index + 1 < frames.length) continue;
    pieces.push(encodeFrames(frames.slice(from, index + 1)));
    [from, octets] = [index + 1, 0];
  }
  return pieces;
}
