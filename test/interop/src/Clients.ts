import { clients } from "../matrix.ts"
import type { ClientName, ClientRow } from "../matrix.ts"
import { cachePath, interopPath, partProblem } from "./Cache.ts"
import type { CachedPart } from "./Cache.ts"
import { runProcess } from "./Processes.ts"

export interface DriverCommand { readonly command: string; readonly args: ReadonlyArray<string> }

/** Memory bound and quick start: the tier runs several JVMs on two cores, none of them for long. */
export const javaFlags = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Dlog4j2.level=WARN", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]

const python = cachePath("venv", "bin", "python")
const java = (part: string): DriverCommand => ({
  command: "java", args: [...javaFlags, "-cp", `${cachePath(part, "driver")}:${cachePath(part, "libs")}/*`, "Driver"]
})

export const driverCommands: Readonly<Record<ClientName, DriverCommand>> = {
  kcat: { command: process.execPath, args: [interopPath("drivers", "node", "kcat.ts")] },
  kafkajs: { command: process.execPath, args: [interopPath("drivers", "node", "kafkajs.ts")] },
  "confluent-kafka": { command: python, args: [interopPath("drivers", "python", "confluent_driver.py")] },
  "kafka-python": { command: python, args: [interopPath("drivers", "python", "kafka_python_driver.py")] },
  "franz-go": { command: cachePath("franz-go"), args: [] },
  "java-4.3.1": java("kafka-4.3.1"),
  "java-3.9.1": java("clients-3.9.1")
}

/** What has to be there for a client: a part of the cache, and a command that answers. */
const needs: Readonly<Record<ClientName | "tools", { part?: CachedPart; probe: readonly [string, ...string[]] }>> = {
  kcat: { probe: ["kcat", "-V"] },
  kafkajs: { probe: [process.execPath, "-e", "console.log(require('kafkajs/package.json').version)"] },
  "confluent-kafka": { part: "venv", probe: [python, "-c", "import confluent_kafka as c; print(c.__version__, 'librdkafka', c.libversion()[0])"] },
  "kafka-python": { part: "venv", probe: [python, "-c", "import kafka; print(kafka.__version__)"] },
  "franz-go": { part: "franz-go", probe: ["sh", "-c", `sed -n 's/^require.*franz-go //p' '${interopPath("drivers", "go", "go.mod")}'`] },
  "java-4.3.1": { part: "kafka-4.3.1", probe: ["java", "-version"] },
  "java-3.9.1": { part: "clients-3.9.1", probe: ["java", "-version"] },
  tools: { part: "kafka-4.3.1", probe: ["java", "-version"] }
}

export interface Availability { readonly name: ClientName | "tools"; readonly found?: string; readonly missing?: string; readonly from: string }

export async function availabilities(): Promise<Availability[]> {
  const rows: Array<Pick<ClientRow, "from"> & { name: ClientName | "tools" }> =
    [...clients, { name: "tools", from: "Maven org.apache.kafka:kafka_2.13 and kafka-tools 4.3.1, main classes run directly" }]
  return Promise.all(rows.map(async ({ name, from }) => {
    const { part, probe } = needs[name]
    const problem = part === undefined ? undefined : partProblem(part)
    if (problem !== undefined) return { name, from, missing: problem }
    const [command, ...args] = probe
    const { code, stdout, stderr } = await runProcess(command, args, { timeoutMillis: 20_000 })
    if (code !== 0) return { name, from, missing: `${command} does not answer: ${stderr.trim().split("\n").at(-1)}` }
    return { name, from, found: versionIn(`${stdout}\n${stderr}`) }
  }))
}

function versionIn(words: string): string {
  const line = words.split("\n").map((one) => one.trim()).find((one) => /\d+\.\d+/.test(one)) ?? ""
  return line.slice(0, 100)
}
