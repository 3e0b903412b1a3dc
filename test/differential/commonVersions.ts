import { apis, ApiKey } from "@tailrace/kafka-protocol"
import { Peer, type Versions } from "./Peer.ts"

/** The versions of each API that both servers advertise and our codec knows. */
export async function commonVersions(kafkaPort: number, oursPort: number): Promise<Versions> {
  const [kafka, ours] = await Promise.all([advertised("Kafka", kafkaPort), advertised("Tailrace", oursPort)])
  const common = new Map<number, { min: number; max: number }>()
  for (const { key, versionMin, versionMax } of apis) {
    const [one, other] = [kafka.get(key), ours.get(key)]
    if (one === undefined || other === undefined) continue
    const [min, max] = [Math.max(one.min, other.min, versionMin), Math.min(one.max, other.max, versionMax)]
    if (min <= max) common.set(key, { min, max })
  }
  return common
}

async function advertised(title: string, port: number): Promise<Versions> {
  const peer = new Peer(title, port, new Map([[ApiKey.ApiVersions, { min: 0, max: 3 }]]))
  const answer = await peer.quietly("ApiVersions", {}, 0)
  peer.close()
  return new Map(answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { min: minVersion, max: maxVersion }]))
}
