import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { parse } from "../generator/parse.ts"

/**
 * Writes fixtures/*.jsonl.gz anew: asks Kafka's own classes for the bytes of every message and version that we define. Needs a JDK
 * (17 or newer) and Maven; the tests need neither.
 */
const room = join(import.meta.dirname, "..")
const definitionsDirectory = join(room, "definitions")
const definitions = parse(
  readdirSync(definitionsDirectory)
    .filter((name) => name.endsWith(".messages"))
    .map((name) => [name, readFileSync(join(definitionsDirectory, name), "utf8")] as const),
)

/** The first versions that Kafka 4 dropped come from 3.9. */
const firstVersionOf4: Record<string, number> = { Produce: 3, CreateTopics: 2, DeleteTopics: 1, DescribeConfigs: 1 }
const newest = "4.4.0"
const oldest = "3.9.1"
const logs = "4.3.1"

const apiLines: Array<string> = []
const oldApiLines: Array<string> = []
for (const api of definitions.apis) {
  const split = firstVersionOf4[api.name] ?? api.versions.min
  for (const message of [api.request, api.response]) {
    const type = `org.apache.kafka.common.message.${message.name}Data`
    apiLines.push(`${message.name} ${type} ${split} ${api.versions.max}`)
    if (split > api.versions.min) oldApiLines.push(`${message.name} ${type} ${api.versions.min} ${split - 1}`)
  }
}

const ofControlBatches = new Set(["LeaderChangeMessage", "SnapshotHeaderRecord", "SnapshotFooterRecord", "KRaftVersionRecord", "VotersRecord"])
const recordLines: Array<string> = []
for (const { name, versions } of definitions.data) {
  if (name.endsWith("Key")) {
    recordLines.push(`${name} org.apache.kafka.coordinator.group.generated.${name} 0 0`)
  } else {
    const where = name.startsWith("ConsumerProtocol") || ofControlBatches.has(name) ? "common.message" : "coordinator.group.generated"
    recordLines.push(`${name} org.apache.kafka.${where}.${name} ${versions.min} ${versions.max}`)
  }
}
for (const { message } of definitions.metadataRecords) {
  const { name, versions } = message
  recordLines.push(`${name} org.apache.kafka.common.metadata.${name} ${versions.min} ${versions.max}`)
}

const work = mkdtempSync(join(tmpdir(), "golden-"))

function jars(...artifacts: Array<string>): string {
  const directory = mkdtempSync(join(work, "jars-"))
  for (const artifact of artifacts) {
    execFileSync("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${directory}`], { stdio: "inherit" })
  }
  return join(directory, "*")
}

function run(classPath: string, lines: Array<string>): string {
  const program = join(import.meta.dirname, "Golden.java")
  return execFileSync("java", ["-cp", classPath, program], { input: lines.join("\n"), encoding: "utf8", maxBuffer: 1 << 28 })
}

/** Newer Kafka says the kind of a group log's key by a type of its own; on disk it is the version in front, as ever. */
function withKeyTypes(output: string): string {
  return output
    .replaceAll('{"name":"OffsetCommitKey","version":0,', '{"name":"OffsetCommitKey","version":1,')
    .replaceAll('{"name":"GroupMetadataKey","version":0,', '{"name":"GroupMetadataKey","version":2,')
}

function save(name: string, text: string): void {
  writeFileSync(join(import.meta.dirname, "fixtures", `${name}.jsonl.gz`), gzipSync(text, { level: 9 }))
}

const slf4j = "org.slf4j:slf4j-api:1.7.36"
const kafka = "org.apache.kafka"
save("requests-4.4", run(jars(`${kafka}:kafka-clients:${newest}`, slf4j), apiLines))
save("requests-3.9", run(jars(`${kafka}:kafka-clients:${oldest}`, slf4j), oldApiLines))
const logJars = jars(`${kafka}:kafka-clients:${logs}`, `${kafka}:kafka-group-coordinator:${logs}`, `${kafka}:kafka-metadata:${logs}`, slf4j)
save("records-4.3", withKeyTypes(run(logJars, recordLines)))
