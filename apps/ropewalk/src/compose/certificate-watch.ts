/**
 * Watches the certificates that a table names, so that what runs out is told before it does. Files that change are read again; of
 * one that cannot be read, what it held before counts on, as it does for a tunnel that runs.
 */
import { shownTime } from "@ropewalk/crypto/certificates/pure/verification";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { seconds } from "@ropewalk/kernel/units";
import type { HealthRegistry, HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import type { FileReading, NamedFiles } from "@ropewalk/tunnel/io/certificate-files";
import { fileSignature } from "@ropewalk/tunnel/io/file-signature";
import {
  type CertificateFile,
  type Expiring,
  expiringOf,
  holderOf,
  lifetimeOf,
  type Notice,
  noticesOf,
  type Said,
  stageOf,
} from "@ropewalk/tunnel/pure/expiring";

export interface CertificateWatchDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Pick<HealthRegistry, "subsystem">;
  /** Whose they are. */
  readonly of: "tunnel" | "control";
}

const lookEvery = seconds(10);

export class CertificateWatch implements Disposable {
  readonly #deps: CertificateWatchDeps;
  #named: NamedFiles | undefined;
  #read: ((named: NamedFiles) => readonly FileReading[]) | undefined;
  /** By what they are to be and path, as last read. */
  #files: ReadonlyMap<string, CertificateFile> = new Map();
  /** By path, why. */
  #unread: ReadonlyMap<string, string> = new Map();
  #expiring: readonly Expiring[] = [];
  #said: Said = new Set();
  /** Of the files that were read last, and of those that were there at the last look. */
  #signatureRead = "";
  #signatureSeen = "";
  #health: HealthReporter | undefined;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(deps: CertificateWatchDeps) {
    this.#deps = deps;
  }

  /** As last read; empty without a certificate. */
  get expiring(): readonly Expiring[] {
    return this.#expiring;
  }

  /** From now on these; they are read at once, also when they are those of before. */
  async use(named: NamedFiles): Promise<void> {
    // What reads certificates is slow to load, and a node without any does not wait for it.
    if (named.certificate !== undefined && this.#read === undefined) {
      ({ readCertificateFiles: this.#read } = await import("@ropewalk/tunnel/io/certificate-files"));
    }
    if (this.#isOver) return;
    this.#named = named.certificate === undefined ? undefined : named;
    this.#readNow();
    this.#judge();
    this.#setTimer();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#health?.[Symbol.dispose]();
  }

  #look(): void {
    const before = this.#signatureSeen;
    this.#signatureSeen = signatureOf(this.#named);
    // Files that belong together are not written in one moment: they are read when two looks have found the same.
    if (this.#signatureSeen !== this.#signatureRead && this.#signatureSeen === before) this.#readNow();
    this.#judge();
    this.#setTimer();
  }

  #readNow(): void {
    this.#signatureRead = signatureOf(this.#named);
    this.#signatureSeen = this.#signatureRead;
    const files = new Map<string, CertificateFile>();
    const unread = new Map<string, string>();
    for (const reading of this.#named === undefined ? [] : (this.#read?.(this.#named) ?? [])) {
      const place = `${reading.kind === "unread" ? reading.of : reading.kind} ${reading.path}`;
      const known = reading.kind === "unread" ? this.#files.get(place) : reading;
      if (known !== undefined) files.set(place, known);
      if (reading.kind === "unread") unread.set(reading.path, reading.reason);
    }
    this.#tellReadings(unread);
    this.#files = files;
    this.#unread = unread;
    this.#expiring = expiringOf([...files.values()]);
  }

  #tellReadings(unread: ReadonlyMap<string, string>): void {
    const { log, of } = this.#deps;
    for (const [path, reason] of unread) {
      if (this.#unread.get(path) !== reason) log.warn({ path, reason }, `a file of ${whose[of]} cannot be used`);
    }
    for (const path of this.#unread.keys()) {
      if (!unread.has(path)) log.info({ path }, `a file of ${whose[of]} is no longer amiss`);
    }
  }

  #judge(): void {
    const { clock, log, of } = this.#deps;
    const { notices, said } = noticesOf(this.#expiring, this.#said, clock.wall());
    this.#said = said;
    for (const notice of notices) log.warn(fieldsOf(notice), messages[notice.stage](whose[of]));
    this.#reportHealth(clock.wall());
  }

  #reportHealth(now: number): void {
    if (this.#named === undefined) {
      this.#health?.[Symbol.dispose]();
      this.#health = undefined;
      return;
    }
    this.#health ??= this.#deps.health.subsystem("certificates");
    const bad = this.#expiring.find((each) => ["expired", "not-yet-valid"].includes(stageOf(each, now)));
    const [unread] = this.#unread.values();
    if (unread !== undefined) this.#health.report("degraded", unread);
    else if (bad !== undefined) this.#health.report("degraded", badText(bad, now));
    else this.#health.healthy();
  }

  #setTimer(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#named === undefined) return;
    this.#timer = this.#deps.clock.after("certificates", lookEvery, () => this.#look());
  }
}

function signatureOf(named: NamedFiles | undefined): string {
  if (named?.certificate === undefined) return "";
  return fileSignature([named.certificate, ...named.authorities, ...named.revocationLists]);
}

const whose = { tunnel: "the tunnel", control: "control by entry" } as const;

const messages: Readonly<Record<Notice["stage"], (whose: string) => string>> = {
  "not-yet-valid": (of) => `what ${of} rests on is not valid yet; is the clock right?`,
  due: (of) => `what ${of} rests on is to be renewed`,
  expired: (of) => `what ${of} rests on has expired`,
};

function fieldsOf({ expiring }: Notice): Readonly<Record<string, string>> {
  const { notBefore, notAfter } = lifetimeOf(expiring);
  const { kind, path } = expiring;
  const life = { from: shownTime(notBefore), until: shownTime(notAfter) };
  return { certificate: kind, path, of: holderOf(expiring), ...life };
}

function badText(expiring: Expiring, now: number): string {
  const { notBefore, notAfter } = lifetimeOf(expiring);
  const isEarly = now < notBefore;
  const what = `${expiring.path} (${holderOf(expiring)})`;
  return isEarly ? `${what} is good from ${shownTime(notBefore)} on` : `${what} was good until ${shownTime(notAfter)}`;
}
