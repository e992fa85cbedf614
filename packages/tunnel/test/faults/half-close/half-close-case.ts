/**
 * How a connection may end, as scripts for its two ends: who acts, what it does, and when with regard to what the other one sends.
 * The same script over bare TCP and through a tunnel must be answered alike at both ends.
 */
import type { ScriptedEnd } from "../scripted-end.ts";

export type Act = "finish" | "reset";
export type Actor = "client" | "target";
export type When = "before" | "during" | "after";

export interface EndingCase {
  readonly act: Act;
  readonly actor: Actor;
  /** The peer's data. */
  readonly when: When;
}

export const endingCases: readonly EndingCase[] = (["finish", "reset"] as const).flatMap((act) =>
  (["client", "target"] as const).flatMap((actor) =>
    (["before", "during", "after"] as const).map((when) => ({ act, actor, when })),
  ),
);

export interface Ends {
  readonly client: ScriptedEnd;
  readonly target: ScriptedEnd;
}

export interface Observed {
  readonly actor: readonly string[];
  readonly peer: readonly string[];
}

const greeting = 1_000;
const much = 16 << 20;
/** More than is held anywhere: whoever sends it waits. */
const tooMuch = 1 << 30;
const all = 1 << 30;

/**
 * What both ends see of a connection that the client opens with `connect`. `between` is done once both have spoken, while the actor
 * acts: a cut, or nothing.
 */
export async function observe(
  { act, actor, when }: EndingCase,
  ends: Ends,
  connect: string,
  between: (acting: () => Promise<void>) => Promise<void> = (acting) => acting(),
): Promise<Observed> {
  const seen = { actor: [] as string[], peer: [] as string[] };
  const peer = actor === "client" ? "target" : "client";
  const end = { actor: ends[actor], peer: ends[peer] };
  const tell = async (who: "actor" | "peer", line: string) => {
    seen[who].push(`${line}: ${await end[who].tell(line)}`);
  };
  const [connected, accepted] = await Promise.all([ends.client.tell(connect), ends.target.tell("accept")]);
  seen.actor.push(connected, accepted);
  for (const [from, to] of [
    ["actor", "peer"],
    ["peer", "actor"],
  ] as const) {
    await tell(from, `send ${greeting}`);
    await tell(to, `receive ${greeting}`);
  }
  // What nobody has read yet when the connection ends.
  const acting = async () => {
    await tell("actor", "send 500");
    await tell("actor", act);
  };
  if (when === "before") {
    await between(acting);
    await tell("peer", `receive ${all}`);
    await tell("peer", `send ${act === "finish" ? greeting : 1}`);
  } else if (when === "during") {
    const sending = tell("peer", `send ${act === "finish" ? much : tooMuch}`);
    await tell("actor", `receive ${1 << 16}`);
    await between(acting);
    if (act === "finish") await tell("actor", `receive ${much - (1 << 16)}`);
    await sending;
    await tell("peer", `receive ${all}`);
  } else {
    await tell("peer", `send ${greeting}`);
    await tell("peer", "finish");
    await tell("actor", `receive ${all}`);
    await between(acting);
    await tell("peer", `receive ${all}`);
  }
  if (when !== "after") await tell("peer", "finish");
  if (act === "finish" && when !== "after") await tell("actor", `receive ${all}`);
  for (const who of ["client", "target"] as const) if (who !== actor || act === "finish") await ends[who].tell("close");
  return seen;
}
