import { kafkaJars } from "./kafkaJars.ts"
import { KafkaServer } from "./KafkaServer.ts"
import type { ServerKind } from "./Server.ts"
import { TailraceServer } from "./TailraceServer.ts"

/**
 * The broker that a tier runs against. Ours by default; a real Apache Kafka to check the tier itself (`--server kafka`, or `kafka-flush` with
 * `flush.messages=1`).
 */
export async function serverNamed(name: string): Promise<ServerKind> {
  if (name === "tailrace") return new TailraceServer()
  if (name === "kafka" || name === "kafka-flush") return new KafkaServer(await kafkaJars(), name === "kafka" ? "default" : "everyMessage")
  throw new Error(`unknown server "${name}": tailrace, kafka or kafka-flush`)
}
