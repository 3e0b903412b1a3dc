import { describe, expect, it } from "vitest"
import {
  ApiKey, ControlRecord, EncodeError, type EncodeErrorReason, ErrorCode, MetadataLog, ProtocolError, Reader, Versioned, Writer, apiOf, apis,
  decodeFetchResponse, decodeOffsetCommitKey, decodeProduceRequest, decodeRequestHeader, decodeResponseHeader, decodeTopicRecord,
  encodeApiVersionsResponse, encodeFetchResponse, encodeFindCoordinatorRequest, encodeJoinGroupRequest, encodeMetadataRequest,
  encodeMetadataResponse, encodeOffsetCommitKey, encodeOffsetFetchRequest, encodeProduceRequest, encodeRequestHeader, encodeResponseHeader,
  metadataRecordRows, referenceBytesMin, zeroUuid,
} from "../src/index.ts"
import { goldens, messages, valueOf } from "./support/goldens.ts"

function refusal(write: (writer: Writer) => void): EncodeErrorReason | undefined {
  try {
    write(new Writer())
    return undefined
  } catch (error) {
    if (error instanceof EncodeError) return error.reason
    throw error
  }
}

const join = { groupId: "g", sessionTimeoutMs: 10_000, memberId: "", protocolType: "consumer", protocols: [] }

describe("a value that a version cannot carry", () => {
  it("is refused, with the field's name", () => {
    expect(() => encodeJoinGroupRequest(new Writer(), 4, { ...join, groupInstanceId: "i-1" })).toThrow(/JoinGroupRequest\.groupInstanceId/)
    expect(refusal((w) => encodeJoinGroupRequest(w, 5, { ...join, groupInstanceId: "i-1" }))).toBe(undefined)
    expect(refusal((w) => encodeFindCoordinatorRequest(w, 3, { key: "a", coordinatorKeys: ["b"] }))).toBe("unsupported-field")
    expect(refusal((w) => encodeMetadataRequest(w, 3, { topics: [], allowAutoTopicCreation: false }))).toBe("unsupported-field")
    // A struct in a tag is compared field by field.
    const response = (currentLeader: object) => (w: Writer) =>
      encodeFetchResponse(w, 11, { responses: [{ topic: "t", partitions: [{ partitionIndex: 0, errorCode: 0, highWatermark: 0, abortedTransactions: null, records: null, currentLeader: currentLeader as never }] }] })
    expect(refusal(response({ leaderId: -1, leaderEpoch: -1 }))).toBe(undefined)
    expect(refusal(response({ leaderId: 1 }))).toBe("unsupported-field")
  })

  it("is dropped where the field is ignorable, or the value is the default", () => {
    expect(refusal((w) => encodeJoinGroupRequest(w, 0, { ...join, rebalanceTimeoutMs: 1, reason: "why", groupInstanceId: null }))).toBe(undefined)
    expect(refusal((w) => encodeFindCoordinatorRequest(w, 3, { key: "a", coordinatorKeys: [] }))).toBe(undefined)
  })

  it("is refused when it is null in a version without null", () => {
    expect(refusal((w) => encodeMetadataRequest(w, 0, { topics: null }))).toBe("unsupported-null")
    expect(refusal((w) => encodeOffsetFetchRequest(w, 1, { groupId: "g", topics: null }))).toBe("unsupported-null")
    const topic = { errorCode: 0, name: null, partitions: [] }
    expect(refusal((w) => encodeMetadataResponse(w, 11, { brokers: [], topics: [topic] }))).toBe("wrong-type")
    expect(refusal((w) => encodeMetadataResponse(w, 12, { brokers: [], topics: [topic] }))).toBe(undefined)
  })

  it("is refused when its wire type cannot hold it", () => {
    expect(refusal((w) => w.int8(128))).toBe("out-of-range")
    expect(refusal((w) => w.int16(32_768))).toBe("out-of-range")
    expect(refusal((w) => w.uint16(-1))).toBe("out-of-range")
    expect(refusal((w) => w.int32(2 ** 31))).toBe("out-of-range")
    expect(refusal((w) => w.int32(undefined as never))).toBe("out-of-range")
    expect(refusal((w) => w.int64(2 ** 53))).toBe("out-of-range")
    expect(refusal((w) => w.string("x".repeat(32_768)))).toBe("too-long")
    expect(refusal((w) => w.string("x".repeat(32_767)))).toBe(undefined)
    expect(refusal((w) => w.uuid("short"))).toBe("wrong-type")
    expect(refusal((w) => w.uuid("AAAAAAAAAA=AAAAAAAAAAA"))).toBe("wrong-type")
    expect(refusal((w) => w.bytes("text" as never))).toBe("wrong-type")
    expect(refusal((w) => encodeProduceRequest(w, 14, { acks: 1, timeoutMs: 1, topicData: [] }))).toBe("unsupported-version")
  })
})

