/** Reads the lines of a segment in pieces, so that a file of any size takes little memory. */
import { createReadStream } from "node:fs";

export type SegmentPiece =
  /** Whole lines, and how many octets of the file were read up to now. */
  | { readonly kind: "lines"; readonly lines: readonly string[]; readonly octets: number }
  /** The file ends in the midst of a line: whoever wrote it was killed, or the disk was full. */
  | { readonly kind: "torn"; readonly characters: number };

const pieceOctets = 256 * 1024;
/** Characters of one line; the header of a router with 4,096 links takes three million. */
const longestLine = 64 * 1024 * 1024;

/** Rejects as reading a file does, and when a line is longer than any that Ropewalk writes. */
export async function* readSegment(path: string): AsyncGenerator<SegmentPiece> {
  const decoder = new TextDecoder();
  let begun = "";
  let octets = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: pieceOctets }) as AsyncIterable<Uint8Array>) {
    octets += chunk.length;
    const lines = (begun + decoder.decode(chunk, { stream: true })).split("\n");
    begun = lines.pop() ?? "";
    if (begun.length > longestLine)
      throw new Error(`${path} has a line longer than ${longestLine} characters: it is no log`);
    yield { kind: "lines", lines, octets };
  }
  begun += decoder.decode();
  if (begun !== "") yield { kind: "torn", characters: begun.length };
}
