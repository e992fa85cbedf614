/** What applications ask of broadcasts, and what they are told. */
import type { Millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../../mesh-address.ts";
import type { Priority } from "../wire/envelope.ts";

/** One that an application hands in. */
export interface BroadcastOrder {
  /** A channel's name; undefined: for all, signed by this node. */
  readonly channel: string | undefined;
  /** For which application: 0 to 65,535. */
  readonly port: number;
  readonly priority: Priority;
  /** As long as it is worth anything: an hour at most. */
  readonly life: Millis;
  readonly content: Uint8Array;
}

export type BroadcastRefusal =
  /** In octets. */
  | { readonly kind: "too-long"; readonly octets: number; readonly limit: number }
  /** Nobody has told this node a key of that name. */
  | { readonly kind: "no-channel" }
  /** As many as others take of one node went out: after so long there is room for the next. */
  | { readonly kind: "too-many"; readonly wait: Millis };

/** It went to as many neighbours, and goes to those that come within its life. */
export interface BroadcastSent {
  readonly kind: "sent";
  readonly id: string;
  readonly neighbours: number;
}

/** By whom one is, or in which channel: there nobody knows by whom. */
export type BroadcastSource =
  | { readonly kind: "origin"; readonly address: MeshAddress }
  | { readonly kind: "channel"; readonly name: string };

/** A broadcast is in the list of those that were heard, under this number. */
export interface BroadcastHeard {
  readonly kind: "heard";
  readonly number: number;
  readonly source: BroadcastSource;
  readonly port: number;
}

/** Octets of content. */
export const longestBroadcastContent = 1_024;
/** That wait until an application takes them; the oldest give way. */
export const mostBroadcastsKept = 1_000;
export const mostChannels = 64;
