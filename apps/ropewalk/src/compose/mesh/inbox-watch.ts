/** Tells by the node's health that messages are refused since nobody takes those that are there. */
import type { MessageEvent } from "@ropewalk/mesh/pure/messages/message-terms";
import type { HealthReporter } from "@ropewalk/ops/health";

const full =
  "messages are refused, for the inbox is full, and their senders keep them: take what is there (`ropewalk mesh inbox --take`); strangers have half of it, so that a contact may find room where they find none (`ropewalk mesh store`)";

/** What it returns is to be told each event. */
export function watchInbox(health: HealthReporter): (event: MessageEvent) => void {
  health.healthy();
  return ({ kind }) => {
    if (kind === "inbox-full") health.report("degraded", full);
    else if (kind === "inbox-roomy") health.healthy();
  };
}
