import type { Bench } from "../Bench.ts"
import { run } from "../harness/Child.ts"
import { java, type KafkaJars } from "../harness/kafkaJars.ts"
import { nodeEnvironment, nodePath } from "../harness/paths.ts"
import type { MeasuredKind, MeasuredServer } from "../harness/Server.ts"
import { TailraceServer } from "../harness/TailraceServer.ts"
import type { Run } from "../Measurement.ts"

const at = { table: "Command line", line: "list three topics" }

/** How long each product's own command takes to list the topics of its own server. */
export async function commandLine(bench: Bench, jars: KafkaJars): Promise<void> {
  for (const kind of bench.servers.filter((candidate) => candidate.id !== "kafka-flush")) {
    await bench.turn(kind, [at], async (server) => {
      for (const topic of ["alpha", "beta", "gamma"]) await bench.createTopic(server, topic, 1)
      const runs: Run[] = []
      try {
        // The first call fills the page cache.
        for (let call = 0; call < bench.options.cliRuns + bench.options.droppedRuns; call++) {
          const millis = await listOnce(server, rootOf(kind), jars)
          if (call >= bench.options.droppedRuns) runs.push({ values: { millis } })
        }
        bench.add({ ...at, server: server.id, runs })
      } catch (error) {
        bench.add({ ...at, server: server.id, runs: [], error: error instanceof Error ? error.message : String(error) })
      }
    })
  }
}

const rootOf = (kind: MeasuredKind): string | undefined => kind instanceof TailraceServer ? kind.root : undefined

async function listOnce(server: MeasuredServer, root: string | undefined, jars: KafkaJars): Promise<number> {
  const bootstrap = ["--bootstrap-server", server.bootstrap]
  const command = root !== undefined
    ? { command: nodePath, args: ["apps/cli/bin/tailrace.js", "topic", "list", ...bootstrap], cwd: root, env: nodeEnvironment() }
    : java(jars, ["-Xmx256M"], "org.apache.kafka.tools.TopicCommand", [...bootstrap, "--list"])
  const since = performance.now()
  const { stdout } = await run({ ...command, timeoutMillis: 30_000 })
  const millis = performance.now() - since
  for (const topic of ["alpha", "beta", "gamma"]) {
    if (!stdout.includes(topic)) throw new Error(`the list has no ${topic}:\n${stdout.slice(-500)}`)
  }
  return millis
}
