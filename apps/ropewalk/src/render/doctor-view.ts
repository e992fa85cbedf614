/** The findings of `ropewalk doctor` as text for people. */
import type { Finding, FindingState } from "../doctor/finding.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./table.ts";

const areas = {
  kernel: "Kernel",
  privilege: "Privileges",
  probing: "Measuring",
  program: "Programs",
  manager: "Other managers of the network",
  certificate: "Certificates of the tunnel",
  tunnel: "The tunnel",
  mesh: "Mesh",
  vpn: "Exit of the VPN",
} as const satisfies Record<Finding["area"], string>;

const words: Readonly<Record<FindingState, string>> = { good: "good", note: "note", lack: "lacks", fault: "FAULT" };

export function doctorLines(findings: readonly Finding[], paint: Paint): readonly string[] {
  const colour: Readonly<Record<FindingState, (text: string) => string>> = {
    good: paint.good,
    note: paint.dim,
    lack: paint.unsure,
    fault: paint.bad,
  };
  const blocks = Object.entries(areas).flatMap(([area, title]) => {
    const inside = findings.filter((finding) => finding.area === area);
    if (inside.length === 0) return [];
    return [paint.strong(title), ...inside.flatMap((finding) => lines(finding, colour[finding.state])), ""];
  });
  return [...blocks, verdict(findings)];
}

function lines(finding: Finding, colour: (text: string) => string): readonly string[] {
  const { name, state, text, cost, cure } = finding;
  const indent = " ".repeat(8);
  return [
    `  ${colour(words[state].padEnd(5))} ${name}: ${printable(text)}`,
    ...(cost === null ? [] : [`${indent}${printable(cost)}`]),
    ...(cure === null ? [] : [`${indent}To change it: ${printable(cure)}`]),
  ];
}

function verdict(findings: readonly Finding[]): string {
  const faults = findings.filter(({ state }) => state === "fault").length;
  const lacks = findings.filter(({ state }) => state === "lack").length;
  if (faults > 0) return `Ropewalk cannot work here: ${count(faults, "fault")} above.`;
  return lacks === 0
    ? "Ropewalk has all it needs."
    : `Ropewalk works here; ${count(lacks, "lack")} above cost what they say.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
