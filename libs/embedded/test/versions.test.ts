import { apis } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { type ApiName, codecs, versionsOf } from "./support/codecs.ts"
import { batchOf, createTopic, produce } from "./support/requests.ts"
import { SimulatedNode } from "./support/SimulatedNode.ts"
import { adminChecks } from "./versions/adminChecks.ts"
import { type Check, type Given, group, topic } from "./versions/Check.ts"
import { clusterChecks } from "./versions/clusterChecks.ts"
import { dataChecks } from "./versions/dataChecks.ts"
import { groupChecks } from "./versions/groupChecks.ts"

const checks: { readonly [Name in ApiName]: Check } = { ...dataChecks, ...groupChecks, ...adminChecks, ...clusterChecks }

describe("every version of every advertised API", () => {
  it("is covered here", async () => {
    const { apiKeys } = await (await (await SimulatedNode.start()).connect()).ask("ApiVersions", 0, {})
    const names = apiKeys.map(({ apiKey }) => apis.find(({ key }) => key === apiKey)?.name)
    expect(Object.keys(codecs).toSorted()).toEqual(names.toSorted())
  })

  it.each(Object.keys(checks) as Array<ApiName>)("%s", async (name) => {
    const node = await SimulatedNode.start()
    const client = await node.connect()
    const given: Given = { node, client, topicId: await createTopic(client, topic) }
    await produce(client, topic, batchOf(["first", "second"]))
    await client.ask("FindCoordinator", 4, { keyType: 0, coordinatorKeys: [group] })
    for (const version of versionsOf(name)) {
      await checks[name](given, version).catch((cause: unknown) => {
        throw new Error(`version ${version}: ${String(cause)}`, { cause })
      })
    }
    expect(client.raw.isClosed).toBe(false)
  })
})
