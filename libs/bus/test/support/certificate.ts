import { execFileSync, spawnSync } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const hasOpenssl = spawnSync("openssl", ["version"], { stdio: "ignore" }).status === 0

/** One self-signed certificate for 127.0.0.1 and known.example, which is its own authority, for servers and clients. */
export async function makeCertificate() {
  const directory = await mkdtemp(join(tmpdir(), "tailrace-tls-"))
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")]
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=test",
    "-addext", "subjectAltName=IP:127.0.0.1,DNS:known.example", "-keyout", keyFile, "-out", certFile
  ], { stdio: "ignore" })
  return { files: { caFile: certFile, certFile, keyFile }, remove: () => rm(directory, { recursive: true }) }
}
