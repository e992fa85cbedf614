/** Whom this node writes to. */
import type { MeshAddress } from "../mesh-address.ts";
import { KeptMap } from "./kept-map.ts";
import type { ChangeOutcome, StoreCall } from "./store-call.ts";
import type { StoredContact } from "./store-operations.ts";

export class Contacts {
  readonly #kept: KeptMap<MeshAddress, StoredContact>;

  /** `onChange`: somebody is a contact, or is one no more. */
  constructor(store: StoreCall, onChange: (address: MeshAddress) => void) {
    this.#kept = new KeptMap(store, {
      put: (_, contact) => ({ kind: "contact-put", contact }),
      remove: (address) => ({ kind: "contact-remove", address }),
      onChange,
    });
  }

  get all(): ReadonlyMap<MeshAddress, StoredContact> {
    return this.#kept.all;
  }

  restore(contacts: readonly StoredContact[]): void {
    this.#kept.restore(contacts.map((contact) => [contact.address, contact]));
  }

  put(contact: StoredContact, then?: (outcome: ChangeOutcome) => void): void {
    this.#kept.put(contact.address, contact, then);
  }

  remove(address: MeshAddress, then?: (outcome: ChangeOutcome) => void): void {
    this.#kept.remove(address, then);
  }
}
