import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { expect } from "vitest"
import { batchOf, createTopic, produce } from "../support/requests.ts"
import { type Check, topic } from "./Check.ts"

/** What an admin client changes. */
export const adminChecks = {
  CreateTopics: async ({ client }, version) => {
    const name = `created.${version}`
    const create = (validateOnly: boolean) =>
      client.ask("CreateTopics", version, {
        topics: [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [{ name: "retention.ms", value: "1000" }] }],
        timeoutMs: 1_000,
        ...(version >= 1 ? { validateOnly } : {})
      })
    if (version >= 1) expect((await create(true)).topics[0]!.errorCode).toBe(0)
    const [created] = (await create(false)).topics
    expect(created).toMatchObject({ name, errorCode: 0, numPartitions: version >= 5 ? 2 : -1, replicationFactor: version >= 5 ? 1 : -1 })
    expect(created!.topicId !== zeroUuid).toBe(version >= 7)
    const retention = created!.configs?.find((it) => it.name === "retention.ms")
    expect(retention?.value).toBe(version >= 5 ? "1000" : undefined)
    const [again] = (await create(false)).topics
    expect(again).toMatchObject({ errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, errorMessage: version >= 1 ? expect.stringContaining(name) : "" })
  },

  DeleteTopics: async ({ client }, version) => {
    const name = `deleted-${version}`
    const topicId = await createTopic(client, name)
    const remove = (names: ReadonlyArray<string>) =>
      client.ask("DeleteTopics", version, {
        timeoutMs: 1_000,
        ...(version >= 6 ? { topics: names.map((it) => ({ name: it, topicId: zeroUuid })) } : { topicNames: names })
      })
    const { responses } = await remove([name, "missing"])
    expect(responses.map((it) => [it.name, it.errorCode])).toEqual([[name, 0], ["missing", 3]])
    expect(responses[0]!.topicId).toBe(version >= 6 ? topicId : zeroUuid)
    expect((await remove([name])).responses[0]!.errorCode).toBe(3)
  },

  CreatePartitions: async ({ client }, version) => {
    const name = `grows-${version}`
    await createTopic(client, name)
    const grow = async (count: number, of = name) => {
      const topics = [{ name: of, count, assignments: null }]
      return (await client.ask("CreatePartitions", version, { topics, timeoutMs: 1_000, validateOnly: false })).results
    }
    expect(await grow(3)).toEqual([{ name, errorCode: 0, errorMessage: null }])
    expect((await produce(client, name, batchOf(["x"]), { index: 2 })).errorCode).toBe(0)
    expect((await grow(2))[0]!.errorCode).toBe(ErrorCode.INVALID_PARTITIONS)
    expect((await grow(3))[0]!.errorCode).toBe(ErrorCode.INVALID_PARTITIONS)
    expect((await grow(2, "missing"))[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  DescribeConfigs: async ({ client }, version) => {
    const { results } = await client.ask("DescribeConfigs", version, {
      resources: [
        { resourceType: 2, resourceName: topic, configurationKeys: ["retention.ms"] },
        { resourceType: 4, resourceName: "1", configurationKeys: null },
        { resourceType: 2, resourceName: "missing", configurationKeys: null }
      ],
      ...(version >= 1 ? { includeSynonyms: true } : {}),
      ...(version >= 3 ? { includeDocumentation: true } : {})
    })
    expect(results.map((it) => it.errorCode)).toEqual([0, 0, 3])
    const [retention] = results[0]!.configs
    expect(retention).toMatchObject({ name: "retention.ms", value: "604800000", readOnly: false, isSensitive: false })
    expect(version === 0 ? retention!.isDefault : retention!.configSource === 5).toBe(true)
    expect(retention!.synonyms.map(({ name }) => name)).toEqual(version >= 1 ? ["log.retention.hours"] : [])
    expect(retention!.documentation !== "").toBe(version >= 3)
    expect(results[1]!.configs.length).toBeGreaterThan(100)
  },

  AlterConfigs: async ({ client }, version) => {
    const name = `replaced-${version}`
    await createTopic(client, name)
    const replace = async (configs: ReadonlyArray<{ name: string; value: string | null }>) => {
      const resources = [{ resourceType: 2, resourceName: name, configs }]
      return (await client.ask("AlterConfigs", version, { resources, validateOnly: false })).responses[0]!
    }
    const own = async () => {
      const { results } = await client.ask("DescribeConfigs", 4, {
        resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }]
      })
      return results[0]!.configs.filter(({ configSource }) => configSource === 1).map((it) => `${it.name}=${it.value}`)
    }
    expect(await replace([{ name: "retention.ms", value: "5" }])).toMatchObject({ errorCode: 0, resourceName: name })
    expect(await replace([{ name: "segment.bytes", value: "2000000" }])).toMatchObject({ errorCode: 0 })
    expect(await own()).toEqual(["segment.bytes=2000000"])
    expect((await replace([{ name: "retention.ms", value: "many" }])).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect(await own()).toEqual(["segment.bytes=2000000"])
  },

  IncrementalAlterConfigs: async ({ client }, version) => {
    const name = `altered-${version}`
    await createTopic(client, name)
    const alter = async (key: string, value: string | null, configOperation = 0, resourceName = name) => {
      const resources = [{ resourceType: 2, resourceName, configs: [{ name: key, configOperation, value }] }]
      return (await client.ask("IncrementalAlterConfigs", version, { resources, validateOnly: false })).responses[0]!
    }
    expect(await alter("retention.ms", "5")).toMatchObject({ errorCode: 0, errorMessage: null, resourceType: 2, resourceName: name })
    expect((await alter("retention.ms", "many")).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect((await alter("retention.ms", "1", 2)).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect((await alter("retention.ms", "5", 0, "missing")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  DeleteRecords: async ({ client }, version) => {
    const name = `trimmed-${version}`
    await createTopic(client, name)
    await produce(client, name, batchOf(["a", "b", "c"]))
    const trim = async (offset: number, partitionIndex = 0, topicName = name) => {
      const topics = [{ name: topicName, partitions: [{ partitionIndex, offset }] }]
      return (await client.ask("DeleteRecords", version, { topics, timeoutMs: 1_000 })).topics[0]!.partitions[0]!
    }
    expect(await trim(2)).toEqual({ partitionIndex: 0, lowWatermark: 2, errorCode: 0 })
    expect(await trim(1)).toMatchObject({ lowWatermark: 2, errorCode: 0 })
    expect(await trim(4)).toMatchObject({ lowWatermark: -1, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect(await trim(-1)).toMatchObject({ lowWatermark: 3, errorCode: 0 })
    expect((await trim(0, 7)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await trim(0, 0, "missing")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await trim(0, 0, "__consumer_offsets")).errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  }
} satisfies Readonly<Record<string, Check>>
