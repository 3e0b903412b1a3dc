import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { beforeEach, describe, expect, it } from "vitest"
import { Fixture } from "./Fixture.ts"
import type { RawClient } from "./RawClient.ts"

const syncGroup = { encode: protocol.encodeSyncGroupRequest, decode: protocol.decodeSyncGroupResponse }

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
