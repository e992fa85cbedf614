/** Whom this node writes to. A change counts from when it is asked for, and is taken back where the store refuses it. */
import type { MeshAddress } from "../mesh-address.ts";
import { type ChangeOutcome, changeOutcome, type StoreCall } from "./store-call.ts";
import type { StoredContact } from "./store-operations.ts";

export class Contacts {
  readonly #store: StoreCall;
  readonly #onChange: (address: MeshAddress) => void;
  readonly #wanted = new Map<MeshAddress, StoredContact>();
  /** As the disk has them. */
  readonly #stored = new Map<MeshAddress, StoredContact>();

  /** `onChange`: somebody is a contact, or is one no more. */
  constructor(store: StoreCall, onChange: (address: MeshAddress) => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  get all(): ReadonlyMap<MeshAddress, StoredContact> {
    return this.#wanted;
  }

  restore(contacts: readonly StoredContact[]): void {
    for (const contact of contacts) for (const map of [this.#wanted, this.#stored]) map.set(contact.address, contact);
  }

  put(contact: StoredContact, then?: (outcome: ChangeOutcome) => void): void {
    const { address } = contact;
    this.#wanted.set(address, contact);
    this.#onChange(address);
    this.#store({ kind: "contact-put", contact }, (_, end, result) => {
      if (end === "durable") this.#stored.set(address, contact);
      else if (this.#wanted.get(address) === contact) this.#takeBack(address);
      then?.(changeOutcome(end, result));
    });
  }

  remove(address: MeshAddress, then?: (outcome: ChangeOutcome) => void): void {
    if (!this.#wanted.delete(address)) {
      then?.({ kind: "absent" });
      return;
    }
    this.#onChange(address);
    this.#store({ kind: "contact-remove", address }, (_, end, result) => {
      if (end === "durable") this.#stored.delete(address);
      else if (!this.#wanted.has(address)) this.#takeBack(address);
      then?.(changeOutcome(end, result));
    });
  }

  #takeBack(address: MeshAddress): void {
    const stored = this.#stored.get(address);
    if (stored === undefined) this.#wanted.delete(address);
    else this.#wanted.set(address, stored);
    this.#onChange(address);
  }
}
