/**
 * Who this exit is towards entry, from its files: read when it starts, and again when they have changed. Files that do not fit together change
 * nothing: the former ones count on, and health says so.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Clock, Timer } from "@ropewalk/kernel/clock";
import { describeError } from "@ropewalk/kernel/errors";
import { seconds } from "@ropewalk/kernel/units";
import { GrpcIdentity, type GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";
import type { HealthReporter } from "@ropewalk/ops/health";
import type { Log } from "@ropewalk/ops/log";
import { readPublicFile, readSecretFile } from "@ropewalk/ops/secret-file";
import { fileSignature } from "@ropewalk/tunnel/io/file-signature";
import { AppError } from "../../errors.ts";

export interface ControlFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: readonly string[];
}

export interface ControlIdentityDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly health: HealthReporter;
}

const lookEvery = seconds(10);

export class ControlIdentity implements Disposable {
  readonly grpc: GrpcIdentity;
  readonly #files: ControlFiles;
  readonly #deps: ControlIdentityDeps;
  readonly #paths: readonly string[];
  #signatureRead: string;
  #signatureSeen: string;
  #timer: Timer | undefined;

  /** Throws APP_CONFIG, or OPS_FILE_*, with what is wrong with the files. */
  constructor(files: ControlFiles, deps: ControlIdentityDeps) {
    this.#files = files;
    this.#deps = deps;
    this.#paths = [files.certificate, files.key, ...files.authorities];
    this.#signatureRead = fileSignature(this.#paths);
    this.#signatureSeen = this.#signatureRead;
    this.grpc = new GrpcIdentity(readFiles(files));
    deps.health.healthy();
    this.#setTimer();
  }

  /** Reads the files now, whether they have changed or not. */
  readAgain(): void {
    const { log, health } = this.#deps;
    this.#signatureRead = fileSignature(this.#paths);
    this.#signatureSeen = this.#signatureRead;
    try {
      this.grpc.replace(readFiles(this.#files));
      health.healthy();
      log.info({}, "the certificates of control were read again and are in use");
    } catch (error) {
      const reason = describeError(error);
      health.report("degraded", `what is in the files of control now is not used: ${reason}`);
      log.error({ reason }, "what is in the files of control now is not used");
    }
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #look(): void {
    const before = this.#signatureSeen;
    this.#signatureSeen = fileSignature(this.#paths);
    this.#setTimer();
    // Files that belong together are not written in one moment: they are read when two looks have found the same.
    if (this.#signatureSeen !== this.#signatureRead && this.#signatureSeen === before) this.readAgain();
  }

  #setTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after("certificates of control", lookEvery, () => this.#look());
  }
}

function readFiles({ certificate, key, authorities }: ControlFiles): GrpcIdentityFiles {
  const files = {
    certificate: readPublicFile(certificate),
    key: readSecretFile(key),
    authorities: joined(authorities.map((path) => readPublicFile(path))),
  };
  const leaf = parsed(certificate, () => new X509Certificate(files.certificate));
  const own = parsed(key, () => createPrivateKey({ key: Buffer.from(files.key), format: "pem" }));
  if (!leaf.checkPrivateKey(own)) throw new AppError("APP_CONFIG", `${key} is not the key of ${certificate}`);
  for (const path of authorities) parsed(path, () => new X509Certificate(readPublicFile(path)));
  return files;
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new AppError("APP_CONFIG", `${path} cannot be used: PEM is expected, as ropewalk cert writes it`, { cause });
  }
}

/** PEM with something between, should the first end without a line's end. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.flatMap((part) => [part, Buffer.from("\n")])));
}
