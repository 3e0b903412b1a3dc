import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { run } from "./Child.ts"
import { cacheRoot } from "./paths.ts"

export type Librdkafka = { readonly program: string; readonly version: string } | { readonly missing: string }

const libraryDirectory = "usr/lib/x86_64-linux-gnu"

/**
 * Builds our load program against librdkafka: the installed development package, or Debian's unpacked into the cache (nothing is installed).
 * Where neither can be had the answer says why, and the lines that need it say so too.
 */
export async function librdkafka(): Promise<Librdkafka> {
  const source = join(import.meta.dirname, "rdload.c")
  const hash = createHash("sha256").update(readFileSync(source)).digest("hex").slice(0, 12)
  const directory = join(cacheRoot, "tailrace-librdkafka")
  const program = join(directory, `rdload-${hash}`)
  try {
    mkdirSync(directory, { recursive: true })
    const isInstalled = existsSync("/usr/include/librdkafka/rdkafka.h")
    const unpacked = join(directory, "unpacked")
    if (!isInstalled && !existsSync(join(unpacked, "usr/include/librdkafka/rdkafka.h"))) await unpackDebianPackage(directory, unpacked)
    if (!existsSync(program)) {
      const library = join(unpacked, libraryDirectory)
      const flags = isInstalled ? ["-lrdkafka"]
        : [`-I${join(unpacked, "usr/include")}`, join(library, "librdkafka.so.1"), `-Wl,-rpath,${library}`]
      const partial = `${program}.${process.pid}`
      await run({ command: "gcc", args: ["-O2", "-Wall", "-o", partial, source, ...flags], timeoutMillis: 60_000 })
      renameSync(partial, program)
    }
    return { program, version: versionOf(readFileSync(isInstalled ? "/usr/include/librdkafka/rdkafka.h" : join(unpacked, "usr/include/librdkafka/rdkafka.h"), "utf8")) }
  } catch (error) {
    return { missing: `librdkafka is not to be had here: ${String(error).split("\n")[0]}` }
  }
}

async function unpackDebianPackage(directory: string, unpacked: string): Promise<void> {
  await run({ command: "apt-get", args: ["download", "-q", "librdkafka1", "librdkafka-dev"], cwd: directory, timeoutMillis: 120_000 })
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".deb"))) {
    await run({ command: "dpkg", args: ["-x", file, unpacked], cwd: directory, timeoutMillis: 60_000 })
  }
}

function versionOf(header: string): string {
  const hex = /#define RD_KAFKA_VERSION\s+0x([0-9a-f]{8})/.exec(header)?.[1] ?? "00000000"
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".")
}
