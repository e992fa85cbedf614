/**
 * What a program asked of the disk, as strace saw it, and what the disk may hold where the power fails at some point of that: all that
 * was synced, and of what was not, any part in any order.
 */
import { dirname } from "node:path";
import type { Random } from "@ropewalk/simnet/random";

export type DiskEvent =
  | { readonly kind: "write"; readonly file: string; readonly at: number; readonly octets: Uint8Array }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "sync"; readonly file: string }
  /** A line on the program's standard output. */
  | { readonly kind: "told"; readonly line: string };

/** For `strace`: only calls that `diskEvents` knows, whole, with names and octets in hexadecimal digits. */
export const straceOptions: readonly string[] = [
  ...["-f", "-y", "-xx", "-s", "1000000"],
  ...["-e", "trace=pwrite64,write,fdatasync,fsync,ftruncate,unlink"],
];

/** A disk writes so much at once or not at all. */
const sectorLength = 512;

/** `text`: what strace wrote of one process and its threads. Calls that are cut in two by another thread's count from their end. */
export function diskEvents(text: string): readonly DiskEvent[] {
  const begun = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    const [, thread = "", call = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (call.endsWith("<unfinished ...>")) {
      begun.set(thread, call.slice(0, -"<unfinished ...>".length));
      return [];
    }
    const rest = /^<\.\.\. \w+ resumed>(.*)$/.exec(call)?.[1];
    return eventOf(rest === undefined ? call : `${begun.get(thread)}${rest}`);
  });
}

function eventOf(call: string): readonly DiskEvent[] {
  const [, name = "", list = ""] = /^(\w+)\((.*)\) += \d+(?: \(INJECTED\))?$/.exec(call) ?? [];
  const texts = [...list.matchAll(/[<"]((?:\\x[0-9a-f]{2})*)[>"]/g)].map(([, hex = ""]) => hex.replaceAll("\\x", ""));
  const numbers = list.split(", ").map(Number);
  const file = textOf(texts[0] ?? "");
  switch (name) {
    case "pwrite64":
      return [{ kind: "write", file, at: numbers.at(-1) ?? 0, octets: Uint8Array.fromHex(texts[1] ?? "") }];
    case "write":
      return list.startsWith("1<") ? [{ kind: "told", line: textOf(texts[1] ?? "").trim() }] : [];
    case "ftruncate":
      return [{ kind: "truncate", file, size: numbers.at(-1) ?? 0 }];
    case "unlink":
      return [{ kind: "remove", file }];
    case "fdatasync":
    case "fsync":
      return [{ kind: "sync", file }];
    default:
      return [];
  }
}

/**
 * What files hold, by name, where the power fails behind these events. That a file was removed is synced with its folder. `before`: what
 * they held, all of it synced.
 */
export function afterPowerCut(
  events: readonly DiskEvent[],
  chance: Random,
  before: ReadonlyMap<string, Uint8Array> = new Map(),
): ReadonlyMap<string, Uint8Array> {
  const files = new Map([...before].map(([name, octets]) => [name, octets.slice()]));
  let pending: readonly (DiskEvent & { readonly file: string })[] = [];
  for (const event of events) {
    if (event.kind === "told") continue;
    if (event.kind !== "sync") {
      pending = [...pending, event];
      continue;
    }
    const isSynced = ({ kind, file }: { readonly kind: string; readonly file: string }) =>
      event.file === (kind === "remove" ? dirname(file) : file);
    for (const each of pending.filter(isSynced)) apply(files, each, 0, Number.POSITIVE_INFINITY);
    pending = pending.filter((each) => !isSynced(each));
  }
  for (const each of pending) applyPart(files, each, chance);
  return files;
}

/** All of it, or nothing, or some of its sectors. */
function applyPart(files: Map<string, Uint8Array>, event: DiskEvent, chance: Random): void {
  const drawn = chance.unit();
  if (drawn < 0.4) return;
  if (drawn < 0.8 || event.kind !== "write") {
    apply(files, event, 0, Number.POSITIVE_INFINITY);
    return;
  }
  for (let from = 0; from < event.octets.length; from += sectorLength)
    if (chance.unit() < 0.5) apply(files, event, from, from + sectorLength);
}

function apply(files: Map<string, Uint8Array>, event: DiskEvent, from: number, to: number): void {
  switch (event.kind) {
    case "write": {
      const part = event.octets.subarray(from, to);
      const end = event.at + from + part.length;
      const file = resized(files.get(event.file), Math.max(end, files.get(event.file)?.length ?? 0));
      file.set(part, event.at + from);
      files.set(event.file, file);
      return;
    }
    case "truncate":
      files.set(event.file, resized(files.get(event.file), event.size));
      return;
    case "remove":
      files.delete(event.file);
      return;
    case "sync":
    case "told":
      return;
  }
}

function resized(file: Uint8Array | undefined, size: number): Uint8Array {
  if (file?.length === size) return file;
  const other = new Uint8Array(size);
  other.set((file ?? new Uint8Array()).subarray(0, size));
  return other;
}

function textOf(hex: string): string {
  return new TextDecoder().decode(Uint8Array.fromHex(hex));
}
