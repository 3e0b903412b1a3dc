import { describe, expect, it } from "vitest"
import { apiOf, InternalApiKey, Reader, Writer } from "../src/index.ts"
import * as protocol from "../src/index.ts"

const directory = "AQIDBAUGBwgJCgsMDQ4PEA"
const topicId = "EA8ODQwLCgkIBwYFBAMCAQ"

/** What nodes of different ages say to each other: these bytes may not change, later versions get a number of their own. */
const pinned: ReadonlyArray<readonly [name: string, value: object, hex: string]> = [
  ["ControllerCallRequest",
    { clusterName: "c1", callerId: 3, callerEpoch: 9, apiKey: 1002, apiVersion: 0, timeoutMillis: 1_500, body: Buffer.from([1, 2]) },
    "036331000000030000000000000009" + "03ea0000" + "000005dc" + "030102" + "00"],
  ["ControllerCallResponse", { errorCode: 41, controllerId: 2, controllerEpoch: 7, metadataOffset: 258, body: Buffer.alloc(0) },
    "0029" + "00000002" + "00000007" + "0000000000000102" + "01" + "00"],
  ["RegisterBrokerRequest",
    {
      brokerId: 1, incarnationId: directory, endPoints: [{ name: "P", host: "h", port: 9_092, securityProtocol: 0 }], rack: null,
      logDirs: [topicId], features: [{ name: "f", minSupportedVersion: 1, maxSupportedVersion: 2 }], startClass: 2, previousBrokerEpoch: -1,
      commitSequence: 5,
    },
    "00000001" + "0102030405060708090a0b0c0d0e0f10" + "02" + "02500268" + "2384" + "0000" + "00" + "00" +
      "02" + "100f0e0d0c0b0a090807060504030201" + "02" + "0266" + "00010002" + "00" + "02" + "ffffffffffffffff" + "0000000000000005" + "00"],
  ["RegisterBrokerResponse", { errorCode: 0, brokerEpoch: 77 }, "0000" + "000000000000004d" + "00"],
  ["BrokerHeartbeatRequest", { brokerId: 1, brokerEpoch: 77, metadataOffset: 80, wantFence: false, wantShutDown: true, commitSequence: 6 },
    "00000001" + "000000000000004d" + "0000000000000050" + "0001" + "0000000000000006" + "00"],
  ["BrokerHeartbeatResponse", { errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: true }, "0000" + "010001" + "00"],
  ["AlterPartitionRequest",
    {
      brokerId: 1, brokerEpoch: 77, controllerEpoch: 8, sequence: 9,
      topics: [{ topicId, partitions: [{ partitionIndex: 4, leaderEpoch: 5, partitionEpoch: 6, newIsr: [{ brokerId: 1, brokerEpoch: 77 }] }] }],
    },
    "00000001" + "000000000000004d" + "00000008" + "0000000000000009" + "02" + "100f0e0d0c0b0a090807060504030201" + "02" + "000000040000000500000006" +
      "02" + "00000001" + "000000000000004d" + "00" + "00" + "00" + "00"],
  ["AlterPartitionResponse",
    {
      errorCode: 0,
      topics: [{ topicId, partitions: [{ partitionIndex: 4, errorCode: 6, leaderId: 1, leaderEpoch: 5, isr: [1, 2], partitionEpoch: 7 }] }],
    },
    "0000" + "02" + "100f0e0d0c0b0a090807060504030201" + "02" + "00000004" + "0006" + "0000000100000005" + "030000000100000002" + "00000007" + "00" + "00" + "00"],
  ["AllocateProducerIdsRequest", { brokerId: 1, brokerEpoch: 77 }, "00000001" + "000000000000004d" + "00"],
  ["AllocateProducerIdsResponse", { errorCode: 0, producerIdStart: 1_000, producerIdLen: 1_000 }, "0000" + "00000000000003e8" + "000003e8" + "00"],
  ["AutoCreateTopicsRequest", { names: ["a", "b"] }, "03" + "0261" + "0262" + "00"],
  ["AutoCreateTopicsResponse", { results: [{ name: "a", errorCode: 0 }] }, "02" + "0261" + "0000" + "00" + "00"],
]

describe("calls between nodes", () => {
  const codecs = protocol as unknown as Record<string, ((...parameters: Array<unknown>) => unknown) | undefined>

  it.each(pinned)("%s", (name, value, hex) => {
    const writer = new Writer()
    codecs[`encode${name}`]!(writer, 0, value)
    const bytes = writer.body()
    expect(bytes.toString("hex")).toBe(hex)
    const reader = new Reader(bytes)
    expect(codecs[`decode${name}`]!(reader, 0)).toEqual(value)
    expect(reader.remainingBytes).toBe(0)
  })

  it("are pinned, one and all, and none has a key that clients could use", () => {
    const names = Object.keys(InternalApiKey).flatMap((name) => [`${name}Request`, `${name}Response`])
    expect(pinned.map(([name]) => name)).toEqual(names)
    for (const key of Object.values(InternalApiKey)) {
      expect(key).toBeGreaterThanOrEqual(1_000)
      expect(apiOf(key)).toBe(undefined)
    }
  })
})
