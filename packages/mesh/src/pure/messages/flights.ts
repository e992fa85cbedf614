/** Envelopes of this node's own that are under way and not proved, by contact; and the window that each contact's way bears. */
import { type Millis, millis } from "@ropewalk/kernel/units";
import type { MeshAddress } from "../mesh-address.ts";
import type { OwnPart } from "./own-messages.ts";
import { SendWindow } from "./send-window.ts";
import type { EnvelopeForm, TagName } from "./wire/envelope.ts";

export interface Flight {
  readonly part: OwnPart;
  readonly octets: Uint8Array;
  readonly form: EnvelopeForm;
  readonly sentAt: Millis;
  dueAt: Millis;
  tries: number;
}

interface Lane {
  readonly window: SendWindow;
  /** The one that was sent first is first. */
  readonly flights: Map<TagName, Flight>;
}

/** Contacts whose windows are remembered though nothing is under way to them. */
const mostIdle = 1_024;

export class Flights {
  readonly #lanes = new Map<MeshAddress, Lane>();
  readonly #owners = new Map<TagName, Lane>();
  /** No later than the first is due. */
  #deadline: Millis | undefined;

  get deadline(): Millis | undefined {
    return this.#deadline;
  }

  count(contact: MeshAddress): number {
    return this.#lanes.get(contact)?.flights.size ?? 0;
  }

  window(contact: MeshAddress): SendWindow {
    return this.#lane(contact).window;
  }

  get(tag: TagName): Flight | undefined {
    return this.#owners.get(tag)?.flights.get(tag);
  }

  add(now: Millis, tag: TagName, facts: Pick<Flight, "part" | "octets" | "form">): void {
    const lane = this.#lane(facts.part.of.facts.contact);
    const dueAt = millis(now + lane.window.timeout(1));
    lane.flights.set(tag, { ...facts, sentAt: now, dueAt, tries: 1 });
    this.#owners.set(tag, lane);
    this.#dueAt(dueAt);
  }

  proved(now: Millis, tag: TagName): void {
    const lane = this.#owners.get(tag);
    const flight = lane?.flights.get(tag);
    if (lane === undefined || flight === undefined) return;
    lane.window.proved(flight.tries === 1 ? millis(now - flight.sentAt) : undefined);
    this.delete(tag);
  }

  /** It was sent once more. */
  again(now: Millis, tag: TagName): void {
    const lane = this.#owners.get(tag);
    const flight = lane?.flights.get(tag);
    if (lane === undefined || flight === undefined) return;
    flight.tries += 1;
    flight.dueAt = millis(now + lane.window.timeout(flight.tries));
    this.#dueAt(flight.dueAt);
  }

  delete(tag: TagName): void {
    this.#owners.get(tag)?.flights.delete(tag);
    this.#owners.delete(tag);
  }

  /** Those whose proofs are late; whoever asks says of each what becomes of it. */
  late(now: Millis): readonly { readonly tag: TagName; readonly flight: Flight }[] {
    if (this.#deadline === undefined || now < this.#deadline) return [];
    this.#deadline = undefined;
    const late: { readonly tag: TagName; readonly flight: Flight }[] = [];
    for (const { window, flights } of this.#lanes.values())
      for (const [tag, flight] of flights) {
        if (flight.dueAt > now) {
          this.#dueAt(flight.dueAt);
          continue;
        }
        window.lost(now);
        late.push({ tag, flight });
      }
    return late;
  }

  #dueAt(time: Millis): void {
    if (this.#deadline === undefined || time < this.#deadline) this.#deadline = time;
  }

  #lane(contact: MeshAddress): Lane {
    const known = this.#lanes.get(contact);
    if (known !== undefined) return known;
    if (this.#lanes.size >= mostIdle) this.#forgetIdle();
    const lane: Lane = { window: new SendWindow(), flights: new Map() };
    this.#lanes.set(contact, lane);
    return lane;
  }

  #forgetIdle(): void {
    for (const [contact, { flights }] of this.#lanes) if (flights.size === 0) this.#lanes.delete(contact);
  }
}
