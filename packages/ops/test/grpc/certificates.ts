/** A CA for one test, and identities of it, made by openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GrpcIdentityFiles } from "@ropewalk/ops/grpc-identity";

export class TestAuthority implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "ropewalk-grpc-"));

  constructor() {
    this.#openssl(
      "req",
      "-x509",
      "-nodes",
      ...key,
      "-keyout",
      "ca.key",
      "-out",
      "ca.crt",
      "-subj",
      "/CN=CA",
      "-days",
      "2",
    );
  }

  /** `names`: "DNS:core.example", "URI:spiffe://example/entry". */
  identity(name: string, ...names: readonly string[]): GrpcIdentityFiles {
    const request = ["-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`];
    this.#openssl("req", "-new", "-nodes", ...key, ...request);
    writeFileSync(join(this.#folder, `${name}.ext`), `subjectAltName=${names.join(",")}\n`);
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-extfile", `${name}.ext`, "-days", "1"];
    this.#openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...signed);
    const file = (path: string) => readFileSync(join(this.#folder, path));
    return { certificate: file(`${name}.crt`), key: file(`${name}.key`), authorities: file("ca.crt") };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(...args: readonly string[]): void {
    execFileSync("openssl", args, { cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"], timeout: 20_000 });
  }
}

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
