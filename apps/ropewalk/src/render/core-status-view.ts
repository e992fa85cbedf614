/** The picture of an exit node as text for people. Pure: a status in, lines out. */
import type { CoreReconcileDocument, CoreStatusDocument } from "@ropewalk/api/core";
import type { Paint } from "./paint.ts";
import { durationText, sizeText } from "./quantity.ts";
import { healthLines } from "./status-view.ts";
import { alignRows, printable } from "./table.ts";

/** The whole answer of `ropewalk core status`. */
export function coreStatusLines(status: CoreStatusDocument, paint: Paint): readonly string[] {
  const { device, counts, health } = status;
  const state = health.state === "healthy" ? paint.good("healthy.") : paint.bad(`${health.state}.`);
  const head = `${paint.strong(`Exit ${printable(device.endpoint)}`)} on ${printable(device.name)} (${deviceText(device.driver)}): ${state}`;
  const carried = `${counts.peers} of ${counts.capacity} peers carried`;
  const rest = [
    ...(counts.strangers === 0 ? [] : [`${counts.strangers} strangers`]),
    ...(counts.resting === 0 ? [] : [`${counts.resting} addresses rest`]),
  ];
  return [
    head,
    `${[carried, ...rest].join(", ")}.`,
    "",
    ...alignRows(factRows(status), "  "),
    ...dropLines(status),
    ...(health.state === "healthy" ? [] : ["", ...healthLines(status, paint)]),
  ];
}

function deviceText(driver: CoreStatusDocument["device"]["driver"]): string {
  return driver === "kernel" ? "the kernel's WireGuard" : driver;
}

function factRows({ at, device, pools, ownAddresses, orders, entry, reconcile }: CoreStatusDocument) {
  const snapshot = orders.wantsSnapshot ? "waits for a snapshot" : `snapshot up to ${orders.watermark}`;
  return [
    ["public key", printable(device.publicKey)],
    ["pools", pools.map(printable).join(" ")],
    ["own addresses", ownAddresses.map(printable).join(" ")],
    ["orders", `up to ${orders.latestGeneration}, ${snapshot}`],
    ["entry", entryText(entry, at)],
    ["device", reconcile === null ? "not compared yet" : comparedText(reconcile, at)],
  ];
}

function entryText({ address, heardAt, fault, isAdmitted }: CoreStatusDocument["entry"], at: number): string {
  if (address === null) return "none is configured";
  const name = printable(address);
  const heard = heardAt === null ? "never heard" : `heard ${durationText(Math.max(0, at - heardAt))} ago`;
  if (fault !== null) return `${name}, ${heard}: ${printable(fault)}`;
  return `${name}, ${heard}${isAdmitted === false ? "; it gives no new sessions to this exit" : ""}`;
}

function comparedText(reconcile: CoreReconcileDocument, at: number): string {
  return `compared ${durationText(Math.max(0, at - reconcile.at))} ago: ${differenceText(reconcile)}`;
}

export function reconcileText(reconcile: CoreReconcileDocument): string {
  return `Compared in ${durationText(reconcile.tookMs)}: ${differenceText(reconcile)}.`;
}

function differenceText({ added, removed, updated }: CoreReconcileDocument): string {
  if (added + removed + updated === 0) return "nothing differed";
  return `${added} added, ${removed} removed, ${updated} put right`;
}

function dropLines({ drops }: CoreStatusDocument): readonly string[] {
  const some = drops.filter(({ packets }) => packets > 0);
  if (some.length === 0) return [];
  const rows = some.map(({ reason, packets, bytes }) => [printable(reason), `${packets} packets`, sizeText(bytes)]);
  return ["", "Dropped:", ...alignRows(rows, "  ")];
}
