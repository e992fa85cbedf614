/** What is wrong with the store of messages, from what it has told. Pure: events in, a sentence for people out. */
import type { MeshEvent } from "@ropewalk/mesh/mesh-event";
import type { Messages } from "@ropewalk/mesh/messages";

/** Each is there until the event that ends it; what is damaged or dead stays so until the next start. */
export interface StoreTrouble {
  readonly died: string | undefined;
  readonly failing: string | undefined;
  readonly isFull: boolean;
  readonly damage: string | undefined;
}

const none: StoreTrouble = { died: undefined, failing: undefined, isFull: false, damage: undefined };

/** As it was found at the start. */
export function foundTrouble({ start, salvaged }: Messages["found"]): StoreTrouble {
  if (start === "lost") return { ...none, damage: "nothing of the file that was there could be read" };
  return salvaged === undefined ? none : { ...none, damage: damageText(salvaged) };
}

/** With what has happened now. */
export function observeStore(trouble: StoreTrouble, event: MeshEvent): StoreTrouble {
  if (event.kind === "store-died") return { ...trouble, died: event.why };
  if (event.kind !== "store") return trouble;
  switch (event.event.kind) {
    case "salvaged":
      return { ...trouble, damage: damageText(event.event.salvaged) };
    case "full":
      return { ...trouble, isFull: true };
    case "roomy":
      return { ...trouble, isFull: false };
    case "failing":
      return { ...trouble, failing: event.event.reason };
    case "working":
      return { ...trouble, failing: undefined };
  }
}

/** What is worst, and what to do; undefined: nothing is wrong. */
export function troubleText({ died, failing, isFull, damage }: StoreTrouble): string | undefined {
  if (died !== undefined)
    return `no message can be sent or received, for the thread of their store has died (${died}): start the node again`;
  if (failing !== undefined)
    return `messages cannot be kept, for the disk or the file fails (${failing}): look at the disk; it is tried again by itself`;
  if (isFull)
    return "messages cannot be kept, for the disk is full: those that are there are delivered still, and room is noticed by itself";
  if (damage === undefined) return undefined;
  return `the store of messages was damaged: ${damage}. Look at the disk; this is told until the next start`;
}

type Salvaged = NonNullable<Messages["found"]["salvaged"]>;

function damageText({ aside, reason, tables }: Salvaged): string {
  const refused = tables.reduce((sum, table) => sum + table.refused, 0);
  const loss =
    refused === 0 ? "what could be read was kept" : `what could be read was kept, and ${refused} rows were not`;
  return `${reason}; ${loss}; the damaged file is ${aside}`;
}
