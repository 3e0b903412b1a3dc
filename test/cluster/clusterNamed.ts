import { kafkaJars } from "../bench/harness/kafkaJars.ts"
import type { ClusterKind } from "./ClusterKind.ts"
import { KafkaKind } from "./KafkaKind.ts"
import { TailraceKind } from "./TailraceKind.ts"

/** The product that a tier runs against: ours, or a real Apache Kafka to check the tier itself. */
export async function clusterNamed(name: string, profile = "default"): Promise<ClusterKind> {
  if (profile !== "default" && profile !== "ci") throw new Error(`unknown timer profile "${profile}": default or ci`)
  if (name === "tailrace") return new TailraceKind(profile)
  if (name === "kafka" || name === "kafka-flush") return new KafkaKind(await kafkaJars(), name === "kafka" ? "default" : "everyMessage")
  throw new Error(`unknown server "${name}": tailrace, kafka or kafka-flush`)
}