describe("record bytes", () => {
  const large = Buffer.alloc(referenceBytesMin, 7)
  const fetch = (records: Buffer | Array<Buffer> | null) => {
    const writer = new Writer(16)
    const partition = { partitionIndex: 3, errorCode: 0, highWatermark: 9, abortedTransactions: null, records }
    encodeFetchResponse(writer, 12, { responses: [{ topic: "t", partitions: [partition, partition] }] })
    return writer.finish()
  }

  it("leave by reference, in one piece or in several", () => {
    expect(fetch(large).filter((chunk) => chunk === large)).toHaveLength(2)
    const chunks = fetch([large, Buffer.from("small"), large])
    expect(chunks.filter((chunk) => chunk === large)).toHaveLength(4)
    const frame = Buffer.concat(chunks)
    expect(frame.readInt32BE(0)).toBe(frame.length - 4)
    const decoded = decodeFetchResponse(new Reader(frame, 4), 12)
    for (const partition of decoded.responses[0]!.partitions) {
      expect(partition.records).toEqual(Buffer.concat([large, Buffer.from("small"), large]))
    }
  })

  it("arrive as views of the frame", () => {
    const writer = new Writer()
    encodeProduceRequest(writer, 9, { acks: 1, timeoutMs: 1, topicData: [{ name: "t", partitionData: [{ index: 0, records: large }, { index: 1, records: null }] }] })
    const frame = writer.body()
    const partitions = decodeProduceRequest(new Reader(frame), 9).topicData[0]!.partitionData
    expect(partitions[0]!.records!.buffer).toBe(frame.buffer)
    expect(partitions[1]!.records).toBe(null)
  })
})

describe("headers", () => {
  it("of requests have a client id with an int16 length, and tags from the first flexible version on", () => {
    const header = { apiKey: ApiKey.Produce, apiVersion: 9, correlationId: 258, clientId: "ab" }
    const writer = new Writer()
    encodeRequestHeader(writer, header)
    const bytes = writer.body()
    expect([...bytes]).toEqual([0, 0, 0, 9, 0, 0, 1, 2, 0, 2, 97, 98, 0])
    const reader = new Reader(bytes)
    expect(decodeRequestHeader(reader)).toEqual(header)
    expect(reader.remainingBytes).toBe(0)
    const plain = new Writer()
    encodeRequestHeader(plain, { ...header, apiVersion: 8, clientId: null })
    expect([...plain.body()]).toEqual([0, 0, 0, 8, 0, 0, 1, 2, 255, 255])
  })

  it("of requests that nobody knows can be read as far as an answer needs", () => {
    const bytes = Buffer.from([0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 97, 0xff, 0xff])
    expect(decodeRequestHeader(new Reader(bytes))).toEqual({ apiKey: 18, apiVersion: 99, correlationId: 5, clientId: "a" })
    bytes[1] = 200
    expect(decodeRequestHeader(new Reader(bytes)).apiKey).toBe(200)
  })

  it("of responses have tags in flexible versions, but never for ApiVersions", () => {
    const bytes = (key: number, version: number): Array<number> => {
      const writer = new Writer()
      encodeResponseHeader(writer, key, version, 7)
      const body = writer.body()
      const reader = new Reader(body)
      expect(decodeResponseHeader(reader, key, version)).toBe(7)
      expect(reader.remainingBytes).toBe(0)
      return [...body]
    }
    expect(bytes(ApiKey.Fetch, 11)).toEqual([0, 0, 0, 7])
    expect(bytes(ApiKey.Fetch, 12)).toEqual([0, 0, 0, 7, 0])
    expect(bytes(ApiKey.ApiVersions, 4)).toEqual([0, 0, 0, 7])
  })
})

