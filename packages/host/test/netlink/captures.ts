/** Reads the captured datagrams, by the command that made them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeEvent } from "../../src/netlink/event.ts";
import { type NetlinkMessage, splitMessages } from "../../src/netlink/message.ts";

const blocks: ReadonlyMap<string, readonly string[]> = new Map(
  ["linux-6.18.hex", "nftables-6.18.hex"].flatMap((file) =>
    readFileSync(join(import.meta.dirname, "vectors", file), "utf8")
      .split("\n> ")
      .slice(1)
      .map((block) => {
        const [command = "", ...datagrams] = block.trim().split("\n");
        return [command, datagrams] as const;
      }),
  ),
);

/** Every datagram of every capture. */
export const allDatagrams: readonly Uint8Array[] = [...blocks.values()].flat().map((hex) => Uint8Array.fromHex(hex));

/** The messages that followed `command`. */
export function captured(command: string): readonly NetlinkMessage[] {
  const datagrams = blocks.get(command);
  if (datagrams === undefined) throw new Error(`nothing was captured of "${command}"`);
  return datagrams.flatMap((hex) => splitMessages(Uint8Array.fromHex(hex)).messages);
}

/** What the messages that followed `command` are decoded to. */
export function capturedEvents(command: string): readonly ReturnType<typeof decodeEvent>[] {
  return captured(command).map(decodeEvent);
}
