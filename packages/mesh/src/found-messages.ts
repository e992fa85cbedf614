/** Reads from the store what a node needs to begin. */
import type { MessageStore } from "./io/store/store-thread.ts";
import type { MessagesFound } from "./pure/messages/message-terms.ts";
import type { StorePages } from "./pure/messages/store-questions.ts";

/** Without contents and envelopes. Throws MeshError, MESH_STORE. */
export async function readFound(store: MessageStore): Promise<MessagesFound> {
  const all = async <Kind extends keyof StorePages>(of: Kind): Promise<readonly StorePages[Kind][]> => {
    const rows: StorePages[Kind][] = [];
    for await (const page of store.pages(of)) rows.push(...page);
    return rows;
  };
  return {
    inbox: await all("inbox"),
    parts: await all("parts"),
    contacts: await all("contacts"),
    prekeys: await all("prekeys"),
    chains: await all("chains"),
    proofs: await all("proofs"),
    custody: await all("custody"),
    outbox: await all("outbox"),
    sealed: await all("sealed"),
    channels: await all("channels"),
    origins: await all("origins"),
  };
}
