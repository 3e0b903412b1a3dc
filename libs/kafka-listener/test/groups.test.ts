import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { beforeEach, describe, expect, it } from "vitest"
import { Fixture } from "./Fixture.ts"
import type { RawClient } from "./RawClient.ts"
import { elsewhere, topic } from "./StubBroker.ts"

const syncGroup = { encode: protocol.encodeSyncGroupRequest, decode: protocol.decodeSyncGroupResponse }
const offsetDelete = { encode: protocol.encodeOffsetDeleteRequest, decode: protocol.decodeOffsetDeleteResponse }
const offsetFetch = { encode: protocol.encodeOffsetFetchRequest, decode: protocol.decodeOffsetFetchResponse }

let fixture: Fixture
let client: RawClient

beforeEach(async () => {
  fixture = await Fixture.start()
  client = await fixture.connect()
})

/** Every question to a coordinator that is open now gets this answer. */
const answerAll = (response: unknown) => {
  for (const call of fixture.broker.groupCalls.splice(0)) call.answer(response)
}

describe("SyncGroup", () => {
  const ask = async (version: number, protocols: object, answer: unknown) => {
    const request = { groupId: "g", generationId: 1, memberId: "m", assignments: [], ...protocols }
    return (await fixture.ask(client, ApiKey.SyncGroup, version, syncGroup, request, () => answerAll(answer))).errorCode
  }

  it("at a coordinator that loads sends the member to join again: of the code itself Java's consumers die", async () => {
    expect(await ask(4, {}, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect(await ask(4, {}, ErrorCode.NOT_COORDINATOR)).toBe(ErrorCode.NOT_COORDINATOR)
  })

  it("names type and protocol from version 5 on", async () => {
    const whole = { protocolType: "consumer", protocolName: "range" }
    const done = { errorCode: 0, assignment: Buffer.alloc(0) }
    expect(await ask(4, {}, done)).toBe(0)
    expect(await ask(5, whole, done)).toBe(0)
    expect(await ask(5, { ...whole, protocolType: null }, done)).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    expect(await ask(5, { ...whole, protocolName: null }, done)).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  })
})

describe("OffsetDelete", () => {
  const partitions = (...indexes: ReadonlyArray<number>) => indexes.map((partitionIndex) => ({ partitionIndex }))
  const request = { groupId: "g", topics: [{ name: topic, partitions: partitions(0, 7) }, { name: "gone", partitions: partitions(1) }, { name: elsewhere, partitions: partitions(1) }] }

  it("is for partitions that exist; the others are unknown, and the rest goes on", async () => {
    const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    const answer = await fixture.ask(client, ApiKey.OffsetDelete, 0, offsetDelete, request, () => {
      expect(fixture.broker.groupCalls.map((call) => call.request)).toEqual([
        { groupId: "g", topics: [{ name: topic, partitions: partitions(0) }, { name: elsewhere, partitions: partitions(1) }] }
      ])
      answerAll({
        errorCode: 0,
        topics: [{ name: topic, partitions: [{ partitionIndex: 0, errorCode: 0 }] }, { name: elsewhere, partitions: [{ partitionIndex: 1, errorCode: 86 }] }]
      })
    })
    expect([answer.errorCode, answer.topics.map(({ name, partitions: rows }) => [name, ...rows.map(({ errorCode }) => errorCode)])])
      .toEqual([0, [[topic, 0, unknown], ["gone", unknown], [elsewhere, 86]]])
  })

  it("of a group that has none says that alone", async () => {
    for (const response of [{ errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] }, ErrorCode.GROUP_ID_NOT_FOUND]) {
      const { errorCode, topics } = await fixture.ask(client, ApiKey.OffsetDelete, 0, offsetDelete, request, () => answerAll(response))
      expect([errorCode, topics]).toEqual([ErrorCode.GROUP_ID_NOT_FOUND, []])
    }
  })
})

describe("a request for many groups", () => {
  const groups = Array.from({ length: 250 }, (_, index) => ({ groupId: `g${index}`, topics: null }))
  /** How many were asked for together, answered until nobody is asked any more. */
  const answerInTurn = (): ReadonlyArray<number> => {
    const together: Array<number> = []
    while (fixture.broker.groupCalls.length > 0) {
      together.push(fixture.broker.groupCalls.length)
      for (const { answer, request } of fixture.broker.groupCalls.splice(0).reverse()) {
        answer({ groupId: (request as { readonly groupId: string }).groupId, topics: [], errorCode: 0 })
      }
    }
    return together
  }

  it("asks for few at a time, and answers all in their order", async () => {
    let together: ReadonlyArray<number> = []
    const answer = await fixture.ask(client, ApiKey.OffsetFetch, 8, offsetFetch, { groups }, () => {
      together = answerInTurn()
    })
    expect(answer.groups.map(({ groupId }) => groupId)).toEqual(groups.map(({ groupId }) => groupId))
    expect([Math.max(...together), fixture.listener.frameBytesInFlight]).toEqual([100, 0])
  })

  it("asks on for nobody whose connection has closed", async () => {
    client.send(ApiKey.OffsetFetch, 8, protocol.encodeOffsetFetchRequest, { groups })
    await fixture.settle()
    client.connection.destroy()
    await fixture.settle()
    expect([answerInTurn(), fixture.listener.frameBytesInFlight, fixture.log.lines]).toEqual([[100], 0, []])
  })
})
