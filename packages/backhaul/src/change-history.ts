/** The latest changes of states and decisions, each as one sentence, for people who ask why. */
import { families } from "@ropewalk/kernel/addresses";
import type { Millis } from "@ropewalk/kernel/units";
import type { PastChange } from "./explanation.ts";
import type { BackhaulEvent, DecisionScope } from "./status.ts";

const most = 64;
const scopes: readonly DecisionScope[] = ["ipv4", "ipv6", "overall"];
const names = { ipv4: "IPv4", ipv6: "IPv6", overall: "overall" } as const;

export class ChangeHistory {
  readonly #changes: { readonly at: Millis; readonly text: string }[] = [];
  readonly #chosen = new Map<DecisionScope, string>();

  add(event: BackhaulEvent, at: Millis): void {
    for (const text of this.#sentences(event)) this.#changes.push({ at, text });
    this.#changes.splice(0, Math.max(0, this.#changes.length - most));
  }

  newestFirst(now: Millis): readonly PastChange[] {
    return this.#changes.map(({ at, text }) => ({ agoMs: now - at, text })).toReversed();
  }

  #sentences(event: BackhaulEvent): readonly string[] {
    switch (event.kind) {
      case "uplink-added":
        return [`${event.uplink.name} was found`];
      case "uplink-removed":
        return [`${event.name} is gone: ${event.reason}`];
      case "order":
        return [orderText(event)];
      case "uplink-changed": {
        const { uplink, changed } = event;
        const moved = families.filter((family) => changed.includes(`${family}.state`));
        return moved.map(
          (family) => `${uplink.name} ${names[family]} ${uplink[family].state}: ${uplink[family].reason.text}`,
        );
      }
      case "connectivity":
        return scopes.flatMap((scope) => {
          const { name, reason } = event.decisions[scope];
          const chosen = name ?? "none";
          if (this.#chosen.get(scope) === chosen) return [];
          this.#chosen.set(scope, chosen);
          return [`chosen ${names[scope]}: ${chosen} (${reason})`];
        });
    }
  }
}

/** "the operator said to pin wan1", and why that was refused. */
function orderText({ order, name, outcome }: Extract<BackhaulEvent, { readonly kind: "order" }>): string {
  const refused = outcome.kind === "refused" ? `, refused: ${outcome.reason}` : "";
  return `the operator said to ${order} ${name ?? "all uplinks"}${refused}`;
}
