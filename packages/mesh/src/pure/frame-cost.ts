/** Which of a link's budgets a frame is taken from, and how much of it. Announces have theirs by what they are about. */
import type { BudgetKind } from "./protection/link-budget.ts";
import type { AnnounceFrame, LinkFrame } from "./wire/link-frame.ts";

export function frameCost(frame: Exclude<LinkFrame, AnnounceFrame>): readonly [BudgetKind, number] {
  const { type } = frame;
  switch (type) {
    case "packet":
    case "trace":
    case "request":
    case "message":
    case "deposit":
      return [type, 1];
    case "answer":
      return ["packet", 1];
    case "proof":
      return ["proof", frame.ackKeys.length];
    case "withdraw":
    case "hello":
    case "status":
    case "ping":
    case "pong":
    case "meeting":
      return ["other", 1];
    case "broadcast":
      return [frame.broadcast.form === "signed" ? "broadcast" : "channel-broadcast", 1];
  }
}
