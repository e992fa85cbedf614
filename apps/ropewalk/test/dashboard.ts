/** What is deployed beside the program for Grafana and Prometheus, read as far as the tests look at it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const deployFolder: string = join(import.meta.dirname, "../../../deploy");

export interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

export function backhaulDashboard(): Dashboard {
  return dashboard("ropewalk-backhaul.json");
}

export function tunnelDashboard(): Dashboard {
  return dashboard("ropewalk-tunnel.json");
}

export function meshDashboard(): Dashboard {
  return dashboard("ropewalk-mesh.json");
}

export function coreDashboard(): Dashboard {
  return dashboard("ropewalk-core.json");
}

export function entryDashboard(): Dashboard {
  return dashboard("ropewalk-entry.json");
}

function dashboard(file: string): Dashboard {
  return JSON.parse(readFileSync(join(deployFolder, "grafana", file), "utf8"));
}

/** Queries of panels and of variables. */
export function dashboardExpressions({ panels, templating }: Dashboard): readonly string[] {
  return [
    ...panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr),
    ...templating.list.flatMap(({ definition }) => definition ?? []),
  ];
}

/** The part of each rule between `expr:` and the next key. */
export function alertExpressions(): readonly string[] {
  const text = readFileSync(join(deployFolder, "prometheus/ropewalk-alerts.yaml"), "utf8");
  return [...text.matchAll(/^ {8}expr: (?:\|\n)?([\s\S]*?)(?=^ {8}(?:for|labels):)/gm)].map(([, expr = ""]) => expr);
}
