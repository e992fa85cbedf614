/** Finds to whom a message goes, by the name of a contact or by his address, all of it or its beginning; and whether it can go now. */
import type { MessagingClient } from "@ropewalk/api/messages-client";
import { AppError } from "../errors.ts";
import { fewest, findNode } from "./find-node.ts";

export interface Recipient {
  readonly address: string;
  /** `away`: there is no way to him now. `unheard`: nor does this node know his key, without which nothing can be sealed for him. */
  readonly standing: "there" | "away" | "unheard";
}

/** Throws APP_NOT_FOUND where none or several are known that begin so, or it can be neither. */
export async function findRecipient(text: string, client: MessagingClient, signal: AbortSignal): Promise<Recipient> {
  const { contacts } = await client.messages.contacts(signal);
  const named = contacts.find(({ name }) => name === text);
  // Who is away may be known as a contact alone.
  const addresses = contacts.map(({ address }) => address);
  const address = named?.address ?? (await findNode(addressIn(text), client, signal, addresses));
  const { routes } = await client.meshRoutes(signal);
  const route = routes.find((each) => each.address === address);
  if (route !== undefined && route.distance !== null) return { address, standing: "there" };
  const isKnown = route !== undefined || addresses.includes(address);
  return { address, standing: isKnown ? "away" : "unheard" };
}

function addressIn(text: string): string {
  if (/^[0-9a-f]+$/i.test(text) && text.length >= fewest) return text;
  throw new AppError("APP_NOT_FOUND", `no contact is called "${text}". ropewalk mesh contacts lists them.`);
}
