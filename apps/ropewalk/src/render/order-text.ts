/** What the operator ordered and what came of it, as one sentence. */
import type { OrderOutcomeDocument } from "@ropewalk/api/events";
import { printable } from "./table.ts";

/** `name` is null when the order was for all uplinks. */
export interface ToldOrder {
  readonly order: "use" | "pin" | "drain" | "release";
  readonly name: string | null;
  readonly outcome: OrderOutcomeDocument;
}

/** "the operator said to pin wan1", and why that was refused. */
export function orderText({ order, name, outcome }: ToldOrder): string {
  const said = `the operator said to ${order} ${name === null ? "all uplinks" : printable(name)}`;
  return outcome.kind === "refused" ? `${said}, refused: ${printable(outcome.reason)}` : said;
}
