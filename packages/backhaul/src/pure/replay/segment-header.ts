/** The first line of a segment: all that a reader needs to go on from there, with nothing known of what was before. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MachineConfig } from "../machine.ts";
import type { BackhaulState } from "../state.ts";
import { chain, chainStart, checkText } from "./chain.ts";
import { encodeValue, readValue } from "./value-codec.ts";

/** Changes with the layout of lines. */
export const logFormat = "ropewalk-decisions/1";

/** Why a segment begins. */
export type Opening =
  | { readonly kind: "start" }
  /** The one before was full: its last line and this state are neighbours. */
  | { readonly kind: "full" }
  /** So many records before it could not be written. */
  | { readonly kind: "lost"; readonly records: number };

export interface SegmentHeader {
  /** Of Ropewalk. */
  readonly version: string;
  readonly segment: number;
  readonly opening: Opening;
  /** Wall time of the opening, ISO 8601; may have jumped since. */
  readonly wall: string;
  /** The same moment on the clock of the inputs. */
  readonly at: Millis;
  readonly config: MachineConfig;
  /** Before the first input of the segment. */
  readonly state: BackhaulState;
}

export type ReadHeader =
  | { readonly kind: "header"; readonly header: SegmentHeader; readonly check: number }
  /** Of another layout; `format` is what it calls itself. */
  | { readonly kind: "other-format"; readonly format: string }
  | { readonly kind: "malformed"; readonly reason: string };

/** The line, and the check with which the chain of the segment goes on. */
export function encodeHeader(header: SegmentHeader): { readonly line: string; readonly check: number } {
  const { version, segment, opening, wall, at, config, state } = header;
  const content = encodeValue({ format: logFormat, version, segment, opening, wall, at, config, state });
  const open = content.slice(0, -1);
  const check = chain(chainStart, open);
  return { line: `${open},"check":"${checkText(check)}"}`, check };
}

export function readHeader(line: string): ReadHeader {
  const decoded = readValue(line);
  if (decoded.kind === "malformed") return decoded;
  if (!isFields(decoded.value)) return malformed("it is no object");
  const { format, version, segment, opening, wall, at, config, state } = decoded.value;
  if (format !== logFormat) {
    return typeof format === "string" ? { kind: "other-format", format } : malformed("it names no format");
  }
  const isWhole =
    typeof version === "string" &&
    typeof wall === "string" &&
    Number.isFinite(Date.parse(wall)) &&
    Number.isSafeInteger(segment) &&
    Number.isFinite(at) &&
    [opening, config, state].every(isFields);
  if (!isWhole) return malformed("something of it is missing");
  const header = { version, segment, opening, wall, at, config, state } as unknown as SegmentHeader;
  const encoded = encodeHeader(header);
  return encoded.line === line
    ? { kind: "header", header, check: encoded.check }
    : malformed("it was changed after it was written");
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(reason: string): ReadHeader {
  return { kind: "malformed", reason };
}
