import { join } from "node:path"
import { kafkaJars } from "../bench/harness/kafkaJars.ts"
import { librdkafka } from "../bench/harness/librdkafka.ts"
import { nodeEnvironment, nodePath } from "../bench/harness/paths.ts"
import type { CommandLine } from "./ClusterKind.ts"

export type LoadClientName = "java" | "librdkafka" | "kafkajs"

/** A Kafka client of others behind the contract of rdload.c's `pace` and `follow`. */
export interface LoadClient {
  readonly name: LoadClientName
  readonly title: string
  /** Why it is not to be had here. */
  readonly missing?: string
  command(args: ReadonlyArray<string>): CommandLine
  /** A repeated send is stored once. */
  readonly isIdempotent: boolean
  /** The client's settings for a time limit of one request; where a client has none that can be set, it is left out of measurements that need one. */
  requestLimit(millis: number): string[]
}

const drivers = join(import.meta.dirname, "drivers")

export async function loadClients(names: ReadonlyArray<LoadClientName>): Promise<LoadClient[]> {
  return Promise.all(names.map((name) => name === "java" ? javaClient() : name === "librdkafka" ? librdkafkaClient() : kafkajsClient()))
}

/** The JDK compiles the driver as it starts it. */
async function javaClient(): Promise<LoadClient> {
  const { classPath, log4jFile } = await kafkaJars()
  return {
    name: "java", title: "Java 4.3.1", isIdempotent: true,
    command: (args) => ({
      command: "java", args: ["-Xmx256m", "-XX:+UseSerialGC", `-Dlog4j2.configurationFile=${log4jFile}`, "-cp", classPath, join(drivers, "Load.java"), ...args]
    }),
    requestLimit: (millis) => [`request.timeout.ms=${millis}`]
  }
}

async function librdkafkaClient(): Promise<LoadClient> {
  const library = await librdkafka()
  if ("missing" in library) return { name: "librdkafka", title: "librdkafka", isIdempotent: true, missing: library.missing, command: () => ({ command: "false", args: [] }), requestLimit: () => [] }
  return {
    name: "librdkafka", title: `librdkafka ${library.version}`, isIdempotent: true,
    command: (args) => ({ command: library.program, args }),
    // request.timeout.ms is what the broker is told; the client itself waits for socket.timeout.ms.
    requestLimit: (millis) => [`request.timeout.ms=${millis}`, `socket.timeout.ms=${millis}`]
  }
}

function kafkajsClient(): LoadClient {
  return {
    name: "kafkajs", title: "kafkajs 2.2.4", isIdempotent: false,
    command: (args) => ({ command: nodePath, args: [join(drivers, "kafkajs.ts"), ...args], env: nodeEnvironment() }),
    requestLimit: () => []
  }
}
