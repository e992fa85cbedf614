/** Does what the store is told, an operation at a time, inside the transaction of whoever calls. */
import { addressOctets } from "../../pure/mesh-address.ts";
import type { StoreOperation, StoreOutcome } from "../../pure/messages/store-operations.ts";
import { hear, putChannel } from "./broadcast-statements.ts";
import { expire } from "./expire-statements.ts";
import { changeCustody, found, keepProof, putContact, putCustody, putPrekey } from "./kept-statements.ts";
import { accept, prove, seal, withdraw } from "./own-statements.ts";
import { giveUp, putChain, receive, take } from "./receive-statements.ts";
import type { StoreDatabase } from "./store-database.ts";

/** `mostExpired`: of each kind at a time. */
export function perform(database: StoreDatabase, operation: StoreOperation, mostExpired: number): StoreOutcome {
  switch (operation.kind) {
    case "accept":
      return accept(database, operation);
    case "sealed":
      return seal(database, operation);
    case "proved":
      return prove(database, operation.id, operation.chunk);
    case "withdraw":
      return withdraw(database, operation.id);
    case "contact-put":
      return putContact(database, operation.contact);
    case "contact-remove":
      return found(database.run("DELETE FROM contacts WHERE address = ?", addressOctets(operation.address)));
    case "prekey-put":
      return putPrekey(database, operation.prekey);
    case "prekey-forget":
      return found(database.run("DELETE FROM prekeys WHERE id = ?", operation.id));
    case "receive":
      return receive(database, operation);
    case "give-up":
      return giveUp(database, operation);
    case "chain-put":
      return putChain(database, operation.chain);
    case "chain-forget": {
      const key = [addressOctets(operation.sender), operation.opening] as const;
      return found(database.run("DELETE FROM chains WHERE sender = ? AND opening = ?", ...key));
    }
    case "take":
      return take(database, operation.number);
    case "custody-put":
      return putCustody(database, operation.custody, operation.envelope);
    case "custody-change":
      return changeCustody(database, operation);
    case "custody-remove":
      return found(database.run("DELETE FROM custody WHERE name = ?", Uint8Array.fromHex(operation.name)));
    case "proof-keep":
      return keepProof(database, operation.proof);
    case "channel-put":
      return putChannel(database, operation.channel);
    case "channel-remove":
      return found(database.run("DELETE FROM channels WHERE name = ?", operation.name));
    case "hear":
      return hear(database, operation);
    case "origin-forget":
      return found(database.run("DELETE FROM origins WHERE address = ?", addressOctets(operation.address)));
    case "broadcast-take":
      return found(database.run("DELETE FROM broadcasts WHERE row = ?", operation.number));
    case "expire":
      return expire(database, operation.now, mostExpired);
  }
}