describe("tables", () => {
  it("name every API that we advertise", () => {
    for (const api of apis) expect((ApiKey as Record<string, number>)[api.name]).toBe(api.key)
    expect(apiOf(ApiKey.Produce)).toMatchObject({ versionMin: 0, versionMax: 13, flexibleMin: 9 })
    expect(apiOf(4)).toBe(undefined)
    expect(apiOf(-1)).toBe(undefined)
  })

  it("name every error", () => {
    expect(ErrorCode.nameOf(ErrorCode.FENCED_LEADER_EPOCH)).toBe("FENCED_LEADER_EPOCH")
    expect(ErrorCode.nameOf(9_999)).toBe("ERROR_9999")
    expect(ErrorCode.isRetriable(ErrorCode.NOT_LEADER_OR_FOLLOWER)).toBe(true)
    expect(ErrorCode.isRetriable(ErrorCode.MESSAGE_TOO_LARGE)).toBe(false)
  })

  it("let an answer to an unknown ApiVersions version be written in version 0", () => {
    const writer = new Writer()
    const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]
    encodeApiVersionsResponse(writer, 0, { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys })
    expect([...writer.body()]).toEqual([0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])
  })
})

describe("records", () => {
  it("of control batches have their kind in the key, and name the version of their value", () => {
    const kinds = new Map([
      ["LeaderChangeMessage", ["LeaderChange", 2]], ["SnapshotHeaderRecord", ["SnapshotHeader", 3]], ["SnapshotFooterRecord", ["SnapshotFooter", 4]],
      ["KRaftVersionRecord", ["KRaftVersion", 5]], ["VotersRecord", ["KRaftVoters", 6]],
    ] as const)
    const definitions = messages()
    const seen = new Set<string>()
    for (const golden of goldens()) {
      const kind = kinds.get(golden.name as never)
      if (kind === undefined) continue
      const value = { ...valueOf(golden.value, definitions.get(golden.name)!.struct, golden.version), version: golden.version }
      const record = { type: kind[0], value }
      const encoded = ControlRecord.encode(record as never)
      expect([...encoded.key]).toEqual([0, 0, 0, kind[1]])
      expect(encoded.value.readInt16BE(0)).toBe(golden.version)
      expect(encoded.value.subarray(2)).toEqual(Buffer.from(golden.bytes, "base64").subarray(2))
      expect(ControlRecord.decode(encoded.key, encoded.value)).toMatchObject(record)
      seen.add(kind[0])
    }
    expect(seen.size).toBe(5)
    expect(() => ControlRecord.decode(Buffer.from([0, 0, 0, 1]), Buffer.from([0, 0, 0]))).toThrow(ProtocolError)
    expect(() => ControlRecord.decode(Buffer.from([0, 0, 0, 4]), Buffer.from([0, 1, 0]))).toThrow(ProtocolError)
  })

  it("of the log of groups have their version in front", () => {
    const bytes = Versioned.encode(encodeOffsetCommitKey, 1, { group: "g", topic: "t", partition: 2 })
    expect([...bytes]).toEqual([0, 1, 0, 1, 103, 0, 1, 116, 0, 0, 0, 2])
    expect(Versioned.versionOf(bytes)).toBe(1)
    expect(Versioned.decode(decodeOffsetCommitKey, bytes)).toEqual({ group: "g", topic: "t", partition: 2 })
    bytes[1] = 7
    expect(() => Versioned.decode(decodeOffsetCommitKey, bytes)).toThrow(ProtocolError)
    expect(Versioned.decode(decodeOffsetCommitKey, bytes, 1).group).toBe("g")
  })

  it("of the metadata log have frame version, kind and version in front", () => {
    const definitions = messages()
    const metadataRecords = new Set<string>(metadataRecordRows.map(({ type }) => type))
    for (const golden of goldens()) {
      if (!metadataRecords.has(golden.name)) continue
      const value = valueOf(golden.value, definitions.get(golden.name)!.struct, golden.version)
      const bytes = MetadataLog.encode({ type: golden.name, value } as never, golden.version)
      expect(bytes[0]).toBe(1)
      expect(bytes[2]).toBe(golden.version)
      expect(bytes.subarray(3).toString("base64")).toBe(golden.bytes)
      expect(MetadataLog.decode(bytes)).toMatchObject({ type: golden.name, value })
    }
    const bytes = MetadataLog.encode({ type: "TopicRecord", value: { name: "t", topicId: zeroUuid } })
    expect(decodeTopicRecord(new Reader(bytes, 3), 0).name).toBe("t")
    expect(() => MetadataLog.decode(Buffer.from([1, 99, 0]))).toThrow(ProtocolError)
    expect(() => MetadataLog.decode(Buffer.from([2, 2, 0]))).toThrow(ProtocolError)
  })
})
