/** What an ISP counted of its customer's packets, by address, read from nft's own JSON. */
import { type IpAddress, parseIpAddress } from "@ropewalk/kernel/addresses";
import { type Bytes, bytes } from "@ropewalk/kernel/units";
import { LabError } from "../errors.ts";

export interface Counted {
  readonly address: IpAddress;
  readonly packets: number;
  readonly bytes: Bytes;
}

/** Octets are those of IP, without the link's header; ARP and neighbour discovery, which keep the link itself, are not among them. */
export interface UplinkCounters {
  /** Everything that came from edge, by source, foreign sources included. */
  readonly sent: readonly Counted[];
  /** Dropped because the source was not the customer's (BCP 38), by source. */
  readonly foreign: readonly Counted[];
  /** What was handed to edge, by destination. */
  readonly received: readonly Counted[];
}

interface NftElement {
  readonly elem: { readonly val: string; readonly counter: { readonly packets: number; readonly bytes: number } };
}

interface NftList {
  readonly nftables: readonly { readonly set?: { readonly name: string; readonly elem?: readonly NftElement[] } }[];
}

/** `text` is the output of `nft --json list table inet lab`. Throws LAB_COMMAND_FAILED when it is not. */
export function parseCounters(text: string): UplinkCounters {
  const { nftables } = JSON.parse(text) as NftList;
  const read = (name: string): readonly Counted[] => {
    const found = nftables.find(({ set }) => set?.name === name)?.set;
    if (found === undefined) throw new LabError("LAB_COMMAND_FAILED", `nft did not list the set ${name}`);
    return (found.elem ?? []).map(({ elem }) => counted(elem));
  };
  const both = (name: string) => [...read(`${name}4`), ...read(`${name}6`)];
  return { sent: both("sent"), foreign: both("foreign"), received: both("received") };
}

function counted({ val, counter }: NftElement["elem"]): Counted {
  const address = parseIpAddress(val);
  if (address === undefined) throw new LabError("LAB_COMMAND_FAILED", `nft counted for "${val}", which is no address`);
  return { address, packets: counter.packets, bytes: bytes(counter.bytes) };
}
