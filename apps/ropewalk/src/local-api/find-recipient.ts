/** Finds to whom a message goes: by the name of a contact, or by his address, all of it or its beginning. */
import type { MessagingClient } from "@ropewalk/api/messages-client";
import { AppError } from "../errors.ts";
import { findNode } from "./find-node.ts";

/** Throws APP_USAGE where it can be neither, and APP_NOT_FOUND where none or several are known that begin so. */
export async function findRecipient(text: string, client: MessagingClient, signal: AbortSignal): Promise<string> {
  const { contacts } = await client.messages.contacts(signal);
  const named = contacts.find(({ name }) => name === text);
  if (named !== undefined) return named.address;
  if (!/^[0-9a-f]+$/i.test(text))
    throw new AppError("APP_NOT_FOUND", `no contact is called "${text}". ropewalk mesh contacts lists them.`);
  // Who is away may be known as a contact alone.
  const addresses = contacts.map(({ address }) => address);
  return await findNode(text, client, signal, addresses);
}
