/** `[core.control]`, where entry reaches this node and how both prove who they are, and `[core.entry]`, where this node reaches entry. */
import { type HostPort, parseHostName } from "@ropewalk/kernel/host-port";
import { hostPort, type ListenText, listenText, reading } from "@ropewalk/ops/config-places";
import { table } from "@ropewalk/ops/config-schema";
import { z } from "zod";

export interface ControlConfig {
  readonly listen: ListenText;
  /** What entry is told to call, where it is not `listen`. */
  readonly advertise: HostPort | undefined;
  /** PEM: this node's own first, then what leads to the CA. Asked for when an exit starts, as are the next two. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** One of them has signed entry's certificate. */
  readonly authorities: readonly string[];
  /** The DNS name that a certificate must have to give orders. */
  readonly entryName: string;
}

export interface EntryConfig {
  /** Asked in turn. */
  readonly addresses: readonly HostPort[];
  /** The DNS name that entry's certificate must have there. Undefined: `control.entry_name`. */
  readonly serverName: string | undefined;
}

const file = z.string().min(1).max(4096);
const dnsName = reading((text) => parseHostName(text), 'a DNS name as certificates have it, "entry.example"');

export const controlTable: z.ZodType<ControlConfig> = table({
  listen: listenText.prefault("0.0.0.0:7431"),
  advertise: hostPort.optional(),
  certificate: file.optional(),
  key: file.optional(),
  authorities: z.array(file).max(64).default([]),
  entry_name: dnsName.prefault("entry"),
}) as z.ZodType<ControlConfig>;

export const entryTable: z.ZodType<EntryConfig> = table({
  addresses: z.array(hostPort).max(16).default([]),
  server_name: dnsName.optional(),
}) as z.ZodType<EntryConfig>;
